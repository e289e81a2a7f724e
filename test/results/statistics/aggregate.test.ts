import { beforeAll, describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import type { Database } from "../../../db/connect.ts";
import { aggregate, type AggregateRequest } from "../../../src/results/statistics/aggregate.ts";
import { classOf } from "../../../src/results/statistics/cells.ts";
import { countEndedRuns } from "../../../src/results/statistics/count.ts";
import { listRequestStatistics } from "../../../src/results/statistics/requests.ts";
import { listRunnerStatistics } from "../../../src/results/statistics/runners.ts";
import { testDatabase } from "../../support/database.ts";
import { createMake } from "../../support/make.ts";
import { phasesOf, storeHistory, type StoredRun } from "./history.ts";

let database: Database;
let make: ReturnType<typeof createMake>;
beforeAll(async () => {
  database = await testDatabase();
  make = createMake(database);
});

const hour = 3_600_000;
const start = new Date("2026-03-01T00:00:00Z");
const after = (ms: number) => new Date(start.getTime() + ms);
const day = { since: start, until: after(24 * hour) };

/** The same question, of single runs and of hours. */
const both = (monitorId: string, request: Partial<AggregateRequest> = {}) =>
  Promise.all(
    [true, false].map((isExact) =>
      aggregate(database, { monitorId, ...day, filter: {}, of: "runs", timings: true, isExact, ...request }),
    ),
  );

/** Lowest value that at least the share of all values do not exceed: the definition, the slow way. */
function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted.find((value) => sorted.filter((other) => other <= value).length >= share * sorted.length);
}

/** A percentile that was read from the histogram lies in the class of the true one. */
const sameClass = (found: number | null | undefined, exact: number | undefined) =>
  found === undefined || found === null ? exact === undefined : classOf(found) === classOf(exact ?? -1);

const oneRun = fc.record({
  atMs: fc.integer({ min: 0, max: 96 * hour - 1 }),
  outcome: fc.constantFrom("passed" as const, "failed" as const, "errored" as const, "aborted" as const),
  durationMs: fc.option(fc.integer({ min: 11, max: 90_000 })),
  trigger: fc.constantFrom("scheduled" as const, "manual" as const),
  steps: fc.array(
    fc.record({
      item: fc.constantFrom("a", "b"),
      ms: fc.option(fc.integer({ min: 11, max: 9000 })),
      failed: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
});

/** Parts of days at both ends, whole days between. */
const span = { since: after(5 * hour), until: after(83 * hour) };

/** What runs come to, added up the slow way. */
function addUp(history: readonly StoredRun[]) {
  const inSpan = history.filter(({ at }) => at >= span.since && at < span.until);
  const judged = inSpan.filter(({ outcome }) => outcome === "passed" || outcome === "failed");
  const answers = judged.flatMap(({ steps = [] }) => steps.flatMap(({ ms }) => ms ?? []));
  const ended = (outcome: StoredRun["outcome"]) => inSpan.filter((run) => run.outcome === outcome).length;
  return {
    durations: judged.flatMap(({ durationMs }) => durationMs ?? []),
    sums: {
      runs: inSpan.length,
      passed: ended("passed"),
      failed: ended("failed"),
      errored: ended("errored"),
      aborted: ended("aborted"),
      steps: inSpan.reduce((sum, { steps = [] }) => sum + steps.length, 0),
      timedRuns: judged.length,
      responseMs: answers.reduce((sum, ms) => sum + ms, 0),
      fastestMs: answers.length > 0 ? Math.min(...answers) : null,
      slowestMs: answers.length > 0 ? Math.max(...answers) : null,
      tlsMs: answers.length * phasesOf(50).tlsMs,
      firstByteMs: answers.reduce((sum, ms) => sum + ms - 10, 0),
    },
  };
}

test("whatever was run, single runs and the counts of hours and days agree with what one adds up by hand", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(oneRun, { minLength: 1, maxLength: 12 }), async (drawn) => {
      const monitor = await make.monitor();
      // One run is always in the span.
      const history = [{ atMs: 40 * hour, steps: [] }, ...drawn].map(({ atMs, ...run }): StoredRun => ({
        outcome: "passed",
        ...run,
        at: after(atMs),
      }));
      await storeHistory(database, monitor.id, history);
      await countEndedRuns(database);

      const { sums, durations } = addUp(history.map((run) => ({ durationMs: 100, ...run })));
      const [single, counted] = (await both(monitor.id, span)).map(([group]) => group);

      expect(single).toMatchObject(sums);
      expect(counted).toMatchObject(sums);
      const shares = { p50: 0.5, p95: 0.95, p99: 0.99 };
      for (const [name, share] of Object.entries(shares) as [keyof typeof shares, number][]) {
        expect(single?.[name] ?? undefined).toBe(percentile(durations, share));
        expect(sameClass(counted?.[name], percentile(durations, share))).toBe(true);
      }
    }),
    { numRuns: 12 },
  );
});

