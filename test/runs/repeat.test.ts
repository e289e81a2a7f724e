import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { deleteRunner } from "../../src/fleet/store.ts";
import { sweep } from "../../src/runs/sweep.ts";
import { cancelExecution } from "../../src/runs/trigger.ts";
import { fireMonitors } from "../../src/schedules/store.ts";
import { eventsOf, harness, instanceOf } from "./harness.ts";

setDefaultTimeout(120_000);

let h: Awaited<ReturnType<typeof harness>>;
beforeAll(async () => {
  h = await harness();
});

/** A monitor whose slot has just fired, and two instances of a runner that sees it. */
async function stage(row: { retryAttempts?: number; rerunLost?: boolean; pinned?: boolean }) {
  const { pinned = false, ...columns } = row;
  const slotAt = new Date(Math.floor(Date.now() / 1000) * 1000);
  const workspace = await h.make.workspace();
  const monitor = await h.make.monitor({
    cron: "* * * * *",
    nextRunAt: slotAt,
    workspaceId: workspace.id,
    ...columns,
  });
  const runner = await h.make.runner({ visibility: "selected" });
  await h.sql`insert into runner_workspaces values (${runner.id}, ${workspace.id})`;
  if (pinned) await h.sql`insert into monitor_runners values (${monitor.id}, ${runner.id})`;
  const [one, other] = [instanceOf(h.app, runner), instanceOf(h.app, runner)];
  await one.register();
  await other.register();
  const firing = { dueAt: slotAt, slotAt, nextAt: null, collapsed: 0, runs: true, validMs: 60_000 };
  await fireMonitors(h.database, [{ monitorId: monitor.id, ...firing }]);
  const state = async () => {
    const [found] = await h.sql`
      select r.status as run, r.outcome, r.reason, r.attempt, s.status as slot, e.finished_at is not null as ended,
             m.failure_streak as streak, r.assertions_total as assertions, r.runner_id is not null as "hasRunner",
             (select coalesce(sum(passed + failed + errored + aborted), 0)::int from run_hours h where h.monitor_id = m.id)
               as counted,
             (select count(*)::int from slots where monitor_id = m.id) as slots
        from runs r join executions e on e.id = r.execution_id join monitors m on m.id = r.monitor_id
             join slots s on s.monitor_id = m.id
       where m.id = ${monitor.id}`;
    return { ...found };
  };
  const attempts = async () =>
    (
      await h.sql`
        select a.attempt, a.outcome, a.assertions_failed as failed from run_attempts a join runs r on r.id = a.run_id
         where r.monitor_id = ${monitor.id} order by a.attempt`
    ).map((found) => ({ ...found }));
  return { monitor, runner, one, other, state, attempts };
}

type Instance = ReturnType<typeof instanceOf>;

async function claim(instance: Instance) {
  const [run] = await instance.claim();
  if (!run) throw new Error("nothing was claimed");
  return run;
}

/** All at once goes the short way into the database, one by one the long way. */
const ways = ["in one batch", "event by event"] as const;

async function report(
  instance: Instance,
  run: { runId: string; attempt: number },
  outcome: "passed" | "failed" | "aborted",
  way: (typeof ways)[number] = "in one batch",
) {
  const events = eventsOf(outcome);
  const batches = way === "in one batch" ? [events] : events.map((event) => [event]);
  let last = { status: 0 };
  for (const batch of batches) last = await instance.send(run, batch);
  return last.status;
}

const expireLease = (runId: string) =>
  h.sql`update runs set lease_expires_at = now() - interval '1 millisecond' where id = ${runId}`;
const expireQueue = (runId: string) => h.sql`update runs set valid_until = now() where id = ${runId}`;

describe.each(ways)("a run that failed, reported %s,", (way) => {
  test("is run again, and only the second result counts", async () => {
    const { one, other, state, attempts } = await stage({ retryAttempts: 1 });
    const first = await claim(one);

    expect(await report(one, first, "failed", way)).toBe(200);

    expect(await state()).toMatchObject({
      run: "queued",
      outcome: null,
      ended: false,
      streak: 0,
      slot: "ran",
    });
    const second = await claim(other);
    expect([second.runId, second.attempt]).toEqual([first.runId, 2]);
    await report(other, second, "passed", way);
    expect(await state()).toMatchObject({
      run: "finished",
      outcome: "passed",
      ended: true,
      streak: 0,
      slot: "ran",
      slots: 1,
      counted: 1,
      assertions: 1,
    });
    expect(await attempts()).toEqual([{ attempt: 1, outcome: "failed", failed: 1 }]);
  });

  test("has failed when the retries are used up, once", async () => {
    const { one, state, attempts } = await stage({ retryAttempts: 2 });

    for (let attempt = 1; attempt <= 3; attempt++) await report(one, await claim(one), "failed", way);

    expect(await state()).toMatchObject({
      outcome: "failed",
      attempt: 3,
      streak: 1,
      counted: 1,
      ended: true,
    });
    expect((await attempts()).map((row) => row["attempt"])).toEqual([1, 2]);
  });

  test("is not run again without retries", async () => {
    const { one, state } = await stage({});

    await report(one, await claim(one), "failed", way);

    expect(await state()).toMatchObject({ outcome: "failed", streak: 1 });
  });
});

test.each(["passed", "aborted"] as const)("a run that %s is not run again", async (outcome) => {
  const { one, state } = await stage({ retryAttempts: 2 });

  await report(one, await claim(one), outcome);

  expect(await state()).toMatchObject({ outcome, ended: true });
});

test("a run that somebody cancels is not run again, however it ends", async () => {
  const { one, state } = await stage({ retryAttempts: 2 });
  const run = await claim(one);
  await cancelExecution(h.deps, run.executionId);

  await report(one, run, "failed");

  expect(await state()).toMatchObject({ outcome: "failed", ended: true });
});

