import { beforeAll, expect, test } from "bun:test";

import { createSecretBox } from "../../src/lib/seal.ts";
import { listSteps } from "../../src/runs/read.ts";
import { cancelExecution, triggerExecution } from "../../src/runs/trigger.ts";
import { eventually } from "../support/eventually.ts";
import { eventsOf, harness, instanceOf } from "./harness.ts";

let h: Awaited<ReturnType<typeof harness>>;
beforeAll(async () => {
  h = await harness();
});

/** A registered instance that sees one workspace of its own, and a monitor there. */
async function stage() {
  const monitor = await h.make.monitor();
  const runner = await h.make.runner({ visibility: "selected" });
  await h.sql`insert into runner_workspaces values (${runner.id}, ${monitor.workspaceId})`;
  const instance = instanceOf(h.app, runner);
  await instance.register();
  const trigger = () =>
    triggerExecution(h.deps, { monitorId: monitor.id, trigger: "manual", triggeredBy: null });
  const claimOne = async () => {
    await trigger();
    const [assignment] = await instance.claim();
    if (!assignment) throw new Error("nothing was claimed");
    return assignment;
  };
  const runRow = async (runId: string) => {
    const [row] = await h.sql`select * from runs where id = ${runId}`;
    return row;
  };
  const monitorRow = async () => {
    const [row] = await h.sql`select * from monitors where id = ${monitor.id}`;
    return row;
  };
  return { monitor, runner, instance, trigger, claimOne, runRow, monitorRow };
}

test("a triggered monitor is claimed, reported and finished", async () => {
  const { instance, claimOne, runRow } = await stage();
  const run = await claimOne();

  const answer = await instance.send(run, eventsOf());

  expect(answer).toEqual({ status: 200, body: { acknowledgedSeq: 4, cancel: false } });
  expect(await runRow(run.runId)).toMatchObject({
    status: "finished",
    outcome: "passed",
    requests_total: 1,
    assertions_total: 1,
    response_ms_total: 10,
    response_bytes_total: "50",
    steps_planned: 1,
    lease_expires_at: null,
  });
  const [execution] = await h.sql`select * from executions where id = ${run.executionId}`;
  expect(execution).toMatchObject({ outcome: "passed" });
  expect(execution?.["finished_at"]).toBeInstanceOf(Date);
});

test("an assignment carries the collection, the options and the environment sealed to the instance", async () => {
  const box = createSecretBox(new Uint8Array(32).fill(7));
  const app = await harness();
  app.deps.secretBox = box;
  const environment = await app.make.environment({
    values: [
      { key: "token", value: { $sealed: box.seal(JSON.stringify("s3cret")) }, type: "secret", enabled: true },
    ],
  });
  const monitor = await app.make.monitor({ environmentId: environment.id });
  const instance = instanceOf(app.app, await app.make.runner());
  await instance.register();
  await triggerExecution(app.deps, { monitorId: monitor.id, trigger: "api", triggeredBy: null });

  const [assignment] = await instance.claim();

  expect(assignment).toMatchObject({
    attempt: 1,
    monitorId: monitor.id,
    options: { requestTimeoutMs: 0, scriptTimeoutMs: 5000, runTimeoutMs: 300_000, strictSsl: true },
  });
  expect(assignment?.collection["item"]).toHaveLength(1);
  expect(JSON.stringify(assignment)).not.toContain("s3cret");
  expect(JSON.parse(instance.keys.open(assignment?.sealedEnvironment ?? ""))).toMatchObject({
    id: environment.id,
    values: [{ key: "token", value: "s3cret" }],
  });
});

test("a run whose environment cannot be opened ends errored instead of being handed out", async () => {
  const { monitor, instance, trigger, runRow } = await stage();
  const broken = {
    key: "token",
    value: { $sealed: "bm90IHNlYWxlZCBieSB1cyBhdCBhbGwsIHJlYWxseQ==" },
    type: "secret",
  };
  const environment = await h.make.environment({ workspaceId: monitor.workspaceId, values: [broken] });
  await h.sql`update monitors set environment_id = ${environment.id} where id = ${monitor.id}`;
  const { runIds } = await trigger();

  expect(await instance.claim()).toEqual([]);
  expect(await runRow(runIds[0] ?? "")).toMatchObject({ outcome: "errored", reason: "internal" });
});

test.each([
  ["no credential", { authorization: "" }, 401],
  ["a wrong key", { authorization: "Bearer sprk_wrong" }, 401],
  ["an unknown runner", { "x-sallyport-runner": "00000000-0000-4000-8000-000000000000" }, 401],
  ["an id that is none", { "x-sallyport-runner": "x'; drop table runs" }, 401],
  ["an older protocol", { "x-sallyport-protocol": "0" }, 426],
  ["a newer protocol", { "x-sallyport-protocol": "99" }, 426],
  ["no protocol", { "x-sallyport-protocol": "" }, 400],
])("a call with %s is refused", async (_case, headers, status) => {
  const { instance } = await stage();

  for (const path of ["register", "claim", "heartbeat", "deregister", `runs/${crypto.randomUUID()}/events`]) {
    const answer = await instance.post(`/runner/v1/${path}`, {}, { headers });
    expect(answer.status).toBe(status);
  }
});

