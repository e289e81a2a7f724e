import { beforeAll, expect, test } from "bun:test";

import type { Database } from "../../db/connect.ts";
import { systemActor } from "../../src/access/audit/audit.ts";
import { getMonitorDetail } from "../../src/results/monitor-detail.ts";
import { listMonitorsOverview } from "../../src/results/overview/store.ts";
import { getRun, listExecutions, listSteps } from "../../src/runs/read.ts";
import { eventsOf } from "../runs/harness.ts";
import { testDatabase } from "../support/database.ts";
import { createMake } from "../support/make.ts";

let database: Database;
let make: ReturnType<typeof createMake>;
beforeAll(async () => {
  database = await testDatabase();
  make = createMake(database);
});

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** A run that ended so many minutes ago. */
const endedRun = (
  monitorId: string,
  outcome: "passed" | "failed" | "errored" | "aborted",
  minutes: number,
  durationMs = 100,
) =>
  make.run({
    monitorId,
    outcome,
    status: "finished",
    queuedAt: minutesAgo(minutes),
    durationMs,
    requestsTotal: 2,
    responseMsTotal: durationMs,
  });

test("uptime counts passed and failed only, of the last day", async () => {
  const monitor = await make.monitor();
  await endedRun(monitor.id, "passed", 1);
  await endedRun(monitor.id, "passed", 2);
  await endedRun(monitor.id, "passed", 3);
  await endedRun(monitor.id, "failed", 4);
  await endedRun(monitor.id, "errored", 5);
  await endedRun(monitor.id, "aborted", 6);
  await endedRun(monitor.id, "failed", 60 * 25);

  const { rows } = await listMonitorsOverview(database, systemActor, { workspaceId: monitor.workspaceId });
  const detail = await getMonitorDetail(database, monitor.id);

  expect(rows[0]?.uptime24h).toBe(0.75);
  expect(detail?.uptime).toEqual({ day: 0.75, week: 0.6, month: 0.6, quarter: 0.6 });
});

test("a monitor without a run that passed or failed has no uptime, not a perfect one", async () => {
  const monitor = await make.monitor();
  await endedRun(monitor.id, "errored", 1);

  const detail = await getMonitorDetail(database, monitor.id);

  expect(detail?.uptime).toEqual({ day: null, week: null, month: null, quarter: null });
  expect(detail?.latency).toEqual({ p50Ms: null, p95Ms: null, p99Ms: null });
});

test("the strip holds the last thirty runs, oldest first, running ones too", async () => {
  const monitor = await make.monitor();
  for (let minutes = 1; minutes <= 32; minutes++) await endedRun(monitor.id, "passed", minutes, minutes);
  await make.run({ monitorId: monitor.id, status: "leased", attempt: 1 });

  const { rows } = await listMonitorsOverview(database, systemActor, { workspaceId: monitor.workspaceId });

  const runs = rows[0]?.runs ?? [];
  expect(runs).toHaveLength(30);
  expect(runs.at(-1)).toMatchObject({ status: "running", durationMs: null });
  expect(runs.at(-2)).toMatchObject({ status: "passed", durationMs: 1 });
  expect(runs[0]?.queuedAt).toBeInstanceOf(Date);
});

test("percentiles are of durations of the last day", async () => {
  const monitor = await make.monitor();
  for (let index = 1; index <= 20; index++) await endedRun(monitor.id, "passed", index, index * 10);

  const detail = await getMonitorDetail(database, monitor.id);

  expect(detail?.latency).toEqual({ p50Ms: 100, p95Ms: 190, p99Ms: 200 });
});

test("a monitor that chose a runner which is gone says so", async () => {
  const monitor = await make.monitor();
  const gone = crypto.randomUUID();
  await database.sql`insert into monitor_runners values (${monitor.id}, ${gone})`;

  const detail = await getMonitorDetail(database, monitor.id);

  expect(detail?.runners).toEqual([{ id: gone, name: "deleted runner" }]);
});

test("what does not exist is undefined", async () => {
  const id = crypto.randomUUID();

  expect(await getMonitorDetail(database, id)).toBeUndefined();
  expect(await getRun(database, id)).toBeUndefined();
  expect(await listSteps(database, id)).toEqual({ steps: [], hidden: 0 });
  expect(await listExecutions(database, id)).toEqual({ rows: [], nextCursor: null });
});

test("steps are those of the last attempt, in order, up to the limit", async () => {
  const run = await make.run({ status: "leased", attempt: 2 });
  const [, , finished] = eventsOf();
  if (finished?.type !== "step_finished") throw new Error("no step");
  const insert = (attempt: number, seq: number, name: string) =>
    make.events(run.id, attempt, [{ ...finished, seq, step: { ...finished.step, name } }]);
  await insert(1, 1, "old");
  for (const seq of [3, 1, 2]) await insert(2, seq, `step ${seq}`);

  const { steps, hidden } = await listSteps(database, run.id, { limit: 2 });

  expect(steps.map((step) => step.name)).toEqual(["step 1", "step 2"]);
  expect(hidden).toBe(1);
});
