// SPDX-License-Identifier: Apache-2.0
// What is around an object: references, relationships, values that others hold too, and on request
// what was near it then. Drawn as SVG; the node has bounded and filtered it.
import { useEffect, useMemo, useState } from "preact/hooks";
import { get } from "./api";

interface Node { id: string; type: string; name: string; depth: number; hot?: boolean; more?: boolean }
interface Edge { from: string; to: string; how: "relationship" | "reference" | "value" | "near"; says?: string }
interface Graph { nodes: Node[]; edges: Edge[]; more?: boolean; up_to_date: boolean }
type Point = { x: number; y: number };

const WIDE = 1000, HIGH = 700, ROUNDS = 250;
const COLOUR: Record<string, string> = {
  value: "#caa21b", incident: "#c62f2f", finding: "#c62f2f", warning: "#d9542b", indicator: "#7a4bb0",
  infrastructure: "#1c5d8f", location: "#2c7d4f", identity: "#5d6b76", "observed-data": "#3d8f93", sighting: "#3d8f93",
};
const LINE = { relationship: "#1d2730", reference: "#9fb0bd", value: "#caa21b", near: "#2c7d4f" };

const shown = (n: Node) => n.name || n.type;
const cut = (s: string, most: number) => ([...s].length > most ? [...s].slice(0, most - 1).join("") + "…" : s);

/** Each pair pushes away, each edge pulls together; the same graph is always drawn the same. */
function layout({ nodes, edges }: Graph): Point[] {
  const at = nodes.map((n, i) => {
    const turn = i * 2.39996, far = n.depth * 190 + (i % 7) * 12; // the golden angle: no two on a line
    return { x: far * Math.cos(turn), y: far * Math.sin(turn) };
  });
  const number = new Map(nodes.map((n, i) => [n.id, i]));
  const pairs = edges.map((e) => [number.get(e.from)!, number.get(e.to)!]);
  const ideal = Math.min(190, 900 / Math.sqrt(nodes.length));
  for (let round = 0; round < ROUNDS; round++) {
    const move = at.map(() => ({ x: 0, y: 0 })), most = 30 * (1 - round / ROUNDS) + 0.5;
    const push = (i: number, j: number, force: (d: number) => number) => {
      const dx = at[i].x - at[j].x || 0.01, dy = at[i].y - at[j].y, d = Math.hypot(dx, dy) || 0.01, f = force(d) / d;
      move[i].x += dx * f; move[i].y += dy * f; move[j].x -= dx * f; move[j].y -= dy * f;
    };
    for (let i = 0; i < at.length; i++) for (let j = 0; j < i; j++) push(i, j, (d) => (ideal * ideal) / d);
    for (const [i, j] of pairs) push(i, j, (d) => -(d * d) / ideal / 2);
    at.forEach((p, i) => {
      const d = Math.hypot(move[i].x, move[i].y) || 1;
      p.x += (move[i].x / d) * Math.min(d, most);
      p.y += (move[i].y / d) * Math.min(d, most);
    });
  }
  return fit(at);
}

/** Into the picture, with room for names; never drawn larger than laid out. */
function fit(at: Point[]): Point[] {
  const xs = at.map((p) => p.x), ys = at.map((p) => p.y);
  const w = Math.max(...xs) - Math.min(...xs), h = Math.max(...ys) - Math.min(...ys);
  const scale = Math.min(1.4, (WIDE - 240) / (w || 1), (HIGH - 120) / (h || 1));
  const mx = (Math.max(...xs) + Math.min(...xs)) / 2, my = (Math.max(...ys) + Math.min(...ys)) / 2;
  return at.map((p) => ({ x: WIDE / 2 + (p.x - mx) * scale, y: HIGH / 2 + (p.y - my) * scale }));
}

