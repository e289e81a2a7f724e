import { expect, test } from "bun:test";

import { newId } from "../../src/lib/ids.ts";
import { claimRuns, releaseRuns } from "../../src/runs/queue.ts";
import { triggerExecution } from "../../src/runs/trigger.ts";
import { eventsOf, harness, instanceOf } from "./harness.ts";

async function stage() {
  const h = await harness();
  const runner = await h.make.runner();
  const instance = await h.make.runnerInstance({ runnerId: runner.id });
  const claim = (free = 10, { id, keyHash }: { id: string; keyHash: string } = runner) =>
    claimRuns(h.database, { runnerId: id, keyHash, instanceId: instance.id, free });
  return { ...h, runner, claim };
}

test("twenty claimers and two hundred runs: every run goes to exactly one", async () => {
  const { claim, make, sql } = await stage();
  const run = await make.run();
  await sql`
    insert into runs (id, execution_id, monitor_id, workspace_id, valid_until)
    select gen_random_uuid(), execution_id, monitor_id, workspace_id, valid_until
      from runs, generate_series(1, 199) where id = ${run.id}`;

  const claimUntilEmpty = async () => {
    const claimed: string[] = [];
    for (;;) {
      const runs = await claim(3);
      if (runs.length === 0) return claimed;
      claimed.push(...runs.map(({ runId }) => runId));
    }
  };
  const claimed = (await Promise.all(Array.from({ length: 20 }, claimUntilEmpty))).flat();

  expect(claimed).toHaveLength(200);
  expect(new Set(claimed).size).toBe(200);
});

test("a claim takes no more runs than there are free places, oldest first", async () => {
  const { claim, make } = await stage();
  const younger = await make.run({ queuedAt: new Date("2026-01-02") });
  const older = await make.run({ queuedAt: new Date("2026-01-01") });

  const first = await claim(1);
  const second = await claim(1);

  expect([first, second].flat().map((run) => run.runId)).toEqual([older.id, younger.id]);
});

test("a run for one runner is not given to another", async () => {
  const { claim, make, runner } = await stage();
  const other = await make.runner();
  const run = await make.run({ runnerId: other.id });

  expect(await claim()).toEqual([]);
  expect(await claim(1, other)).toMatchObject([{ runId: run.id, pinned: true }]);
  expect(runner.id).not.toBe(other.id);
});

test("a runner gets runs only of workspaces that it sees, even runs that name it", async () => {
  const { claim, make, sql } = await stage();
  const selected = await make.runner({ visibility: "selected" });
  const hidden = await make.run();
  await make.run({ runnerId: selected.id });
  const seen = await make.run();
  await sql`insert into runner_workspaces values (${selected.id}, ${seen.workspaceId})`;

  const claimed = await claim(10, selected);

  expect(claimed.map((run) => run.runId)).toEqual([seen.id]);
  expect((await claim()).map((run) => run.runId)).toEqual([hidden.id]);
});

test("a deleted runner gets nothing", async () => {
  const { claim, make, runner } = await stage();
  await make.run();

  expect(await claim(1, { ...runner, id: newId() })).toEqual([]);
});

test("a key that ended after its claim had come in gets nothing, one in its time of grace does", async () => {
  const { claim, make, runner, sql } = await stage();
  const run = await make.run();
  const expireIn = (seconds: number) => sql`
    update runners set previous_key_hash = 'old', previous_key_expires_at = now() + make_interval(secs => ${seconds})
     where id = ${runner.id}`;
  const old = { ...runner, keyHash: "old" };

  const unknown = await claim(1, old);
  await expireIn(-1);
  const ended = await claim(1, old);
  await expireIn(3600);
  const inGrace = await claim(1, old);

  expect([unknown, ended]).toEqual([[], []]);
  expect(inGrace).toMatchObject([{ runId: run.id }]);
});

test("a run that is no longer valid is not handed out", async () => {
  const { claim, make } = await stage();
  await make.run({ validUntil: new Date("2026-01-01") });

  expect(await claim()).toEqual([]);
});

