import { afterAll, beforeAll, expect, test } from "bun:test";

import { fireMonitors } from "../../src/schedules/store.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { eventually } from "../support/eventually.ts";
import { eventsOf, instanceOf } from "./harness.ts";

let api: TestApi;
const stopping = new AbortController();
beforeAll(async () => {
  api = await testApi({ stopping: stopping.signal });
});
afterAll(() => stopping.abort());

/** A monitor with an instance that alone sees its workspace. */
async function stage() {
  const { make, database, app } = api;
  const environment = await make.environment();
  const { workspaceId } = environment;
  const monitor = await make.monitor({ name: "Watch", workspaceId, environmentId: environment.id });
  const runner = await make.runner({ name: "Cellar", visibility: "selected" });
  await database.sql`insert into runner_workspaces values (${runner.id}, ${workspaceId})`;
  const instance = instanceOf(app, runner);
  await instance.register();
  /** Does what a runner does: takes the next run and reports it. */
  const work = async (outcome: "passed" | "failed" = "passed") => {
    const [assignment] = await instance.claim(1, 10);
    if (!assignment) throw new Error("nothing to do");
    await instance.send(assignment, eventsOf(outcome));
    return assignment;
  };
  const start = async () => {
    const answer = await api.call("POST", `/monitors/${monitor.id}/run?async=true`);
    return String(answer.body.run.info.jobId);
  };
  return { monitor, runner, instance, work, start, environment };
}

test("running a monitor waits for its result and answers as Postman does", async () => {
  const { monitor, environment, work } = await stage();

  const [answer] = await Promise.all([
    api.call("POST", `/monitors/${monitor.id}/run?async=false`),
    work("failed"),
  ]);

  expect(answer.status).toBe(200);
  expect(answer.body.run).toMatchObject({
    info: {
      jobId: expect.any(String),
      monitorId: monitor.id,
      name: "Watch",
      collectionUid: expect.stringMatching(new RegExp(`^\\d+-${monitor.collectionId}$`)),
      environmentUid: `${environment.ownerId}-${environment.id}`,
      status: "failed",
      startedAt: expect.stringMatching(/Z$/),
      finishedAt: expect.stringMatching(/Z$/),
    },
    stats: {
      assertions: { total: 1, failed: 1 },
      requests: { total: 1, failed: 1 },
      runCount: 1,
      errorCount: 0,
      abortedCount: 0,
      responseLatency: 10,
      responseSize: 50,
    },
    executions: [
      {
        id: 1,
        item: { name: "List" },
        request: {
          method: "GET",
          url: "http://127.0.0.1/books",
          headers: { accept: "*/*" },
          body: { contentLength: 0 },
          timestamp: expect.stringMatching(/Z$/),
        },
        response: {
          code: 200,
          body: { contentLength: 50 },
          responseTime: 10,
          responseSize: 50,
          headers: { "content-type": "application/json" },
        },
      },
    ],
    failures: [
      {
        executionId: 1,
        name: "AssertionError",
        message: "expected 0 to be above 0",
        assertion: { "has books": false },
      },
    ],
  });
});

test("with async the answer has only the info, before anything ran", async () => {
  const { monitor } = await stage();

  const answer = await api.call("POST", `/monitors/${monitor.id}/run?async=true`);

  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ run: { info: { status: "running", monitorId: monitor.id } } });
  expect(answer.body.run).not.toHaveProperty("executions");
});

test("a server that stops answers 202 to whoever waits for a run", async () => {
  const own = new AbortController();
  const other = await testApi({ stopping: own.signal });
  const monitor = await other.make.monitor();
  const waiting = other.call("POST", `/monitors/${monitor.id}/run`);
  await eventually(async () => (await other.database.sql`select 1 from executions`).length > 0);

  own.abort();

  expect(await waiting).toMatchObject({
    status: 202,
    body: { run: { info: { monitorId: monitor.id, status: "running" } } },
  });
});

test("two runs of one monitor may be triggered by hand at the same time", async () => {
  const { monitor, start } = await stage();
  await start();
  await start();

  const { body } = await api.call("GET", `/monitors/${monitor.id}/executions`);

  expect(body.executions).toHaveLength(2);
});

test("executions are listed newest first, page by page, without a gap", async () => {
  const { monitor, start } = await stage();
  const started: string[] = [];
  for (let count = 0; count < 27; count++) started.push(await start());

  const first = await api.call("GET", `/monitors/${monitor.id}/executions`);
  const rest = await api.call(
    "GET",
    `/monitors/${monitor.id}/executions?cursor=${first.body.meta.nextCursor}`,
  );

  const ids = [...first.body.executions, ...rest.body.executions].map((row: { id: string }) => row.id);
  expect(ids).toEqual(started.toReversed());
  expect(first.body.meta.limit).toBe(25);
  expect(rest.body.meta.nextCursor).toBe("");
});

test("an execution shows its state, trigger, results and times", async () => {
  const { monitor, start, work } = await stage();
  const id = await start();
  await work();

  const { body } = await api.call("GET", `/monitors/${monitor.id}/executions`);

  expect(body.executions).toMatchObject([
    {
      id,
      monitorId: monitor.id,
      state: "success",
      trigger: "api",
      results: { assertions: { total: 1, failed: 0 }, requests: { total: 1 } },
      startedAt: expect.stringMatching(/Z$/),
      finishedAt: expect.stringMatching(/Z$/),
    },
  ]);
});

