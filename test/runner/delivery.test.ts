import { afterEach, expect, test } from "bun:test";
import { mkdir, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { systemClock } from "../../src/lib/clock.ts";
import { newId } from "../../src/lib/ids.ts";
import { eventually } from "../support/eventually.ts";
import { errorResponse, RUNNER_ID } from "../support/fake-control-plane.ts";
import {
  newDataDir,
  spoolFiles,
  startRunnerAtWork,
  type RunnerAtWork,
  type RunnerAtWorkOptions,
} from "../support/runner-at-work.ts";
import {
  passedEvent,
  quickRun,
  restOf,
  scriptedEngine,
  startedEvent,
  startOf,
  stepFinished,
  stepStarted,
} from "../support/scripted-engine.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function setUp(options: RunnerAtWorkOptions): Promise<RunnerAtWork> {
  const work = await startRunnerAtWork(options);
  cleanups.push(() => work.stop());
  return work;
}

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

test("results that a dead instance left are sent, unless they are older than 24 hours", async () => {
  const dataDir = await newDataDir();
  const folder = join(dataDir, "spool", RUNNER_ID, newId());
  await mkdir(folder, { recursive: true });
  const [fresh, old, garbage] = [newId(), newId(), newId()];
  for (const runId of [fresh, old])
    await writeFile(join(folder, `${runId}-3.jsonl`), `${JSON.stringify(startedEvent)}\n{"seq":2,"ty`);
  await writeFile(join(folder, `${garbage}-1.jsonl`), "\0\0\0");
  const dayAgo = new Date(systemClock.now().getTime() - 25 * 60 * 60 * 1000);
  await utimes(join(folder, `${old}-3.jsonl`), dayAgo, dayAgo);

  const { fake, lines } = await setUp({ dataDir });

  await eventually(() => fake.stored.get(fresh)?.length === 1);
  await eventually(async () => (await spoolFiles(dataDir)).length === 0);
  expect([fake.stored.has(old), fake.stored.has(garbage)]).toEqual([false, false]);
  expect(lines.some((line) => line.includes("older than 24 hours") && line.includes(old))).toBe(true);
});

test("a last batch of which only the beginning is stored is sent again from there", async () => {
  const { fake } = await setUp({});
  let isFirst = true;
  fake.intercept = (call) => {
    if (call !== "events" || !isFirst) return undefined;
    isFirst = false;
    return Response.json({ acknowledgedSeq: 1, cancel: false });
  };

  const { runId } = fake.queue({});

  await eventually(() => fake.isFinished(runId));
  expect(fake.stored.get(runId)?.map(({ seq }) => seq)).toEqual([2, 3]);
});

test("a spool that somebody destroys costs its own run only", async () => {
  const { fake, lines, dataDir } = await setUp({});
  fake.intercept = (call) => (call === "events" ? errorResponse(503, "unavailable") : undefined);
  fake.queue({});
  const [name = ""] = await eventually(async () => {
    const names = await spoolFiles(dataDir);
    return names.length > 0 && names;
  });
  await eventually(() => lines.some((line) => line.includes("run finished")));
  await eventually(() => lines.some((line) => line.includes("control plane does not answer")));

  await truncate(join(dataDir, name));
  let isFirst = true;
  fake.intercept = (call) => {
    if (call !== "events" || !isFirst) return undefined;
    isFirst = false;
    return Response.json({ acknowledgedSeq: 1, cancel: false });
  };
  await eventually(() => lines.some((line) => line.includes("result lost")));
  const next = fake.queue({});

  await eventually(() => fake.isFinished(next.runId));
});
