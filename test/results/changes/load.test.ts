import { beforeAll, describe, expect, test } from "bun:test";

import type { Step } from "../../../src/contract/events.ts";
import { createEnvironment, updateEnvironment } from "../../../src/environments/store.ts";
import { updateMonitor } from "../../../src/monitors/store.ts";
import { loadMonitorChanges, loadRunChanges } from "../../../src/results/changes/load.ts";
import { listMarks } from "../../../src/results/changes/marks.ts";
import { type TestApi, testApi } from "../../support/api.ts";
import { storeSteps } from "../../support/pages.ts";
import { step } from "../../web/samples.ts";

let api: TestApi;
let workspaceId: string;

beforeAll(async () => {
  api = await testApi();
  ({ id: workspaceId } = await api.make.workspace({ createdBy: api.actor.userId }));
});

const answer = (change: Partial<NonNullable<Step["response"]>> = {}): Step["response"] => ({
  code: 200,
  status: "OK",
  headers: [],
  body: { bytes: 2 },
  wireBytes: 2,
  httpVersion: "1.1",
  mediaType: "application/json",
  ...change,
});

const good = () => step({ itemId: "a", name: "Ping", errors: [], assertions: [], response: answer() });
const bad = () =>
  step({
    itemId: "a",
    name: "Ping",
    response: answer({ code: 500, status: "Internal Server Error" }),
    assertions: [{ name: "is fine", status: "failed", source: "test" }],
    errors: [],
  });

let minute = 0;
/** A finished run a minute after the one before. */
async function finished(
  monitorId: string,
  row: {
    outcome?: "passed" | "failed";
    runnerId?: string;
    collectionRevision?: number;
    executionId?: string;
    environmentRevision?: number;
  } = {},
  steps: Step[] = row.outcome === "failed" ? [bad()] : [good()],
) {
  const at = new Date(Date.UTC(2026, 10, 20, 10, minute++));
  const run = await api.make.run({
    monitorId,
    status: "finished",
    outcome: "passed",
    reason: row.outcome === "failed" ? "assertion_failed" : null,
    attempt: 1,
    queuedAt: at,
    claimedAt: at,
    runnerVersion: "0.1.0",
    requestsTotal: 1,
    ...row,
  });
  await storeSteps(api.make, run.id, steps);
  return run;
}

const newMonitor = async () => {
  const { id } = await api.make.monitor({ workspaceId, ownerId: api.actor.userId });
  return id;
};

describe("a run that did not pass", () => {
  test("is compared with the last one before it that passed", async () => {
    const monitorId = await newMonitor();
    await finished(monitorId);
    const passed = await finished(monitorId);
    const first = await finished(monitorId, { outcome: "failed" });
    const run = await finished(monitorId, { outcome: "failed" });
    await finished(monitorId);

    const found = await loadRunChanges(api.deps, run.id);

    expect(found?.lastPassed).toMatchObject({ id: passed.id, isSameRunner: true });
    expect(found?.firstFailed?.id).toBe(first.id);
    expect(found?.changes.map(({ sentence }) => sentence)).toEqual([
      "Ping answered 500 Internal Server Error instead of 200 OK.",
    ]);
  });

  test("is compared with the one of its own runner, and tells who passed in its execution", async () => {
    const monitorId = await newMonitor();
    const [berlin, paris] = [
      await api.make.runner({ name: "Berlin" }),
      await api.make.runner({ name: "Paris" }),
    ];
    const own = await finished(monitorId, { runnerId: berlin.id });
    await finished(monitorId, { runnerId: paris.id });
    const run = await finished(monitorId, { outcome: "failed", runnerId: berlin.id });
    const elsewhere = await finished(monitorId, { runnerId: paris.id, executionId: run.executionId });

    const found = await loadRunChanges(api.deps, run.id);

    expect(found?.lastPassed).toMatchObject({ id: own.id, isSameRunner: true, runnerName: "Berlin" });
    expect(found?.passedElsewhere).toEqual([{ id: elsewhere.id, runnerName: "Paris" }]);
  });

  test("says on which other runner the last one passed, when its own never did", async () => {
    const monitorId = await newMonitor();
    const [berlin, paris] = [
      await api.make.runner({ name: "Berlin" }),
      await api.make.runner({ name: "Paris" }),
    ];
    await finished(monitorId, { runnerId: paris.id });
    const run = await finished(monitorId, { outcome: "failed", runnerId: berlin.id });

    const found = await loadRunChanges(api.deps, run.id);

    expect(found?.lastPassed).toMatchObject({ isSameRunner: false, runnerName: "Paris" });
    expect(found?.changes.map(({ kind }) => kind)).toContain("runner");
  });

  test("has nothing to be compared with before anything passed", async () => {
    const run = await finished(await newMonitor(), { outcome: "failed" });

    expect(await loadRunChanges(api.deps, run.id)).toMatchObject({ lastPassed: null, changes: [] });
  });

  test("is told what cannot be compared when the steps are deleted", async () => {
    const monitorId = await newMonitor();
    await finished(monitorId, {}, []);
    const run = await finished(monitorId, { outcome: "failed" });

    const found = await loadRunChanges(api.deps, run.id);

    expect(found?.limits).toEqual([
      "The steps of the run that passed are deleted already: requests and answers cannot be compared.",
    ]);
  });

  test("names who changed the collection, and links it", async () => {
    const monitorId = await newMonitor();
    const [{ id } = { id: "" }] = await api.database.sql<{ id: string }[]>`
      update collections set revision = 3, updated_by = ${api.actor.userId}, change_message = 'New login'
       where id = (select collection_id from monitors where id = ${monitorId}) returning id`;
    await finished(monitorId, { collectionRevision: 2 });
    const run = await finished(monitorId, { outcome: "failed", collectionRevision: 3 }, [
      { ...bad(), response: answer() },
    ]);

    const found = await loadRunChanges(api.deps, run.id);

    expect(found?.changes).toMatchObject([
      {
        kind: "collection",
        sentence: "The collection was changed: revision 3 instead of 2.",
        who: api.actor.name,
        details: ["New login"],
        href: `/collections/${id}/revisions/3`,
        isLikely: true,
      },
    ]);
  });

  test("names the variables of the environment that changed, and never a value", async () => {
    const values = (token: string) => [
      { key: "base", value: "http://a", type: "default", enabled: true },
      { key: "token", value: token, type: "secret", enabled: true },
    ];
    const environment = await createEnvironment(api.deps, api.actor, {
      workspaceId,
      name: "Prod",
      values: values("one"),
    });
    const { id: monitorId } = await api.make.monitor({ workspaceId, environmentId: environment.id });
    await finished(monitorId, { environmentRevision: 1 });
    await updateEnvironment(api.deps, api.actor, environment.id, { values: values("two") });
    const run = await finished(monitorId, { outcome: "failed", environmentRevision: 2 });

    const found = await loadRunChanges(api.deps, run.id);

    expect(found?.changes.find(({ kind }) => kind === "environment")?.sentence).toBe(
      "The environment was changed: token.",
    );
    expect(JSON.stringify(found)).not.toContain("two");
  });

  test("names the settings of the monitor that were changed between the two", async () => {
    const monitorId = await newMonitor();
    const passed = await finished(monitorId);
    const run = await finished(monitorId, { outcome: "failed" });
    await updateMonitor(api.database, api.actor, monitorId, {
      options: { requestTimeout: 200 },
      name: "New name",
    });
    await api.database
      .sql`update audit_records set at = ${passed.queuedAt}::timestamptz + interval '10 seconds'
                            where subject_id = ${monitorId} and action = 'monitor.updated'`;

    const found = await loadRunChanges(api.deps, run.id);

    expect(found?.changes.find(({ kind }) => kind === "settings")).toMatchObject({
      sentence: "Settings of the monitor were changed: time limit of a request.",
      details: ["time limit of a request: no limit → 200 ms"],
    });
  });
});

