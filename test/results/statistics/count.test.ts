import { beforeAll, expect, test } from "bun:test";

import type { Database } from "../../../db/connect.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { countEndedRuns, startStatistics } from "../../../src/results/statistics/count.ts";
import { silentLog, testDatabase } from "../../support/database.ts";
import { eventually } from "../../support/eventually.ts";
import { createMake } from "../../support/make.ts";
import { step } from "../../web/samples.ts";

let database: Database;
let make: ReturnType<typeof createMake>;
beforeAll(async () => {
  database = await testDatabase();
  make = createMake(database);
});

const at = new Date("2026-03-01T10:20:00Z");
const timings = (totalMs: number) => ({
  dnsMs: 1,
  connectMs: 2,
  tlsMs: 3,
  firstByteMs: totalMs - 10,
  downloadMs: 4,
  totalMs,
});
const passing = [{ name: "is 200", status: "passed" as const, source: "test" as const }];

/** A run whose steps are stored as a runner would report them, and not counted yet. */
async function storedRun(
  row: Parameters<typeof make.run>[0] & { monitorId: string },
  steps: ReturnType<typeof step>[],
) {
  const run = await make.run({
    queuedAt: at,
    status: "leased",
    attempt: 1,
    runnerId: crypto.randomUUID(),
    ...row,
  });
  const events = steps.map((each, index) => ({ seq: index + 1, type: "step_finished" as const, step: each }));
  if (events.length > 0) await make.events(run.id, 1, events);
  await database.sql`update runs set status = 'finished', outcome = ${row.outcome ?? "passed"} where id = ${run.id}`;
  return run;
}

const cellsOf = (monitorId: string) => database.sql`
  select q.name, h.class, h.times, h.ms_sum, h.runs, h.steps, h.steps_failed, h.responses, h.response_ms_sum, h.fastest_ms,
         h.slowest_ms, h.first_byte_ms_sum, h.hour, h.trigger, h.outcome
    from step_hours h left join monitor_requests q on q.id = h.request_id where h.monitor_id = ${monitorId}
   order by h.request_id, h.class`;

test("a run that ends is counted once: itself, and each of its requests", async () => {
  const monitor = await make.monitor();
  await storedRun({ monitorId: monitor.id, durationMs: 500 }, [
    step({ itemId: "a", name: "First", timings: timings(100), assertions: passing }),
    step({ itemId: "b", name: "Second", timings: timings(300) }),
    step({ itemId: "c", name: "Skipped", skipped: true }),
  ]);

  await countEndedRuns(database);
  await countEndedRuns(database);

  const hour = new Date("2026-03-01T10:00:00Z");
  const shared = { runs: 1, hour, trigger: "manual", outcome: "passed", times: 1 };
  expect([...(await cellsOf(monitor.id))]).toEqual([
    {
      ...shared,
      name: null,
      class: 50,
      ms_sum: 500,
      steps: 2,
      steps_failed: 1,
      responses: 2,
      response_ms_sum: 400,
      fastest_ms: 100,
      slowest_ms: 300,
      first_byte_ms_sum: 380,
    },
    {
      ...shared,
      name: "First",
      class: 40,
      ms_sum: 100,
      steps: 1,
      steps_failed: 0,
      responses: 1,
      response_ms_sum: 100,
      fastest_ms: 100,
      slowest_ms: 100,
      first_byte_ms_sum: 90,
    },
    {
      ...shared,
      outcome: "failed",
      name: "Second",
      class: 47,
      ms_sum: 300,
      steps: 1,
      steps_failed: 1,
      responses: 1,
      response_ms_sum: 300,
      fastest_ms: 300,
      slowest_ms: 300,
      first_byte_ms_sum: 290,
    },
  ]);
});

test("many servers that count at the same time count each run once", async () => {
  const monitor = await make.monitor();
  for (let count = 0; count < 30; count++) {
    await storedRun({ monitorId: monitor.id, durationMs: 50, runnerId: null }, [
      step({ itemId: "a", timings: timings(100 + count), assertions: passing }),
    ]);
  }

  await Promise.all(Array.from({ length: 5 }, () => countEndedRuns(database)));

  const [sums] = await database.sql`
    select sum(runs) filter (where request_id = 0)::int as runs, sum(steps) filter (where request_id <> 0)::int as steps,
           (select sum(runs)::int from step_days d where d.monitor_id = h.monitor_id and d.request_id = 0) as days,
           (select count(*)::int from run_timings t join runs r on r.id = t.run_id where r.monitor_id = h.monitor_id) as timings
      from step_hours h where monitor_id = ${monitor.id} group by monitor_id`;
  expect(sums).toEqual({ runs: 30, steps: 30, days: 30, timings: 30 });
});

test("a run that is gone before it is counted leaves no trace, and holds up no other", async () => {
  const monitor = await make.monitor();
  const gone = await storedRun({ monitorId: monitor.id }, []);
  await storedRun({ monitorId: monitor.id, durationMs: 70 }, []);
  await database.sql`delete from runs where id = ${gone.id}`;

  await countEndedRuns(database);

  const [left] = await database.sql`
    select (select sum(runs)::int from step_hours where monitor_id = ${monitor.id}) as runs,
           (select count(*)::int from uncounted_runs where run_id = ${gone.id}) as waiting`;
  expect(left).toEqual({ runs: 1, waiting: 0 });
});

test("the loop counts what ends, and stops when it is told to", async () => {
  const monitor = await make.monitor();
  const loop = startStatistics({ database, clock: systemClock, log: silentLog });
  await storedRun({ monitorId: monitor.id, durationMs: 70 }, []);

  await eventually(async () => {
    const rows = await cellsOf(monitor.id);
    return rows.length === 1;
  });
  await loop.stop();
});

test("names that no database takes are counted under what it does take", async () => {
  const monitor = await make.monitor();
  const steps = ["a\u0000b", "\ud800"].map((itemId) => step({ itemId, name: itemId, timings: timings(100) }));
  await storedRun({ monitorId: monitor.id, durationMs: 70 }, steps);

  await countEndedRuns(database);

  const rows = await database.sql<{ name: string }[]>`
    select name from monitor_requests where monitor_id = ${monitor.id} order by id`;
  expect(rows.map(({ name }) => name).toSorted()).toEqual(["a\ufffdb", "\ufffd"]);
});
