// SPDX-License-Identifier: Apache-2.0
// node test_account.mjs TOCSIN WORK_DIR : "my account" and passkeys in chromium, with its virtual
// authenticator, against "tocsin serve" on http://localhost. Prints TAP; skipped as driver.mjs says.
import { execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { browserOfTheSystem, playwright } from "./driver.mjs";

const [program, work] = process.argv.slice(2).map((x) => resolve(x));
const chromium = browserOfTheSystem();
const { chromium: driver } = playwright(work);
const folder = mkdtempSync(join(tmpdir(), "tocsin-account-")), node = join(folder, "node");
const LOGIN = "officer", PASSWORD = "four brass bells ring";
const trouble = [];

function hold(what, words) {
  if (!what) throw new Error(words);
}

/** RFC 6238 of now. */
function code(secret) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = createHmac("sha1", key).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, "0");
}

async function serve() {
  writeFileSync(join(folder, "pw"), PASSWORD + "\n");
  execFileSync(program, ["init", node, "--org", "Grid authority", "--country", "NL"]);
  execFileSync(program, ["user", "add", node, LOGIN, "--org", "Grid authority", "--name", "Duty officer", "--password-file", join(folder, "pw")]);
  const child = spawn(program, ["serve", node, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "ignore"] });
  const port = await new Promise((done, failed) => {
    createInterface({ input: child.stdout }).on("line", (l) => {
      const m = /http:\/\/127\.0\.0\.1:(\d+)/.exec(l);
      if (m) done(m[1]);
    });
    child.on("exit", (c) => failed(new Error(`serve ended with ${c}`)));
  });
  return { child, url: `http://localhost:${port}/` };
}

let page, device;
const account = () => page.getByRole("dialog", { name: "My account" });

async function password() {
  await page.getByLabel("Login").fill(LOGIN);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function out() {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Password").waitFor();
}

const tests = {
  async "a person signs in by password and sees where they are signed in"(url) {
    await page.goto(url);
    await password();
    await page.getByRole("button", { name: "My account" }).click();
    await account().getByText("this one").waitFor();
  },
  async "a passkey is enrolled, and recovery codes are shown once"() {
    await account().getByLabel("Name of the device").fill("desk key");
    await account().getByRole("button", { name: "Add a passkey" }).click();
    await account().locator(".codes code").nth(9).waitFor();
    await account().getByText("desk key").waitFor();
    await account().getByRole("button", { name: "I have them" }).click();
    hold(!(await account().locator(".codes").count()), "the codes are still there");
    await account().getByRole("button", { name: "Close" }).click();
    await out();
  },
  async "it signs in by itself"() {
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.locator("header.top").waitFor();
    hold((await page.locator(".who").innerText()).includes("Duty officer"), "somebody else is signed in");
    await out();
  },
  async "after a password it is asked for, too"() {
    await password();
    await page.getByLabel(/^Code of your device/).waitFor();
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.locator("header.top").waitFor();
    await out();
  },
  async "a device that did not verify who holds it does not sign in alone"() {
    await device.verified(false);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByRole("alert").waitFor();
    await device.verified(true);
    await page.reload();
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.locator("header.top").waitFor();
  },
  async "a device for codes is set up beside it"() {
    await page.getByRole("button", { name: "My account" }).click();
    await account().getByRole("button", { name: "Set up a device" }).click();
    const secret = await account().locator(".secret").innerText();
    hold((await account().getByRole("link", { name: "this address" }).getAttribute("href")).includes(secret),
      "the address has another secret");
    await account().getByLabel("The code that it shows").fill(code(secret));
    await account().getByRole("button", { name: "Confirm" }).click();
    await account().locator(".codes code").nth(9).waitFor();
    await account().getByRole("button", { name: "I have them" }).click();
    await account().getByText("10 recovery codes are left").waitFor();
    await account().getByText("desk key").waitFor();
  },
  async "a passkey that is removed signs nobody in"() {
    await account().getByRole("button", { name: "Remove" }).click();
    await account().getByText("desk key").waitFor({ state: "detached" });
    await account().getByRole("button", { name: "Close" }).click();
    await out();
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByText("this passkey is not known here").waitFor();
  },
  async "a session is ended from elsewhere"(url, browser) {
    const token = execFileSync(program, ["token", "new", node, LOGIN, "--once"]).toString().trim();
    const other = await (await browser.newContext()).newPage();
    await other.goto(url + "signin?code=" + token);
    const button = other.getByRole("button", { name: /sign in/i });
    if (await button.count()) await button.first().click();
    await other.getByRole("button", { name: "My account" }).click();
    const there = other.getByRole("dialog", { name: "My account" });
    await there.getByText("this one").waitFor();
    const ends = there.getByRole("button", { name: "End", exact: true }), n = await ends.count();
    const second = execFileSync(program, ["token", "new", node, LOGIN, "--label", "feed"]).toString().trim();
    await there.getByRole("button", { name: "Close" }).click();
    await other.getByRole("button", { name: "My account" }).click();
    const row = there.locator("li", { hasText: "feed" });
    await row.getByRole("button", { name: "End" }).click();
    await row.waitFor({ state: "detached" });
    hold(await ends.count() === n, "another went, too");
    const r = await fetch(url + "api/v1/sessions", { headers: { Authorization: `Bearer ${second}` } });
    hold(r.status === 401, `the token still opens: ${r.status}`);
    await other.context().close();
  },
  async "no browser complained, and the policy was never in the way"() {
    hold(!trouble.length, trouble.join("; "));
  },
};

console.log(`1..${Object.keys(tests).length}`);
let number = 0, bad = 0, running, browser;
try {
  running = await serve();
  browser = await driver.launch({ executablePath: chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"] });
  const context = await browser.newContext({ locale: "en-GB" });
  await context.addInitScript(() => document.addEventListener("securitypolicyviolation",
    (e) => console.error(`content security policy: ${e.violatedDirective} ${e.blockedURI}`)));
  page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on("console", (m) => m.text().startsWith("content security policy") && trouble.push(m.text()));
  page.on("pageerror", (e) => trouble.push(e.message));
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true } });
  device = { verified: (yes) => cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: yes }) };
  for (const [name, run] of Object.entries(tests)) {
    number++;
    try {
      await run(running.url, browser);
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
