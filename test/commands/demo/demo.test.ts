import { afterAll, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";

import { startBookshop } from "../../../src/commands/demo/bookshop.ts";
import { demoCollection, demoEnvironment } from "../../../src/commands/demo/collection.ts";
import { freePort } from "../../../src/commands/demo/port.ts";
import { formatRun } from "../../../src/commands/demo/report.ts";
import { loadState, saveState } from "../../../src/commands/demo/state.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { stopEverything, temporaryFolder } from "../../support/processes.ts";

const newman = join(import.meta.dir, "../../../node_modules/newman/bin/newman.js");
const login = { user: "clerk", password: "open sesame" };

afterAll(stopEverything);

/** Exit code of Postman's own runner. */
async function runNewman(environment: unknown): Promise<{ code: number; output: string }> {
  const folder = temporaryFolder();
  await Bun.write(join(folder, "collection.json"), JSON.stringify(demoCollection));
  await Bun.write(join(folder, "environment.json"), JSON.stringify(environment));
  const child = Bun.spawn(["node", newman, "run", "collection.json", "-e", "environment.json"], {
    cwd: folder,
    stdout: "pipe",
  });
  const output = await child.stdout.text();
  return { code: await child.exited, output };
}

test("the demo's collection passes in Postman's own runner", async () => {
  const bookshop = startBookshop(login, systemClock);

  const { code, output } = await runNewman(demoEnvironment({ url: bookshop.url, ...login }));
  await bookshop.stop();

  expect(output).toMatch(/requests │\s+8 │\s+0/);
  expect(output).toMatch(/assertions │\s+18 │\s+0/);
  expect(code).toBe(0);
});

test("the demo's collection fails when the clerk's password is wrong", async () => {
  const bookshop = startBookshop(login, systemClock);

  const { code } = await runNewman(demoEnvironment({ url: bookshop.url, user: "clerk", password: "wrong" }));
  await bookshop.stop();

  expect(code).toBe(1);
});

test("the password of the environment is a secret", () => {
  const { values } = demoEnvironment({ url: "http://127.0.0.1:1", ...login });

  expect(values.find(({ key }) => key === "password")).toMatchObject({
    type: "secret",
    value: login.password,
  });
});

test("a second start finds the state of the first, and only its owner can read it", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const first = await loadState(dataDir);
  await saveState(dataDir, { ...first, apiKey: "PMAK-1" });

  const second = await loadState(dataDir);

  expect(second).toEqual({ ...first, apiKey: "PMAK-1" });
  expect(statSync(join(dataDir, "demo.json")).mode & 0o777).toBe(0o600);
});

test("a damaged state is refused with one sentence that names the file", async () => {
  const dataDir = temporaryFolder();
  await Bun.write(join(dataDir, "demo.json"), '{"email":');

  await expect(loadState(dataDir)).rejects.toThrow(`${join(dataDir, "demo.json")} is damaged`);
});

test("a taken port gives way to the next free one", () => {
  const taken = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });

  const port = freePort(taken.port ?? 0);
  void taken.stop(true);

  expect(port).toBeGreaterThan(taken.port ?? 0);
});

test("the first run is told step by step, with what failed below its step", () => {
  const lines = formatRun({
    monitorName: "Shop",
    runnerName: "Here",
    outcome: "failed",
    steps: [
      { name: "Health", status: 200, ms: 3.4, assertions: [{ name: "open", passed: true }], errors: [] },
      {
        name: "Order",
        status: 500,
        ms: 12,
        assertions: [{ name: "paid", passed: false, message: "expected 500 to equal 201" }],
        errors: [],
      },
      { name: "Report", assertions: [], errors: ["connection refused"] },
    ],
  });

  expect(lines).toEqual([
    'First run of "Shop" on "Here": failed',
    "",
    "  ✓ Health  200     3 ms  1 of 1 assertions",
    "  ✗ Order   500    12 ms  0 of 1 assertions",
    "      ✗ paid: expected 500 to equal 201",
    "  ✗ Report  no answer  0 of 0 assertions",
    "      ✗ connection refused",
  ]);
});
