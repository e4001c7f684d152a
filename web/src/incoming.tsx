// SPDX-License-Identifier: Apache-2.0
// What came in, newest first: every object that this reader may read, as the node appends it.
import type { StixObject } from "./api";
import { Search } from "./search";
import { marking, when } from "./words";

const says: Record<string, (o: StixObject) => string> = {
  relationship: (o) => `${short(o.source_ref)} ${String(o.relationship_type ?? "")} ${short(o.target_ref)}`,
  indicator: (o) => String(o.name ?? o.pattern ?? ""),
  note: (o) => String(o.abstract ?? o.content ?? ""),
  "observed-data": (o) => `${String(o.number_observed ?? "")} observed`,
  receipt: (o) => String(o.state ?? o.status ?? ""),
};

function short(ref: unknown): string {
  return String(ref ?? "").split("--")[0];
}

export function title(o: StixObject): string {
  const own = says[o.type]?.(o);
  return own || String(o.name ?? o.headline ?? o.value ?? o.id);
}

type Row = { o: StixObject; at: string };

export function Incoming({ objects, around }: { objects: Row[]; around: (id: string) => void }) {
  return (
    <Search rows={(found) => <Rows list={found.map((o) => ({ o, at: o.modified ?? o.created ?? "" }))} around={around} />}>
      {objects.length ? <Rows list={objects} around={around} /> : <p class="empty">Nothing has come in since this page was opened.</p>}
    </Search>
  );
}

function Rows({ list, around }: { list: Row[]; around: (id: string) => void }) {
  return (
    <ul class="feed">
      {list.map(({ o, at }) => (
        <li key={o.id + at}>
          <time dateTime={at}>{when(at)}</time>
          <div>
            <div class="row">
              <span class="tag">{o.type}</span>
              <Tlp label={marking(o.object_marking_refs)} />
              {o.revoked === true && <span class="tag">revoked</span>}
              <button class="link" onClick={() => around(o.id)}>around it</button>
            </div>
            {title(o)}
          </div>
        </li>
      ))}
    </ul>
  );
}

export function Tlp({ label }: { label: string }) {
  const c = label.replace("TLP:", "").replace("+STRICT", "").toLowerCase();
  return <span class={`tag tlp ${c}`}>{label}</span>;
}
