import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";

import { auditRecords } from "../../db/schema.ts";
import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;

beforeAll(async () => {
  api = await testApi();
});

const created = async (workspace: unknown): Promise<string> =>
  (await api.call("POST", "/workspaces", { workspace })).body.workspace.id;

const named = ({ id, name, ownerId }: { id: string; name: string; ownerId: number }) => ({
  id,
  name,
  uid: toUid(ownerId, id),
});

describe("create, read, change, delete", () => {
  test("creating answers id and name", async () => {
    const { status, body } = await api.call("POST", "/workspaces", {
      workspace: { name: "Team", type: "team" },
    });

    expect([status, body]).toEqual([200, { workspace: { id: expect.any(String), name: "Team" } }]);
  });

  test("an empty workspace has no lists, and a null description", async () => {
    const id = await created({ name: "Empty", type: "private", about: "a" });

    const { body } = await api.call("GET", `/workspaces/${id}`);

    expect(body).toEqual({
      workspace: {
        id,
        name: "Empty",
        type: "team",
        description: null,
        visibility: "private",
        createdBy: String(api.actor.userId),
        updatedBy: String(api.actor.userId),
        createdAt: expect.stringMatching(/\.\d{3}Z$/),
        updatedAt: expect.stringMatching(/\.\d{3}Z$/),
        about: "a",
      },
    });
  });

  test("a workspace names what it holds", async () => {
    const id = await created({ name: "Full", type: "personal" });
    const owned = { workspaceId: id, ownerId: api.actor.userId };
    const collection = await api.make.collection(owned);
    const environment = await api.make.environment(owned);
    const monitor = await api.make.monitor({ ...owned, collectionId: collection.id, active: false });

    const { body } = await api.call("GET", `/workspaces/${id}`);

    expect(body.workspace).toMatchObject({
      type: "personal",
      collections: [named(collection)],
      environments: [named(environment)],
      monitors: [{ ...named(monitor), deactivated: true }],
    });
  });

  test("a change is partial", async () => {
    const id = await created({ name: "Before", type: "team", description: "kept" });

    const { body } = await api.call("PUT", `/workspaces/${id}`, { workspace: { name: "After" } });

    expect(body).toEqual({ workspace: { id, name: "After" } });
    expect((await api.call("GET", `/workspaces/${id}`)).body.workspace).toMatchObject({
      name: "After",
      description: "kept",
    });
  });

  test("deleting answers the id and takes everything in it along", async () => {
    const id = await created({ name: "Gone", type: "team" });
    const collection = await api.make.collection({ workspaceId: id });

    const { body } = await api.call("DELETE", `/workspaces/${id}`);

    expect(body).toEqual({ workspace: { id } });
    expect((await api.call("GET", `/collections/${collection.id}`)).status).toBe(404);
  });
});

describe("the list", () => {
  test("has meta only when a limit was sent, and pages until the cursor is empty", async () => {
    const made = [
      await created({ name: "1", type: "partner" }),
      await created({ name: "2", type: "partner" }),
      await created({ name: "3", type: "partner" }),
    ];

    const all = (await api.call("GET", "/workspaces?type=partner")).body;
    const first = (await api.call("GET", "/workspaces?type=partner&limit=2")).body;
    const second = (await api.call("GET", `/workspaces?type=partner&limit=2&cursor=${first.meta.nextCursor}`))
      .body;

    expect(all.workspaces.map(({ id }: { id: string }) => id)).toEqual(made);
    expect(all).not.toHaveProperty("meta");
    expect(first.workspaces.map(({ id }: { id: string }) => id)).toEqual(made.slice(0, 2));
    expect(second.workspaces.map(({ id }: { id: string }) => id)).toEqual(made.slice(2));
    expect(second.meta).toEqual({ nextCursor: "" });
  });

  test("an entry has Postman's keys in Postman's order", async () => {
    await created({ name: "1", type: "public" });

    const { body } = await api.call("GET", `/workspaces?type=public&createdBy=${api.actor.userId}`);

    expect(Object.keys(body.workspaces[0])).toEqual([
      "id",
      "name",
      "type",
      "visibility",
      "createdBy",
      "about",
      "createdAt",
      "updatedAt",
    ]);
  });

  test("can be asked for the workspace of a collection", async () => {
    const id = await created({ name: "Home", type: "team" });
    const collection = await api.make.collection({ workspaceId: id });

    const { body } = await api.call("GET", `/workspaces?elementType=collection&elementId=${collection.id}`);

    expect(body.workspaces).toMatchObject([{ id }]);
  });

  test.each([
    [
      "type=secret",
      "invalidParamError",
      "visibilityStatus must be one of personal/private/team/public/partner",
    ],
    ["limit=101", "badRequestError", "The limit parameter must not exceed 100."],
    ["elementType=collection", "badRequest", "elementId is required when elementType is provided"],
    ["elementType=mock&elementId=1", "badRequest", "elementType must be one of: collection, specification"],
    ["cursor=garbage", "badRequest", "Invalid cursor query parameter passed."],
  ])("%s is 400", async (query, name, message) => {
    const answer = await api.call("GET", `/workspaces?${query}`);

    expect([answer.status, answer.body]).toEqual([400, { error: { name, message } }]);
  });
});

const missing = (...param: string[]) => ({
  name: "paramMissingError",
  message: "Parameter is missing in the request.",
  details: { param },
});

describe("wrong bodies get 400 that names the field", () => {
  test.each<[unknown, Record<string, unknown>]>([
    [{}, { name: "malformedRequestError", message: "'workspace' object missing in the request" }],
    [{ workspace: {} }, missing("name", "type")],
    [{ workspace: { name: "a" } }, missing("type")],
    [
      { workspace: { name: "a", type: "x" } },
      {
        name: "invalidParamError",
        message: "visibilityStatus must be one of personal/private/team/public/partner",
      },
    ],
    [
      { workspace: { name: 5, type: "team" } },
      {
        name: "invalidParamsError",
        message: "The request had invalid parameters: workspace.name must be string",
        details: { param: "name" },
      },
    ],
  ])("%j", async (sent, error) => {
    const { status, body } = await api.call("POST", "/workspaces", sent);

    expect([status, body]).toEqual([400, { error }]);
  });
});

describe("unknown workspaces", () => {
  test.each([newId(), "nonsense"])("GET of %s", async (id) => {
    const { status, body } = await api.call("GET", `/workspaces/${id}`);

    expect([status, body]).toEqual([
      404,
      { error: { name: "workspaceNotFoundError", message: "Workspace not found", statusCode: 404 } },
    ]);
  });

  test.each([
    ["PUT", 404],
    ["DELETE", 400],
  ])("%s is %i", async (method, status) => {
    const body = method === "PUT" ? { workspace: {} } : undefined;

    const answer = await api.call(method, `/workspaces/${newId()}`, body);

    expect([answer.status, answer.body]).toEqual([
      status,
      { error: { name: "instanceNotFoundError", message: "The specified workspace does not exist." } },
    ]);
  });
});

test("each write is one line of the audit trail", async () => {
  const id = await created({ name: "Audited", type: "team" });
  await api.call("PUT", `/workspaces/${id}`, { workspace: { about: "b" } });
  await api.call("DELETE", `/workspaces/${id}`);

  const trail = await api.database.db
    .select()
    .from(auditRecords)
    .where(eq(auditRecords.subjectId, id))
    .orderBy(auditRecords.id);

  expect(trail.map(({ action }) => action)).toEqual([
    "workspace.created",
    "workspace.updated",
    "workspace.deleted",
  ]);
});
