import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type TestApi, testApi } from "../../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const trails = async (query: string) => (await api.call("GET", `/audit/logs${query}`)).body.trails;
const named = async (query: string) => (await trails(query)).map(({ action }: { action: string }) => action);

describe("the audit trail", () => {
  test("says who did what, when, from where, with which key, and what it was before and after", async () => {
    const { id, key, actor } = await api.newKey();
    const headers = { "x-api-key": key, "user-agent": "script/1", "content-type": "application/json" };
    const env = { requestIP: () => ({ address: "192.0.2.9" }) };
    const renamed = { method: "PATCH", headers, body: JSON.stringify({ apiKey: { name: "renamed" } }) };
    await api.app.request(`/api/keys/${id}`, renamed, env);

    const [trail] = await trails(`?userId=${actor.userId}&limit=1`);

    expect(trail).toEqual({
      id: expect.any(Number),
      ip: "192.0.2.9",
      userAgent: "script/1",
      action: "api_key.renamed",
      timestamp: expect.stringMatching(/^20.*\.\d{3}Z$/),
      message: `${actor.name}: API key: renamed (${id})`,
      data: {
        actor: {
          id: actor.userId,
          name: actor.name,
          username: actor.email.split("@")[0],
          email: actor.email,
          active: true,
        },
        user: {
          id: actor.userId,
          name: actor.name,
          username: actor.email.split("@")[0],
          email: actor.email,
        },
        team: { id: 1, name: "Sallyport" },
        variables: {
          subjectType: "api_key",
          subjectId: id,
          via: "api_key",
          keyId: id,
          before: { name: "test" },
          after: { name: "renamed" },
        },
      },
    });
  });

  test("is filtered by user, action and time, and read in both directions", async () => {
    const { key, actor } = await api.newKey();
    const make = (name: string) => api.call("POST", "/keys", { apiKey: { name } }, { "x-api-key": key });
    await make("first");
    const { body } = await make("second");
    await api.call("DELETE", `/keys/${body.apiKey.id}`, undefined, { "x-api-key": key });
    const of = `?userId=${actor.userId}`;
    const today = new Date().toISOString().slice(0, 10);

    expect(await named(of)).toEqual([
      "api_key.revoked",
      "api_key.created",
      "api_key.created",
      "api_key.created",
    ]);
    expect((await named(`${of}&order_by=asc&orderBy=asc`)).at(-1)).toBe("api_key.revoked");
    expect(await named(`${of}&action=api_key.revoked`)).toEqual(["api_key.revoked"]);
    expect(await named(`${of}&since=2999-01-01`)).toEqual([]);
    expect(await named(`${of}&until=2020-01-01`)).toEqual([]);
    expect(await named(`${of}&since=${today}&until=${today}&action=api_key.revoked`)).toHaveLength(1);
    expect(await named("?action=nothing.happened")).toEqual([]);
  });

  test.each(["asc", "desc"])("pages lead through all of it, %s", async (order) => {
    const { key, actor } = await api.newKey();
    for (let made = 0; made < 4; made++) {
      await api.call("POST", "/keys", { apiKey: { name: "x" } }, { "x-api-key": key });
    }
    const ids: number[] = [];
    let cursor: string | null = "";
    do {
      const path = `/audit/logs?userId=${actor.userId}&limit=2&order_by=${order}&cursor=${cursor}`;
      const { body } = await api.call("GET", path);
      ids.push(...body.trails.map(({ id }: { id: number }) => id));
      cursor = body.meta.nextCursor;
    } while (cursor !== null);

    expect(ids).toHaveLength(5);
    expect(ids).toEqual(ids.toSorted((left, right) => (order === "asc" ? left - right : right - left)));
  });

  test.each([
    ["?action=nothing", "InvalidAuditAction"],
    ["?limit=301", "badRequest"],
    ["?limit=0", "badRequest"],
    ["?since=yesterday", "badRequest"],
    ["?until=2026-02-31x", "badRequest"],
    ["?order_by=up", "badRequest"],
    ["?userId=ada", "badRequest"],
    ["?cursor=wrong", "badRequest"],
  ])("%s is 400 %s", async (query, name) => {
    const { status, body } = await api.call("GET", `/audit/logs${query}`);

    expect([status, body.error.name]).toEqual([400, name]);
  });

  test.each([
    ["/audit/logs", "You do not have permissions to view audit logs"],
    ["/audit-actions", "You do not have permissions to view audit actions"],
  ])("is for admins: %s", async (path, message) => {
    const { key } = await api.newKey({ role: "member" });

    const { status, body } = await api.call("GET", path, undefined, { "x-api-key": key });

    expect([status, body]).toEqual([403, { error: { name: "ForbiddenRequest", message } }]);
  });

  test("needs the scope of its area", async () => {
    const narrow = { "x-api-key": (await api.newKey({ scopes: ["audit:read"] })).key };

    expect((await api.call("GET", "/audit/logs", undefined, narrow)).status).toBe(200);
    expect((await api.call("GET", "/audit-actions", undefined, narrow)).status).toBe(200);
    expect((await api.call("GET", "/keys", undefined, narrow)).status).toBe(403);
  });
});

test("actions are listed by name, those that only the trail knows, too", async () => {
  await api.database.sql`insert into audit_records (via, action, subject_type, subject_id)
    values ('system', 'teapot.boiled_over', 'teapot', '1')`;

  const { body } = await api.call("GET", "/audit-actions");

  expect(body).toContainEqual({ name: "collection.created", displayName: "Collection: created" });
  expect(body).toContainEqual({ name: "api_key.renamed", displayName: "API key: renamed" });
  expect(body).toContainEqual({ name: "teapot.boiled_over", displayName: "Teapot: boiled over" });
});

test("of background work the actor is nobody", async () => {
  await api.database.sql`insert into audit_records (via, action, subject_type, subject_id)
    values ('system', 'teapot.cleaned', 'teapot', '1')`;

  const [trail] = await trails("?action=teapot.cleaned");

  expect(trail).toMatchObject({ ip: "", userAgent: "", data: { actor: { id: 0, name: "system" } } });
});

describe("what was before and after it", () => {
  const lastOf = async (action: string) => (await trails(`?action=${action}&limit=1`))[0].data.variables;

  test("stands in the record of a changed monitor, runner, collection and workspace", async () => {
    const collection = await api.make.collection({ name: "Old" });
    const { workspaceId } = collection;
    const monitor = await api.make.monitor({ workspaceId, collectionId: collection.id, name: "Old" });
    const runner = await api.make.runner({ name: "Old" });
    const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
    const changed = [
      await api.call("PUT", `/monitors/${monitor.id}`, { monitor: { name: "New" } }),
      await api.call("PUT", `/runners/${runner.id}`, { runner: { name: "New" } }),
      await api.call("PUT", `/collections/${collection.id}`, {
        collection: { info: { name: "New", schema }, item: [] },
      }),
      await api.call("PUT", `/workspaces/${workspaceId}`, { workspace: { name: "New", type: "team" } }),
    ];

    expect(changed.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    for (const noun of ["monitor", "runner", "collection", "workspace"]) {
      const { before, after } = await lastOf(`${noun}.updated`);
      expect([noun, before.name === "New", after.name]).toEqual([noun, false, "New"]);
      expect(before.name).toBeString();
    }
  });

  test("what was deleted stands before, and nothing after", async () => {
    const runner = await api.make.runner({ name: "Gone" });
    await api.call("DELETE", `/runners/${runner.id}`);

    const { before, after } = await lastOf("runner.deleted");

    expect([before, after]).toEqual([{ name: "Gone" }, undefined]);
  });
});
