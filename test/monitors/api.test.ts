import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";

import { auditRecords, executions, monitors } from "../../db/schema.ts";
import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;
let workspaceId: string;
let collectionId: string;
let environmentId: string;
let runnerId: string;

beforeAll(async () => {
  api = await testApi();
  const owned = { ownerId: api.actor.userId };
  ({ id: workspaceId } = await api.make.workspace({ createdBy: api.actor.userId }));
  ({ id: collectionId } = await api.make.collection({ workspaceId, ...owned }));
  ({ id: environmentId } = await api.make.environment({ workspaceId, ...owned }));
  ({ id: runnerId } = await api.make.runner({ name: "Basement" }));
});

const valid = (fields: Record<string, unknown> = {}) => ({
  name: "Watch",
  collection: collectionId,
  schedule: { cron: "*/5 * * * *", timezone: "Europe/Berlin" },
  ...fields,
});

const post = (monitor: unknown) => api.call("POST", `/monitors?workspace=${workspaceId}`, { monitor });
const put = (id: string, monitor: unknown) => api.call("PUT", `/monitors/${id}`, { monitor });
const read = async (id: string) => (await api.call("GET", `/monitors/${id}`)).body.monitor;
const created = async (fields: Record<string, unknown> = {}): Promise<string> =>
  (await post(valid(fields))).body.monitor.id;
const nextRunOf = async (id: string) => {
  const [row] = await api.database.db.select().from(monitors).where(eq(monitors.id, id));
  return row?.nextRunAt;
};

const at = (time: string) => new Date(`2026-05-01T10:${time}Z`);

describe("create and read", () => {
  test("creating answers id, name, active and uid", async () => {
    const { status, body } = await post(valid());

    const { id } = body.monitor;
    expect(status).toBe(200);
    expect(body).toEqual({
      monitor: { id, name: "Watch", active: true, uid: `${api.actor.userId}-${id}` },
    });
  });

  test("reading answers everything, the cron with six fields", async () => {
    const id = await created({
      collection: toUid(api.actor.userId, collectionId),
      environment: toUid(api.actor.userId, environmentId),
      retry: { attempts: 1 },
      rerunLost: true,
      notificationLimit: 3,
      notifications: { onError: [{ email: "a@example.test" }], onFailure: [{ email: "b@example.test" }] },
      options: { strictSSL: false, requestTimeout: 5000, requestDelay: 10, keepDays: 7 },
      distribution: [{ runner: runnerId }],
      schedule: { cron: "0 9 * * 1", timezone: "Asia/Calcutta", overlap: "queue", catchUp: "none" },
    });

    const monitor = await read(id);

    expect(monitor).toEqual({
      id,
      name: "Watch",
      uid: `${api.actor.userId}-${id}`,
      owner: api.actor.userId,
      active: true,
      notificationLimit: 3,
      collectionUid: `${api.actor.userId}-${collectionId}`,
      environmentUid: `${api.actor.userId}-${environmentId}`,
      options: {
        strictSSL: false,
        followRedirects: true,
        requestTimeout: 5000,
        requestDelay: 10,
        runTimeout: 900_000,
        scriptTimeout: 60_000,
        keepRequests: "failed",
        keepResponses: "failed",
        keepDays: 7,
        keepRunDays: 400,
      },
      notifications: { onError: [{ email: "a@example.test" }], onFailure: [{ email: "b@example.test" }] },
      distribution: [{ runner: runnerId, name: "Basement" }],
      schedule: {
        cron: "0 0 9 * * 1",
        timezone: "Asia/Calcutta",
        nextRun: expect.stringMatching(/T03:30:00\.000Z$/),
        overlap: "queue",
        catchUp: "none",
      },
      retry: { attempts: 1 },
      rerunLost: true,
    });
  });

  test("its folder and tags are kept tidy, and changed one by one", async () => {
    const id = await created({ folder: " checkout / eu//", tags: ["slow", "eu", "slow"] });

    expect(await read(id)).toMatchObject({ folder: "checkout/eu", tags: ["eu", "slow"] });
    await put(id, { folder: null });
    const monitor = await read(id);
    expect(monitor).not.toHaveProperty("folder");
    expect(monitor).toMatchObject({ tags: ["eu", "slow"] });
  });

  test("what is not set is absent", async () => {
    const monitor = await read(await created({ schedule: null }));

    for (const key of ["environmentUid", "retry", "lastRun", "schedule", "notificationLimit"]) {
      expect(monitor).not.toHaveProperty(key);
    }
    expect(monitor.distribution).toEqual([]);
  });

  test("without a workspace it goes to the workspace of its collection", async () => {
    const { body } = await api.call("POST", "/monitors", { monitor: valid() });

    const [row] = await api.database.db.select().from(monitors).where(eq(monitors.id, body.monitor.id));
    expect(row?.workspaceId).toBe(workspaceId);
  });

  test("the last execution that ended is told, summed over its runs", async () => {
    const id = await created();
    const ended = await api.make.execution({ monitorId: id, createdAt: at("00:00") });
    const counts = { requestsTotal: 2, assertionsTotal: 3, responseMsTotal: 40.4, responseBytesTotal: 100 };
    const finished = { status: "finished" as const, claimedAt: at("00:01"), finishedAt: at("00:02") };
    await api.make.run({ monitorId: id, executionId: ended.id, ...finished, ...counts, outcome: "passed" });
    await api.make.run({
      monitorId: id,
      executionId: ended.id,
      ...finished,
      ...counts,
      outcome: "aborted",
      assertionsFailed: 1,
      errorsTotal: 1,
    });
    await api.database.db
      .update(executions)
      .set({ finishedAt: at("00:02"), outcome: "errored" })
      .where(eq(executions.id, ended.id));
    await api.make.execution({ monitorId: id, createdAt: at("05:00") });

    expect((await read(id)).lastRun).toEqual({
      status: "error",
      startedAt: "2026-05-01T10:00:01.000Z",
      finishedAt: "2026-05-01T10:00:02.000Z",
      jobId: ended.id,
      stats: {
        assertions: { total: 6, failed: 1 },
        requests: { total: 4, failed: 0 },
        runCount: 2,
        errorCount: 1,
        abortedCount: 1,
        responseLatency: 81,
        responseSize: 200,
      },
    });
  });
});