test("a result that is sent twice is counted once: the second time the run has gone on", async () => {
  const { one, state, attempts } = await stage({ retryAttempts: 2 });
  const run = await claim(one);
  await report(one, run, "failed");

  expect(await report(one, run, "failed")).toBe(409);
  await claim(one);
  expect(await report(one, run, "failed")).toBe(409);

  expect(await state()).toMatchObject({ run: "leased", attempt: 2 });
  expect(await attempts()).toHaveLength(1);
});

test("a retry that no runner takes in time leaves the failure as the result, with its counts", async () => {
  const { one, state } = await stage({ retryAttempts: 1 });
  const run = await claim(one);
  await report(one, run, "failed");
  await expireQueue(run.runId);

  await sweep(h.deps, { leases: true });

  expect(await state()).toMatchObject({
    outcome: "failed",
    reason: "assertion_failed",
    assertions: 1,
    hasRunner: true,
    streak: 1,
    slot: "ran",
  });
});

test.each([
  ["its own runner", true],
  ["any that sees it", false],
])("a retry of a monitor waits for %s", async (_case, pinned) => {
  const { one, monitor } = await stage({ retryAttempts: 1, pinned });
  const stranger = await h.make.runner({ visibility: "selected" });
  await h.sql`insert into runner_workspaces values (${stranger.id}, ${monitor.workspaceId})`;
  const elsewhere = instanceOf(h.app, stranger);
  await elsewhere.register();
  await report(one, await claim(one), "failed");

  const taken = await elsewhere.claim();

  expect(taken).toHaveLength(pinned ? 0 : 1);
  if (pinned) expect(await one.claim()).toHaveLength(1);
});

describe("a lost run", () => {
  test("ends when its monitor does not allow more", async () => {
    const { one, state } = await stage({ retryAttempts: 2 });
    await expireLease((await claim(one)).runId);

    await sweep(h.deps, { leases: true });

    expect(await state()).toMatchObject({ outcome: "errored", reason: "runner_lost", slot: "lost" });
  });

  test("goes to another instance where that is allowed, and ends once", async () => {
    const { one, other, state, attempts } = await stage({ rerunLost: true });
    const lost = await claim(one);
    await one.send(lost, eventsOf().slice(0, 3));
    await expireLease(lost.runId);

    await sweep(h.deps, { leases: true });

    expect(await state()).toMatchObject({ run: "queued", ended: false, streak: 0 });
    const again = await claim(other);
    expect([again.runId, again.attempt]).toEqual([lost.runId, 2]);
    expect(await one.beat([lost])).toMatchObject({ lost: [{ runId: lost.runId, attempt: 1 }] });
    expect(await report(one, lost, "failed")).toBe(409);
    await report(other, again, "passed");
    expect(await report(one, lost, "failed")).toBe(409);
    expect(await state()).toMatchObject({
      outcome: "passed",
      ended: true,
      counted: 1,
      slots: 1,
      slot: "ran",
      assertions: 1,
    });
    expect(await attempts()).toEqual([{ attempt: 1, outcome: "lost", failed: 0 }]);
  });

  test("is refused to its old instance from the moment that it waits again", async () => {
    const { one, state } = await stage({ rerunLost: true });
    const lost = await claim(one);
    await expireLease(lost.runId);
    await sweep(h.deps, { leases: true });

    expect(await report(one, lost, "passed")).toBe(409);

    expect(await state()).toMatchObject({ run: "queued", outcome: null });
  });

  test("that takes three instances with it is given up", async () => {
    const { one, state } = await stage({ rerunLost: true });
    for (let attempt = 1; attempt <= 3; attempt++) {
      await expireLease((await claim(one)).runId);
      await sweep(h.deps, { leases: true });
    }

    expect(await state()).toMatchObject({
      outcome: "errored",
      reason: "runner_lost",
      attempt: 3,
      slot: "lost",
    });
  });

  test("stays lost when nobody takes it again in time", async () => {
    const { one, state } = await stage({ rerunLost: true });
    const { runId } = await claim(one);
    await expireLease(runId);
    await sweep(h.deps, { leases: true });
    await expireQueue(runId);

    await sweep(h.deps, { leases: true });

    expect(await state()).toMatchObject({
      outcome: "errored",
      reason: "runner_lost",
      slot: "lost",
      streak: 1,
    });
  });

  test.each([
    ["the one runner that it was for", true, "finished"],
    ["a runner of many", false, "queued"],
  ])("of %s, which was deleted, is %p: %s", async (_case, pinned, status) => {
    const { one, runner, state } = await stage({ rerunLost: true, pinned });
    await claim(one);
    const actor = {
      userId: runner.createdBy,
      email: "",
      name: "",
      role: "admin",
      via: "cli",
      scopes: null,
    } as const;
    await deleteRunner(h.database, actor, runner.id);

    await sweep(h.deps, { leases: true });

    expect(await state()).toMatchObject({ run: status });
  });

  test("is queued again once, however many servers sweep", async () => {
    const { one, other, attempts } = await stage({ rerunLost: true });
    await expireLease((await claim(one)).runId);

    await Promise.all(Array.from({ length: 5 }, () => sweep(h.deps, { leases: true })));

    expect(await attempts()).toHaveLength(1);
    const claimed = await Promise.all([one.claim(), other.claim()]);
    expect(claimed.flat()).toHaveLength(1);
  });

  test("is told to the instance beforehand, which then stops by itself", async () => {
    const { one } = await stage({ rerunLost: true });

    expect(await claim(one)).toMatchObject({ rerunsWhenLost: true });
  });
});
