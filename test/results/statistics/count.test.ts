import { beforeAll, expect, test } from "bun:test";

import type { Database } from "../../../db/connect.ts";
import { countEndedRuns } from "../../../src/results/statistics/count.ts";
import { testDatabase } from "../../support/database.ts";
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