describe("the next run", () => {
  test("is set on creation, and null without a schedule or when paused", async () => {
    expect(await nextRunOf(await created())).toBeInstanceOf(Date);
    expect(await nextRunOf(await created({ schedule: null }))).toBeNull();
    expect(await nextRunOf(await created({ active: false }))).toBeNull();
  });

  test("pausing takes it away, resuming sets it again", async () => {
    const id = await created();

    await put(id, { active: false });
    const paused = await nextRunOf(id);
    await put(id, { active: true });

    expect(paused).toBeNull();
    expect(await nextRunOf(id)).toBeInstanceOf(Date);
  });

  test("a change that is not about the schedule leaves a due slot alone", async () => {
    const id = await created();
    const due = new Date("2026-01-01T00:00:00Z");
    await api.database.db.update(monitors).set({ nextRunAt: due }).where(eq(monitors.id, id));

    await put(id, {
      name: "Renamed",
      active: true,
      schedule: { cron: "*/5 * * * *", timezone: "Europe/Berlin" },
    });

    expect(await nextRunOf(id)).toEqual(due);
  });

  test("a new cron or time zone moves it; the time zone stays when only the cron is sent", async () => {
    const id = await created({ schedule: { cron: "0 9 * * *", timezone: "Asia/Tokyo" } });

    await put(id, { schedule: { cron: "0 10 * * *" } });

    expect((await read(id)).schedule).toMatchObject({ cron: "0 0 10 * * *", timezone: "Asia/Tokyo" });
    expect((await nextRunOf(id))?.toISOString()).toEndWith("T01:00:00.000Z");
  });

  test("what was read can be written back", async () => {
    const id = await created();
    const { name, active, schedule, options, notifications, distribution } = await read(id);

    const { status } = await put(id, { name, active, schedule, options, notifications, distribution });

    expect(status).toBe(200);
    expect((await read(id)).schedule).toEqual(schedule);
  });
});

