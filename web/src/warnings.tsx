// SPDX-License-Identifier: Apache-2.0
// Warnings as cards: when, what, why, how sure. Whoever may release sees the drafts too.
import { useState } from "preact/hooks";
import { ApiError, post, type Me, type StixObject } from "./api";
import { Tlp } from "./incoming";
import { marking, until, when } from "./words";

interface Cause {
  name?: string;
  sector?: string;
  country?: string;
}
export interface HitAsset {
  asset_ref: string;
  name: string;
  how: "supply" | "direct" | "area";
  change: "same" | "new" | "earlier" | "later" | "spared";
  service?: string;
  at?: string;
  at_early?: string;
  at_late?: string;
  back?: string;
  percent?: number;
  country?: string;
  latitude?: number;
  longitude?: number;
  causes?: Cause[];
}
/** One message of CAP's chain, as packs/critical-entities describes the object. */
export interface Warning extends StixObject {
  state: "draft" | "released" | "withdrawn";
  message_type: "alert" | "update" | "cancel";
  status: "actual" | "exercise" | "test";
  severity?: string;
  urgency?: string;
  certainty?: string;
  texts?: { language: string; headline: string; description?: string; instruction?: string }[];
  hits?: HitAsset[];
  references?: { warning_ref: string }[];
  recipient_ref?: string;
  recipient_name?: string;
  acknowledged?: boolean;
}

export function text(w: Warning) {
  const mine = navigator.language.slice(0, 2);
  const t = w.texts?.find((x) => x.language.startsWith(mine)) ?? w.texts?.[0];
  return { headline: t?.headline ?? w.name ?? "Warning", description: t?.description, instruction: t?.instruction };
}

/** Why an asset is hit, in words; a supplier is named only where the node named it. */
export function because(h: HitAsset): string {
  if (h.how === "direct") return "named in the report";
  if (h.how === "area") return "stands in the hazard's area";
  const from = (h.causes ?? []).map((c) => c.name ?? [c.sector?.replace(/_/g, " "), c.country].filter(Boolean).join(", ")).filter(Boolean);
  return `no ${h.service ?? "supply"}${from.length ? ` (${[...new Set(from)].join("; ")})` : ""}`;
}

export function first(w: Warning): string | undefined {
  return w.hits?.flatMap((h) => (h.at && h.change !== "spared" ? [h.at] : [])).sort()[0];
}

/** A later released message that names this one takes its place. */
export function superseded(list: Warning[]): Set<string> {
  return new Set(list.filter((w) => w.state === "released").flatMap((w) => w.references?.map((r) => r.warning_ref) ?? []));
}

export const over = (w: Warning, gone: Set<string>) =>
  w.state === "withdrawn" || w.message_type === "cancel" || w.revoked === true || gone.has(w.id);

function urgencyClass(w: Warning, now: number, ended: boolean): string {
  if (ended) return "over";
  const at = first(w);
  if (!at) return "";
  const s = (new Date(at).getTime() - now) / 1000;
  return s <= 0 ? "now" : s < 6 * 3600 ? "soon" : "";
}

function Card({ w, me, ended, now, releaser, changed, focus }: {
  w: Warning; me: Me; ended: boolean; now: number; releaser: boolean; changed: () => void; focus: (id: string) => void;
}) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<string>(); // a reason is asked for
  const [waits, setWaits] = useState(false); // for a second person
  const t = text(w);
  async function act(what: string) {
    setBusy(true);
    setError("");
    try {
      const r = await post<{ approval?: unknown }>(`/api/v1/warnings/${encodeURIComponent(w.id)}/${what}`, why ? { why } : {});
      setWhy(undefined);
      setWaits(r.approval !== undefined);
      changed();
    } catch (x) {
      if (x instanceof ApiError && x.status === 422 && why === undefined) setWhy("");
      setError((x as Error).message);
    }
    setBusy(false);
  }
  const mine = w.recipient_ref === me.org?.identity;
  const many = (w.hits?.length ?? 0) > 6;
  const [all, setAll] = useState(false);
  return (
    <article class={`card ${urgencyClass(w, now, ended)}`}>
      <div class="row">
        <Tlp label={marking(w.object_marking_refs)} />
        {w.status !== "actual" && <span class="tag ex">{w.status.toUpperCase()}</span>}
        <span class="tag state">{w.state === "draft" ? "draft" : w.message_type}</span>
        <span class="quiet">{[w.severity, w.urgency, w.certainty].filter(Boolean).join(" · ")}</span>
      </div>
      <h2>{t.headline}</h2>
      {!mine && w.recipient_name && <p class="quiet">for {w.recipient_name}</p>}
      {w.hits && w.hits.length > 0 && (
        <table class="hits">
          <thead><tr><th>{mine ? "Your asset" : "Asset"}</th><th>Fails</th><th>Because of</th></tr></thead>
          <tbody>
            {w.hits.slice(0, many && !all ? 6 : undefined).map((h) => (
              <tr key={h.asset_ref}>
                <td><button onClick={() => focus(h.asset_ref)}>{h.name ?? h.asset_ref}</button></td>
                <td title={h.at}>
                  {h.change === "spared" ? <b class="good">spared</b> : <b>{when(h.at)}</b>}<br />
                  <span class="quiet">
                    {until(h.at, now)}
                    {h.percent && h.percent < 100 ? `, ${h.percent} %` : ""}
                    {h.at_early && h.at_late && h.at_early !== h.at_late ? ` (${when(h.at_early)} to ${when(h.at_late)})` : ""}
                  </span>
                </td>
                <td>{because(h)}{w.message_type === "update" && h.change !== "same" && h.change !== "spared" && <span class="tag">{h.change}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {many && !all && <button onClick={() => setAll(true)}>Show all {w.hits!.length}</button>}
      {t.description && !w.hits?.length && <p>{t.description}</p>}
      {t.instruction && <p class="do">{t.instruction}</p>}
      <div class="row">
        {w.state === "draft" && releaser && <button class="main" disabled={busy} onClick={() => act("release")}>Release</button>}
        {mine && w.state === "released" && !ended && !w.acknowledged && <button disabled={busy} onClick={() => act("acknowledge")}>Acknowledge</button>}
        {w.acknowledged && <span class="good">acknowledged</span>}
        <span class="quiet">{when(w.modified)}</span>
      </div>
      {why !== undefined && (
        <form onSubmit={(e) => { e.preventDefault(); act("release"); }}>
          <label>Why is it released?<input value={why} required maxLength={200} onInput={(e) => setWhy(e.currentTarget.value)} /></label>
          <button class="main" disabled={busy}>Release for this reason</button>
        </form>
      )}
      {waits && w.state === "draft" && <p class="good" role="status">It waits for a second person: see "Sharing".</p>}
      {error && <p class="error" role="alert">{error}</p>}
    </article>
  );
}

export function Warnings(props: {
  list: Warning[]; me: Me; now: number; releaser: boolean; changed: () => void; focus: (id: string) => void;
}) {
  const gone = superseded(props.list);
  if (!props.list.length) return <p class="empty">No warning concerns you now.</p>;
  const rank = (w: Warning) => (over(w, gone) ? 2 : w.state === "draft" ? 0 : 1);
  const order = [...props.list].sort((a, b) =>
    rank(a) - rank(b) || (first(a) ?? "9").localeCompare(first(b) ?? "9"));
  return <>{order.map((w) => <Card key={w.id} w={w} ended={over(w, gone)} {...props} />)}</>;
}
