// SPDX-License-Identifier: Apache-2.0
// Times and words as people read them. Times are shown in the reader's own zone, with the zone's
// name, because a duty desk and a plant may sit in two.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false,
});

export function when(iso: string | undefined): string {
  if (!iso) return "";
  const t = new Date(iso);
  if (Number.isNaN(t.getTime())) return iso;
  return new Date().toDateString() === t.toDateString() ? clock.format(t) : dayAndClock.format(t);
}

export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const m = Math.round(s / 60);
  if (m < 60) return `${m} min`;
  const h = Math.floor(m / 60);
  if (h < 48) return m % 60 ? `${h} h ${m % 60} min` : `${h} h`;
  return `${Math.round(h / 24)} days`;
}

/** "in 3 h 12 min" or "12 min ago". */
export function until(iso: string | undefined, now: number): string {
  if (!iso) return "";
  const d = (new Date(iso).getTime() - now) / 1000;
  if (Number.isNaN(d)) return "";
  return d >= 0 ? `in ${span(d)}` : `${span(-d)} ago`;
}

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function people(n: number | undefined): string {
  return n ? n.toLocaleString() : "0";
}

const tlp: Record<string, string> = {
  "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "TLP:CLEAR",
  "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "TLP:CLEAR",
  "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "TLP:GREEN",
  "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "TLP:GREEN",
  "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "TLP:AMBER",
  "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "TLP:AMBER",
  "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "TLP:AMBER+STRICT",
  "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "TLP:RED",
  "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "TLP:RED",
};
const order = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"];

/** The strictest marking of an object; unmarked is AMBER, as everywhere in Tocsin. */
export function marking(refs: unknown): string {
  let best = -1;
  if (Array.isArray(refs))
    for (const r of refs) best = Math.max(best, order.indexOf(tlp[String(r)] ?? ""));
  return best < 0 ? "TLP:AMBER" : order[best];
}
