// SPDX-License-Identifier: Apache-2.0
// node test_sharing.mjs TOCSIN WORK_DIR [SHOTS] : what takes two people, the reason that a community asks for,
// duty points and requests to let something go on, in chromium against "tocsin serve". SHOTS, a folder:
// pictures for people. Prints TAP; skipped as driver.mjs says.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { browserOfTheSystem, playwright } from "./driver.mjs";

const [program, work, shots] = process.argv.slice(2).map((x) => resolve(x));
const chromium = browserOfTheSystem();
const { chromium: driver } = playwright(work);
const folder = mkdtempSync(join(tmpdir(), "tocsin-sharing-")), node = join(folder, "node");
const PASSWORD = "four brass bells ring", trouble = [];
const tocsin = (...words) => execFileSync(program, words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const hold = (what, words) => {
  if (!what) throw new Error(words);
};
const NOTE = { type: "note", spec_version: "2.1", id: "note--00000000-0000-4000-8000-000000000001", content: "Valve 7 sticks",
  abstract: "Valve 7 sticks", created: "2026-01-01T00:00:00.000Z", modified: "2026-01-01T00:00:00.000Z",
  object_refs: ["identity--00000000-0000-4000-8000-000000000001"] };
const POINT = { type: "duty-point", spec_version: "2.1", id: "duty-point--00000000-0000-4000-8000-000000000001", name: "Control room",
  created: "2026-01-01T00:00:00.000Z", modified: "2026-01-01T00:00:00.000Z", hours: "24/7", areas: ["NL", "energy"],
  languages: ["nl", "en"], reach: ["tel:+31000000000"] };

async function serve() {
  writeFileSync(join(folder, "pw"), PASSWORD + "\n");
  tocsin("init", node, "--org", "Contact point", "--country", "NL");
  tocsin("org", "add", node, "Grid", "--country", "NL");
  for (const [who, name, roles, org] of [["first", "First steward", "reporter,releaser,steward", "Contact point"],
    ["second", "Second steward", "reporter,releaser,steward", "Contact point"], ["desk", "Grid desk", "reporter,releaser", "Grid"]])
    tocsin("user", "add", node, who, "--org", org, "--name", name, "--roles", "reader," + roles, "--password-file", "pw");
  tocsin("community", "add", node, "Energy circle", "--alias", "circle");
  tocsin("community", "join", node, "circle", "Contact point", "--takes-part", "receive,contribute,release,steward");
  tocsin("community", "join", node, "circle", "Grid");
  tocsin("community", "add", node, "Neighbours", "--alias", "next");
  tocsin("community", "join", node, "next", "Contact point");
  for (const [name, object] of [["note", NOTE], ["point", POINT]])
    writeFileSync(join(folder, name + ".json"), JSON.stringify(object));
  tocsin("import", node, "note.json", "--community", "circle", "--as", "desk");
  tocsin("community", "rules", node, "circle", "--four-eyes", "membership", "--asks-reason", "consultation", "--as", "first");
  tocsin("community", "add", node, "Contacts", "--alias", "contacts", "--kind", "contact-points");
  for (const org of ["Contact point", "Grid"]) tocsin("community", "join", node, "contacts", org);
  tocsin("import", node, "point.json", "--community", "contacts", "--as", "desk");
  const child = spawn(program, ["serve", node, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "ignore"] });
  const url = await new Promise((done, failed) => {
    createInterface({ input: child.stdout }).on("line", (l) => {
      const m = /http:\/\/127\.0\.0\.1:\d+/.exec(l);
      if (m) done(m[0] + "/");
    });
    child.on("exit", (c) => failed(new Error(`serve ended with ${c}`)));
  });
  return { child, url };
}

const pages = {};
const shot = async (page, name) => {
  if (shots) await page.screenshot({ path: join(shots, name + ".png") });
};
const card = (page, text) => page.locator(".sharing .card", { hasText: text });
async function find(page, words) {
  await page.getByRole("tab", { name: "Incoming" }).click();
  await page.getByRole("searchbox").fill(words);
  await page.keyboard.press("Enter");
}
const dialog = (page) => page.getByRole("dialog", { name: "Energy circle asks for a reason" });

async function enter(browser, url, who) {
  const page = pages[who] = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage();
  page.setDefaultTimeout(15000);
  page.on("console", (m) => m.type() === "error" && trouble.push(`${who}: ${m.text()}`));
  page.on("pageerror", (e) => trouble.push(`${who}: ${e.message}`));
  await page.goto(url);
  await page.getByLabel("Login").fill(who);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  return page;
}

