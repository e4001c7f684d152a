// SPDX-License-Identifier: Apache-2.0
// Sharing with others: acts that wait for a second person, requests to let something go on, and
// who answers round the clock.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, post, type Me } from "./api";
import { communities, type Community } from "./reason";
import { span, until, when } from "./words";

type Person = { identity: string; name?: string; organisation?: string };
interface Act {
  id: string; state: string; kind: string; community_title?: string; ask: Record<string, unknown>;
  asked_by: Person; why?: string; asked: string; due: string;
  answered_by?: Person; answer?: string; yours: boolean; waits_for_you: boolean;
}
interface Request {
  id: string; object_ref: string; community: string; requested_by_ref: string; owner_ref: string; state: string;
  why?: string; asked: string; due: string; answered_at?: string; answer?: string;
}
interface Call { id: string; duty_point_ref: string; answers_ref: string; state: string; called: string; due: string; seconds?: number; late?: boolean }
interface Point {
  duty_point: { id: string; name: string; hours?: string; areas?: string[]; languages?: string[] };
  newest_call: Call[];
}

const may = (me: Me, ...roles: string[]) => me.roles.some((r) => roles.includes(r));
const REPORTS = ["reporter", "analyst", "releaser", "steward"];

const acts = (me: Me, all: boolean) =>
  may(me, ...REPORTS) ? get<{ approvals: Act[] }>(`/api/v1/approvals${all ? "?all=1" : ""}`).then((r) => r.approvals) : Promise.resolve([]);
export const waitingForMe = (me: Me) => acts(me, false).then((list) => list.filter((a) => a.waits_for_you).length);

const text = (x: unknown) => (typeof x === "string" ? x : "");
const words = (x: unknown) => (Array.isArray(x) && x.length ? x.join(", ") : "nothing");

/** What is to be done, in a sentence. */
function says(a: Act): string {
  const q = a.ask, was = (q.was ?? {}) as Record<string, unknown>;
  switch (a.kind) {
    case "warning-release": return `Release to ${text(q.recipient_name)}: ${text(q.headline)}`;
    case "onward-grant": return `Let ${text(q.lets_go_on)} go on to another community`;
    case "delete": return `Delete ${text(q.object)}`;
    case "erase": return `Erase ${words(q.ids)} for good`;
    case "member-set": return Array.isArray(q.takes_part) && !q.takes_part.length
      ? `${text(q.name)} leaves` : `${text(q.name)}: ${words(q.takes_part)} (until now: ${words(q.was)})`;
    case "community-rules": return `Two people for ${words(q.four_eyes)} (until now: ${words(was.four_eyes)}); a reason for ${words(q.asks_reason)}`;
    default: return a.kind;
  }
}
const named = (p?: Person) => [p?.name || (p?.identity === "the folder" ? "who keeps the node" : p?.identity), p?.organisation].filter(Boolean).join(", ");

/** One form with a text and buttons; each says what it does with the text. What goes wrong is said. */
function Answer({ label, buttons, after }: {
  label: string; after: () => Promise<unknown>;
  buttons: { name: string; main?: boolean; needsText?: boolean; run: (why: string) => Promise<unknown> }[];
}) {
  const [error, setError] = useState("");
  const [why, setWhy] = useState("");
  const [busy, setBusy] = useState(false);
  const act = (b: (typeof buttons)[0]) => {
    if (b.needsText && !why.trim()) return setError(`${b.name}: say why`);
    setBusy(true);
    setError("");
    b.run(why.trim()).then(after).catch((e: Error) => setError(e.message)).finally(() => setBusy(false));
  };
  return (
    <form onSubmit={(e) => { e.preventDefault(); act(buttons[0]); }}>
      {label && <label>{label}<input value={why} maxLength={200} autocomplete="off" onInput={(e) => setWhy(e.currentTarget.value)} /></label>}
      <div class="row">
        {buttons.map((b, i) => (
          <button key={b.name} type={i ? "button" : "submit"} class={b.main ? "main" : ""} disabled={busy} onClick={i ? () => act(b) : undefined}>{b.name}</button>
        ))}
      </div>
      {error && <p class="error" role="alert">{error}</p>}
    </form>
  );
}

