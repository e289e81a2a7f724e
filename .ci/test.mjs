// `npm test [FILE…]`: installs what is needed, builds dist/app and runs every test, or the named ones.
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

import { ensureApp } from "./app.mjs";
import { ensureChromium } from "./chromium.mjs";
import { root, say, setUp } from "./setup.mjs";

/** One test; the slowest drive a real browser or wait for a lease to expire. */
const TEST_LIMIT_MS = 120_000;
/** All of them; a hanging run is a failure, not a wait. */
const TOTAL_LIMIT_MS = 48 * 60_000;

const bun = setUp();
const chromium = ensureChromium();
ensureApp(bun);

// Tests talk over loopback only, where a proxy of this machine has no way to.
const directHosts = [process.env.NO_PROXY, "127.0.0.1", "localhost"].filter(Boolean).join(",");
const withoutProxy = { NO_PROXY: directHosts, no_proxy: directHosts };

const report = join(root, "dist", "test-results.xml");
mkdirSync(join(root, "dist"), { recursive: true });
rmSync(report, { force: true });

const tests = spawn(
  bun,
  [
    "test",
    "--timeout",
    String(TEST_LIMIT_MS),
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit", env: { ...process.env, ...withoutProxy, CHROMIUM_PATH: chromium } },
);

const limit = setTimeout(() => {
  say(`the tests were stopped after ${TOTAL_LIMIT_MS / 60_000} minutes`);
  tests.kill("SIGKILL");
}, TOTAL_LIMIT_MS);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => tests.kill(signal));
tests.on("exit", (code, signal) => {
  clearTimeout(limit);
  process.exit(code ?? 128 + constants.signals[signal]);
});