test("a protocol mismatch says which side to upgrade", async () => {
  const { instance } = await stage();
  const messageFor = async (version: string) => {
    const headers = { "x-sallyport-protocol": version };
    return (await instance.post("/runner/v1/register", {}, { headers })).text();
  };

  expect(await messageFor("99")).toContain("upgrade the control plane");
  expect(await messageFor("0")).toContain("upgrade the runner");
});

test("a body that the contract does not allow is refused with the name of the field", async () => {
  const { instance } = await stage();

  const answer = await instance.post("/runner/v1/claim", {
    instanceId: instance.id,
    free: 0,
    waitSeconds: 0,
  });

  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain("free");
});

test("a batch that is sent twice counts once", async () => {
  const { instance, claimOne, runRow } = await stage();
  const run = await claimOne();
  const [started, stepStarted, stepFinished] = eventsOf();

  await instance.send(run, [started, stepStarted, stepFinished]);
  const again = await instance.send(run, [started, stepStarted, stepFinished]);

  expect(again).toEqual({ status: 200, body: { acknowledgedSeq: 3, cancel: false } });
  expect(await runRow(run.runId)).toMatchObject({ status: "leased", requests_total: 1 });
});

test("batches in the wrong order end the run once nothing is missing", async () => {
  const { instance, claimOne, runRow } = await stage();
  const run = await claimOne();
  const [started, stepStarted, stepFinished, finished] = eventsOf("failed");

  const early = await instance.send(run, [stepFinished, finished]);
  expect(await runRow(run.runId)).toMatchObject({ status: "leased" });
  const late = await instance.send(run, [started, stepStarted]);

  expect(early.body.acknowledgedSeq).toBe(0);
  expect(late.body.acknowledgedSeq).toBe(4);
  expect(await runRow(run.runId)).toMatchObject({
    status: "finished",
    outcome: "failed",
    assertions_failed: 1,
  });
});

test("the end of a run, reported many times at once, advances the streak once", async () => {
  const { instance, claimOne, monitorRow } = await stage();
  const run = await claimOne();

  const answers = await Promise.all(Array.from({ length: 5 }, () => instance.send(run, eventsOf("failed"))));

  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
  expect(await monitorRow()).toMatchObject({ failure_streak: 1, state: "failed" });
});

test("the streak counts executions that did not pass and is reset by one that did", async () => {
  const { instance, claimOne, monitorRow } = await stage();

  await instance.send(await claimOne(), eventsOf("failed"));
  await instance.send(await claimOne(), eventsOf("failed"));
  expect(await monitorRow()).toMatchObject({ failure_streak: 2, state: "failed" });
  await instance.send(await claimOne(), eventsOf("passed"));

  expect(await monitorRow()).toMatchObject({ failure_streak: 0, state: "passed" });
});

test("a monitor keeps the instant since when it has its state", async () => {
  const { instance, claimOne, monitorRow } = await stage();
  await instance.send(await claimOne(), eventsOf("failed"));
  const before = await monitorRow();

  await instance.send(await claimOne(), eventsOf("failed"));

  expect((await monitorRow())?.["state_since"]).toEqual(before?.["state_since"]);
});

test("a late result of a lost lease is refused", async () => {
  const { instance, claimOne, runRow } = await stage();
  const run = await claimOne();
  await h.sql`update runs set attempt = attempt + 1 where id = ${run.runId}`;

  const answer = await instance.send(run, eventsOf());

  expect(answer.status).toBe(409);
  expect(answer.body.error?.name).toBe("lease_lost");
  expect(await runRow(run.runId)).toMatchObject({ status: "leased", highest_seq: 0 });
});

test("a runner cannot write to a run of another runner", async () => {
  const { claimOne } = await stage();
  const run = await claimOne();
  const stranger = await stage();

  const answer = await stranger.instance.send(run, eventsOf());

  expect(answer.status).toBe(409);
});

test("events of a run that does not exist are refused with 404", async () => {
  const { instance } = await stage();

  const unknown = await instance.send({ runId: crypto.randomUUID(), attempt: 1 }, eventsOf());
  const malformed = await instance.send({ runId: "nonsense", attempt: 1 }, eventsOf());

  expect([unknown.status, malformed.status]).toEqual([404, 404]);
});

test("text that Postgres cannot hold does not cost the run its result", async () => {
  const { instance, claimOne, runRow } = await stage();
  const run = await claimOne();
  const events = JSON.parse(JSON.stringify(eventsOf("failed")));
  events[2].step.name = "nul \u0000 and half a pair \ud800";
  events[3].summary.detail = "nul \u0000 too \udc00";

  const answer = await instance.send(run, events);

  expect(answer.status).toBe(200);
  expect(await runRow(run.runId)).toMatchObject({ status: "finished", detail: "nul \u{FFFD} too \u{FFFD}" });
  const { steps } = await listSteps(h.database, run.runId);
  expect(steps[0]?.name).toBe("nul \u0000 and half a pair \ud800");
});

