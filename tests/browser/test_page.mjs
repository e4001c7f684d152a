// SPDX-License-Identifier: Apache-2.0
// node test_page.mjs TOCSIN WORK_DIR : Debian's chromium drives the page of a running "tocsin demo".
// Prints TAP; skipped as driver.mjs says.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { browserOfTheSystem, playwright } from "./driver.mjs";

const [program, work] = process.argv.slice(2).map((x) => resolve(x));
const WAIT = 30000; // for what the node must work out first; a sanitizer build is slow

// ---- the node ----

/** Starts a demo; resolves when it has printed its addresses: { address: {org: url}, stop() }. */
function demo(folder) {
  const child = spawn(program, ["demo", "--listen", "127.0.0.1:0"],
    { env: { ...process.env, TMPDIR: folder }, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((done) => child.on("exit", (code, signal) => done(code ?? signal)));
  const address = {};
  let said = "";
  child.stderr.on("data", (x) => (said += x));
  const up = new Promise((done, failed) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const m = /^\s+(\S.*?)\s+(http:\S+\/signin\?code=\S+)$/.exec(line);
      if (m) address[m[1]] = m[2];
      if (line.startsWith("Ctrl-C")) done();
    });
    ended.then((code) => failed(new Error(`the demo ended with ${code}: ${said}`)));
  });
  const stop = async () => {
    child.kill("SIGINT");
    return { code: await ended, said };
  };
  return up.then(() => ({ address, stop, child }));
}

// ---- a person at the page ----

const trouble = []; // what a browser complained about, whoever's it was

async function person(browser, name, url) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Amsterdam" });
  await context.addInitScript(() => document.addEventListener("securitypolicyviolation",
    (e) => console.error(`content security policy: ${e.violatedDirective} ${e.blockedURI}`)));
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && trouble.push(`${name}: ${m.text()}`));
  page.on("pageerror", (e) => trouble.push(`${name}: ${e.message}`));
  page.on("requestfailed", (r) => r.failure()?.errorText !== "net::ERR_ABORTED" &&
    trouble.push(`${name}: ${r.url()} ${r.failure()?.errorText}`));
  page.on("request", (r) => new URL(r.url()).origin === new URL(url).origin || r.url().startsWith("data:") ||
    trouble.push(`${name}: asked somebody else: ${r.url()}`));
  await page.goto(url);
  // a link must not sign anybody in by being fetched: the address shows a button first
  const button = page.getByRole("button", { name: /sign in/i });
  if (await button.count()) await button.first().click();
  await page.locator("header.top").waitFor();
  return page;
}

/** Asks again until it is so; not waitForFunction, which the page's own policy forbids (eval). */
async function until(says, ask) {
  for (const end = Date.now() + WAIT; ; await new Promise((r) => setTimeout(r, 50))) {
    if (await ask()) return;
    if (Date.now() > end) throw new Error(says);
  }
}

const card = (page, words) => page.locator("article.card", { hasText: words });

// ---- the tests, in order: each goes on where the one before ended ----

const AUTHORITY = "National contact point NL", WATER = "Water supply operator NL", HOSPITAL = "Hospital group NL";
const FAILED = "Diemen substation", HIT = "Utrecht waterworks";
const desk = {};

function hold(what, words) {
  if (!what) throw new Error(words);
}

