// SPDX-License-Identifier: Apache-2.0
// The page: one map, three lists, live. State is fetched once and then follows the stream.
import { render } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, forgetReasons, get, giveReason, onReasonAsked, remove, stream, type Me, type StixObject } from "./api";
import { Account } from "./account";
import { Around } from "./graph";
import { Incoming } from "./incoming";
import { FINE, LATER, Map, NOW, SOON, type Area, type AssetDot, type Hit } from "./map";
import { Reason } from "./reason";
import { Report } from "./report";
import { Sharing, waitingForMe } from "./sharing";
import { SignIn } from "./signin";
import { because, over, superseded, Warnings, type Warning } from "./warnings";
import { until, when, zone } from "./words";

const KEEP = 200; // rows of "incoming" that stay on the page

type Feature = { id: string; geometry: { coordinates: [number, number] }; properties: Record<string, unknown> };

function App() {
  const [me, setMe] = useState<Me>();
  const [problem, setProblem] = useState("");
  const load = useCallback(() => {
    get<Me>("/api/v1/me").then(setMe, (e: Error) => setProblem(e.message));
  }, []);
  useEffect(load, []);
  const [asked, setAsked] = useState<string[]>([]);
  const [reasons, setReasons] = useState(0);
  const declined = useRef(new Set<string>());
  useEffect(() => onReasonAsked((ids) =>
    setAsked((before) => [...new Set([...before, ...ids.filter((x) => !declined.current.has(x))])])), []);
  if (problem) return <p class="empty error">{problem}</p>;
  if (!me) return <p class="empty">…</p>;
  if (!me.signed_in) return <SignIn title={me.node.title} provider={me.provider} done={load} />;
  const out = () => remove("/api/v1/session").finally(() => { forgetReasons(); load(); });
  return (
    <>
      {/* with a new reason everything is asked anew */}
      <Desk key={reasons} me={me} out={out} />
      {asked.length > 0 && <Reason key={asked[0]} community={asked[0]}
        give={(why) => { giveReason(asked[0], why); setAsked(asked.slice(1)); setReasons(reasons + 1); }}
        later={() => { declined.current.add(asked[0]); setAsked(asked.slice(1)); }} />}
    </>
  );
}

function Desk({ me, out }: { me: Me; out: () => void }) {
  const [tab, setTab] = useState<"warnings" | "incoming" | "sharing" | "report">("warnings");
  const [waiting, setWaiting] = useState(0); // acts that wait for me as the second person
  const [live, setLive] = useState(false);
  const [now, setNow] = useState(Date.now());
  const [warnings, setWarnings] = useState<Warning[]>([]);
  const [assets, setAssets] = useState<AssetDot[]>([]);
  const [incidents, setIncidents] = useState<StixObject[]>([]);
  const [findings, setFindings] = useState<StixObject[]>([]);
  const [incoming, setIncoming] = useState<{ o: StixObject; at: string }[]>([]);
  const [focus, setFocus] = useState<string>();
  const [around, setAround] = useState<string>(); // the graph around this object, over the map
  const [problem, setProblem] = useState("");
  const [loaded, setLoaded] = useState(false);
  const [account, setAccount] = useState(false);

  const failed = (e: unknown) =>
    e instanceof ApiError && e.status === 401 ? location.reload() : setProblem((e as Error).message);
  const loadWarnings = useCallback(() =>
    get<{ warnings: Warning[] }>("/api/v1/warnings").then((r) => setWarnings(r.warnings), failed), []);
  const loadPicture = useCallback(() => {
    get<{ objects: StixObject[] }>("/api/v1/objects?type=incident&limit=200").then((r) => setIncidents(r.objects), failed);
    get<{ objects: StixObject[] }>("/api/v1/objects?type=finding&limit=1000").then((r) => setFindings(r.objects), failed);
  }, []);
  const loadAssets = useCallback(() =>
    get<{ features: Feature[] }>("/api/v1/assets.geojson").then((r) => setAssets(r.features.map((f) => ({
      id: f.id, lon: f.geometry.coordinates[0], lat: f.geometry.coordinates[1],
      name: String(f.properties.name ?? ""), kind: String(f.properties.kind ?? ""),
      country: String(f.properties.country ?? ""),
    }))), failed).finally(() => setLoaded(true)), []);

  useEffect(() => {
    loadWarnings();
    loadPicture();
    loadAssets();
    const clock = setInterval(() => setNow(Date.now()), 5000);
    const count = () => waitingForMe(me).then(setWaiting, failed);
    count();
    const counting = setInterval(count, 30000);
    // many objects arrive together: reload each list once, shortly after the last of them
    const due: Record<string, number> = {};
    const soon = (what: string, f: () => void) => {
      clearTimeout(due[what]);
      due[what] = window.setTimeout(f, 250);
    };
    const stop = stream((o) => {
      setIncoming((list) => [{ o, at: new Date().toISOString() }, ...list].slice(0, KEEP));
      if (o.type === "warning" || o.type === "receipt") soon("warnings", loadWarnings);
      if (o.type === "incident" || o.type === "finding") soon("picture", loadPicture);
      if (o.type === "infrastructure") soon("assets", loadAssets);
    }, setLive);
    return () => { clearInterval(clock); clearInterval(counting); stop(); };
  }, []);

  const hits = useMemo(() => collectHits(warnings, findings, now), [warnings, findings, Math.floor(now / 60000)]);
  const areas = useMemo(() => incidents.flatMap(areasOf), [incidents]);
  const gone = useMemo(() => superseded(warnings), [warnings]);
  const exercise = warnings.some((w) => w.status !== "actual" && !over(w, gone)) || incidents.some((i) => flag(i));
  const open = warnings.filter((w) => !over(w, gone)).length;
  const releaser = me.roles.includes("releaser");
  const dots = useMemo(() => withHits(assets, warnings), [assets, warnings]);
  const show = (id: string) => { setFocus(undefined); setTimeout(() => setFocus(id)); };

  return (
    <div class="app">
      <header class="top">
        <img src="/icon.svg" alt="" width="26" height="26" />
        <h1>{me.node.title}</h1>
        <span class={`live ${live ? "on" : ""}`}><i />{live ? "live" : "not connected"}</span>
        <div class="who"><b>{me.org?.name}</b><br />{me.name ?? me.login} · {me.roles.join(", ")}</div>
        {me.login && <button onClick={() => setAccount(true)}>My account</button>}
        <button onClick={out}>Sign out</button>
      </header>
      {account && <Account name={me.name || me.login || ""} close={() => setAccount(false)} />}
      {exercise && <div class="exercise">EXERCISE EXERCISE EXERCISE</div>}
      {problem && <p class="error row" role="alert">{problem}</p>}
      <div class="body">
        <div class="mapbox">
          <Map assets={dots} hits={hits} areas={areas} now={now} focus={focus} loaded={loaded} />
          <div class="legend">
            <div><i style={{ background: NOW }} />has failed</div>
            <div><i style={{ background: SOON }} />within 6 hours</div>
            <div><i style={{ background: LATER }} />later</div>
            <div><i style={{ background: FINE }} />not hit</div>
            <div class="quiet">times: {zone}</div>
          </div>
          {around && <Around id={around} choose={setAround} close={() => setAround(undefined)} />}
        </div>
        <aside>
          <nav role="tablist">
            <button role="tab" aria-selected={tab === "warnings"} onClick={() => setTab("warnings")}>
              Warnings{open > 0 && <span class="count">{open}</span>}
            </button>
            <button role="tab" aria-selected={tab === "incoming"} onClick={() => setTab("incoming")}>Incoming</button>
            <button role="tab" aria-selected={tab === "sharing"} onClick={() => setTab("sharing")}>
              Sharing{waiting > 0 && <span class="count" title="acts that wait for you">{waiting}</span>}
            </button>
            <button role="tab" aria-selected={tab === "report"} onClick={() => setTab("report")}>Report</button>
          </nav>
          <div class="scroll" role="tabpanel">
            {tab === "warnings" && <Warnings list={warnings} now={now} me={me} releaser={releaser} changed={loadWarnings} focus={show} />}
            {tab === "incoming" && <Incoming objects={incoming} around={setAround} />}
            {tab === "sharing" && <Sharing me={me} now={now} count={setWaiting} />}
            {tab === "report" && <Report assets={dots} done={loadPicture} />}
          </div>
        </aside>
      </div>
    </div>
  );
}