test("of a run that passed, or goes on, nothing is told", async () => {
  const monitorId = await newMonitor();
  const passed = await finished(monitorId);
  const queued = await api.make.run({ monitorId });

  expect(await loadRunChanges(api.deps, passed.id)).toBeUndefined();
  expect(await loadRunChanges(api.deps, queued.id)).toBeUndefined();
});

test("of a monitor, the run is explained with which the failing began", async () => {
  const monitorId = await newMonitor();
  await finished(monitorId, { outcome: "failed" });
  const passed = await finished(monitorId);
  const first = await finished(monitorId, { outcome: "failed" });
  await finished(monitorId, { outcome: "failed" });

  const found = await loadMonitorChanges(api.deps, monitorId);

  expect(found?.run.id).toBe(first.id);
  expect(found?.lastPassed?.id).toBe(passed.id);
});

test("the API answers the same, and refuses a run of another monitor", async () => {
  const monitorId = await newMonitor();
  const passed = await finished(monitorId);
  const run = await finished(monitorId, { outcome: "failed" });

  const { body } = await api.call("GET", `/monitors/${monitorId}/runs/${run.id}/changes`);
  const other = await api.call("GET", `/monitors/${await newMonitor()}/runs/${run.id}/changes`);

  expect(body.lastPassed.id).toBe(passed.id);
  expect(body.changes[0]).toMatchObject({ kind: "status", isLikely: true, step: { name: "Ping" } });
  expect(other.status).toBe(404);
});

test("marks tell what was changed around a monitor, oldest first, and not what is older", async () => {
  const { id: environmentId } = await api.make.environment({ workspaceId });
  const { id: monitorId } = await api.make.monitor({ workspaceId, environmentId });
  const { id: runnerId } = await api.make.runner({ name: "Berlin" });
  const since = new Date(Date.now() - 60_000);
  await finished(monitorId, { runnerId });
  await api.database
    .sql`update run_hours set hour = date_trunc('hour', now()) where monitor_id = ${monitorId}`;
  await updateMonitor(api.database, api.actor, monitorId, { active: false });
  await updateMonitor(api.database, api.actor, monitorId, {
    options: { strictSSL: false },
    retryAttempts: 2,
  });
  await updateEnvironment(api.deps, api.actor, environmentId, { values: [] });
  await api.make.runnerInstance({ runnerId, version: "0.1.0", startedAt: new Date(0) });
  await api.make.runnerInstance({ runnerId, version: "0.2.0" });

  const marks = await listMarks(api.database, monitorId, { since, until: new Date(Date.now() + 60_000) });
  const later = await listMarks(api.database, monitorId, {
    since: new Date(Date.now() + 60_000),
    until: new Date(Date.now() + 120_000),
  });

  const { name } = api.actor;
  expect(marks.map(({ title }) => title)).toEqual([
    `${name} paused the monitor`,
    `${name} changed certificate check and retries`,
    expect.stringMatching(new RegExp(`^${name} changed the environment .+ \\(revision 2\\)$`)),
    "Runner Berlin has version 0.2.0",
  ]);
  expect(later).toEqual([]);
});
