// SPDX-License-Identifier: Apache-2.0
// node test_provider.mjs TOCSIN WORK_DIR PROVIDER_WORK_DIR : signing in at an OpenID Connect provider
// (oidc-provider, certified), in chromium, against "tocsin serve". The provider stands on another
// site (localhost) than the node (127.0.0.1), so that cookies behave as they will in earnest. Prints
// TAP; skipped as driver.mjs says.
import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { browserOfTheSystem, oidcProvider, playwright } from "./driver.mjs";

const [program, work, providerWork] = process.argv.slice(2).map((x) => resolve(x));
const chromium = browserOfTheSystem();
const { chromium: driver } = playwright(work);
for (const f of ["info", "warn"]) console[f] = () => {}; // the provider tells that it is a test one
const Provider = await oidcProvider(providerWork);
const folder = mkdtempSync(join(tmpdir(), "tocsin-provider-")), node = join(folder, "node");
const LABEL = "Sign in with the ministry", SECRET = "a secret+with %signs";
const trouble = [];

function hold(what, words) {
  if (!what) throw new Error(words);
}

const tocsin = (...words) => execFileSync(program, words, { stdio: ["ignore", "pipe", "pipe"] }).toString();

const keys = [["RS256", "rsa", { modulusLength: 2048 }], ["PS256", "rsa", { modulusLength: 2048 }],
  ["ES256", "ec", { namedCurve: "P-256" }], ["EdDSA", "ed25519", {}]].map(([alg, kind, how]) => (
  { ...generateKeyPairSync(kind, how).privateKey.export({ format: "jwk" }), alg, kid: alg, use: "sig" }));

/** A server that becomes a provider once the node's address is known. */
async function listen() {
  const server = createServer((q, a) => server.handle(q, a));
  await new Promise((done) => server.listen(0, "localhost", done));
  server.issuer = `http://localhost:${server.address().port}`;
  return server;
}

function provide(server, url, alg) {
  const provider = new Provider(server.issuer, {
    jwks: { keys },
    cookies: { keys: ["of this test"] },
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA", "HS256"] },
    clients: [{ client_id: "tocsin", client_secret: SECRET, redirect_uris: [`${url}/signin/oidc`],
      response_types: ["code"], grant_types: ["authorization_code"], id_token_signed_response_alg: alg }],
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
  });
  server.handle = provider.callback();
  server.problems = [];
  provider.on("server_error", (_, e) => server.problems.push(e.message));
}

async function serve(issuer) {
  writeFileSync(join(folder, "pw"), "four brass bells ring\n");
  tocsin("init", node, "--org", "Grid authority", "--country", "NL");
  for (const login of ["officer", "guarded"])
    tocsin("user", "add", node, login, "--org", "Grid authority", "--name", `The ${login}`,
      "--password-file", join(folder, "pw"));
  tocsin("user", "link", node, "officer", "--issuer", issuer, "--subject", "officer-at-the-ministry");
  tocsin("user", "link", node, "guarded", "--issuer", issuer, "--subject", "guarded-at-the-ministry");
  writeFileSync(join(node, "oidc.json"), JSON.stringify({ issuer, client_id: "tocsin", client_secret: SECRET, label: LABEL }),
    { mode: 0o600 });
  const child = spawn(program, ["serve", node, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "pipe"] });
  child.said = "";
  child.stderr.on("data", (d) => child.said += d);
  const url = await new Promise((done, failed) => {
    createInterface({ input: child.stdout }).on("line", (l) => {
      const m = /http:\/\/127\.0\.0\.1:\d+/.exec(l);
      if (m) done(m[0]);
    });
    child.on("exit", (c) => failed(new Error(`serve ended with ${c}: ${child.said}`)));
  });
  return { child, url };
}

let browser, context, page, server, running;

/** A browser that nobody has used. */
async function fresh() {
  await context?.close();
  context = await browser.newContext({ locale: "en-GB" });
  await context.addInitScript(() => document.addEventListener("securitypolicyviolation",
    (e) => console.error(`content security policy: ${e.violatedDirective} ${e.blockedURI}`)));
  page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on("console", (m) => m.text().startsWith("content security policy") && page.url().startsWith(running.url) &&
    trouble.push(m.text()));
  page.on("pageerror", (e) => page.url().startsWith(running.url) && trouble.push(e.message));
  await page.goto(running.url);
}