function Drawing({ graph, choose }: { graph: Graph; choose: (n: Node) => void }) {
  const at = useMemo(() => layout(graph), [graph]);
  const place = new Map(graph.nodes.map((n, i) => [n.id, at[i]]));
  const labels = graph.edges.length <= 40;
  return (
    <svg viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={`Graph around ${shown(graph.nodes[0])}`}>
      {graph.edges.map((e) => {
        const a = place.get(e.from)!, b = place.get(e.to)!;
        return (
          <g key={`${e.from} ${e.to} ${e.how} ${e.says}`} class="edge">
            <line x1={a.x} y1={a.y} x2={b.x} y2={b.y} stroke={LINE[e.how]} stroke-width={e.how === "relationship" ? 1.6 : 1}
              stroke-dasharray={e.how === "near" ? "2 4" : e.how === "value" ? "6 3" : undefined} />
            <title>{[e.how, e.says].filter(Boolean).join(": ")}</title>
            {labels && e.says && <text x={(a.x + b.x) / 2} y={(a.y + b.y) / 2 - 3}>{cut(e.says, 18)}</text>}
          </g>
        );
      })}
      {graph.nodes.map((n, i) => (
        <g key={n.id} class="node" tabIndex={0} transform={`translate(${at[i].x.toFixed(1)} ${at[i].y.toFixed(1)})`}
          onClick={() => choose(n)} onKeyDown={(e) => e.key === "Enter" && choose(n)}>
          <rect class="reach" x={-45} y={-14} width={90} height={50} />
          {n.type === "value"
            ? <rect x={-7} y={-7} width={14} height={14} fill={COLOUR.value} stroke={n.hot ? "#c62f2f" : "#fff"} stroke-width={n.hot ? 4 : 1.5} />
            : <circle r={n.depth ? 8 : 13} fill={COLOUR[n.type] ?? "#5c7f99"} stroke="#fff" stroke-width={1.5} />}
          {n.more && <text class="plus" x={11} y={-7}>+</text>}
          <text y={n.depth ? 21 : 28}>{cut(shown(n), 26)}</text>
          {n.name && n.type !== "value" && graph.nodes.length <= 30 && <text class="type" y={n.depth ? 33 : 40}>{cut(n.type, 26)}</text>}
          <title>{`${n.type}: ${shown(n)}${n.hot ? " (hot: in more than 1000 entries)" : ""}${n.more ? "; there is more" : ""}\n${n.id}`}</title>
        </g>
      ))}
    </svg>
  );
}

export function Around({ id, choose, close }: { id: string; choose: (id: string) => void; close: () => void }) {
  const [graph, setGraph] = useState<Graph>();
  const [depth, setDepth] = useState(1);
  const [near, setNear] = useState(false);
  const [picked, setPicked] = useState<Node>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let current = true; // the answer to a question that was asked before must not win
    setProblem("");
    setPicked(undefined);
    get<Graph>(`/api/v1/graph?id=${encodeURIComponent(id)}&depth=${depth}${near ? "&within=500m&during=PT2H" : ""}`)
      .then((g) => current && setGraph(g), (e: Error) => current && setProblem(e.message));
    return () => { current = false; };
  }, [id, depth, near]);
  return (
    <section class="around" aria-label="Graph">
      <div class="row">
        <button onClick={close}>Back to the map</button>
        <button aria-pressed={depth === 2} onClick={() => setDepth(3 - depth)}>{depth === 1 ? "Two steps" : "One step"}</button>
        <label class="check"><input type="checkbox" checked={near} onChange={(e) => setNear(e.currentTarget.checked)} />within 500 m and 2 h, too</label>
        {picked && picked.type !== "value" && picked.id !== id && <button class="main" onClick={() => choose(picked.id)}>Around this one</button>}
      </div>
      {problem && <p class="error row" role="alert">{problem}</p>}
      {graph && <Drawing graph={graph} choose={setPicked} />}
      {graph && <p class="quiet">
        {picked ? `${picked.type}: ${shown(picked)}${picked.hot ? ", hot: in more than 1000 entries" : ""} (${picked.id})`
          : `${graph.nodes.length} nodes, ${graph.edges.length} edges${graph.more ? "; some are left out (+)" : ""}`}
        {!graph.up_to_date && "; the index is catching up, some may be missing"}
      </p>}
    </section>
  );
}