test("every claim of a run raises its attempt", async () => {
  const { claim, database, make } = await stage();
  await make.run();
  const first = await claim();
  await releaseRuns(database, first);

  const second = await claim();

  expect([first[0]?.attempt, second[0]?.attempt]).toEqual([1, 2]);
});

test("a run that is given back is open again to whom it was before", async () => {
  const { claim, database, make, runner, sql } = await stage();
  const [open, pinned] = [await make.run(), await make.run({ runnerId: runner.id })];

  await releaseRuns(database, await claim());

  const rows = await sql`select id, runner_id, status, instance_id, lease_expires_at from runs`;
  const released = { status: "queued", instance_id: null, lease_expires_at: null };
  expect(rows.find((row) => row["id"] === open.id)).toMatchObject({ ...released, runner_id: null });
  expect(rows.find((row) => row["id"] === pinned.id)).toMatchObject({ ...released, runner_id: runner.id });
});

test("a run that waits for another execution is claimable once that has finished", async () => {
  const { app, deps, make, runner, sql, claim } = await stage();
  const monitor = await make.monitor({ overlapPolicy: "queue" });
  const instance = instanceOf(app, runner);
  await instance.register();
  const before = await triggerExecution(deps, { monitorId: monitor.id, trigger: "api", triggeredBy: null });
  const [running] = await instance.claim();
  const waiting = await make.run({ monitorId: monitor.id });
  await sql`update runs set after_execution_id = ${before.id} where id = ${waiting.id}`;

  expect(await claim()).toEqual([]);
  await instance.send({ runId: running?.runId ?? "", attempt: 1 }, eventsOf());

  expect(await claim()).toMatchObject([{ runId: waiting.id }]);
});

test("an execution with two runs ends with the last of them, as the worse of both", async () => {
  const { app, deps, make, sql } = await stage();
  const monitor = await make.monitor();
  const runners = [await make.runner(), await make.runner()];
  const instances = runners.map((runner) => instanceOf(app, runner));
  for (const [index, instance] of instances.entries()) {
    await instance.register();
    await sql`insert into monitor_runners values (${monitor.id}, ${runners[index]?.id ?? ""})`;
  }
  await triggerExecution(deps, { monitorId: monitor.id, trigger: "api", triggeredBy: null });
  const claims = await Promise.all(instances.map((instance) => instance.claim()));

  await Promise.all(
    instances.map((instance, index) =>
      instance.send(
        { runId: claims[index]?.[0]?.runId ?? "", attempt: 1 },
        eventsOf(index ? "failed" : "passed"),
      ),
    ),
  );

  expect(await sql`select outcome from executions`).toMatchObject([{ outcome: "failed" }]);
  expect(await sql`select failure_streak, state from monitors`).toMatchObject([
    { failure_streak: 1, state: "failed" },
  ]);
});

test("two last runs that end at the same moment end their execution exactly once", async () => {
  const { app, deps, make, sql } = await stage();
  const monitor = await make.monitor();
  const runners = await Promise.all(Array.from({ length: 6 }, () => make.runner()));
  const instances = runners.map((runner) => instanceOf(app, runner));
  for (const [index, instance] of instances.entries()) {
    await instance.register();
    await sql`insert into monitor_runners values (${monitor.id}, ${runners[index]?.id ?? ""})`;
  }
  for (let round = 1; round <= 5; round++) {
    await triggerExecution(deps, { monitorId: monitor.id, trigger: "api", triggeredBy: null });
    const claims = await Promise.all(instances.map((instance) => instance.claim()));

    await Promise.all(
      instances.map((instance, index) =>
        instance.send({ runId: claims[index]?.[0]?.runId ?? "", attempt: 1 }, eventsOf("failed")),
      ),
    );

    expect(await sql`select count(*)::int as open from executions where finished_at is null`).toMatchObject([
      { open: 0 },
    ]);
    expect(await sql`select failure_streak from monitors`).toMatchObject([{ failure_streak: round }]);
  }
});
