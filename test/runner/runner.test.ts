import { afterEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { systemClock } from "../../src/lib/clock.ts";
import { createLog } from "../../src/lib/log.ts";
import { createControlPlane } from "../../src/runner/client.ts";
import type { RunEngine } from "../../src/runner/execute.ts";
import { startRunner, type RunningRunner } from "../../src/runner/runner.ts";
import { eventually } from "../support/eventually.ts";
import {
  errorResponse,
  RUNNER_ID,
  RUNNER_KEY,
  startFakeControlPlane,
  type FakeControlPlane,
} from "../support/fake-control-plane.ts";
import {
  endlessRun,
  passedEvent,
  quickRun,
  scriptedEngine,
  startedEvent,
  stepFinished,
  stepStarted,
} from "../support/scripted-engine.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function setUp(options: {
  engine?: RunEngine;
  concurrency?: number;
  heartbeatSeconds?: number;
  dataDir?: string;
  runnerKey?: string;
  fake?: FakeControlPlane;
}): Promise<{ fake: FakeControlPlane; runner: RunningRunner; lines: string[]; dataDir: string }> {
  const fake = options.fake ?? startFakeControlPlane({ heartbeatSeconds: options.heartbeatSeconds ?? 10 });
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "runner-test-")));
  const lines: string[] = [];
  const controlPlane = createControlPlane({
    server: fake.url,
    runnerId: RUNNER_ID,
    runnerKey: options.runnerKey ?? RUNNER_KEY,
  });
  const runner = startRunner(
    {
      runnerId: RUNNER_ID,
      dataDir,
      concurrency: options.concurrency ?? 2,
      hostname: "host",
      osType: "linux",
      deliverMs: 1_000,
    },
    {
      controlPlane,
      engine: options.engine ?? scriptedEngine(() => quickRun()),
      clock: systemClock,
      log: createLog({
        write: (line) => void lines.push(line),
        now: () => systemClock.now(),
        format: "json",
        level: "debug",
      }),
    },
  );
  cleanups.push(async () => {
    runner.cancel();
    await runner.finished.catch(() => undefined);
    await controlPlane.close();
    await fake.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  return { fake, runner, lines, dataDir };
}

const spoolFiles = async (dataDir: string): Promise<string[]> =>
  (await readdir(dataDir, { recursive: true })).filter((name) => name.endsWith(".jsonl"));

test("an assignment is executed and its events arrive in order, with the end last", async () => {
  const { fake, dataDir } = await setUp({ engine: scriptedEngine(() => quickRun(1200)) });

  const { runId } = fake.queue({});

  await eventually(() => fake.isFinished(runId));
  const seqs = fake.stored.get(runId)?.map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from({ length: 1202 }, (_, index) => index + 1));
  expect(fake.batches.length).toBeGreaterThan(2);
  await eventually(async () => (await spoolFiles(dataDir)).length === 0);
});

test("events that are refused with 5xx, garbage or 429 are sent again until they are stored", async () => {
  const { fake } = await setUp({});
  const misbehaviours = [
    () => errorResponse(503, "unavailable"),
    () => new Response("<html>"),
    () => errorResponse(429, "rate_limited"),
    () => new Response("bad gateway", { status: 404 }),
  ];
  fake.intercept = (call) => (call === "events" ? misbehaviours.shift()?.() : undefined);

  const { runId } = fake.queue({});

  await eventually(() => fake.isFinished(runId));
  expect(misbehaviours).toHaveLength(0);
  expect(fake.stored.get(runId)).toHaveLength(3);
});

test("a control plane that goes away in the middle of a run gets every event once it is back", async () => {
  const gate = Promise.withResolvers<void>();
  const { fake, lines } = await setUp({
    engine: scriptedEngine(async function* () {
      yield* startOf(quickRun(3), 2);
      await gate.promise;
      yield* restOf(quickRun(3), 2);
    }),
  });
  const { runId } = fake.queue({});
  await eventually(() => fake.stored.get(runId)?.length === 2);

  await fake.stop();
  gate.resolve();
  await eventually(() => lines.some((line) => line.includes("control plane does not answer")));
  fake.start();

  await eventually(() => fake.isFinished(runId));
  expect(fake.stored.get(runId)?.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  await eventually(() => lines.some((line) => line.includes("control plane is back")));
});

test("a step that is too large is delivered without its details", async () => {
  const { fake } = await setUp({
    engine: scriptedEngine(async function* () {
      yield startedEvent;
      yield stepFinished(2, "x".repeat(100_000));
      yield passedEvent(3);
    }),
  });
  fake.intercept = (call, body) =>
    call === "events" && JSON.stringify(body).length > 50_000 ? errorResponse(413, "too_large") : undefined;

  const { runId } = fake.queue({});

  await eventually(() => fake.isFinished(runId));
  expect(fake.stored.get(runId)?.[1]).toMatchObject({
    step: {
      assertions: [{ name: "ok", status: "passed" }],
      response: { code: 200, body: { bytes: 100_000, truncated: true } },
      console: [{ level: "warn" }],
    },
  });
});

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
  const second = fake.queue({});
  gate.resolve();
  await runner.finished;

  expect(fake.isFinished(first.runId)).toBe(true);
  expect(fake.stored.has(second.runId)).toBe(false);
  expect(fake.deregistered).toHaveLength(1);
});

test("cancel reports what runs as aborted and then stops", async () => {
  const { fake, runner } = await setUp({ engine: scriptedEngine((_, signal) => endlessRun(signal)) });
  const { runId } = fake.queue({});
  await eventually(async () => (await runner.status()).executing === 1);

  runner.cancel();
  await runner.finished;

  expect(fake.stored.get(runId)?.at(-1)).toMatchObject({ summary: { outcome: "aborted" } });
});

test("secret values of the environment reach the engine and nobody after it", async () => {
  const seen: unknown[] = [];
  const { fake } = await setUp({
    engine: scriptedEngine(async function* (input) {
      seen.push(input.environment?.values);
      yield* startOf(quickRun(), 1);
      yield stepStarted(2, "with s3cr3t-value inside");
      yield* restOf(quickRun(), 2);
    }),
  });
  const values = [{ key: "token", value: "s3cr3t-value", type: "secret", enabled: true }];

  const { runId } = fake.queue({ environment: { id: "e", name: "env", values } });

  await eventually(() => fake.isFinished(runId));
  expect(seen).toEqual([values]);
  expect(JSON.stringify(fake.stored.get(runId))).not.toContain("s3cr3t-value");
});

test("an engine that breaks is reported as errored, with the events before it", async () => {
  const { fake } = await setUp({
    engine: scriptedEngine(async function* () {
      yield* startOf(quickRun(), 1);
      throw new Error("boom");
    }),
  });

  const { runId } = fake.queue({});

  await eventually(() => fake.isFinished(runId));
  expect(fake.stored.get(runId)?.at(-1)).toMatchObject({
    seq: 2,
    summary: { outcome: "errored", reason: "internal" },
  });
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

async function* startOf<T>(events: AsyncIterable<T>, count: number): AsyncIterable<T> {
  let seen = 0;
  for await (const event of events) if (seen++ < count) yield event;
}

async function* restOf<T>(events: AsyncIterable<T>, count: number): AsyncIterable<T> {
  let seen = 0;
  for await (const event of events) if (seen++ >= count) yield event;
}