test("a heartbeat renews what is held and names what is lost", async () => {
  const { instance, claimOne, runRow } = await stage();
  const [held, lost] = [await claimOne(), await claimOne()];
  await h.sql`update runs set lease_expires_at = now() - interval '1 second' where id = ${held.runId}`;
  const gone = { runId: crypto.randomUUID(), attempt: 1 };

  const answer = await instance.beat([held, { runId: lost.runId, attempt: 7 }, gone]);

  expect(answer).toEqual({ cancel: [], lost: [{ runId: lost.runId, attempt: 7 }, gone] });
  const [row] = await h.sql`select lease_expires_at > now() as renewed from runs where id = ${held.runId}`;
  expect(row?.["renewed"]).toBe(true);
  expect(await runRow(lost.runId)).toMatchObject({ status: "leased", attempt: 1 });
});

test("a heartbeat tells what the instance uses; without it, or with nonsense, that is unknown", async () => {
  const { instance } = await stage();
  const usageAfter = async (more: object) => {
    await instance.beat([], more);
    const [row] = await h.sql`
      select cpu_share as cpu, memory_bytes::float8 as memory from runner_instances where id = ${instance.id}`;
    return [row?.["cpu"], row?.["memory"]];
  };

  expect(await usageAfter({ usage: { cpuShare: 0.25, memoryBytes: 180_000_000 } })).toEqual([
    0.25, 180_000_000,
  ]);
  expect(await usageAfter({ usage: { cpuShare: "much" } })).toEqual([null, null]);
  expect(await usageAfter({ usage: { cpuShare: 1, memoryBytes: 9_000_000_000_000 } })).toEqual([
    1, 9_000_000_000_000,
  ]);
  expect(await usageAfter({})).toEqual([null, null]);
});

test("cancelling ends a queued run at once", async () => {
  const { instance, trigger, runRow } = await stage();
  const execution = await trigger();

  expect(await cancelExecution(h.deps, execution.id)).toBe(true);

  expect(await runRow(execution.runIds[0] ?? "")).toMatchObject({ outcome: "aborted", reason: "cancelled" });
  expect(await instance.claim()).toEqual([]);
  expect(await cancelExecution(h.deps, execution.id)).toBe(false);
});

test("cancelling a running run reaches its instance with the next answer, and leaves the streak alone", async () => {
  const { instance, claimOne, monitorRow } = await stage();
  const run = await claimOne();
  const [started] = eventsOf();
  await cancelExecution(h.deps, run.executionId);

  const sent = await instance.send(run, [started]);
  const beat = await instance.beat([run]);
  await instance.send(run, eventsOf("aborted"));

  expect(sent.body.cancel).toBe(true);
  expect(beat.cancel).toMatchObject([{ runId: run.runId, reason: "cancelled" }]);
  expect(await monitorRow()).toMatchObject({ state: "aborted", failure_streak: 0 });
});

test("registering again with the same unique id is the same instance", async () => {
  const { runner } = await stage();
  const instance = instanceOf(h.app, runner);
  const body = {
    hostname: "host",
    uniqueId: "same",
    version: "0.1.0",
    osType: "linux",
    concurrency: 1,
    clock: "not a time",
    publicKey: instance.keys.publicKey,
  };

  const [first, second] = [
    await instance.post("/runner/v1/register", body),
    await instance.post("/runner/v1/register", body),
  ];

  expect(await first.json()).toEqual(await second.json());
});

test("an instance that is not known is told to register", async () => {
  const { instance } = await stage();

  const answer = await instance.post("/runner/v1/claim", {
    instanceId: crypto.randomUUID(),
    free: 1,
    waitSeconds: 0,
  });

  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain("register again");
});

test("a run whose assignment went into the void is handed out again, one that arrived or was begun is not", async () => {
  const { instance, claimOne } = await stage();
  const unheard = await claimOne();
  const heard = await claimOne();
  const begun = await claimOne();
  await instance.send(begun, eventsOf().slice(0, 1));

  const assignments = await instance.claim(5, 0, undefined, [heard]);

  expect(assignments.map(({ runId, attempt }) => ({ runId, attempt }))).toEqual([
    { runId: unheard.runId, attempt: 2 },
  ]);
  expect((await instance.send(unheard, eventsOf())).status).toBe(409);
});

test("a claim after one without an answer ends that one, which would take runs into the void", async () => {
  const { instance, trigger } = await stage();
  let isOver = false;
  const dead = instance.claim(1, 20).finally(() => (isOver = true));

  await eventually(async () => {
    await instance.claim(1, 0, undefined, []);
    return isOver;
  });
  await trigger();

  expect(await dead).toEqual([]);
  expect(await instance.claim()).toHaveLength(1);
});
