import { beforeAll, expect, test } from "bun:test";

import { listEvents } from "../../src/runs/read.ts";
import { asWholeRun } from "../../src/runs/whole-run.ts";
import { fireMonitors } from "../../src/schedules/store.ts";
import { eventsOf, harness, instanceOf } from "./harness.ts";

let h: Awaited<ReturnType<typeof harness>>;
beforeAll(async () => {
  h = await harness();
});

const slotAt = new Date("2026-03-02T10:00:00Z");

/** Everything that is stored about a run that reports these batches, without ids and instants. */
async function storedAfter(
  batches: (events: unknown[]) => unknown[][],
  outcome: "passed" | "failed" | "aborted",
) {
  const monitor = await h.make.monitor({ cron: "0 0 1 1 *", nextRunAt: slotAt, failureStreak: 3 });
  const runner = await h.make.runner();
  await h.sql`insert into monitor_runners values (${monitor.id}, ${runner.id})`;
  const firing = { dueAt: slotAt, slotAt, nextAt: null, collapsed: 0, runs: true, validMs: 60_000 };
  await fireMonitors(h.database, [{ monitorId: monitor.id, ...firing }]);
  const instance = instanceOf(h.app, runner);
  await instance.register();
  const [run] = await instance.claim();
  if (!run) throw new Error("nothing was claimed");
  for (const batch of batches(eventsOf(outcome))) await instance.send(run, batch);

  const [row] = await h.sql`
    select r.status, r.outcome, r.reason, r.detail, r.lease_expires_at, r.steps_planned, r.requests_total,
           r.requests_failed, r.assertions_total, r.assertions_failed, r.errors_total, r.response_ms_total,
           r.response_bytes_total, r.duration_ms, r.acknowledged_seq, r.highest_seq, r.finished_at is not null as "runEnded",
           e.outcome as "executionOutcome", e.finished_at is not null as "executionEnded",
           m.failure_streak, m.state, m.state_since is not null as "hasSince",
           s.status as "slotStatus", s.reason as "slotReason", s.delay_ms > 0 as "hasDelay",
           s.decided_at is not null as "slotDecided",
           (select json_agg(json_build_array(passed, failed, errored, aborted, response_class, response_ms_sum))
              from run_hours h where h.monitor_id = m.id) as hours
      from runs r join executions e on e.id = r.execution_id join monitors m on m.id = r.monitor_id
           join slots s on s.monitor_id = m.id
     where m.id = ${monitor.id}`;
  return { ...row, events: await listEvents(h.database, run.runId) };
}

test.each(["passed", "failed", "aborted"] as const)(
  "a run that %s is stored the same in one batch as in several",
  async (outcome) => {
    const whole = await storedAfter((events) => [events], outcome);
    const parts = await storedAfter((events) => [events.slice(0, 2), events.slice(2)], outcome);

    expect(whole).toMatchObject({ status: "finished", outcome, executionEnded: true, slotStatus: "late" });
    expect(whole).toEqual(parts);
  },
);

test("only a batch from 1 to the end of the run, with nothing missing, is a whole run", () => {
  const events = eventsOf();
  const batch = (kept: typeof events) => asWholeRun({ runId: "", runnerId: "", attempt: 1, events: kept });
  const [first, second, third, last] = events;
  if (!first || !second || !third || !last) throw new Error("no events");

  expect(batch(events)).toBeDefined();
  expect(batch([second, first, third, last])).toBeDefined();
  expect(batch(events.slice(1))).toBeUndefined();
  expect(batch(events.slice(0, 3))).toBeUndefined();
  expect(batch([first, third, last])).toBeUndefined();
  expect(batch([first, second, second, last])).toBeUndefined();
});
