import { beforeAll, describe, expect, test } from "bun:test";

import type { Database } from "../../../db/connect.ts";
import * as schema from "../../../db/schema.ts";
import { newId } from "../../../src/lib/ids.ts";
import { loadMonthFigures, loadMonthReport } from "../../../src/results/report/report.ts";
import { testDatabase } from "../../support/database.ts";
import { createMake } from "../../support/make.ts";

const MINUTE = 60_000;
const october = { month: { year: 2026, month: 10 }, now: new Date("2026-11-10T00:00:00Z") };
const at = (text: string): Date => new Date(`2026-${text}Z`);

let database: Database;
let make: ReturnType<typeof createMake>;
let monitor: { id: string; workspaceId: string; timezone: string; runsKeptSince: Date };

/** As the end of an execution moves the state. */
const enter = (state: string, since: Date) =>
  database.sql`update monitors set state = ${state}, state_since = ${since} where id = ${monitor.id}`;

const runs = async (
  outcome: "passed" | "failed" | "errored",
  count: number,
  first: Date,
  durationMs = 100,
) => {
  for (let index = 0; index < count; index++) {
    const queuedAt = new Date(first.getTime() + index * MINUTE);
    const execution = await make.execution({
      monitorId: monitor.id,
      createdAt: queuedAt,
      finishedAt: queuedAt,
      outcome,
    });
    await make.run({
      monitorId: monitor.id,
      executionId: execution.id,
      status: "finished",
      outcome,
      queuedAt,
      durationMs: durationMs + index,
      detail: outcome === "failed" ? "1 assertion failed in Login." : null,
    });
  }
};

const slots = (status: (typeof schema.slots.$inferInsert)["status"], hour: number, more = {}) =>
  database.db.insert(schema.slots).values({
    monitorId: monitor.id,
    slotAt: new Date(Date.UTC(2026, 9, 10, hour)),
    status,
    ...more,
  });

beforeAll(async () => {
  database = await testDatabase();
  make = createMake(database);
  const made = await make.monitor({ timezone: "Europe/Berlin", name: "Checkout" });
  monitor = {
    id: made.id,
    workspaceId: made.workspaceId,
    timezone: made.timezone,
    runsKeptSince: at("01-01T00:00:00"),
  };
  const windowId = newId();
  await database.sql`
    insert into maintenance_windows (id, workspace_id, name, behaviour, covers, starts_at, ends_at, created_by)
    values (${windowId}, ${made.workspaceId}, 'Move', 'silence', 'all', '2026-10-04T08:00Z', '2026-10-04T10:00Z', ${made.ownerId})`;
  await database.sql`
    insert into maintenance_periods (id, window_id, workspace_id, starts_at, ends_at, behaviour, covers)
    values (${newId()}, ${windowId}, ${made.workspaceId}, '2026-10-04T08:00Z', '2026-10-04T10:00Z', 'silence', 'all')`;

  // Half past midnight in Berlin on the first day, and on the first day after.
  await runs("passed", 1, at("09-30T22:30:00"));
  await runs("passed", 1, at("10-31T23:30:00"));
  await runs("passed", 7, at("10-02T08:00:00"));
  await runs("failed", 2, at("10-02T09:59:00"), 900);
  await runs("passed", 10, at("10-03T08:00:00"));
  await runs("errored", 1, at("10-03T12:00:00"));
  await runs("failed", 3, at("10-04T08:30:00"), 5000);

  await enter("passed", at("10-01T00:00:00"));
  await enter("failed", at("10-02T10:00:00"));
  await enter("passed", at("10-02T10:43:00"));
  await enter("failed", at("10-04T07:50:00"));
  await enter("passed", at("10-04T10:10:00"));
  await enter("errored", at("10-20T00:00:00"));
  await enter("passed", at("10-20T01:00:00"));

  for (let hour = 0; hour < 10; hour++) await slots("ran", hour);
  await slots("late", 10);
  await slots("missed", 11, { reason: "no_runner" });
  await slots("missed", 12, { reason: "downtime", collapsed: 3 });
  await slots("lost", 13);
  await slots("skipped", 14, { reason: "overlap" });
  await slots("skipped", 15, { reason: "maintenance" });
  await slots("skipped", 16, { reason: "maintenance" });
  await slots("pending", 17);
});

