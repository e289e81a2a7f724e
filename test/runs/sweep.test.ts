import { beforeAll, expect, test } from "bun:test";

import { deleteRunner } from "../../src/fleet/store.ts";
import { startSweeper, sweep } from "../../src/runs/sweep.ts";
import { triggerExecution } from "../../src/runs/trigger.ts";
import { fireMonitors } from "../../src/schedules/store.ts";
import { eventually } from "../support/eventually.ts";
import { eventsOf, harness, instanceOf } from "./harness.ts";

let h: Awaited<ReturnType<typeof harness>>;
beforeAll(async () => {
  h = await harness();
});

const slotAt = new Date("2026-03-02T10:00:00Z");
const expireLease = (runId: string) =>
  h.sql`update runs set lease_expires_at = now() - interval '1 millisecond' where id = ${runId}`;

/** A monitor of one runner whose slot has just fired. */
async function stage() {
  const monitor = await h.make.monitor({ cron: "* * * * *", nextRunAt: slotAt });
  const runner = await h.make.runner();
  await h.sql`insert into monitor_runners values (${monitor.id}, ${runner.id})`;
  const instance = instanceOf(h.app, runner);
  await instance.register();
  const firing = { dueAt: slotAt, slotAt, nextAt: null, collapsed: 0, runs: true, validMs: 60_000 };
  await fireMonitors(h.database, [{ monitorId: monitor.id, ...firing }]);
  const state = async () => {
    const [row] = await h.sql`
      select r.id, r.status as run, r.outcome, r.reason, s.status as slot, s.reason as "slotReason",
             (select sum(errored)::int from run_hours h where h.monitor_id = m.id) as counted, e.finished_at is not null as ended,
             m.failure_streak as streak
        from runs r join executions e on e.id = r.execution_id join monitors m on m.id = r.monitor_id
             join slots s on s.monitor_id = m.id
       where m.id = ${monitor.id}`;
    return row;
  };
  const claimOne = async () => {
    const [assignment] = await instance.claim();
    if (!assignment) throw new Error("nothing was claimed");
    return assignment;
  };
  return { monitor, runner, instance, state, claimOne };
}

test("a lease that expires ends the run as errored and its slot as lost", async () => {
  const { claimOne, state } = await stage();
  const run = await claimOne();
  await expireLease(run.runId);

  await sweep(h.deps, { leases: true });

  expect(await state()).toMatchObject({
    run: "finished",
    outcome: "errored",
    reason: "runner_lost",
    slot: "lost",
    ended: true,
    streak: 1,
    counted: 1,
  });
});

test("a slot that had started is lost all the same when its only runner dies", async () => {
  const { claimOne, instance, state } = await stage();
  const run = await claimOne();
  await instance.send(run, eventsOf().slice(0, 2));
  expect(await state()).toMatchObject({ slot: "late" });
  await expireLease(run.runId);

  await sweep(h.deps, { leases: true });

  expect(await state()).toMatchObject({ slot: "lost", slotReason: "runner_lost" });
});

test("a late result after the sweep is refused and changes nothing", async () => {
  const { claimOne, instance, state } = await stage();
  const run = await claimOne();
  await expireLease(run.runId);
  await sweep(h.deps, { leases: true });

  const answer = await instance.send(run, eventsOf());

  expect(answer.status).toBe(409);
  expect(await state()).toMatchObject({ outcome: "errored", reason: "runner_lost", streak: 1 });
});

test("a run that no runner takes in time is errored and its slot missed", async () => {
  const { state } = await stage();
  const queued = await state();
  await h.sql`update runs set valid_until = now() where id = ${queued?.["id"]}`;

  await sweep(h.deps, { leases: true });

  expect(await state()).toMatchObject({
    outcome: "errored",
    reason: "no_runner",
    slot: "missed",
    slotReason: "no_runner",
    ended: true,
    streak: 1,
  });
});

test("many servers that sweep at once end a run once", async () => {
  const { claimOne, state } = await stage();
  const run = await claimOne();
  await expireLease(run.runId);

  const ended = await Promise.all(Array.from({ length: 8 }, () => sweep(h.deps, { leases: true })));

  expect(ended.reduce((sum, count) => sum + count, 0)).toBe(1);
  expect(await state()).toMatchObject({ streak: 1 });
});

test("a sweep leaves alone what is held and what may still be claimed", async () => {
  const running = await stage();
  await running.claimOne();
  const waiting = await stage();

  await sweep(h.deps, { leases: true });

  expect(await running.state()).toMatchObject({ run: "leased", slot: "pending" });
  expect(await waiting.state()).toMatchObject({ run: "queued", slot: "pending" });
});

test("right after an outage expired leases wait, so that running instances can report", async () => {
  const { claimOne, instance, state } = await stage();
  const run = await claimOne();
  await expireLease(run.runId);

  await sweep(h.deps, { leases: false });
  const answer = await instance.send(run, eventsOf());

  expect(answer.status).toBe(200);
  expect(await state()).toMatchObject({ outcome: "passed", slot: "late" });
});

test("deleting a runner ends what it was executing as lost, at once", async () => {
  const { claimOne, instance, runner, state } = await stage();
  const run = await claimOne();
  const admin = await h.make.user({ role: "admin" });
  const actor = {
    userId: admin.id,
    email: "",
    name: "",
    role: "admin",
    via: "api_key",
    scopes: null,
  } as const;

  await deleteRunner(h.database, actor, runner.id);
  await sweep(h.deps, { leases: false });

  expect(await state()).toMatchObject({ reason: "runner_lost", slot: "lost" });
  await eventually(async () => (await instance.send(run, eventsOf())).status === 401);
});

test("deleting a runner misses what waited for it, and its monitor does not move to another one", async () => {
  const { monitor, runner, state } = await stage();
  const admin = await h.make.user({ role: "admin" });
  const actor = {
    userId: admin.id,
    email: "",
    name: "",
    role: "admin",
    via: "api_key",
    scopes: null,
  } as const;
  await deleteRunner(h.database, actor, runner.id);

  await sweep(h.deps, { leases: true });
  const { runIds } = await triggerExecution(h.deps, {
    monitorId: monitor.id,
    trigger: "manual",
    triggeredBy: null,
  });

  const [next] = await h.sql`select runner_id from runs where id = ${runIds[0] ?? ""}`;
  expect(next?.["runner_id"]).toBe(runner.id);
  expect(await h.sql`select status from slots where monitor_id = ${monitor.id}`).toMatchObject([
    { status: "missed" },
  ]);
  expect(await state()).toBeDefined();
});

test("the sweeper ends what has expired while it runs, and stops when told", async () => {
  const { state } = await stage();
  const queued = await state();
  await h.sql`update runs set valid_until = now() where id = ${queued?.["id"]}`;

  const sweeper = startSweeper(h.deps);
  await eventually(async () => (await state())?.["slot"] === "missed");

  await sweeper.stop();
});
