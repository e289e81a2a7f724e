import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { descendantsOf, isAlive, startApp, stopEverything, temporaryFolder } from "../support/processes.ts";

/** Makes a database, and waits for the first run. */
const START_LIMIT_MS = 45_000;

setDefaultTimeout(120_000);
afterAll(stopEverything);

async function startDemo(dataDir: string, env: Record<string, string> = {}) {
  const demo = startApp(["demo", "--data-dir", dataDir, "--port", "47600"], { env });
  await demo.find(/Ctrl\+C stops everything/, START_LIMIT_MS);
  return demo;
}

const passwordIn = (output: string) => /password\s+(\S+)/.exec(output)?.[1];

test("the demo runs its monitor, shows the result, leaves no process, and finds its data again", async () => {
  const dataDir = join(temporaryFolder(), "data");

  const first = await startDemo(dataDir);
  const children = descendantsOf(first.pid);
  first.kill("SIGINT");
  const firstEnd = await first.ended;
  const second = await startDemo(dataDir);
  const secondEnd = await second.stop();

  expect(first.output()).toMatch(/✓ Sales report \(slow\)\s+200\s+\d+ ms\s+2 of 2 assertions/);
  expect(first.output()).toContain("First run of");
  expect(firstEnd).toBe(0);
  expect(children.length).toBeGreaterThanOrEqual(3);
  expect(children.filter(isAlive)).toEqual([]);
  expect(passwordIn(second.output())).toBe(passwordIn(first.output()) ?? "");
  expect(secondEnd).toBe(0);
}, 120_000);

test("everything ends when the demo is killed", async () => {
  const demo = await startDemo(join(temporaryFolder(), "data"));
  const children = descendantsOf(demo.pid);

  demo.kill("SIGKILL");
  await demo.ended;

  expect(children.length).toBeGreaterThanOrEqual(3);
  await eventually(() => children.every((pid) => !isAlive(pid)), { everyMs: 100 });
}, 120_000);

test("everything ends when npm, which tells nobody, is ended", async () => {
  const root = join(import.meta.dir, "../..");
  const dataDir = join(temporaryFolder(), "data");
  // What npm starts: its shell waits for the script and passes no signal on.
  const script = `node .ci/start.mjs --data-dir '${dataDir}' --port 47600; true`;
  const shell = Bun.spawn(["sh", "-c", script], {
    cwd: root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const decoder = new TextDecoder();
  for await (const chunk of shell.stdout) {
    output += decoder.decode(chunk, { stream: true });
    if (output.includes("Ctrl+C stops everything")) break;
  }
  const children = descendantsOf(shell.pid);

  shell.kill("SIGTERM");

  expect(children.length).toBeGreaterThanOrEqual(4);
  await eventually(() => children.every((pid) => !isAlive(pid)), { everyMs: 100 });
}, 120_000);

test("a proxy of the machine does not come between the parts of the demo", async () => {
  const proxy = "http://127.0.0.1:9";

  const demo = await startDemo(join(temporaryFolder(), "data"), { HTTP_PROXY: proxy, http_proxy: proxy });
  await demo.stop();

  expect(demo.output()).toMatch(/First run of .*: passed/);
}, 120_000);
