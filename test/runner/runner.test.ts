import { afterEach, expect, test } from "bun:test";

import { DROP } from "../../src/runner/execute.ts";
import { eventually } from "../support/eventually.ts";
import { errorResponse, startFakeControlPlane } from "../support/fake-control-plane.ts";
import {
  spoolFiles,
  startRunnerAtWork,
  type RunnerAtWork,
  type RunnerAtWorkOptions,
} from "../support/runner-at-work.ts";
import { endlessRun, quickRun, scriptedEngine, startOf, stepStarted } from "../support/scripted-engine.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function setUp(options: RunnerAtWorkOptions): Promise<RunnerAtWork> {
  const work = await startRunnerAtWork(options);
  cleanups.push(() => work.stop());
  return work;
}

test("a wrong key stops the runner with one sentence", async () => {
  const { runner } = await setUp({ runnerKey: "sprk_wrong" });

  const error: unknown = await runner.finished.catch((thrown: unknown) => thrown);

  expect(String(error)).toContain("The runner id or key is wrong");
});

test("no more runs than places are taken at a time, and a free place is filled at once", async () => {
  const stops: (() => void)[] = [];
  const { fake } = await setUp({
    concurrency: 2,
    engine: scriptedEngine(async function* () {
      await new Promise<void>((resolve) => stops.push(resolve));
      yield* quickRun();
    }),
  });
  fake.queue({});
  fake.queue({});
  const third = fake.queue({});
  await eventually(() => stops.length === 2);
  const claimsWhenFull = fake.claims.length;

  expect(fake.claims.map(({ free }) => free).every((free) => free <= 2)).toBe(true);
  stops[0]?.();

  await eventually(() => stops.length === 3);
  expect(fake.claims.length).toBeGreaterThan(claimsWhenFull);
  for (const stop of stops) stop();
  await eventually(() => fake.isFinished(third.runId));
});

test("a run that the control plane cancels is reported as aborted", async () => {
  const { fake } = await setUp({
    heartbeatSeconds: 0.02,
    engine: scriptedEngine((_, signal) => endlessRun(signal)),
  });
  const { runId } = fake.queue({});
  await eventually(() => fake.heartbeats.some(({ runs }) => runs.length === 1));

  fake.cancel = [{ runId, attempt: 1, reason: "asked" }];

  await eventually(() => fake.isFinished(runId));
  expect(fake.stored.get(runId)?.at(-1)).toMatchObject({ summary: { outcome: "aborted" } });
});

test.each(["heartbeat", "events"] as const)(
  "a lease lost, told by %s, stops the run without a report",
  async (by) => {
    const stopped = Promise.withResolvers<void>();
    const { fake, dataDir, runner } = await setUp({
      heartbeatSeconds: 0.02,
      engine: scriptedEngine(async function* (_, signal) {
        yield* startOf(quickRun(), 1);
        for await (const event of endlessRun(signal)) if (event.type === "run_finished") break;
        stopped.resolve();
        yield stepStarted(2);
      }),
    });
    if (by === "events")
      fake.intercept = (call) => (call === "events" ? errorResponse(409, "lease_lost") : undefined);
    const { runId } = fake.queue({});
    await eventually(() => fake.heartbeats.some(({ runs }) => runs.length === 1));

    if (by === "heartbeat") fake.lost = [{ runId, attempt: 1 }];

    await stopped.promise;
    await eventually(async () => (await runner.status()).held === 0);
    expect(await spoolFiles(dataDir)).toEqual([]);
    expect(fake.isFinished(runId)).toBe(false);
  },
);

test("drain finishes what runs, delivers it, takes nothing new and signs off", async () => {
  const gate = Promise.withResolvers<void>();
  const { fake, runner } = await setUp({
    engine: scriptedEngine(async function* () {
      await gate.promise;
      yield* quickRun();
    }),
  });
  const first = fake.queue({});
  await eventually(async () => (await runner.status()).executing === 1);

  runner.drain();
  await eventually(() => fake.drained.length === 1);
  const second = fake.queue({});
  gate.resolve();
  await runner.finished;

  expect(fake.isFinished(first.runId)).toBe(true);
  expect(fake.stored.has(second.runId)).toBe(false);
  expect(fake.deregistered).toHaveLength(1);
});

