import { beforeAll, expect, test } from "bun:test";

import type { Database } from "../../db/connect.ts";
import type { RunEvent, Step } from "../../src/contract/events.ts";
import { headOf } from "../../src/contract/step-head.ts";
import { createEventStore } from "../../src/runs/ingest.ts";
import { packEvents, unpackHeads } from "../../src/runs/packed-events.ts";
import { listStepHeads, readStepsOf } from "../../src/runs/step-heads.ts";
import { testDatabase } from "../support/database.ts";
import { createMake } from "../support/make.ts";
import { passedSummary } from "../support/scripted-engine.ts";
import { step } from "../web/samples.ts";

let database: Database;
let make: ReturnType<typeof createMake>;
beforeAll(async () => {
  database = await testDatabase();
  make = createMake(database);
});

const eventsOf = (steps: Step[], firstSeq = 1): RunEvent[] =>
  steps.map((finished, index) => ({ seq: firstSeq + index, type: "step_finished", step: finished }));

const large = (position: number) =>
  step({
    position,
    response: {
      code: 200,
      status: "OK",
      headers: [],
      body: { bytes: 64_000, text: "x".repeat(64_000) },
      wireBytes: 1,
      httpVersion: "1.1",
    },
  });

test("a head counts what a page shows of a step before it is opened", () => {
  const head = headOf(
    step({
      console: [
        { level: "log", atMs: 1, messages: ["a", "bc"] },
        { level: "clear", atMs: 2, messages: [] },
        { level: "warn", atMs: 3, messages: ["d"] },
      ],
    }),
  );

  expect(head).toMatchObject({ status: "failed", code: 500, method: "POST", bytes: 28 });
  expect(head.assertions).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(head.lines).toEqual({ log: 1, warn: 1 });
});

test.each([
  [{ errors: [{ kind: "dns", phase: "request", name: "Error", message: "" }] }, "errored"],
  [{ errors: [{ kind: "target", phase: "request", name: "Error", message: "" }] }, "failed"],
  [{}, "failed"],
  [{ assertions: [], skipped: true }, "skipped"],
  [{ assertions: [] }, "passed"],
] as const)("a step with %j is %s", (change, status) => {
  expect(headOf(step(structuredClone(change) as Partial<Step>)).status).toBe(status);
});

test("heads are kept apart only where they save reading", () => {
  const small = packEvents(eventsOf([step({ position: 1 })]));
  const big = packEvents(eventsOf([large(1), large(2)]));

  expect(small.heads).toBeNull();
  expect(unpackHeads(small).map(({ position }) => position)).toEqual([1]);
  expect(unpackHeads({ events: null, heads: big.heads })).toEqual([headOf(large(1)), headOf(large(2))]);
});

test("heads of all batches come in the order of the steps, and lead to them", async () => {
  const run = await make.run({ attempt: 1 });
  await make.events(run.id, 1, eventsOf([step({ position: 3, name: "third" })], 30));
  await make.events(run.id, 1, eventsOf([large(1), large(2)], 10));
  await make.events(
    run.id,
    1,
    eventsOf([], 50).concat({ seq: 50, type: "run_started", collectionName: "", stepsPlanned: 3 }),
  );

  const { heads, hidden } = await listStepHeads(database, { runId: run.id });
  const steps = await readStepsOf(
    database,
    { runId: run.id },
    heads.filter(({ position }) => position !== 2),
  );

  expect(heads.map(({ position, batch }) => [position, batch])).toEqual([
    [1, 10],
    [2, 10],
    [3, 30],
  ]);
  expect(hidden).toBe(0);
  expect([...steps.keys()].toSorted((left, right) => left - right)).toEqual([1, 3]);
  expect(steps.get(3)?.name).toBe("third");
});

test("what is beyond the limit is counted", async () => {
  const run = await make.run({ attempt: 1 });
  await make.events(run.id, 1, eventsOf([1, 2, 3, 4, 5].map((position) => step({ position }))));

  const { heads, hidden } = await listStepHeads(database, { runId: run.id }, 2);

  expect(heads.map(({ position }) => position)).toEqual([1, 2]);
  expect(hidden).toBe(3);
});

test("an earlier attempt has its own steps", async () => {
  const run = await make.run({ attempt: 2 });
  await make.events(run.id, 1, eventsOf([step({ position: 1, name: "before" })]));
  await make.events(run.id, 2, eventsOf([step({ position: 1, name: "after" })]));

  const [last, first] = await Promise.all([
    listStepHeads(database, { runId: run.id }),
    listStepHeads(database, { runId: run.id, attempt: 1 }),
  ]);

  expect(last.heads.map(({ name }) => name)).toEqual(["after"]);
  expect(first.heads.map(({ name }) => name)).toEqual(["before"]);
});

test.each([
  ["at once", 3],
  ["in parts", 2],
])("a run that reports %s leaves the heads of its large steps", async (_, batch) => {
  const runner = await make.runner();
  const run = await make.run({ status: "leased", attempt: 1, runnerId: runner.id, claimedAt: new Date() });
  const store = createEventStore(database);
  const events: RunEvent[] = [
    { seq: 1, type: "run_started", collectionName: "Books", stepsPlanned: 1 },
    ...eventsOf([large(1)], 2),
    { seq: 3, type: "run_finished", summary: { ...passedSummary } },
  ];

  for (const part of [events.slice(0, batch), events.slice(batch)]) {
    if (part.length > 0) await store({ runId: run.id, runnerId: runner.id, attempt: 1, events: part });
  }

  const [row] = await database.sql`select convert_from(heads, 'utf8') as text from run_events
                                    where run_id = ${run.id} and heads is not null`;
  expect(JSON.parse(String(row?.["text"]))).toEqual([headOf(large(1))]);
  expect((await listStepHeads(database, { runId: run.id })).heads).toEqual([
    { ...headOf(large(1)), batch: 1 },
  ]);
});