/** Assets that are known only from one's own warnings get their dot too. */
function withHits(assets: AssetDot[], warnings: Warning[]): AssetDot[] {
  const known = new Set(assets.map((a) => a.id)), more: AssetDot[] = [];
  for (const w of warnings)
    for (const h of w.hits ?? [])
      if (h.latitude !== undefined && h.longitude !== undefined && !known.has(h.asset_ref)) {
        known.add(h.asset_ref);
        more.push({ id: h.asset_ref, name: h.name, kind: "", country: h.country ?? "", lat: h.latitude, lon: h.longitude });
      }
  return more.length ? [...assets, ...more] : assets;
}

/** The first failure of each asset, from the warnings that one got and the findings one may read. */
function collectHits(warnings: Warning[], findings: StixObject[], now: number): Record<string, Hit> {
  const hits: Record<string, Hit> = {};
  const add = (id: string, at: string, cause: string) => {
    if (!hits[id] || at < hits[id].at) hits[id] = { at, text: `fails ${when(at)} (${until(at, now)})${cause ? `: ${cause}` : ""}` };
  };
  for (const f of findings)
    if (f.status === "open" && typeof f.from === "string" && Array.isArray(f.about_refs))
      for (const id of f.about_refs) add(String(id), f.from, "");
  const gone = superseded(warnings);
  for (const w of warnings)
    if (!over(w, gone))
      for (const h of w.hits ?? []) if (h.at && h.change !== "spared") add(h.asset_ref, h.at, because(h));
  return hits;
}

interface Circle { latitude: number; longitude: number; radius_km: number }
type Event = { exercise?: boolean; status?: string; areas?: { label?: string; polygon?: [number, number][]; circle?: Circle }[] };

/** The extension "event" of an incident: the one that says what is affected and where. */
function event(o: StixObject): Event | undefined {
  return Object.values((o.extensions ?? {}) as Record<string, Event>).find(
    (e) => e && typeof e === "object" && ("areas" in e || "affected_refs" in e || "started" in e));
}
const open_ = (o: StixObject) => o.revoked !== true && event(o)?.status !== "closed";
const flag = (o: StixObject) => open_(o) && event(o)?.exercise === true;

/** Corners of a circle, close enough to be seen as one. */
function ring({ latitude, longitude, radius_km }: Circle): [number, number][] {
  return Array.from({ length: 36 }, (_, i) => {
    const a = (i * Math.PI) / 18, dy = (radius_km / 111.2) * Math.sin(a);
    return [latitude + dy, longitude + (radius_km / 111.2) * Math.cos(a) / Math.cos((latitude * Math.PI) / 180)];
  });
}

function areasOf(o: StixObject): Area[] {
  if (!open_(o)) return [];
  return (event(o)?.areas ?? []).flatMap((a) => {
    const r = a.polygon ?? (a.circle && ring(a.circle));
    return r ? [{ label: [o.name, a.label].filter(Boolean).join(": "), rings: [r] }] : [];
  });
}

render(<App />, document.getElementById("app")!);