/** The provider's own pages: who one is, and that the node may know it. */
async function there(who) {
  await page.getByPlaceholder("Enter any login").fill(who);
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

async function signIn(who) {
  await page.getByRole("button", { name: LABEL }).click();
  await there(who);
}

const inside = () => page.getByRole("button", { name: "My account" }).waitFor();

const tests = {
  async "a person signs in: the provider's pages, consent, and back on the node's page"() {
    await fresh();
    await signIn("officer-at-the-ministry");
    await inside();
    hold(page.url() === running.url + "/", `not at the page: ${page.url()}`);
    hold(await page.getByText("The officer").count(), "somebody else is signed in");
  },
  async "what is left is the session's cookie, out of reach of scripts"() {
    const left = (await context.cookies(running.url)).map((c) => `${c.name} ${c.sameSite} ${c.httpOnly}`);
    hold(left.join() === "tocsin Strict true", `cookies: ${left}`);
    hold(await page.evaluate(() => document.cookie) === "", "a script can read cookies");
  },
  async "signing out is of this node; the provider lets in again without a password"() {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: LABEL }).click();
    await inside();
  },
  async "the address that one came back by is spent"() {
    const back = [];
    page.on("request", (q) => q.url().includes("/signin/oidc") && back.push(q.url()));
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: LABEL }).click();
    await inside();
    hold(back.length === 1 && back[0].includes("code="), `came back by ${back}`);
    const a = await page.goto(back[0]);
    hold(a.status() === 403, `status ${a.status()}`);
    await page.getByText("was not begun in this browser").waitFor();
    await page.getByRole("link", { name: "Back to the page" }).click();
    await inside();
  },
  async "who says no at the provider is told so"() {
    await fresh();
    await page.getByRole("button", { name: LABEL }).click();
    await page.getByText("[ Cancel ]").click();
    await page.getByText("did not let you in").waitFor();
    await page.getByRole("link", { name: "Back to the page" }).click();
    await page.getByLabel("Password").waitFor();
  },
  async "an account that nobody linked is nobody's, and says what to link"() {
    await fresh();
    await signIn("night-shift");
    await page.getByText("which is \"night-shift\"").waitFor();
    await page.getByRole("link", { name: "Back to the page" }).click();
    await page.getByLabel("Password").waitFor();
    tocsin("user", "link", node, "officer", "--issuer", server.issuer, "--subject", "night-shift");
    await page.getByRole("button", { name: LABEL }).click();
    await inside();
  },
  async "the second factor of here is asked for, and the ticket does not stay in the address"() {
    await fresh();
    await signIn("guarded-at-the-ministry");
    await inside();
    const codes = await page.evaluate(async () => {
      const post = (path, body) => fetch(path, { method: "POST", body: JSON.stringify(body),
        headers: { "Content-Type": "application/json", "X-Tocsin": "1" } }).then((r) => r.json());
      const { secret } = await post("/api/v1/factors/totp", {});
      const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
      const raw = Uint8Array.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2))), step = new DataView(new ArrayBuffer(8));
      step.setBigUint64(0, BigInt(Math.floor(Date.now() / 30000)));
      const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
      const mac = new DataView(await crypto.subtle.sign("HMAC", key, step.buffer));
      const code = String((mac.getUint32(mac.getUint8(19) & 15) & 0x7fffffff) % 1000000).padStart(6, "0");
      return (await post("/api/v1/factors/totp/confirm", { code })).recovery_codes;
    });
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: LABEL }).click();
    await page.getByLabel("Code of your device").waitFor();
    hold(page.url() === running.url + "/", `the address holds ${page.url()}`);
    await page.getByLabel("Code of your device").fill(codes[0]);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await inside();
  },
  ...Object.fromEntries(["PS256", "ES256", "EdDSA"].map((alg) => [`signed with ${alg}`, async () => {
    provide(server, running.url, alg);
    await fresh();
    await signIn("officer-at-the-ministry");
    await inside();
  }])),
  async "HS256, which the secret could sign, does not count"() {
    provide(server, running.url, "HS256");
    await fresh();
    await signIn("officer-at-the-ministry");
    await page.getByText("does not count here").waitFor();
    hold(/sign-in by the provider: alg:/.test(running.child.said), "the cause is not in the log");
  },
  async "no browser complained, and the policy was never in the way"() {
    hold(!trouble.length, trouble.join("; "));
    hold(!server.problems.length, `the provider: ${server.problems.join("; ")}`);
  },
};

console.log(`1..${Object.keys(tests).length}`);
let number = 0, bad = 0;
try {
  server = await listen();
  running = await serve(server.issuer);
  provide(server, running.url, "RS256");
  browser = await driver.launch({ executablePath: chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"] });
  for (const [name, run] of Object.entries(tests)) {
    number++;
    try {
      await run();
      console.log(`ok ${number} - ${name}`);
    } catch (e) {
      bad++;
      console.log(`not ok ${number} - ${name}\n# ${String(e.message).replaceAll("\n", "\n# ")}`);
    }
  }
} finally {
  await browser?.close();
  running?.child.kill("SIGINT");
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(bad ? 1 : 0);
