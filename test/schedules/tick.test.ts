import { beforeAll, expect, test } from "bun:test";

import type { Database } from "../../db/connect.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { nextRunAt } from "../../src/monitors/schedule.ts";
import { fireMonitors } from "../../src/schedules/store.ts";
import { startScheduler, tick } from "../../src/schedules/tick.ts";
import { silentLog, testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { createMake } from "../support/make.ts";

let database: Database;
let make: ReturnType<typeof createMake>;
let deps: Parameters<typeof tick>[0];

beforeAll(async () => {
  database = await testDatabase();
  make = createMake(database);
  deps = { database, clock: systemClock, log: silentLog };
});

/** Has no other slot near: a test that runs across the turn of a minute sees the same. */
const yearly = "0 0 1 1 *";
/** Whole seconds from now, as a schedule would have it. */
const inSeconds = (seconds: number) => new Date(Math.floor(Date.now() / 1000 + seconds) * 1000);
/** The start of the minute that lies so many minutes back. */
const minutesAgo = (minutes: number) => new Date((Math.floor(Date.now() / 60_000) - minutes) * 60_000);

/** Fires this very slot, as if it were due now. */
async function fireSlot(monitorId: string, slotAt: Date): Promise<void> {
  await dueAgain(monitorId, slotAt);
  const nextAt = new Date(slotAt.getTime() + 60_000);
  const slot = { dueAt: slotAt, slotAt, nextAt, collapsed: 0, runs: true, validMs: 60_000 };
  await fireMonitors(database, [{ monitorId, ...slot }]);
}

const slotsOf = (monitorId: string) =>
  database.sql`select * from slots where monitor_id = ${monitorId} order by slot_at`;
const executionsOf = (monitorId: string) =>
  database.sql`select * from executions where monitor_id = ${monitorId} order by created_at`;
const runsOf = (monitorId: string) =>
  database.sql`select * from runs where monitor_id = ${monitorId} order by queued_at`;
const dueAgain = (monitorId: string, slot: Date) =>
  database.sql`update monitors set next_run_at = ${slot} where id = ${monitorId}`;

test("ten servers, one tick, one execution", async () => {
  const slot = minutesAgo(0);
  const monitor = await make.monitor({ cron: yearly, nextRunAt: slot });

  await Promise.all(Array.from({ length: 10 }, () => tick(deps)));

  expect(await executionsOf(monitor.id)).toMatchObject([{ trigger: "scheduled", slot_at: slot }]);
  expect(await slotsOf(monitor.id)).toMatchObject([{ slot_at: slot, status: "pending", collapsed: 0 }]);
  expect(await runsOf(monitor.id)).toMatchObject([{ status: "queued", runner_id: null, attempt: 0 }]);
});

test("firing moves the monitor to its next slot", async () => {
  const slot = minutesAgo(0);
  const monitor = await make.monitor({ cron: yearly, nextRunAt: slot });

  await tick(deps);

  const [row] = await database.sql`select next_run_at from monitors where id = ${monitor.id}`;
  expect(row?.["next_run_at"]).toEqual(nextRunAt(yearly, "UTC", slot));
});

test("every chosen runner gets a run of its own", async () => {
  const [one, two] = [await make.runner(), await make.runner()];
  const monitor = await make.monitor({ cron: yearly, nextRunAt: minutesAgo(0) });
  await database.sql`insert into monitor_runners values (${monitor.id}, ${one.id}), (${monitor.id}, ${two.id})`;

  await tick(deps);

  const runs = await runsOf(monitor.id);
  expect(runs.map((run) => String(run["runner_id"])).toSorted()).toEqual([one.id, two.id].toSorted());
});

test("a monitor that is not due, paused or without a schedule fires nothing", async () => {
  const later = await make.monitor({ cron: yearly, nextRunAt: inSeconds(100) });
  const paused = await make.monitor({ cron: yearly, nextRunAt: minutesAgo(0), active: false });
  const manual = await make.monitor({});

  await tick(deps);

  for (const { id } of [later, paused, manual]) expect(await slotsOf(id)).toHaveLength(0);
});

test("a monitor that is still running makes its next slot skipped for overlap", async () => {
  const monitor = await make.monitor({ cron: yearly });
  await fireSlot(monitor.id, minutesAgo(1));

  await fireSlot(monitor.id, minutesAgo(0));

  expect(await slotsOf(monitor.id)).toMatchObject([
    { slot_at: minutesAgo(1), status: "pending", reason: null },
    { slot_at: minutesAgo(0), status: "skipped", reason: "overlap", execution_id: null },
  ]);
  expect(await executionsOf(monitor.id)).toHaveLength(1);
});

test("with policy queue one slot waits for the running one, and no more than one", async () => {
  const monitor = await make.monitor({ cron: yearly, overlapPolicy: "queue" });
  await fireSlot(monitor.id, minutesAgo(2));
  await fireSlot(monitor.id, minutesAgo(1));

  await fireSlot(monitor.id, minutesAgo(0));

  const slots = await slotsOf(monitor.id);
  expect(slots.map((slot) => [slot["status"], slot["reason"]])).toEqual([
    ["pending", null],
    ["pending", null],
    ["skipped", "overlap"],
  ]);
  const [first, second] = await runsOf(monitor.id);
  expect(first?.["after_execution_id"]).toBeNull();
  expect(second?.["after_execution_id"]).toBe(first?.["execution_id"]);
});

test("an execution that no runner took in time is no overlap", async () => {
  const monitor = await make.monitor({ cron: yearly });
  await fireSlot(monitor.id, minutesAgo(1));
  await database.sql`update runs set valid_until = now() where monitor_id = ${monitor.id}`;

  await fireSlot(monitor.id, minutesAgo(0));

  expect(await slotsOf(monitor.id)).toMatchObject([{ status: "pending" }, { status: "pending" }]);
});

test("downtime collapses to one catch-up that counts the slots it stands for", async () => {
  const wentDownAt = minutesAgo(30);
  const monitor = await make.monitor({ cron: "* * * * *", nextRunAt: wentDownAt });

  await tick(deps);

  const slots = await slotsOf(monitor.id);
  expect(slots).toMatchObject([{ status: "pending", reason: "downtime" }]);
  expect(slots[0]?.["collapsed"]).toBeGreaterThanOrEqual(30);
  expect(slots[0]?.["slot_at"]).toEqual(new Date(wentDownAt.getTime() + slots[0]?.["collapsed"] * 60_000));
  expect(await executionsOf(monitor.id)).toHaveLength(1);
});

test("without catching up, downtime leaves one missed slot and no execution", async () => {
  const monitor = await make.monitor({
    cron: yearly,
    nextRunAt: minutesAgo(5),
    catchUpPolicy: "none",
  });

  await tick(deps);

  expect(await slotsOf(monitor.id)).toMatchObject([{ status: "missed", reason: "downtime" }]);
  expect(await executionsOf(monitor.id)).toHaveLength(0);
});

test("a slot that was fired before is not fired again when a monitor is set back to it", async () => {
  const slot = minutesAgo(0);
  const monitor = await make.monitor({ cron: yearly, nextRunAt: slot });
  await tick(deps);
  await database.sql`update executions set finished_at = now() where monitor_id = ${monitor.id}`;
  await dueAgain(monitor.id, slot);

  await tick(deps);

  expect(await executionsOf(monitor.id)).toHaveLength(1);
  expect(await slotsOf(monitor.id)).toHaveLength(1);
});

test("a due time with microseconds still fires", async () => {
  const monitor = await make.monitor({ cron: yearly });
  await database.sql`
    update monitors set next_run_at = date_trunc('minute', now()) + interval '123 microseconds' where id = ${monitor.id}`;

  await tick(deps);

  expect(await slotsOf(monitor.id)).toHaveLength(1);
});

test("two schedulers share a thousand monitors that are due in the same second", async () => {
  const own = await testDatabase();
  const one = await createMake(own).monitor();
  await own.sql`
    insert into monitors (id, workspace_id, owner_id, name, collection_id, cron, next_run_at, options, notifications)
    select gen_random_uuid(), workspace_id, owner_id, 'Monitor ' || n, collection_id, ${yearly},
           date_trunc('minute', now()), options, notifications
      from monitors, generate_series(1, 1000) n where id = ${one.id}`;

  const schedulers = [1, 2].map(() => startScheduler({ ...deps, database: own }));
  await eventually(async () => {
    const [count] = await own.sql<{ runs: number }[]>`select count(*)::int as runs from runs`;
    return count?.runs === 1000;
  });
  await Promise.all(schedulers.map((scheduler) => scheduler.stop()));

  const [count] = await own.sql`
    select (select count(*)::int from executions) as executions, (select count(*)::int from slots) as slots`;
  expect(count).toEqual({ executions: 1000, slots: 1000 });
});