describe("a request", () => {
  test("is counted in each run once, and each time that it was sent", async () => {
    const monitor = await make.monitor();
    await storeHistory(database, monitor.id, [
      {
        at: after(10),
        steps: [
          { item: "a", ms: 100 },
          { item: "a", ms: 300, failed: true },
          { item: "b", ms: 50 },
        ],
      },
      { at: after(20), outcome: "errored", steps: [{ item: "a", ms: null, failed: true }] },
    ]);
    await countEndedRuns(database);
    const [row] = await database.sql<{ id: number }[]>`
      select id from monitor_requests where monitor_id = ${monitor.id} and item_id = 'a'`;

    const found = await both(monitor.id, { of: "request", filter: { requestId: row?.id } });

    for (const [group] of found) {
      // The failed one began in the first run with a passed one, so runs tell by their first time.
      expect(group).toMatchObject({
        runs: 2,
        steps: 3,
        stepsFailed: 2,
        responses: 2,
        responseMs: 400,
        p50: 100,
      });
    }
    expect(found.map(([group]) => group?.slowestMs)).toEqual([300, 300]);
  });

  test("has a row with its rate of errors, under the name that it had last", async () => {
    const monitor = await make.monitor();
    const step = (failed: boolean) => ({ item: "a", ms: 100, failed });
    await storeHistory(database, monitor.id, [
      ...[0, 1, 2].map((minute) => ({ at: after(minute * 60_000), steps: [step(false)] })),
      { at: after(hour), outcome: "failed" as const, steps: [step(true)] },
    ]);
    await countEndedRuns(database);
    await database.sql`update monitor_requests set name = 'Old name' where monitor_id = ${monitor.id}`;
    await storeHistory(database, monitor.id, [{ at: after(2 * hour), steps: [step(false)] }]);
    await countEndedRuns(database);

    const rows = await listRequestStatistics(database, { monitorId: monitor.id, plan: exact, filter: {} });

    expect(rows).toMatchObject([
      { name: "Request a", runs: 5, steps: 5, stepsFailed: 1, errorRate: 0.2, p95Ms: 100 },
    ]);
  });
});

const source = { ...day, isExact: true, bucketMs: hour };
const exact = { runs: source, totals: source, requests: source };
const counts = { ...source, isExact: false };
const hourly = { runs: counts, totals: counts, requests: counts };

describe("runners", () => {
  test("stand beside each other with uptime, p95 and their last result, whichever is filtered", async () => {
    const monitor = await make.monitor();
    const [berlin, paris] = [await make.runner({ name: "berlin" }), await make.runner({ name: "paris" })];
    const ids = await storeHistory(database, monitor.id, [
      { at: after(1000), runnerId: berlin.id, durationMs: 100 },
      { at: after(2000), runnerId: berlin.id, durationMs: 300, outcome: "failed" },
      { at: after(3000), runnerId: berlin.id, durationMs: 900, outcome: "errored" },
      { at: after(4000), runnerId: paris.id, durationMs: 200 },
      { at: after(5000), outcome: "errored", durationMs: null },
    ]);
    await countEndedRuns(database);

    for (const plan of [exact, hourly]) {
      const rows = await listRunnerStatistics(database, {
        monitorId: monitor.id,
        plan,
        filter: { runnerId: paris.id, result: "passed" },
      });

      expect(rows).toMatchObject([
        { name: "berlin", runs: 3, uptime: 0.5, p95Ms: 300, last: { runId: ids[2], outcome: "errored" } },
        { name: "no runner", runnerId: null, runs: 1, uptime: null, p95Ms: null, last: { runId: ids[4] } },
        { name: "paris", runs: 1, uptime: 1, p95Ms: 200, last: { runId: ids[3], outcome: "passed" } },
      ]);
    }
  });
});

test("filters by trigger, result and runner hold for single runs and for hours", async () => {
  const monitor = await make.monitor();
  const runner = await make.runner();
  await storeHistory(database, monitor.id, [
    { at: after(1000), runnerId: runner.id, durationMs: 100 },
    { at: after(2000), runnerId: runner.id, durationMs: 200, trigger: "webhook" },
    { at: after(3000), durationMs: 400, trigger: "webhook", outcome: "errored" },
    { at: after(hour), durationMs: 800, trigger: "webhook", outcome: "errored" },
  ]);
  await countEndedRuns(database);
  const runs = async (filter: AggregateRequest["filter"]) =>
    (await both(monitor.id, { filter })).map(([group]) => [group?.runs ?? 0, group?.p95 ?? null]);

  expect(await runs({ trigger: "webhook" })).toEqual([
    [3, 200],
    [3, 200],
  ]);
  expect(await runs({ trigger: "webhook", result: "errored" })).toEqual([
    [2, 800],
    [2, 800],
  ]);
  expect(await runs({ runnerId: runner.id, trigger: "scheduled" })).toEqual([
    [1, 100],
    [1, 100],
  ]);
  expect(await runs({ trigger: "cli" })).toEqual([
    [0, null],
    [0, null],
  ]);
});
