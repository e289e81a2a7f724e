import { afterAll, expect, test } from "bun:test";

import { createEngine } from "../../../src/engine/engine.ts";
import { testHost } from "../sandbox/support.ts";
import { runItems, startServer } from "../support.ts";

const engine = createEngine({
  scripts: testHost(),
  gate: { check: ({ url }) => Promise.resolve({ allowed: !url.includes("denied"), detail: "rule 7" }) },
});
afterAll(() => engine.close());

const before = (exec: string) => [{ listen: "prerequest", script: { exec } }];

test("a request that a script ran and that was denied is an error of the step, caught or not", async () => {
  await using server = await startServer();
  const denied = { id: "other", name: "Other", request: `${server.url}/denied` };
  const asking = {
    name: "Asking",
    request: server.url,
    event: before(`try { await pm.execution.runRequest("other"); } catch {}`),
  };

  const { steps, summary } = await runItems([asking, denied], { engine, options: { bail: "folder" } });

  expect(steps[0]?.errors).toMatchObject([
    { kind: "egress_denied", phase: "prerequest", message: "blocked by policy: rule 7" },
  ]);
  expect(summary).toMatchObject({ outcome: "errored", reason: "egress_denied" });
});

test("a script that is denied a thousand times has one error and a console of limited size", async () => {
  await using server = await startServer();
  const asking = {
    name: "Asking",
    request: server.url,
    event: before(
      `await Promise.all(Array.from({ length: 1000 }, () => pm.sendRequest("${server.url}/denied").catch(() => {})));`,
    ),
  };

  const { steps } = await runItems([asking], { engine, options: { maxConsoleBytes: 1000 } });

  expect(steps[0]?.errors).toHaveLength(1);
  expect(JSON.stringify(steps[0]?.console).length).toBeLessThan(5000);
  expect(steps[0]?.response?.code).toBe(200);
});
