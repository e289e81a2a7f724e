import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { triggerExecution } from "../../src/runs/trigger.ts";
import { instanceOf } from "../runs/harness.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { eventually } from "../support/eventually.ts";

setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

interface Runner {
  id: string;
  key: string;
}

const create = async (): Promise<Runner> =>
  (await api.call("POST", "/runners", { runner: { name: "Cellar" } })).body.runner;

const reset = async ({ id }: Runner, graceSeconds?: number): Promise<Runner> => {
  const body = graceSeconds === undefined ? undefined : { runner: { graceSeconds } };
  return (await api.call("POST", `/runners/${id}/reset-key`, body)).body.runner;
};

const registers = async (runner: Runner): Promise<boolean> =>
  (await instanceOf(api.app, runner).register()).status === 200;

test("during the grace period both keys work", async () => {
  const old = await create();

  const renewed = await reset(old, 3600);

  expect([await registers(old), await registers(renewed)]).toEqual([true, true]);
});

test("without a grace period the old key ends at once", async () => {
  const old = await create();
  expect(await registers(old)).toBe(true);

  await reset(old);

  await eventually(async () => !(await registers(old)));
});

test("the old key ends when its time is over, even where it was remembered a moment ago", async () => {
  const old = await create();
  const renewed = await reset(old, 4);
  expect(await registers(old)).toBe(true);

  await eventually(async () => !(await registers(old)), { everyMs: 50 });

  expect(await registers(renewed)).toBe(true);
  const { body } = await api.call("GET", `/runners/${old.id}`);
  expect(body.runner.previousKey).toBeNull();
});

test("of three keys the oldest ends: two live ones at most", async () => {
  const first = await create();
  const second = await reset(first, 3600);
  const third = await reset(second, 3600);

  await eventually(async () => !(await registers(first)));

  expect([await registers(second), await registers(third)]).toEqual([true, true]);
});

test("it is shown which instances still use the old key, until when", async () => {
  const old = await create();
  const oldInstance = instanceOf(api.app, old);
  await oldInstance.register();
  const renewed = await reset(old, 3600);
  const newInstance = instanceOf(api.app, renewed);
  await newInstance.register();

  const { body } = await api.call("GET", `/runners/${old.id}`);
  const instances = await api.call("GET", `/runners/${old.id}/instances`);

  expect(body.runner.previousKey).toEqual({ expiresAt: expect.stringMatching(/Z$/), instances: 1 });
  const keys = instances.body.data.map((one: { id: string; key: string }) => [one.id, one.key]);
  expect(new Map(keys)).toEqual(
    new Map([
      [oldInstance.id, "previous"],
      [newInstance.id, "current"],
    ]),
  );
});

test("the old key can be ended before its time, once", async () => {
  const old = await create();
  const renewed = await reset(old, 3600);
  expect(await registers(old)).toBe(true);

  const ended = await api.call("DELETE", `/runners/${old.id}/previous-key`);

  expect(ended.body.runner.previousKey).toBeNull();
  await eventually(async () => !(await registers(old)));
  expect(await registers(renewed)).toBe(true);
  expect((await api.call("DELETE", `/runners/${old.id}/previous-key`)).status).toBe(409);
});

test("a claim that waits gets no run once its key has ended", async () => {
  const old = await create();
  const instance = instanceOf(api.app, old);
  await instance.register();
  const renewed = await reset(old, 3600);
  const monitor = await api.make.monitor();
  const claiming = instance.claim(1, 20).catch((error: unknown) => String(error));
  await api.call("DELETE", `/runners/${old.id}/previous-key`);
  await eventually(async () => !(await registers(old)));

  const { runIds } = await triggerExecution(api, {
    monitorId: monitor.id,
    trigger: "manual",
    triggeredBy: null,
  });

  expect(await claiming).toContain("401");
  const other = instanceOf(api.app, renewed);
  await other.register();
  expect((await other.claim(1, 5)).map(({ runId }) => runId)).toEqual(runIds);
});

test.each([
  ["less than nothing", -1],
  ["parts of a second", 0.5],
  ["more than thirty days", 30 * 24 * 3600 + 1],
  ["a word", "soon"],
])("a grace period of %s is refused by name", async (_case, graceSeconds) => {
  const runner = await create();

  const answer = await api.call("POST", `/runners/${runner.id}/reset-key`, { runner: { graceSeconds } });

  expect(answer.status).toBe(400);
  expect(answer.body.error.message).toContain("runner.graceSeconds");
  expect(await registers(runner)).toBe(true);
});

test("the audit trail says how long, and that a key was revoked", async () => {
  const runner = await create();
  await reset(runner, 60);
  await api.call("DELETE", `/runners/${runner.id}/previous-key`);

  const rows = await api.database.sql`
    select action, change from audit_records where subject_id = ${runner.id} order by id`;

  expect(rows.slice(1).map(({ action, change }) => [action, change])).toEqual([
    ["runner.key_reset", { graceSeconds: 60 }],
    ["runner.previous_key_revoked", null],
  ]);
});