describe("wrong bodies get 400 that names the field", () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      "nothing",
      { name: undefined, collection: undefined },
      {
        name: "paramMissingError",
        message: "Parameter is missing in the request.",
        details: { param: ["name", "collection"] },
      },
    ],
    [
      "no collection",
      { collection: undefined },
      {
        name: "paramMissingError",
        message: "Parameter is missing in the request.",
        details: { param: ["collection"] },
      },
    ],
    [
      "a schedule without cron",
      { schedule: {} },
      {
        name: "paramMissingError",
        message: "Parameter is missing in the request.",
        details: { param: ["cron"] },
      },
    ],
    ["active as text", { active: "yes" }, { name: "badRequest", message: "Active must be a boolean." }],
    ["a name that is a number", { name: 5 }, { name: "invalidParamsError", details: { param: "name" } }],
    ["an empty name", { name: "  " }, { name: "invalidParamsError", details: { param: "name" } }],
    ["a name with NUL", { name: "a\0b" }, { name: "invalidParamsError", details: { param: "name" } }],
    [
      "a cron with four fields",
      { schedule: { cron: "* * * *" } },
      { name: "cronPatternNotAllowedError", details: { pattern: "* * * *" } },
    ],
    [
      "a cron that never fires",
      { schedule: { cron: "0 0 30 2 *" } },
      { name: "cronPatternNotAllowedError", details: { pattern: "0 0 30 2 *" } },
    ],
    [
      "an unknown time zone",
      { schedule: { cron: "* * * * *", timezone: "Mars/Base" } },
      { name: "invalidParamsError", details: { param: "schedule.timezone" } },
    ],
    [
      "an unknown policy",
      { schedule: { cron: "* * * * *", overlap: "both" } },
      { name: "invalidParamsError", details: { param: "schedule.overlap" } },
    ],
    [
      "a time-out of text",
      { options: { requestTimeout: "5s" } },
      { name: "invalidParamsError", details: { param: "options.requestTimeout" } },
    ],
    [
      "a negative delay",
      { options: { requestDelay: -1 } },
      { name: "invalidParamsError", details: { param: "options.requestDelay" } },
    ],
    [
      "an e-mail that is none",
      { notifications: { onError: [{ email: "me" }] } },
      { name: "invalidParamsError", details: { param: "notifications.onError.0.email" } },
    ],
    [
      "three retries",
      { retry: { attempts: 3 } },
      { name: "invalidParamsError", details: { param: "retry.attempts" } },
    ],
    [
      "a word about lost runs",
      { rerunLost: "yes" },
      { name: "invalidParamsError", details: { param: "rerunLost" } },
    ],
    [
      "a tag in capitals",
      { tags: ["ok", "Not ok"] },
      { name: "invalidParamsError", details: { param: "tags.1" } },
    ],
    [
      "a limit of 100",
      { notificationLimit: 100 },
      { name: "invalidParamsError", details: { param: "notificationLimit" } },
    ],
    [
      "a region",
      { distribution: [{ region: "us-east" }] },
      { name: "invalidParamsError", details: { param: "distribution" } },
    ],
    [
      "an unknown runner",
      { distribution: [{ runner: newId() }] },
      { name: "invalidParamsError", details: { param: "distribution" } },
    ],
    [
      "a collection that is not there",
      { collection: newId() },
      { name: "invalidParamsError", details: { param: "collection" } },
    ],
    [
      "a collection that is no id",
      { collection: "shop" },
      { name: "invalidParamsError", details: { param: "collection" } },
    ],
    [
      "an environment that is not there",
      { environment: newId() },
      { name: "invalidParamsError", details: { param: "environment" } },
    ],
  ])("%s", async (_, fields, error) => {
    const { status, body } = await post(valid(fields));

    expect([status, body]).toEqual([400, { error: { message: expect.any(String), ...error } }]);
  });

  test("a region is answered with what to send instead", async () => {
    const { body } = await post(valid({ distribution: [{ region: "us-east" }] }));

    expect(body.error.message).toContain('send [{"runner":"<id>"}]');
  });

  test("no monitor object", async () => {
    const { status, body } = await api.call("POST", `/monitors?workspace=${workspaceId}`, {});

    expect([status, body]).toEqual([
      400,
      { error: { name: "malformedRequestError", message: "'monitor' object missing in the request" } },
    ]);
  });

  test("what a monitor runs cannot be changed", async () => {
    const { status, body } = await put(await created(), {
      collection: collectionId,
      environment: environmentId,
    });

    expect([status, body]).toEqual([
      400,
      {
        error: {
          name: "parameterNotAllowedError",
          message: "The specified parameter cannot be updated.",
          details: { param: ["collection", "environment"] },
        },
      },
    ]);
  });

  test("a refused change changes nothing", async () => {
    const id = await created();
    const before = await read(id);

    await put(id, { name: "Other", distribution: [{ runner: newId() }] });

    expect(await read(id)).toEqual(before);
  });

  test("a runner of another workspace is refused, one that was given to this one is not", async () => {
    const selected = await api.make.runner({ visibility: "selected" });
    const before = await post(valid({ distribution: [{ runner: selected.id }] }));
    await api.database
      .sql`insert into runner_workspaces (runner_id, workspace_id) values (${selected.id}, ${workspaceId})`;

    const after = await post(valid({ distribution: [{ runner: selected.id }] }));

    expect([before.status, after.status]).toEqual([400, 200]);
  });
});

