import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { dropOldInputs, sealInput } from "../../src/runs/execution-input.ts";
import { triggerExecution } from "../../src/runs/trigger.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { instanceOf } from "./harness.ts";

setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const start = async (input?: Record<string, unknown>) => {
  const monitor = await api.make.monitor();
  const sealedInput = input && sealInput(api.deps.secretBox, input);
  const { id } = await triggerExecution(api.deps, {
    monitorId: monitor.id,
    trigger: "webhook",
    triggeredBy: null,
    ...(sealedInput && { sealedInput }),
  });
  const instance = instanceOf(api.app, await api.make.runner());
  await instance.register();
  return { id, instance };
};

test("the input of an execution goes to the instance that claims its run, and to nobody else", async () => {
  const { instance } = await start({ version: "1.4.2" });

  const [assignment] = await instance.claim();

  // Typed by what most tests of the queue look at.
  const { sealedData = "" } = (assignment ?? {}) as { sealedData?: string };
  expect(JSON.stringify(assignment)).not.toContain("1.4.2");
  expect(JSON.parse(instance.keys.open(sealedData))).toEqual({ version: "1.4.2" });
});

test("an execution without input carries none", async () => {
  const { instance } = await start();

  const [assignment] = await instance.claim();

  expect(assignment).toBeDefined();
  expect(assignment).not.toHaveProperty("sealedData");
});

test("an input is kept for a day", async () => {
  const [old, young] = [await start({ a: 1 }), await start({ a: 2 })];
  const { sql } = api.database;
  await sql`update execution_inputs set created_at = now() - interval '25 hours' where execution_id = ${old.id}`;

  await dropOldInputs(api.database);

  const rows = await sql<{ id: string }[]>`select execution_id as id from execution_inputs
    where execution_id in (${old.id}, ${young.id})`;
  expect(rows.map(({ id }) => id)).toEqual([young.id]);
});