test("a run that is handed out in the very moment of draining is executed and delivered", async () => {
  const { fake, runner } = await setUp({});
  await eventually(() => fake.claims.length === 1);

  runner.drain();
  const { runId } = fake.queue({});
  await runner.finished;

  expect(fake.isFinished(runId)).toBe(true);
});

test("a control plane that asks an instance to drain gets its sign-off", async () => {
  const { fake, runner } = await setUp({});
  fake.intercept = (call) => (call === "claim" ? Response.json({ assignments: [], drain: true }) : undefined);

  await runner.finished;

  expect(fake.deregistered).toHaveLength(1);
});

test("an older control plane, which knows no drain, is left all the same", async () => {
  const { fake, runner } = await setUp({});
  fake.intercept = (call) => (call === "drain" ? errorResponse(404, "not_found") : undefined);
  await eventually(() => fake.claims.length === 1);

  runner.drain();
  await runner.finished;

  expect(fake.deregistered).toHaveLength(1);
});

test("a run that another instance would run again is stopped when its lease cannot be renewed", async () => {
  const aborted: unknown[] = [];
  const engine = scriptedEngine(async function* (_, signal) {
    try {
      yield* endlessRun(signal);
    } finally {
      aborted.push(signal.reason);
    }
  });
  const { fake, runner } = await setUp({ engine, heartbeatSeconds: 0.2 });
  const down = () => errorResponse(503, "unavailable");
  fake.intercept = (call) => (call === "heartbeat" || call === "events" ? down() : undefined);
  const rerun = fake.queue({ rerunsWhenLost: true, leaseSeconds: 0.4 });
  const other = fake.queue({ leaseSeconds: 0.4 });

  await eventually(() => aborted.length > 0);

  expect(aborted).toEqual([DROP]);
  const held = (await runner.status()).executing;
  expect(held).toBe(1);
  fake.intercept = () => undefined;
  runner.cancel();
  await runner.finished;
  expect(fake.stored.get(other.runId)?.at(-1)).toMatchObject({ type: "run_finished" });
  expect(fake.isFinished(rerun.runId)).toBe(false);
});

test("cancel reports what runs as aborted and then stops", async () => {
  const { fake, runner } = await setUp({ engine: scriptedEngine((_, signal) => endlessRun(signal)) });
  const { runId } = fake.queue({});
  await eventually(async () => (await runner.status()).executing === 1);

  runner.cancel();
  await runner.finished;

  expect(fake.stored.get(runId)?.at(-1)).toMatchObject({ summary: { outcome: "aborted" } });
});

test("an instance that the control plane has forgotten registers again", async () => {
  const { fake } = await setUp({});
  await eventually(() => fake.claims.length === 1);
  let forgotten = true;
  fake.intercept = (call) => {
    if (call === "register") forgotten = false;
    return call === "claim" && forgotten ? errorResponse(404, "not_found") : undefined;
  };

  fake.queue({});
  const { runId } = fake.queue({});

  await eventually(() => fake.isFinished(runId));
  const ids = fake.registered.map(({ uniqueId }) => uniqueId);
  expect(new Set(ids).size).toBe(1);
});

const otherProtocol = () =>
  Response.json(
    {
      error: {
        name: "bad_request",
        message: "This runner speaks protocol 1, the control plane 2; upgrade the runner.",
      },
    },
    { status: 400 },
  );

test("a control plane of another protocol stops the runner, which says what to upgrade", async () => {
  const fake = startFakeControlPlane();
  fake.intercept = otherProtocol;

  const { runner } = await setUp({ fake });

  const error: unknown = await runner.finished.catch((thrown: unknown) => thrown);
  expect(String(error)).toContain("upgrade the runner");
});

test("a control plane that speaks another protocol since its upgrade stops the runner as well", async () => {
  const { fake, runner } = await setUp({});
  await eventually(() => fake.claims.length === 1);
  fake.intercept = otherProtocol;
  fake.queue({});

  const error: unknown = await runner.finished.catch((thrown: unknown) => thrown);

  expect(String(error)).toContain("upgrade the runner");
});
