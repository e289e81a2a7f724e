import { afterAll, beforeAll, expect, test } from "bun:test";

import { systemClock } from "../../src/lib/clock.ts";
import { triggerExecution } from "../../src/runs/trigger.ts";
import { chooseWaiters } from "../../src/runs/wakeups.ts";
import { eventually } from "../support/eventually.ts";
import { harness, instanceOf, runnerApp, testDeps } from "./harness.ts";

let h: Awaited<ReturnType<typeof harness>>;
const stopping = new AbortController();
const HOUR_MS = 3_600_000;
beforeAll(async () => {
  h = await harness();
});
afterAll(() => stopping.abort());

async function stage(clock = systemClock) {
  const deps = { ...testDeps(h.database, stopping), clock };
  const monitor = await h.make.monitor();
  const runner = await h.make.runner({ visibility: "selected" });
  await h.sql`insert into runner_workspaces values (${runner.id}, ${monitor.workspaceId})`;
  const instance = instanceOf(runnerApp(deps), runner);
  await instance.register();
  const trigger = () =>
    triggerExecution(h.deps, { monitorId: monitor.id, trigger: "manual", triggeredBy: null });
  return { deps, monitor, runner, instance, trigger };
}

const listens = () =>
  eventually(async () => {
    const [row] = await h.sql<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity
       where datname = current_database() and state = 'idle' and query ilike 'listen %run_queued%'`;
    return row && row.n > 0;
  });

test("a run that another server queues wakes a waiting claim by its notification alone", async () => {
  // The look at the queue that would find it, too, never comes.
  const { instance, trigger } = await stage({
    ...systemClock,
    sleep: (_delayMs, signal) => systemClock.sleep(HOUR_MS, signal),
  });
  const waiting = instance.claim(1, 25);
  await listens();

  const { runIds } = await trigger();
  const [assignment] = await waiting;

  expect(assignment?.runId).toBe(runIds[0] ?? "");
});

test("a claim without work answers empty when its time is over", async () => {
  const { instance } = await stage();

  expect(await instance.claim(1, 0.05)).toEqual([]);
});

test("waiting claims answer at once when the server stops", async () => {
  const own = new AbortController();
  const { runner } = await stage();
  const instance = instanceOf(runnerApp(testDeps(h.database, own)), runner);
  await instance.register();
  const waiting = instance.claim(1, 25);

  own.abort();

  expect(await waiting).toEqual([]);
});

test("a client that is gone takes no run with it", async () => {
  const { instance, trigger } = await stage();
  const gone = new AbortController();
  const waiting = instance.claim(1, 25, gone.signal).catch(() => []);
  gone.abort();
  await waiting;

  const { runIds } = await trigger();

  const [assignment] = await instance.claim();
  expect(assignment?.runId).toBe(runIds[0] ?? "");
});

test("a missed notification costs no more than the next look at the queue", async () => {
  const { instance, monitor } = await stage();
  const waiting = instance.claim(1, 25);

  const run = await h.make.run({ monitorId: monitor.id });
  const [assignment] = await waiting;

  expect(assignment?.runId).toBe(run.id);
});

const sees = (runnerId: string, workspaces: string[] | null = null) => ({
  runnerId,
  workspaceIds: workspaces && new Set(workspaces),
});

test("no more polls are woken than there are runs, longest waiting first", () => {
  const waiters = [sees("a"), sees("b"), sees("c")];

  const woken = chooseWaiters([{ runnerId: null, workspaceId: "w", runs: 2 }], waiters);

  expect(woken.map((waiter) => waiter.runnerId)).toEqual(["a", "b"]);
});

test("only polls that could take a run are woken for it", () => {
  const waiters = [sees("a", ["x"]), sees("b", ["w"]), sees("c")];
  const pinned = { runnerId: "c", workspaceId: "w", runs: 1 };
  const open = { runnerId: null, workspaceId: "w", runs: 1 };

  expect(chooseWaiters([pinned], waiters).map((waiter) => waiter.runnerId)).toEqual(["c"]);
  expect(chooseWaiters([open], waiters).map((waiter) => waiter.runnerId)).toEqual(["b"]);
  expect(chooseWaiters([], waiters)).toEqual([]);
});