describe("the report of a month", () => {
  test("has the numbers that are counted by hand", async () => {
    const report = await loadMonthReport(database, monitor, october);

    // 1 + 7 + 10 passed, 2 failed; the 3 in maintenance and the run of November are not in it.
    expect(report).toMatchObject({ passed: 18, failed: 2, untold: 1, uptime: 0.9 });
    // 20 durations: 100…109, 100…106, 100, 900, 901; the 19th.
    expect(report.p95Ms).toBe(900);
    // 43 minutes, and 140 less 120 in maintenance.
    expect(report).toMatchObject({ downtimes: 2, downMs: 63 * MINUTE, unknownMs: 60 * MINUTE });
    // From the first state to the end of October in Berlin are 743 h; less 2 h maintenance and 1 h in error.
    expect(report.repairMs).toBe(31.5 * MINUTE);
    expect(report.betweenMs).toBe(((740 * 60 - 63) / 2) * MINUTE);
    // 10 + 1 + 1 + 4 + 1 + 1 due; 11 ran.
    expect(report).toMatchObject({
      due: 18,
      reported: 11,
      late: 1,
      missed: 5,
      lost: 1,
      overlap: 1,
      inMaintenance: 2,
    });
    expect(report.coverage).toBeCloseTo(11 / 18, 10);
  });

  test("has a line for each day, whose numbers add up to those of the month", async () => {
    const report = await loadMonthReport(database, monitor, october);
    const sum = (pick: (day: (typeof report.days)[number]) => number) =>
      report.days.reduce((total, day) => total + pick(day), 0);

    expect(report.days).toHaveLength(31);
    expect(report.days[0]).toMatchObject({ date: "2026-10-01", passed: 1, uptime: 1 });
    expect(report.days[1]).toMatchObject({ date: "2026-10-02", passed: 7, failed: 2, downMs: 43 * MINUTE });
    expect(report.days[3]).toMatchObject({
      date: "2026-10-04",
      failed: 0,
      uptime: null,
      downMs: 20 * MINUTE,
    });
    expect([sum((day) => day.passed), sum((day) => day.failed)]).toEqual([18, 2]);
    expect(sum((day) => day.downMs)).toBe(report.downMs);
    expect(sum((day) => day.due)).toBe(report.due);
  });

  test("says with which run each time of being down began", async () => {
    const { spans } = await loadMonthReport(database, monitor, october);

    expect(spans.map(({ from, to, cause }) => [from, to, cause])).toEqual([
      [at("10-02T10:00:00"), at("10-02T10:43:00"), "1 assertion failed in Login."],
      [at("10-04T07:50:00"), at("10-04T10:10:00"), "1 assertion failed in Login."],
    ]);
  });

  test("lists the maintenance that it leaves out", async () => {
    const { maintenance } = await loadMonthReport(database, monitor, october);

    expect(maintenance.map(({ name, startsAt }) => [name, startsAt])).toEqual([
      ["Move", at("10-04T08:00:00")],
    ]);
  });

  test("has the same figures in the list of a workspace", async () => {
    const { days, spans, maintenance, pauses, fromHoursUntil, ...own } = await loadMonthReport(
      database,
      monitor,
      october,
    );
    const figures = await loadMonthFigures(database, [monitor], october);

    expect(figures.get(monitor.id)).toEqual(own);
    expect([days.length, spans.length, maintenance.length, pauses.length, fromHoursUntil]).toEqual([
      31,
      2,
      1,
      0,
      null,
    ]);
  });

  test("counts hours where the runs are deleted, and says so", async () => {
    const kept = { ...monitor, runsKeptSince: at("10-03T00:00:00") };
    await database.sql`create table deleted_runs as select * from runs where queued_at < '2026-10-03T00:00Z'`;
    await database.sql`delete from runs where queued_at < '2026-10-03T00:00Z'`;

    const report = await loadMonthReport(database, kept, october);

    expect(report).toMatchObject({ passed: 18, failed: 2, untold: 1, uptime: 0.9 });
    expect(report.fromHoursUntil).toEqual(at("10-03T00:00:00"));
    // A trigger would note them as runs that have just ended.
    await database.sql`alter table runs disable trigger user`;
    await database.sql`insert into runs select * from deleted_runs`;
    await database.sql`alter table runs enable trigger user`;
  });

  test("of a month that goes on ends now", async () => {
    const report = await loadMonthReport(database, monitor, { ...october, now: at("10-02T10:20:00") });

    expect(report.days.at(-1)?.date).toBe("2026-10-02");
    expect(report.spans).toMatchObject([{ downMs: 20 * MINUTE, isOver: false }]);
  });

  test("of a month to come is empty", async () => {
    const report = await loadMonthReport(database, monitor, { ...october, month: { year: 2027, month: 1 } });

    expect(report).toMatchObject({ passed: 0, failed: 0, uptime: null, coverage: null, days: [], spans: [] });
  });

  test("leaves out the time in which the monitor was paused", async () => {
    const line = { via: "session", action: "monitor.paused", subjectType: "monitor", subjectId: monitor.id };
    await database.db.insert(schema.auditRecords).values([
      { ...line, at: at("10-02T10:30:00"), change: { before: { active: true }, after: { active: false } } },
      { ...line, at: at("10-02T11:00:00"), action: "monitor.resumed", change: null },
    ]);

    const report = await loadMonthReport(database, monitor, october);

    expect(report.spans[0]?.downMs).toBe(30 * MINUTE);
    expect(report.pauses).toEqual([{ since: at("10-02T10:30:00"), until: at("10-02T11:00:00") }]);
  });
});