const tests = {
  async "a community that asks for a reason is asked about once, by its name"(browser, url) {
    const page = await enter(browser, url, "first");
    await dialog(page).waitFor();
    await shot(page, "reason");
    await dialog(page).getByLabel("Why do you read it?").fill("checking valve 7 – nachts");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor({ state: "hidden" });
    await find(page, "valve");
    await page.locator(".feed").getByText("Valve 7 sticks").waitFor();
    await page.reload(); // it holds for the session
    await find(page, "valve");
    await page.locator(".feed").getByText("Valve 7 sticks").waitFor();
    hold(!(await dialog(page).count()), "it is asked again");
    hold(tocsin("audit", "show", node).includes("checking valve 7 – nachts"), "the reason is not on record");
  },
  async "without a reason the rest is there, and nothing of that community"(browser, url) {
    const page = await enter(browser, url, "second");
    await dialog(page).waitFor();
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "hidden" });
    await find(page, "control");
    await page.locator(".feed").getByText("Control room").waitFor();
    await find(page, "valve");
    await page.getByText("nothing found").waitFor();
    hold(!(await dialog(page).count()), "it is asked again at once");
  },
  async "what one person asks for waits, and shows where a second looks"() {
    const { first } = pages;
    tocsin("community", "leave", node, "circle", "Grid", "--why", "left the sector");
    await first.getByRole("tab", { name: "Sharing" }).click();
    await card(first, "Grid leaves").getByText("left the sector").waitFor();
    await first.getByRole("tab", { name: "Sharing" }).getByText("1").waitFor();
    await shot(first, "waiting");
  },
  async "a refusal asks why; an approval does it, and both people see it"() {
    const { first, second } = pages;
    await second.getByRole("tab", { name: "Sharing" }).click();
    const mine = card(second, "Grid leaves");
    await mine.getByRole("button", { name: "Refuse" }).click();
    await mine.getByRole("alert").getByText("say why").waitFor();
    await mine.getByLabel("Your reason").fill("as they asked");
    await mine.getByRole("button", { name: "Approve" }).click();
    await second.getByText("Nothing waits.").waitFor();
    hold(!tocsin("community", "members", node, "circle").includes("Grid"), "nothing was done");
    await first.getByLabel("Also those that are over").check();
    await card(first, "Grid leaves").getByText("as they asked").waitFor();
    await card(first, "Grid leaves").getByText("done").first().waitFor();
  },
  async "a duty point is called and answered"(browser, url) {
    const { first } = pages;
    await card(first, "Control room").getByRole("button", { name: "Test call" }).click();
    await card(first, "Control room").getByText("called").first().waitFor();
    const page = await enter(browser, url, "desk");
    await page.getByRole("tab", { name: "Sharing" }).click();
    await shot(page, "duty");
    await card(page, "Control room").getByRole("button", { name: "Answer the test call" }).click();
    await card(page, "Control room").getByText("answered after").waitFor();
  },
  async "an owner is asked to let something go on, and answers"() {
    const { first, desk } = pages;
    await first.getByText("Ask an owner to let something go on").click();
    await first.getByLabel("Id of the object").fill(POINT.id);
    await first.getByLabel("To which community").selectOption({ label: "Neighbours" });
    await first.getByLabel("Why", { exact: true }).fill("they share the line");
    await first.getByRole("button", { name: "Ask", exact: true }).click();
    await first.getByText("The owner has three days to answer.").waitFor();
    await desk.getByRole("tab", { name: "Warnings" }).click();
    await desk.getByRole("tab", { name: "Sharing" }).click();
    const asked = card(desk, "they share the line");
    await asked.getByLabel("Your answer").fill("not yet");
    await asked.getByRole("button", { name: "Refuse" }).click();
    await asked.getByText("not yet").waitFor();
    await shot(desk, "onward");
  },
  async "nothing was wrong on any page"() {
    hold(!trouble.length, trouble.join("\n"));
  },
};

let number = 0, bad = 0;
console.log(`1..${Object.keys(tests).length}`);
const { child, url } = await serve();
const browser = await driver.launch({ executablePath: chromium, args: ["--no-sandbox"] });
try {
  for (const [name, run] of Object.entries(tests)) {
    number++;
    try {
      await run(browser, url);
      console.log(`ok ${number} - ${name}`);
    } catch (e) {
      bad++;
      console.log(`not ok ${number} - ${name}\n${String(e.stack).replace(/^/gm, "# ")}`);
    }
  }
} finally {
  await browser.close();
  child.kill();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(bad ? 1 : 0);
