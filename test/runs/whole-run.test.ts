import { beforeAll, expect, test } from "bun:test";

import { createEventStore } from "../../src/runs/ingest.ts";
import { listEvents } from "../../src/runs/read.ts";
import { asWholeRun, createWholeRunStore } from "../../src/runs/whole-run.ts";
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

/** A claimed run of a new monitor, or of a given one. */
async function claimed(monitorId?: string) {
  const runner = await h.make.runner();
  const run = await h.make.run({
    ...(monitorId !== undefined && { monitorId }),
    status: "leased",
    attempt: 1,
    runnerId: runner.id,
    claimedAt: new Date(),
  });
  const events = eventsOf("failed");
  const whole = asWholeRun({ runId: run.id, runnerId: runner.id, attempt: 1, events });
  if (!whole) throw new Error("not a whole run");
  return { ...whole, monitorId: run.monitorId };
}

test("runs that end at the same time are all stored, each once, and none takes another with it", async () => {
  const runs = await Promise.all(Array.from({ length: 12 }, () => claimed()));
  const [first] = runs;
  if (!first) throw new Error("no run");
  const broken = { ...first, runId: "no id" };
  const stolen = { ...(await claimed()), attempt: 2 ** 40 };
  const store = createWholeRunStore(h.database);

  const [stored, brokenEnd, stolenEnd] = await Promise.all([
    Promise.all(runs.map((run) => store(run))),
    store(broken).catch(() => "refused"),
    store(stolen),
  ]);

  expect(stored).toEqual(runs.map(() => true));
  expect([brokenEnd, stolenEnd]).toEqual(["refused", false]);
  const rows = await h.sql`
    select r.status, m.failure_streak as streak, h.failed,
           (select sum(steps)::int from run_events v where v.run_id = r.id) as steps
      from runs r join monitors m on m.id = r.monitor_id join run_hours h on h.monitor_id = m.id
     where r.id = any(${runs.map((run) => run.runId)})`;
  expect([...rows]).toEqual(runs.map(() => ({ status: "finished", streak: 1, failed: 1, steps: 1 })));
});

test("every run of a monitor that ends counts once in its streak and in its hour, however many end at once", async () => {
  const first = await claimed();
  const others = await Promise.all(Array.from({ length: 9 }, () => claimed(first.monitorId)));
  const store = createEventStore(h.database);

  await Promise.all([first, ...others].map((run) => store(run)));

  const [monitor] = await h.sql`select failure_streak as streak from monitors where id = ${first.monitorId}`;
  const [hours] =
    await h.sql`select sum(failed)::int as failed from run_hours where monitor_id = ${first.monitorId}`;
  expect([monitor?.["streak"], hours?.["failed"]]).toEqual([10, 10]);
});