const tests = {
  async "each signs in once with the address that the demo prints"(browser, node) {
    for (const org of [AUTHORITY, WATER, HOSPITAL]) {
      hold(node.address[org], `no address for ${org}`);
      desk[org] = await person(browser, org, node.address[org]);
      hold((await desk[org].locator(".who").innerText()).includes(org), `${org} is somebody else`);
      await desk[org].locator(".live.on").waitFor();
    }
  },
  async "an address works once only"(browser, node) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const got = await page.goto(node.address[WATER]);
    const button = page.getByRole("button", { name: /sign in/i });
    if (got.ok() && await button.count()) await Promise.all([page.waitForLoadState(), button.first().click()]);
    const me = await page.evaluate(() => fetch("/api/v1/me").then((r) => r.json()));
    hold(me.signed_in === false, "the second use signed in");
    await context.close();
  },
  async "the map is drawn, with the assets that each may see"() {
    for (const page of Object.values(desk)) {
      await page.locator(".map canvas").first().waitFor();
      await until("nothing is drawn", () => page.evaluate(() => [...document.querySelectorAll(".map canvas")].some((c) => {
        const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        const seen = new Set();
        for (let i = 0; i < d.length; i += 4) seen.add((d[i] << 16) | (d[i + 1] << 8) | d[i + 2]);
        return seen.size > 3; // land, its borders, dots
      })));
    }
    const count = (page) => page.evaluate(() =>
      fetch("/api/v1/assets.geojson").then((r) => r.json()).then((r) => r.features.length));
    const all = await count(desk[AUTHORITY]), own = await count(desk[WATER]);
    hold(all > 400, `the contact point sees ${all} assets only`);
    hold(own < all, `an operator sees all ${own}`);
  },
  async "the exercise says what it is, on every page"() {
    for (const page of Object.values(desk)) await page.locator(".exercise").waitFor();
  },
  async "a report makes drafts that only the contact point sees"() {
    const page = desk[AUTHORITY];
    await page.getByRole("tab", { name: "Report" }).click();
    await page.getByLabel("What happened").fill("Fire in the switchgear");
    await page.getByLabel("Which asset failed").fill(FAILED);
    await page.getByLabel("Expected to last").fill("48");
    await page.getByLabel("This is an exercise").check();
    await page.getByRole("button", { name: "Report", exact: true }).click();
    await page.getByRole("status").waitFor();
    await page.getByRole("tab", { name: /^Warnings/ }).click();
    await page.getByRole("button", { name: "Release" }).first().waitFor();
    await card(page, HIT).filter({ hasText: "draft" }).first().waitFor();
    for (const org of [WATER, HOSPITAL])
      hold(!(await card(desk[org], "draft").count()), `${org} sees a draft`);
  },
  async "released, it is on the recipient's page at once, without loading it again"() {
    const before = await desk[WATER].locator("article.card").count();
    await desk[WATER].evaluate(() => (window.sameDocument = true));
    const draft = card(desk[AUTHORITY], HIT).filter({ hasText: "draft" }).first();
    hold((await draft.innerText()).includes(`for ${WATER}`), "the draft is for somebody else");
    await draft.getByRole("button", { name: "Release" }).click();
    await desk[WATER].locator("article.card").nth(before).waitFor();
    hold(await desk[WATER].evaluate(() => window.sameDocument === true), "the page was loaded again");
    hold(!(await card(desk[HOSPITAL], HIT).count()), "the other operator reads it, too");
  },
  async "a recipient is not told what it may not see"() {
    const all = await desk[WATER].locator("aside").innerText();
    hold(!all.includes(FAILED), `the page of ${WATER} names ${FAILED}`);
    hold(!all.includes("hospital"), `the page of ${WATER} names a hospital`);
  },
  async "searching finds what each may read, and nothing else"() {
    const search = async (org, text) => {
      const page = desk[org], box = page.getByRole("searchbox");
      await page.getByRole("tab", { name: "Incoming" }).click();
      await box.fill(text);
      const answer = page.waitForResponse((r) => r.url().includes("/api/v1/search?"));
      await box.press("Enter");
      const found = (await (await answer).json()).objects.length;
      await page.getByText(`${found || "nothing"} found`).waitFor();
      hold(await page.locator("ul.feed li").count() === found, "the list is of another length");
      await page.getByRole("tab", { name: /^Warnings/ }).click();
      return found;
    };
    hold(await search(AUTHORITY, FAILED) > 0, `the contact point does not find ${FAILED}`);
    hold(await search(WATER, FAILED) === 0, `${WATER} finds ${FAILED}`);
    hold(await search(WATER, HIT) > 0, `${WATER} does not find ${HIT}`);
  },
  async "the graph around an object has what each may read"() {
    const page = desk[AUTHORITY];
    await page.getByRole("tab", { name: "Incoming" }).click();
    await page.getByRole("searchbox").fill(FAILED);
    await page.getByRole("searchbox").press("Enter");
    await page.getByRole("button", { name: "around it" }).first().click();
    const graph = page.getByRole("region", { name: "Graph" });
    await graph.locator("svg .node").nth(2).waitFor();
    hold(await graph.locator("svg .edge").count() > 1, "there are no edges");
    if (process.env.TOCSIN_SCREENSHOT) await page.screenshot({ path: process.env.TOCSIN_SCREENSHOT + ".graph.png" });
    const id = await graph.locator("svg .node title").first().textContent();
    await graph.locator("svg .node").nth(1).click();
    await graph.getByRole("button", { name: "Around this one" }).click();
    await until("the graph stays where it was", async () =>
      await graph.locator("svg .node title").first().textContent() !== id);
    await graph.getByRole("button", { name: "Two steps" }).click();
    await graph.getByRole("button", { name: "One step" }).waitFor();
    await until("two steps do not go further", async () => await graph.locator("svg .node").count() > 4);
    if (process.env.TOCSIN_SCREENSHOT) await page.screenshot({ path: process.env.TOCSIN_SCREENSHOT + ".two.png" });
    await graph.getByRole("button", { name: "Back to the map" }).click();
    hold(!(await graph.count()), "the graph is still there");
    await page.getByRole("tab", { name: /^Warnings/ }).click();
  },
  async "the recipient acknowledges"() {
    const page = desk[WATER];
    const open = page.getByRole("button", { name: "Acknowledge" });
    const n = await open.count();
    hold(n > 0, "nothing can be acknowledged");
    await open.first().click();
    await page.getByText("acknowledged", { exact: true }).first().waitFor();
    await until("it can still be acknowledged", async () => await open.count() === n - 1);
  },
  async "who signs out sees nothing any more"() {
    const page = desk[HOSPITAL];
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Password").waitFor();
    hold(!(await page.locator("article.card").count()), "warnings are still there");
    const status = await page.evaluate(() => fetch("/api/v1/warnings").then((r) => r.status));
    hold(status === 401, `warnings answer ${status}`);
    trouble.splice(0, trouble.length, ...trouble.filter((t) => !t.includes("401"))); // just asked for it
  },
  async "no browser complained, and nobody else was asked for anything"() {
    hold(!trouble.length, trouble.join("; "));
  },
};

