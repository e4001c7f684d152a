// SPDX-License-Identifier: Apache-2.0
// node build.mjs OUT_DIR : makes page_data.c, the page as C arrays, in OUT_DIR. The libraries are
// installed there too (npm ci against the lock file), never beside the sources. Where they cannot
// be had (no network), the node gets the plain notice of no_page.c, and one line says so; with
// TOCSIN_PAGE=required that is an error.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2]);
const work = join(out, "npm");

function install() {
  const lock = readFileSync(join(here, "package-lock.json"));
  const stamp = createHash("sha256").update(lock).digest("hex");
  const mark = join(work, ".installed");
  if (existsSync(mark) && readFileSync(mark, "utf8") === stamp) return;
  mkdirSync(work, { recursive: true });
  for (const f of ["package.json", "package-lock.json"]) cpSync(join(here, f), join(work, f));
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1",
    "--fetch-retry-mintimeout=2000", "--loglevel=error"], { cwd: work, stdio: ["ignore", "ignore", "pipe"] });
  writeFileSync(mark, stamp);
}

function withoutPage(e) {
  const why = /npm (?:error|ERR!) (?:code )?(.+)/.exec(String(e.stderr ?? ""))?.[1] ?? e.message;
  const says = `the page's libraries could not be had from npm (${why})`;
  if (process.env.TOCSIN_PAGE === "required") {
    console.error(`web: ${says}`);
    process.exit(1);
  }
  console.error(`web: ${says}; the node is built without its page`);
  cpSync(join(here, "no_page.c"), join(out, "page_data.c"));
  process.exit(0);
}

// Europe and what is near it: the rest of the world would double the page.
function world() {
  const require = createRequire(join(work, "package.json"));
  const { feature } = require("topojson-client");
  const topo = JSON.parse(readFileSync(require.resolve("world-atlas/countries-50m.json"), "utf8"));
  const near = ([x, y]) => x > -26 && x < 46 && y > 33 && y < 72;
  const round = (ring) => ring.map(([x, y]) => [Math.round(x * 1000) / 1000, Math.round(y * 1000) / 1000]);
  const features = [];
  for (const f of feature(topo, topo.objects.countries).features) {
    const polygons = f.geometry.type === "Polygon" ? [f.geometry.coordinates] : f.geometry.coordinates;
    const kept = polygons.filter((p) => p[0].some(near)).map((p) => p.map(round));
    if (kept.length)
      features.push({ type: "Feature", properties: { name: f.properties.name },
        geometry: { type: "MultiPolygon", coordinates: kept } });
  }
  return JSON.stringify({ type: "FeatureCollection", features });
}

function bundle() {
  cpSync(join(here, "src"), join(work, "src"), { recursive: true });
  cpSync(join(here, "tsconfig.json"), join(work, "tsconfig.json"));
  execFileSync(process.execPath, [join(work, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", work],
    { stdio: "inherit" });
  const require = createRequire(join(work, "package.json"));
  const result = require("esbuild").buildSync({
    entryPoints: [join(work, "src/main.tsx"), join(work, "src/page.css")],
    bundle: true, minify: true, write: false, outdir: work, target: "es2020",
    jsx: "automatic", jsxImportSource: "preact", legalComments: "eof",
    loader: { ".png": "dataurl", ".gif": "dataurl" },
  });
  return Object.fromEntries(result.outputFiles.map((f) => [f.path.slice(work.length + 1), Buffer.from(f.contents)]));
}

function bytes(name, data) {
  const rows = [];
  for (let i = 0; i < data.length; i += 24) rows.push(data.subarray(i, i + 24).join(","));
  return `static const unsigned char ${name}[] = {${rows.join(",\n")}};\n`;
}

try {
  install();
} catch (e) {
  withoutPage(e);
}
const built = bundle();
const files = [
  ["/", "text/html; charset=utf-8", readFileSync(join(here, "src/index.html"))],
  ["/page.js", "text/javascript; charset=utf-8", built["main.js"]],
  ["/page.css", "text/css; charset=utf-8", built["page.css"]],
  ["/europe.json", "application/json", Buffer.from(world())],
  ["/icon.svg", "image/svg+xml", readFileSync(join(here, "src/icon.svg"))],
];
let c = '/* made by web/build.mjs */\n#include "http/page.h"\n\n', table = "";
files.forEach(([path, type, data], i) => {
  const packed = gzipSync(data, { level: 9 });
  const tag = createHash("sha256").update(data).digest("hex").slice(0, 20);
  c += bytes(`f${i}`, data) + bytes(`g${i}`, packed);
  table += `    {"${path}", "${type}", "\\"${tag}\\"", f${i}, sizeof f${i}, g${i}, sizeof g${i}},\n`;
});
c += `const struct tc_page_file tc_page_files[] = {\n${table}    {0, 0, 0, 0, 0, 0, 0},\n};\n`;
writeFileSync(join(out, "page_data.c"), c);