function Facts({ of }: { of: [string, string | undefined][] }) {
  return <dl>{of.map(([k, v]) => v && <><dt>{k}</dt><dd>{v}</dd></>)}</dl>;
}

function Card({ title, state, mine, children }: { title: string; state: string; mine: boolean; children: ComponentChildren }) {
  return (
    <article class={`card ${mine ? "mine" : ""}`}>
      <span class="tag state">{state}</span>
      <h3>{title}</h3>
      {children}
    </article>
  );
}

function ActCard({ a, now, reload }: { a: Act; now: number; reload: () => Promise<unknown> }) {
  const at = (what: string) => (why: string) => post(`/api/v1/approvals/${a.id}/${what}`, why ? { why } : {});
  return (
    <Card title={says(a)} state={a.state} mine={a.waits_for_you}>
      <Facts of={[["community", a.community_title], ["asked by", named(a.asked_by)], ["why", a.why],
        [a.state === "waiting" ? "lapses" : "until", `${when(a.due)}${a.state === "waiting" ? ` (${until(a.due, now)})` : ""}`],
        ["answered by", a.answered_by && named(a.answered_by)], ["answer", a.answer]]} />
      {a.waits_for_you && <Answer label="Your reason" after={reload} buttons={[
        { name: "Approve", main: true, run: at("approve") }, { name: "Refuse", needsText: true, run: at("refuse") }]} />}
      {a.yours && a.state === "waiting" && <Answer label="" after={reload} buttons={[{ name: "Withdraw", run: at("withdraw") }]} />}
    </Card>
  );
}

function Onward({ q, me, title, now, reload }: { q: Request; me: Me; title: string; now: number; reload: () => Promise<unknown> }) {
  const [waits, setWaits] = useState(false);
  const own = q.owner_ref === me.org?.identity;
  const answer = (grant: boolean) => (why: string) =>
    post<{ approval?: unknown }>(`/api/v1/onward/${encodeURIComponent(q.id)}/answer`, { grant, answer: why || undefined })
      .then((r) => setWaits(r.approval !== undefined));
  const open = own && q.state === "asked" && may(me, "releaser");
  return (
    <Card title={q.object_ref} state={q.state} mine={open}>
      <Facts of={[["to", title], ["asked", own ? "of your organisation" : "by your organisation"], ["why", q.why],
        ["answer by", q.state === "asked" ? `${when(q.due)} (${until(q.due, now)})` : undefined], ["answer", q.answer]]} />
      {open && !waits && <Answer label="Your answer" after={reload} buttons={[
        { name: "Let it go on", main: true, run: answer(true) }, { name: "Refuse", needsText: true, run: answer(false) }]} />}
      {waits && <p class="good" role="status">It waits for a second person.</p>}
    </Card>
  );
}

function AskOnward({ list, reload }: { list: Community[]; reload: () => Promise<unknown> }) {
  const [error, setError] = useState("");
  const [good, setGood] = useState("");
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    const form = e.currentTarget as HTMLFormElement, f = new FormData(form);
    setError("");
    setGood("");
    post("/api/v1/onward", { object: String(f.get("object")).trim(), community: f.get("community"), why: f.get("why") || undefined })
      .then(() => { form.reset(); setGood("Asked. The owner has three days to answer."); return reload(); })
      .catch((x: Error) => setError(x.message));
  };
  return (
    <details>
      <summary>Ask an owner to let something go on</summary>
      <form onSubmit={submit}>
        <label>Id of the object<input name="object" required maxLength={200} placeholder="indicator--…" autocomplete="off" /></label>
        <label>To which community<select name="community" required>{list.map((c) => <option key={c.id} value={c.id}>{c.title}</option>)}</select></label>
        <label>Why<input name="why" maxLength={500} autocomplete="off" /></label>
        <button class="main">Ask</button>
        {error && <p class="error" role="alert">{error}</p>}
        {good && <p class="good" role="status">{good}</p>}
      </form>
    </details>
  );
}

