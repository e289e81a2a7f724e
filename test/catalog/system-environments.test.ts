import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

const path = "/api-catalog/system-environments";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const create = async (name: string, rest: Record<string, unknown> = {}) =>
  await api.call("POST", path, { name, color: "#12ab9F", ...rest });
const idOf = async (name: string): Promise<string> => (await create(name)).body.data.id;
const problemOf = (answer: { body: string }) => JSON.parse(answer.body);

describe("system environments", () => {
  test("are created, read, listed and changed", async () => {
    const created = await create("Live & Well", { isProduction: true, description: "Customers" });
    expect(created).toMatchObject({
      status: 201,
      body: {
        data: {
          name: "Live & Well",
          label: "live-well",
          color: "#12ab9F",
          description: "Customers",
          isProduction: true,
          createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        },
      },
    });
    const { id } = created.body.data;
    await create("Test stage", { label: "test" });

    expect((await api.call("GET", `${path}/${id}`)).body.data).toEqual({
      ...created.body.data,
      associationCount: 0,
    });
    const production = await api.call("GET", `${path}?isProduction=true&limit=20`);
    expect(production.body.meta).toEqual({
      total: 1,
      nextCursor: null,
      limit: 20,
      filters: { isProduction: true },
    });
    const changed = await api.call("PATCH", `${path}/${id}`, { description: "", color: "#000000" });
    expect(changed.body.data).toMatchObject({
      name: "Live & Well",
      description: "",
      color: "#000000",
      isProduction: true,
    });
  });

  test("come in pages", async () => {
    const first = await api.call("GET", `${path}?limit=1`);
    const second = await api.call("GET", `${path}?limit=100&cursor=${first.body.meta.nextCursor}`);

    expect(first.body.meta.total).toBe(1 + second.body.data.length);
    expect(second.body.meta.nextCursor).toBe(null);
  });

  test.each([
    [{}, "body must have required property 'name'"],
    [{ name: "X" }, "body must have required property 'color'"],
    [{ name: "X", color: "red" }, "body/color must be a color such as #12AB9F"],
    [{ name: "", color: "#000000" }, expect.stringContaining("body/name")],
    [{ name: "X", color: "#000000", label: "Up" }, expect.stringContaining("body/label")],
  ])("are refused when they make no sense: %j", async (body, detail) => {
    const answer = await api.call("POST", path, body);

    expect(answer.status).toBe(400);
    expect(problemOf(answer)).toMatchObject({ title: "Bad Request", detail });
  });

  test("have names of their own", async () => {
    const id = await idOf("Only one");
    const other = await idOf("Another one");

    expect((await create("Only one")).status).toBe(409);
    expect((await api.call("PATCH", `${path}/${other}`, { name: "Only one" })).status).toBe(409);
    expect((await api.call("PATCH", `${path}/${id}`, { name: "Only one" })).status).toBe(200);
  });

  test("that are not there are 404", async () => {
    for (const id of [newId(), "nonsense"]) {
      expect((await api.call("GET", `${path}/${id}`)).status).toBe(404);
      expect((await api.call("PATCH", `${path}/${id}`, { name: "N" })).status).toBe(404);
      expect((await api.call("GET", `${path}/${id}/associations`)).status).toBe(404);
    }
  });

  test("are changed by admins and leave an audit record", async () => {
    const { key } = await api.newKey({ role: "member" });
    const answer = await api.call("POST", path, { name: "Mine", color: "#000000" }, { "x-api-key": key });
    expect(answer.status).toBe(403);

    const id = await idOf("Watched");
    await api.call("PATCH", `${path}/${id}`, { name: "Watched more" });
    const records = await api.database.sql`
      select action, change from audit_records where subject_id = ${id} order by id`;
    expect(records).toMatchObject([
      { action: "system_environment.created" },
      {
        action: "system_environment.updated",
        change: { before: { name: "Watched" }, after: { name: "Watched more" } },
      },
    ]);
  });
});

describe("environments of a system environment", () => {
  const associate = async (id: string, ids: string[], query = "", headers?: Record<string, string>) =>
    await api.call("POST", `${path}/${id}/associations${query}`, { workspaceEnvironmentIds: ids }, headers);

  test("are added, seen, moved to another one, and removed", async () => {
    const [first, second] = [await idOf("First"), await idOf("Second")];
    const environment = await api.make.environment();
    const uid = toUid(environment.ownerId, environment.id);

    const added = await associate(first, [uid]);
    expect(added.body).toEqual({
      meta: { created: 1, existing: 0, replaced: 0, excluded: 0 },
      data: [
        {
          id: expect.any(String),
          workspaceEnvironmentId: uid,
          workspaceId: environment.workspaceId,
          status: "created",
        },
      ],
    });
    expect((await associate(first, [environment.id])).body.meta.existing).toBe(1);
    const listed = await api.call(
      "GET",
      `${path}/${first}/associations?workspaceId=${environment.workspaceId}`,
    );
    expect(listed.body.data).toMatchObject([
      { workspaceEnvironmentId: uid, associatedAt: expect.any(String) },
    ]);

    const moved = await associate(second, [uid]);
    expect(moved.body.data).toMatchObject([{ status: "replaced", previousSystemEnvironmentId: first }]);
    expect((await api.call("GET", `${path}/${first}`)).body.data.associationCount).toBe(0);

    const body = { workspaceEnvironmentIds: [uid, newId()] };
    const removed = await api.call("DELETE", `${path}/${second}/associations`, body);
    expect(removed.body.meta).toEqual({ deleted: 1, notFound: 1 });
    expect((await api.call("DELETE", `${path}/${second}/associations`, body)).status).toBe(404);
  });

  test("are all added or none, unless a part is enough", async () => {
    const stage = await idOf("Parts");
    const { id } = await api.make.environment();
    const unknown = newId();

    expect((await associate(stage, [id, unknown])).status).toBe(400);
    expect((await api.call("GET", `${path}/${stage}`)).body.data.associationCount).toBe(0);
    const partly = await associate(stage, [id, unknown], "?allowPartial=true");
    expect(partly.body.meta).toEqual({ created: 1, existing: 0, replaced: 0, excluded: 1 });
    expect(partly.body.data[1]).toEqual({
      workspaceEnvironmentId: unknown,
      status: "excluded",
      reason: "There is no such environment.",
    });
  });

  test("are neither seen nor changed by whoever may not see them", async () => {
    const stage = await idOf("Guarded");
    const { id: hidden } = await api.make.workspace({ visibility: "private" });
    const { id } = await api.make.environment({ workspaceId: hidden });
    await associate(stage, [id]);
    const { key } = await api.newKey({ role: "member" });
    const headers = { "x-api-key": key };

    const listed = await api.call("GET", `${path}/${stage}/associations`, undefined, headers);
    expect(listed.body).toMatchObject({ meta: { total: 0 }, data: [] });
    expect((await associate(stage, [id], "", headers)).status).toBe(403);
    const body = { workspaceEnvironmentIds: [id] };
    expect((await api.call("DELETE", `${path}/${stage}/associations`, body, headers)).status).toBe(403);
  });
});
