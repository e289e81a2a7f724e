import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { triggerExecution } from "../../src/runs/trigger.ts";
import { instanceOf } from "../runs/harness.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

interface Drainable {
  drain?: boolean;
}

async function stage() {
  const runner = await api.make.runner();
  const [one, other] = [instanceOf(api.app, runner), instanceOf(api.app, runner)];
  await one.register();
  await other.register();
  const monitor = await api.make.monitor();
  await api.database.sql`insert into monitor_runners values (${monitor.id}, ${runner.id})`;
  const trigger = () =>
    triggerExecution(api, { monitorId: monitor.id, trigger: "manual", triggeredBy: null });
  const claim = async (instanceId: string, waitSeconds: number) => {
    const answer = await one.post("/runner/v1/claim", { instanceId, free: 1, waitSeconds });
    return (await answer.json()) as Drainable & { assignments: { runId: string }[] };
  };
  return { runner, one, other, trigger, claim };
}

test("an instance that is drained gets no run, another of its runner does", async () => {
  const { runner, one, other, trigger, claim } = await stage();
  await api.call("POST", `/runners/${runner.id}/instances/${one.id}/drain`);

  const { runIds } = await trigger();

  expect(await claim(one.id, 5)).toEqual({ assignments: [], drain: true });
  expect((await claim(other.id, 5)).assignments.map(({ runId }) => runId)).toEqual(runIds);
});

test("a claim that waits is answered as soon as its instance is drained", async () => {
  const { runner, one, claim } = await stage();
  const startedMs = performance.now();
  const claiming = claim(one.id, 25);

  await api.call("POST", `/runners/${runner.id}/instances/${one.id}/drain`);

  expect(await claiming).toEqual({ assignments: [], drain: true });
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});

test("a heartbeat says it, too, and the lease is renewed all the same", async () => {
  const { runner, one, trigger } = await stage();
  await trigger();
  const [run] = await one.claim();
  await api.call("POST", `/runners/${runner.id}/drain`);

  const answer = await one.post("/runner/v1/heartbeat", {
    instanceId: one.id,
    clock: "2026-01-01T00:00:00Z",
    runs: [{ runId: run?.runId, attempt: run?.attempt }],
  });

  expect(await answer.json()).toEqual({ cancel: [], lost: [], drain: true });
});

test("draining a runner asks all its instances and is shown with them", async () => {
  const { runner } = await stage();

  const answer = await api.call("POST", `/runners/${runner.id}/drain`);

  expect([answer.status, answer.body.draining]).toEqual([200, 2]);
  const { body } = await api.call("GET", `/runners/${runner.id}/instances`);
  expect(body.data.map((instance: { draining: boolean }) => instance.draining)).toEqual([true, true]);
});

test("an instance that drains by itself is answered and marked", async () => {
  const { runner, one, claim } = await stage();
  const claiming = claim(one.id, 25);

  expect((await one.post("/runner/v1/drain", { instanceId: one.id })).status).toBe(200);

  expect((await claiming).drain).toBe(true);
  const { body } = await api.call("GET", `/runners/${runner.id}/instances`);
  expect(body.data.find((instance: { id: string }) => instance.id === one.id)).toMatchObject({
    draining: true,
  });
});

test("another runner's instance, and one that is none, cannot be drained", async () => {
  const { runner, one } = await stage();
  const stranger = await stage();

  const byApi = await api.call("POST", `/runners/${stranger.runner.id}/instances/${one.id}/drain`);
  const byRunner = await stranger.one.post("/runner/v1/drain", { instanceId: one.id });
  const nonsense = await api.call("POST", `/runners/${runner.id}/instances/x/drain`);

  expect([byApi.status, byRunner.status, nonsense.status]).toEqual([404, 404, 404]);
});

test("a self-test is shown with its instance: how it went, and why it failed", async () => {
  const { runner, one, other } = await stage();
  await one.post("/runner/v1/self-test", { instanceId: one.id, failure: null });
  await other.post("/runner/v1/self-test", { instanceId: other.id, failure: "Scripts do not run here." });

  const { body } = await api.call("GET", `/runners/${runner.id}/instances`);

  const shown = new Map(body.data.map((row: { id: string; selfTest: unknown }) => [row.id, row.selfTest]));
  expect(shown.get(one.id)).toMatchObject({ passed: true, detail: null });
  expect(shown.get(other.id)).toMatchObject({ passed: false, detail: "Scripts do not run here." });
});
