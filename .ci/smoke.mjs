// Smoke test of the binary: starts `app serve` on an empty data dir, asks for its health, a page and one asset, stops it.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { appPath } from "./app.mjs";
import { say } from "./setup.mjs";

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

const folder = mkdtempSync(join(tmpdir(), "sallyport-smoke-"));
const app = spawn(appPath, ["serve", "--port", "0", "--data-dir", join(folder, "data")], {
  cwd: folder,
  stdio: ["ignore", "pipe", "inherit"],
});
const exited = new Promise((resolve) => app.once("exit", (code, signal) => resolve(signal ?? code)));

try {
  const address = await within(START_LIMIT_MS, readyAddress(), "the program did not become ready");
  await fetchOk(`${address}/healthz`);
  await fetchOk(`${address}/readyz`);
  const page = await (await fetchOk(address)).text();
  const asset = /(?:href|src)="(\/[^"]+\.(?:css|js))"/.exec(page)?.[1];
  if (asset === undefined) throw new Error("the first page names no style sheet or script");
  await fetchOk(new URL(asset, address));

  app.kill("SIGTERM");
  const ended = await within(STOP_LIMIT_MS, exited, "the program did not stop on SIGTERM");
  if (ended !== 0) throw new Error(`the program stopped with ${ended} instead of 0`);
  say("smoke test: health, readiness, a page and an asset are served, and it stops");
} catch (error) {
  say(`smoke test: ${error.message}`);
  process.exitCode = 1;
} finally {
  if (app.exitCode === null && app.signalCode === null) app.kill("SIGKILL");
  await exited;
  rmSync(folder, { recursive: true, force: true });
}

function readyAddress() {
  return new Promise((resolve, reject) => {
    createInterface({ input: app.stdout })
      .on("line", (line) => {
        const address = /^ready (http\S+)/.exec(line)?.[1];
        if (address !== undefined) resolve(address.replace(/\/$/, ""));
      })
      .on("close", () => reject(new Error("the program ended before it was ready")));
  });
}

async function fetchOk(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response;
}

function within(limitMs, promise, sentence) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${sentence} within ${limitMs / 1000} s`)), limitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
