// `npm test [FILE…]`: installs what is needed, builds dist/app and runs every test, or the named ones.
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, constants } from "node:os";
import { join } from "node:path";

import { ensureApp } from "./app.mjs";
import { ensureChromium } from "./chromium.mjs";
import { root, say, setUp } from "./setup.mjs";

/** One test; the slowest drive a real browser or wait for a lease to expire. */
const TEST_LIMIT_MS = 120_000;
/** Side by side, each with half of the files: they wait about half of their time. */
const SHARDS = 2;
/** All of them; a hanging run is a failure, not a wait. */
const TOTAL_LIMIT_MS = 48 * 60_000;

const bun = setUp();
const chromium = ensureChromium();
ensureApp(bun);

// Tests talk over loopback only, where a proxy of this machine has no way to.
const directHosts = [process.env.NO_PROXY, "127.0.0.1", "localhost"].filter(Boolean).join(",");
const withoutProxy = { NO_PROXY: directHosts, no_proxy: directHosts };

const dist = join(root, "dist");
mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) if (/^test-results.*\.xml$/.test(name)) rmSync(join(dist, name));

const wanted = process.argv.slice(2);
const shards = wanted.length > 0 ? 1 : Math.min(SHARDS, availableParallelism());
const children = [];

/** Resolves with the exit code. All but the first write to a file: lines of two runs in turns would be nobody's. */
function runShard(shard) {
  const output = shard === 1 ? "inherit" : openSync(logOf(shard), "w");
  const child = spawn(
    bun,
    [
      "test",
      "--timeout",
      String(TEST_LIMIT_MS),
      "--reporter=junit",
      `--reporter-outfile=${join(dist, `test-results-${shard}.xml`)}`,
      ...(shards > 1 ? [`--shard=${shard}/${shards}`] : []),
      ...wanted,
    ],
    {
      cwd: root,
      stdio: ["ignore", output, output],
      env: { ...process.env, ...withoutProxy, CHROMIUM_PATH: chromium },
    },
  );
  children.push(child);
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

const logOf = (shard) => join(dist, `test-${shard}.log`);
const stop = (signal) => {
  for (const child of children) child.kill(signal);
};

const limit = setTimeout(() => {
  say(`the tests were stopped after ${TOTAL_LIMIT_MS / 60_000} minutes`);
  stop("SIGKILL");
}, TOTAL_LIMIT_MS);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);

if (shards > 1) say("half of the tests are shown as they run, the other half once it has ended");
const codes = await Promise.all(Array.from({ length: shards }, (_, index) => runShard(index + 1)));
clearTimeout(limit);
for (let shard = 2; shard <= shards; shard++) process.stdout.write(readFileSync(logOf(shard)));
process.exitCode = codes.find((code) => code !== 0) ?? 0;
