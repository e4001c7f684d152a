// SPDX-License-Identifier: Apache-2.0
// What the browser tests share: Debian's chromium, driven by playwright-core. That is installed in a
// work folder, never beside the sources; without npm, its registry or chromium a test says so and is
// skipped (exit status 77).
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

function skip(why) {
  console.log(`1..0 # SKIP ${why}`);
  process.exit(77);
}

export function browserOfTheSystem() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const found = names.flatMap((n) => process.env.PATH.split(":").map((d) => join(d, n))).find(existsSync);
  return found ?? skip("there is no chromium");
}

/** What require resolves from there, once the packages of a lock file are in the work folder. */
function installed(from, work, name) {
  const require = createRequire(join(work, "package.json"));
  mkdirSync(work, { recursive: true });
  for (const f of ["package.json", "package-lock.json"]) cpSync(join(from, f), join(work, f));
  try {
    if (!existsSync(join(work, "node_modules", name, "package.json")))
      execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"],
        { cwd: work, stdio: "ignore" });
    return require.resolve(name);
  } catch {
    return skip(`${name} could not be had from npm`);
  }
}

export function playwright(work) {
  return createRequire(import.meta.url)(installed(here, work, "playwright-core"));
}

/** An OpenID Connect provider, certified; its class. It uses what node has since version 20. */
export async function oidcProvider(work) {
  if (parseInt(process.versions.node) < 20) return skip(`oidc-provider needs node 20, here is ${process.versions.node}`);
  return (await import(pathToFileURL(installed(join(here, "provider"), work, "oidc-provider")).href)).default;
}