function DutyPoint({ p, calls, me, reload }: { p: Point; calls: Call[]; me: Me; reload: () => Promise<unknown> }) {
  const o = p.duty_point, c = calls.find((x) => x.duty_point_ref === o.id) ?? p.newest_call[0];
  const state = !c ? "no test call yet"
    : c.state === "answered" ? `answered after ${span(c.seconds ?? 0)}${c.late ? ", late" : ""}` : c.state;
  const forMe = c?.state === "called" && c.answers_ref === me.org?.identity;
  return (
    <Card title={o.name} state={c?.state ?? "not called"} mine={forMe}>
      <Facts of={[["hours", o.hours], ["areas", o.areas?.join(", ")], ["languages", o.languages?.join(", ")],
        ["test call", `${state}${c ? `, called ${when(c.called)}` : ""}`]]} />
      {forMe && <Answer label="" after={reload} buttons={[{ name: "Answer the test call", main: true, run: () => post(`/api/v1/test-calls/${encodeURIComponent(c.id)}/answer`) }]} />}
      {!forMe && c?.state !== "called" && may(me, ...REPORTS) &&
        <Answer label="" after={reload} buttons={[{ name: "Test call", run: () => post(`/api/v1/duty-points/${encodeURIComponent(o.id)}/call`) }]} />}
    </Card>
  );
}

export function Sharing({ me, now, count }: { me: Me; now: number; count: (n: number) => void }) {
  const [all, setAll] = useState(false);
  const [list, setList] = useState<Act[]>();
  const [requests, setRequests] = useState<Request[]>();
  const [points, setPoints] = useState<Point[]>();
  const [calls, setCalls] = useState<Call[]>([]);
  const [circles, setCircles] = useState<Community[]>([]);
  const [error, setError] = useState("");
  const load = () => Promise.all([
    acts(me, all).then((r) => { setList(r); count(r.filter((a) => a.waits_for_you).length); }),
    get<{ requests: Request[] }>("/api/v1/onward").then((r) => setRequests(r.requests)),
    get<{ duty_points: Point[] }>("/api/v1/duty-points").then((r) => setPoints(r.duty_points)),
    get<{ test_calls: Call[] }>("/api/v1/test-calls").then((r) => setCalls(r.test_calls)),
    communities().then(setCircles),
  ]).catch((e: Error) => setError(e.message));
  useEffect(() => { load(); }, [all]);
  const title = (id: string) => circles.find((c) => c.id === id)?.title ?? "another community";
  return (
    <div class="sharing">
      {error && <p class="error" role="alert">{error}</p>}
      {may(me, ...REPORTS) && (
        <section aria-labelledby="acts">
          <h2 id="acts">Waiting for a second person</h2>
          {list?.map((a) => <ActCard key={a.id} a={a} now={now} reload={load} />)}
          {list && !list.length && <p class="quiet">Nothing waits.</p>}
          <label class="check"><input type="checkbox" checked={all} onChange={(e) => setAll(e.currentTarget.checked)} />Also those that are over</label>
        </section>
      )}
      <section aria-labelledby="onward">
        <h2 id="onward">Letting things go on</h2>
        {requests?.map((q) => <Onward key={q.id} q={q} me={me} title={title(q.community)} now={now} reload={load} />)}
        {requests && !requests.length && <p class="quiet">Nobody asked.</p>}
        {may(me, ...REPORTS) && <AskOnward list={circles} reload={load} />}
      </section>
      <section aria-labelledby="points">
        <h2 id="points">Duty points</h2>
        {points?.map((p) => <DutyPoint key={p.duty_point.id} p={p} calls={calls} me={me} reload={load} />)}
        {points && !points.length && <p class="quiet">No duty point is known to you.</p>}
      </section>
    </div>
  );
}