const chromium = browserOfTheSystem();
const { chromium: driver } = playwright(work);
const folder = mkdtempSync(join(tmpdir(), "tocsin-browser-"));
let number = 0, bad = 0;
async function test(name, run) {
  number++;
  try {
    await run();
    console.log(`ok ${number} - ${name}`);
  } catch (e) {
    bad++;
    console.log(`not ok ${number} - ${name}\n# ${String(e.message).replaceAll("\n", "\n# ")}`);
  }
}

console.log(`1..${Object.keys(tests).length + 1}`);
const node = await demo(folder);
const browser = await driver.launch({ executablePath: chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"] });
try {
  for (const [name, run] of Object.entries(tests)) await test(name, () => run(browser, node));
  if (process.env.TOCSIN_SCREENSHOT) await desk[AUTHORITY].screenshot({ path: process.env.TOCSIN_SCREENSHOT });
} finally {
  await browser.close();
  await test("stopped, the demo leaves nothing behind", async () => {
    const { code, said } = await node.stop();
    hold(code === 0, `it ended with ${code}: ${said}`);
    hold(!said, `it said: ${said}`);
    const left = readdirSync(folder);
    hold(!left.length, `left behind: ${left}`);
  });
  rmSync(folder, { recursive: true, force: true });
}
process.exit(bad ? 1 : 0);
