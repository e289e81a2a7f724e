import { afterAll, expect, test } from "bun:test";

import { instanceUsage } from "../../src/contract/runner.ts";
import { createUsageMeter } from "../../src/runner/usage.ts";
import { testHost } from "../engine/sandbox/support.ts";
import { noCallbacks, scriptRequest } from "../engine/sandbox/support.ts";

const scripts = testHost({ maxIdle: 0 });
afterAll(() => scripts.close());

const loop = (ms: number) => `const end = Date.now() + ${ms}; while (Date.now() < end);`;

test("what scripts use counts, while their processes live and after they have ended", async () => {
  const session = await scripts.open();
  const before = scripts.processes().cpuSeconds;

  await session.execute(scriptRequest(loop(300)), noCallbacks, { timeoutMs: 20_000, maxConsoleBytes: 100 });
  const alive = scripts.processes().cpuSeconds;
  await session.close();
  const ended = scripts.processes();

  expect(alive).toBeGreaterThan(before + 0.1);
  expect(ended.cpuSeconds).toBeGreaterThanOrEqual(alive - 0.02);
});

test("the share of processors is between none and all, whatever was read", () => {
  let cpuSeconds = 1e6;
  const meter = createUsageMeter(() => ({ residentBytes: 5_000_000_000, cpuSeconds }));

  cpuSeconds = 2e6;
  const busy = meter();
  cpuSeconds = 0;
  const idle = meter();

  expect(busy.cpuShare).toBe(1);
  expect(idle.cpuShare).toBe(0);
  expect(busy.memoryBytes).toBeGreaterThan(5_000_000_000);
  expect(instanceUsage.safeParse(busy).success).toBe(true);
});

test("each measurement is about the time since the last one", () => {
  const meter = createUsageMeter();
  const end = performance.now() + 200;
  while (performance.now() < end);

  expect(meter().cpuShare).toBeGreaterThan(0);
});