describe("lists", () => {
  test("pages of at most 25 follow each other until the cursor is empty", async () => {
    const other = await api.make.workspace();
    const collection = await api.make.collection({ workspaceId: other.id });
    const made: string[] = [];
    for (let number = 0; number < 5; number++) {
      made.push((await api.make.monitor({ workspaceId: other.id, collectionId: collection.id })).id);
    }

    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await api.call("GET", `/monitors?workspace=${other.id}&limit=2&cursor=${cursor}`);
      seen.push(...body.monitors.map((entry: { id: string }) => entry.id));
      cursor = body.meta.nextCursor;
    } while (cursor !== "");

    expect(seen).toEqual(made);
  });

  test("an entry has Postman's keys, with an empty environmentUid for none", async () => {
    const id = await created();

    const { body } = await api.call("GET", `/monitors?collectionUid=${collectionId}`);

    const entry = body.monitors.find((monitor: { id: string }) => monitor.id === id);
    expect(entry).toEqual({
      id,
      name: "Watch",
      active: true,
      uid: `${api.actor.userId}-${id}`,
      owner: api.actor.userId,
      collectionUid: `${api.actor.userId}-${collectionId}`,
      environmentUid: "",
    });
    expect(body.meta.limit).toBe(25);
  });

  test.each(["collectionUid=nonsense", `environmentUid=${newId()}`, "owner=1", `collectionUid=${newId()}`])(
    "nothing matches %s",
    async (query) => {
      const { status, body } = await api.call("GET", `/monitors?${query}`);

      expect([status, body]).toEqual([200, { monitors: [], meta: { nextCursor: "", limit: 25 } }]);
    },
  );

  test.each([
    ["limit=26", 400, "badRequest", "Query param limit cannot exceed 25."],
    ["active=maybe", 400, "badRequest", "Active must be a boolean."],
    ["owner=me", 400, "badRequest", "Owner user ID must be an integer."],
    ["cursor=garbage", 400, "badRequest", "Invalid cursor query parameter passed."],
    [`workspace=${newId()}x`, 400, "badRequest", "Workspace ID must be 36 characters (37)."],
    [`workspace=${newId()}`, 404, "instanceNotFoundError", "Workspace not found"],
  ])("%s is %i", async (query, status, name, message) => {
    const answer = await api.call("GET", `/monitors?${query}`);

    expect([answer.status, answer.body]).toEqual([status, { error: { name, message } }]);
  });
});

test.each([
  ["GET", newId()],
  ["PUT", newId()],
  ["DELETE", newId()],
  ["GET", "nonsense"],
])("%s of an unknown monitor is 404", async (method, id) => {
  const body = method === "PUT" ? { monitor: {} } : undefined;

  const answer = await api.call(method, `/monitors/${id}`, body);

  expect([answer.status, answer.body]).toEqual([
    404,
    { error: { name: "instanceNotFoundError", message: "The specified monitor does not exist." } },
  ]);
});

test("each write is one line of the audit trail", async () => {
  const id = await created();
  await put(id, { name: "Other" });
  await put(id, { active: false });
  await put(id, { active: true });
  const deleted = await api.call("DELETE", `/monitors/${id}`);

  const trail = await api.database.db
    .select()
    .from(auditRecords)
    .where(eq(auditRecords.subjectId, id))
    .orderBy(auditRecords.id);

  expect(deleted.body).toEqual({ monitor: { id, uid: toUid(api.actor.userId, id) } });
  expect(trail.map(({ action }) => action)).toEqual([
    "monitor.created",
    "monitor.updated",
    "monitor.paused",
    "monitor.resumed",
    "monitor.deleted",
  ]);
});
