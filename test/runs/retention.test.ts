import { beforeAll, expect, test } from "bun:test";

import type { Database } from "../../db/connect.ts";
import { newId } from "../../src/lib/ids.ts";
import { getRun, listSteps } from "../../src/runs/read.ts";
import { deleteOld } from "../../src/runs/retention.ts";
import { eventsOf, harness } from "./harness.ts";

let database: Database;
let make: Awaited<ReturnType<typeof harness>>["make"];
beforeAll(async () => ({ database, make } = await harness()));

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

/** A run of so many days ago, with steps. */
async function oldRun(monitorId: string, days: number, row: { outcome?: "passed" } = { outcome: "passed" }) {
  const at = daysAgo(days);
  const execution = await make.execution({
    monitorId,
    createdAt: at,
    ...(row.outcome && { finishedAt: at, outcome: row.outcome }),
  });
  const run = await make.run({
    monitorId,
    executionId: execution.id,
    queuedAt: at,
    attempt: 1,
    acknowledgedSeq: 4,
    highestSeq: 4,
    ...(row.outcome ? { status: "finished", outcome: row.outcome } : { status: "leased" }),
  });
  await make.events(run.id, 1, eventsOf());
  return run.id;
}

const stepsOf = async (runId: string) => (await listSteps(database, runId)).steps.length;

/** As the loop does, with each monitor due again. */
async function clean() {
  await database.sql`update monitor_retention set looked_at = 'epoch'`;
  while (await deleteOld(database));
}

test("steps go after the days of their monitor, and the run says so; the run stays", async () => {
  const short = await make.monitor({ keepDays: 7 });
  const long = await make.monitor({ keepDays: 60 });
  const [gone, young, kept] = [
    await oldRun(short.id, 8),
    await oldRun(short.id, 6),
    await oldRun(long.id, 59),
  ];

  await clean();

  expect(await Promise.all([gone, young, kept].map(stepsOf))).toEqual([0, 1, 1]);
  const runs = await Promise.all([gone, young, kept].map((id) => getRun(database, id)));
  expect(runs.map((run) => run?.kept.stepsDeleted)).toEqual([true, false, false]);
  expect(runs[0]).toMatchObject({ outcome: "passed", kept: { days: 7, runDays: 400 } });
});

test("runs, ledger and hourly counts go after theirs, with everything that belongs to them", async () => {
  const monitor = await make.monitor({ keepRunDays: 90 });
  const [gone, kept] = [await oldRun(monitor.id, 91), await oldRun(monitor.id, 89)];
  const slots = [91, 89].map((days) => ({
    monitor_id: monitor.id,
    slot_at: daysAgo(days),
    status: "missed",
  }));
  await database.sql`insert into slots ${database.sql(slots)}`;

  await clean();

  expect(await getRun(database, gone)).toBeUndefined();
  expect(await getRun(database, kept)).toBeDefined();
  const left = await database.sql`
    select (select count(*)::int from executions where monitor_id = ${monitor.id}) as executions,
           (select count(*)::int from slots where monitor_id = ${monitor.id}) as slots,
           (select count(*)::int from run_hours where monitor_id = ${monitor.id}) as hours,
           (select count(*)::int from run_events where run_id = ${gone}) as events`;
  expect(left[0]).toEqual({ executions: 1, slots: 1, hours: 1, events: 0 });
});

test("a run that has not ended keeps its steps, and those after it wait for it", async () => {
  const monitor = await make.monitor({ keepDays: 1 });
  const [before, open, after] = [
    await oldRun(monitor.id, 4),
    await oldRun(monitor.id, 3, {}),
    await oldRun(monitor.id, 2),
  ];

  await clean();
  expect(await Promise.all([before, open, after].map(stepsOf))).toEqual([0, 1, 1]);

  await database.sql`
    update runs set status = 'finished', outcome = 'errored' where id = ${open}`;
  await clean();
  expect(await Promise.all([before, open, after].map(stepsOf))).toEqual([0, 0, 0]);
});

test("longer than was kept before is for what comes; shorter takes effect at once", async () => {
  const monitor = await make.monitor({ keepDays: 10 });
  const [old, young] = [await oldRun(monitor.id, 11), await oldRun(monitor.id, 5)];
  await clean();

  await database.sql`update monitors set keep_days = 30 where id = ${monitor.id}`;
  await clean();
  expect((await getRun(database, old))?.kept.stepsDeleted).toBe(true);
  expect(await stepsOf(young)).toBe(1);

  await database.sql`update monitors set keep_days = 2 where id = ${monitor.id}`;
  await clean();
  expect(await stepsOf(young)).toBe(0);
});

test("more than a batch at one instant is deleted whole, by several servers at once", async () => {
  const monitors = await Promise.all([1, 2, 3].map(() => make.monitor({ keepDays: 1, keepRunDays: 3 })));
  for (const monitor of monitors) await manyRuns(monitor.id, 450, 2);
  for (const monitor of monitors) await manyRuns(monitor.id, 450, 5);
  await database.sql`update monitor_retention set looked_at = 'epoch'`;

  const server = async () => {
    while (await deleteOld(database));
  };
  await Promise.all([server(), server(), server()]);
  await clean();

  const ids = database.sql.array(monitors.map(({ id }) => id));
  const [left] = await database.sql`
    select count(distinct r.id)::int as runs, count(v.run_id)::int as batches
      from runs r left join run_events v on v.run_id = r.id where r.monitor_id = any(${ids}::uuid[])`;
  expect(left).toEqual({ runs: 3 * 450, batches: 0 });
});

/** Runs of one execution each, all queued at the same instant. */
async function manyRuns(monitorId: string, count: number, days: number) {
  const { sql } = database;
  const first = await oldRun(monitorId, days);
  await sql`
    with ids as (
      select gen_random_uuid() as run_id, gen_random_uuid() as execution_id from generate_series(2, ${count})
    ), made as (
      insert into executions (id, monitor_id, trigger, created_at, finished_at, outcome)
      select ids.execution_id, monitor_id, trigger, e.created_at, e.finished_at, e.outcome
        from ids, executions e where e.id = (select execution_id from runs where id = ${first})
    ), ran as (
      insert into runs (id, execution_id, monitor_id, workspace_id, status, outcome, queued_at, valid_until, attempt)
      select ids.run_id, ids.execution_id, monitor_id, workspace_id, status, outcome, queued_at, valid_until, attempt
        from ids, runs r where r.id = ${first}
    )
    insert into run_events (run_id, attempt, first_seq, last_seq, steps, events)
    select ids.run_id, attempt, first_seq, last_seq, steps, events from ids, run_events v where v.run_id = ${first}`;
}

test("a monitor that was deleted meanwhile is no trouble", async () => {
  const monitor = await make.monitor();
  await clean();
  await database.sql`delete from monitors where id = ${monitor.id}`;

  await clean();

  expect(await database.sql`select 1 from monitor_retention where monitor_id = ${newId()}`).toHaveLength(0);
});