test("the runs of an execution name their runner, and results are its items and assertions", async () => {
  const { monitor, runner, start, work } = await stage();
  const executionId = await start();
  const { runId } = await work("failed");

  const runs = await api.call("GET", `/monitors/${monitor.id}/executions/${executionId}/runs`);
  const results = await api.call("GET", `/monitors/${monitor.id}/runs/${runId}/results`);

  expect(runs.body.runs).toMatchObject([
    { id: runId, executionId, region: "Cellar", runner: runner.id, state: "failed" },
  ]);
  expect(results.body.results).toMatchObject({
    id: runId,
    state: "failed",
    events: [
      { event: "beforeItem", item: { name: "List" } },
      { event: "assertion", assertion: { name: "has books", status: "failed" } },
    ],
  });
});

test("results ask for a run: the id of an execution, or a run of another monitor, is not found", async () => {
  const { monitor, start, work } = await stage();
  const executionId = await start();
  const { runId } = await work();
  const other = await stage();

  const byExecution = await api.call("GET", `/monitors/${monitor.id}/runs/${executionId}/results`);
  const byStranger = await api.call("GET", `/monitors/${other.monitor.id}/runs/${runId}/results`);

  expect([byExecution.status, byStranger.status]).toEqual([404, 404]);
  expect(byExecution.body.error.name).toBe("instanceNotFoundError");
});

test("a run shows its steps in full, and its events from a number on", async () => {
  const { monitor, start, work } = await stage();
  await start();
  const { runId } = await work();

  const run = await api.call("GET", `/runs/${runId}`);
  const events = await api.call("GET", `/runs/${runId}/events?after=2`);

  expect(run.body.run).toMatchObject({
    id: runId,
    state: "success",
    monitor: { id: monitor.id, name: "Watch" },
    stepsPlanned: 1,
    hiddenSteps: 0,
    steps: [{ name: "List", response: { code: 200 } }],
  });
  expect(events.body.events.map((event: { seq: number }) => event.seq)).toEqual([3, 4]);
  expect(events.body.meta.state).toBe("success");
});

test("cancelling an execution ends it; cancelling it again is a conflict", async () => {
  const { monitor, start } = await stage();
  const path = `/monitors/${monitor.id}/executions/${await start()}/cancellation`;

  const cancelled = await api.call("PUT", path);
  const again = await api.call("PUT", path);

  expect(cancelled.body.execution).toMatchObject({ state: "aborted" });
  expect(again.status).toBe(409);
});

test("the ledger lists every slot and how it ended", async () => {
  const { monitor } = await stage();
  const [first, second] = [new Date("2026-03-02T10:00:00Z"), new Date("2026-03-02T10:01:00Z")];
  for (const slotAt of [first, second]) {
    await api.database.sql`update monitors set next_run_at = ${slotAt} where id = ${monitor.id}`;
    const firing = { dueAt: slotAt, slotAt, nextAt: null, collapsed: 0, runs: true, validMs: 60_000 };
    await fireMonitors(api.database, [{ monitorId: monitor.id, ...firing }]);
  }

  const all = await api.call("GET", `/monitors/${monitor.id}/slots`);
  const gaps = await api.call("GET", `/monitors/${monitor.id}/slots?gaps=true`);

  expect(all.body.slots).toMatchObject([
    { slotAt: second.toISOString(), status: "skipped", reason: "overlap", executionId: null },
    { slotAt: first.toISOString(), status: "pending", executionId: expect.any(String) },
  ]);
  expect(gaps.body.slots).toHaveLength(1);
});

test("the cause of a run is what the caller says, of a closed list", async () => {
  const { monitor } = await stage();
  await api.call("POST", `/monitors/${monitor.id}/run?async=true&trigger=cli`);

  const wrong = await api.call("POST", `/monitors/${monitor.id}/run?async=true&trigger=scheduled`);
  const { body } = await api.call("GET", `/monitors/${monitor.id}/executions`);

  expect(wrong.status).toBe(400);
  expect(body.executions).toMatchObject([{ trigger: "cli" }]);
});

test.each([
  ["POST", "/monitors/ID/run", 404],
  ["GET", "/monitors/ID/executions", 404],
  ["GET", "/monitors/ID/executions/ID/runs", 404],
  ["GET", "/monitors/ID/runs/ID/results", 404],
  ["PUT", "/monitors/ID/executions/ID/cancellation", 404],
  ["GET", "/monitors/ID/slots", 404],
  ["GET", "/runs/ID", 404],
  ["GET", "/runs/ID/events", 404],
])("%s %s: no key is 401, an unknown or malformed id is %d", async (method, path, status) => {
  const without = await api.call(method, path.replaceAll("ID", crypto.randomUUID()), undefined, {});
  const unknown = await api.call(method, path.replaceAll("ID", crypto.randomUUID()));
  const malformed = await api.call(method, path.replaceAll("ID", "no-id"));

  expect([without.status, unknown.status, malformed.status]).toEqual([401, status, status]);
});

test("a cursor that is none gets 400", async () => {
  const { monitor } = await stage();

  const answer = await api.call("GET", `/monitors/${monitor.id}/executions?cursor=yesterday`);

  expect(answer.status).toBe(400);
  expect(answer.body.error.message).toBe("Invalid cursor query parameter passed.");
});
