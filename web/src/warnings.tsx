// SPDX-License-Identifier: Apache-2.0
// Warnings as cards: when, what, why, how sure. Whoever may release sees the drafts too.
import { useState } from "preact/hooks";
import { post, type StixObject } from "./api";
import { Tlp } from "./incoming";
import { marking, until, when } from "./words";

export interface HitAsset {
  asset_ref: string;
  name?: string;
  at: string;
  at_early?: string;
  at_late?: string;
  probability?: number;
  cause?: string;
}
export interface Warning extends StixObject {
  status: string; // draft, released, superseded, cancelled
  message_type?: string;
  severity?: string;
  urgency?: string;
  certainty?: string;
  exercise?: boolean;
  headline?: string;
  description?: string;
  instruction?: string;
  texts?: { language: string; headline: string; description?: string; instruction?: string }[];
  hits?: HitAsset[];
  recipient_ref?: string;
  recipient_name?: string;
  acknowledged?: boolean;
}

export function text(w: Warning) {
  const mine = navigator.language.slice(0, 2);
  const t = w.texts?.find((x) => x.language.startsWith(mine)) ?? w.texts?.[0];
  return {
    headline: t?.headline ?? w.headline ?? w.name ?? "Warning",
    description: t?.description ?? w.description,
    instruction: t?.instruction ?? w.instruction,
  };
}

export function first(w: Warning): string | undefined {
  return w.hits?.map((h) => h.at).sort()[0];
}

export const over = (w: Warning) => w.status === "cancelled" || w.status === "superseded" || w.revoked === true;

function urgencyClass(w: Warning, now: number): string {
  if (over(w)) return "over";
  const at = first(w);
  if (!at) return "";
  const s = (new Date(at).getTime() - now) / 1000;
  return s <= 0 ? "now" : s < 6 * 3600 ? "soon" : "";
}

function Card({ w, now, releaser, changed, focus }: {
  w: Warning; now: number; releaser: boolean; changed: () => void; focus: (id: string) => void;
}) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const t = text(w);
  async function act(what: string) {
    setBusy(true);
    setError("");
    try {
      await post(`/api/v1/warnings/${encodeURIComponent(w.id)}/${what}`);
      changed();
    } catch (x) {
      setError((x as Error).message);
    }
    setBusy(false);
  }
  const many = (w.hits?.length ?? 0) > 6;
  const [all, setAll] = useState(false);
  return (
    <article class={`card ${urgencyClass(w, now)}`}>
      <div class="row">
        <Tlp label={marking(w.object_marking_refs)} />
        {w.exercise && <span class="tag ex">EXERCISE</span>}
        <span class="tag state">{w.status}</span>
        <span class="quiet">{[w.severity, w.urgency, w.certainty].filter(Boolean).join(" · ")}</span>
      </div>
      <h2>{t.headline}</h2>
      {w.recipient_name && <p class="quiet">for {w.recipient_name}</p>}
      {w.hits && w.hits.length > 0 && (
        <table class="hits">
          <thead><tr><th>Your asset</th><th>Fails</th><th>Because of</th></tr></thead>
          <tbody>
            {w.hits.slice(0, many && !all ? 6 : undefined).map((h) => (
              <tr key={h.asset_ref}>
                <td><button onClick={() => focus(h.asset_ref)}>{h.name ?? h.asset_ref}</button></td>
                <td title={h.at}>
                  <b>{when(h.at)}</b><br />
                  <span class="quiet">{until(h.at, now)}{h.probability !== undefined && h.probability < 1 ? `, ${Math.round(h.probability * 100)} %` : ""}</span>
                </td>
                <td>{h.cause}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {many && !all && <button onClick={() => setAll(true)}>Show all {w.hits!.length}</button>}
      {t.description && !w.hits?.length && <p>{t.description}</p>}
      {t.instruction && <p><b>{t.instruction}</b></p>}
      <div class="row">
        {w.status === "draft" && releaser && <button class="main" disabled={busy} onClick={() => act("release")}>Release</button>}
        {w.status === "released" && !w.acknowledged && <button disabled={busy} onClick={() => act("acknowledge")}>Acknowledge</button>}
        {w.acknowledged && <span class="good">acknowledged</span>}
        <span class="quiet">{when(w.modified)}</span>
      </div>
      {error && <p class="error" role="alert">{error}</p>}
    </article>
  );
}

export function Warnings(props: {
  list: Warning[]; now: number; releaser: boolean; changed: () => void; focus: (id: string) => void;
}) {
  if (!props.list.length) return <p class="empty">No warning concerns you now.</p>;
  const order = [...props.list].sort((a, b) =>
    +over(a) - +over(b) || (first(a) ?? "9").localeCompare(first(b) ?? "9"));
  return <>{order.map((w) => <Card key={w.id} w={w} {...props} />)}</>;
}
