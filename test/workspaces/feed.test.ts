import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId, toUid } from "../../src/lib/ids.ts";
import { replaceTags } from "../../src/workspaces/tags-store.ts";
import { type TestApi, testApi } from "../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;

beforeAll(async () => {
  api = await testApi();
});

const newWorkspace = async (type = "private"): Promise<string> =>
  (await api.call("POST", "/workspaces", { workspace: { name: "W", type } })).body.workspace.id;
const tag = (id: string, tags: unknown) => api.call("PUT", `/workspaces/${id}/tags`, { tags });
const detailOf = (body: string): string => JSON.parse(body).detail;

describe("tags of a workspace", () => {
  test.each([
    ["texts, as Postman's client sends them", ["needs-review", "billing"]],
    ["objects, as documented", [{ slug: "needs-review" }, { slug: "billing" }]],
  ])("are replaced by %s", async (_, tags) => {
    const id = await newWorkspace();
    await tag(id, ["old-one"]);

    const replaced = await tag(id, tags);
    const read = await api.call("GET", `/workspaces/${id}/tags`);

    const expected = { tags: [{ slug: "billing" }, { slug: "needs-review" }] };
    expect([replaced.body, read.body]).toEqual([expected, expected]);
  });

  test("can all be taken away", async () => {
    const id = await newWorkspace();
    await tag(id, ["some"]);

    expect((await tag(id, [])).body).toEqual({ tags: [] });
  });

  test.each([
    [["x".repeat(65)], "body/tags/0/slug must NOT have more than 64 characters"],
    [["ok", { slug: "a" }], "body/tags/1/slug must NOT have fewer than 2 characters"],
    [
      ["Not-Lower"],
      "body/tags/0/slug must hold lower case letters, digits and hyphens, and begin with a letter",
    ],
    [["aa", "bb", "cc", "dd", "ee", "ff"], "body/tags must NOT have more than 5 items"],
  ])("%j are refused in Postman's words", async (tags, detail) => {
    const { status, body } = await tag(await newWorkspace(), tags);

    expect([status, JSON.parse(body).type, detailOf(body)]).toEqual([400, "Bad Request", detail]);
  });

  test("of a workspace that is not there are 404, as a problem", async () => {
    const { status, body } = await tag(newId(), ["some"]);

    expect([status, detailOf(body)]).toEqual([404, "Workspace not found"]);
  });
});

describe("what carries a tag", () => {
  const entities = async (path: string, key = api.key) =>
    (await api.call("GET", `/tags/${path}`, undefined, { "x-api-key": key })).body;

  test("is listed by the time of the tagging, page by page", async () => {
    const [first, second, third] = [await newWorkspace(), await newWorkspace(), await newWorkspace()];
    for (const id of [first, second, third]) await tag(id, ["paged"]);

    const up = await entities("paged/entities?direction=asc");
    const page = await entities("paged/entities?limit=2");
    const rest = await entities(`paged/entities?limit=2&cursor=${page.meta.nextCursor}`);

    const workspace = (id: string) => ({ entityId: id, entityType: "workspace" });
    expect(up).toEqual({
      data: { entities: [first, second, third].map(workspace) },
      meta: { count: 3 },
    });
    expect(page.data.entities).toEqual([third, second].map(workspace));
    expect(rest).toEqual({ data: { entities: [workspace(first)] }, meta: { count: 1 } });
  });

  test("is named by uid when it has one, and can be filtered by its type", async () => {
    const collection = await api.make.collection();
    await replaceTags(api.database, api.actor, { type: "collection", id: collection.id }, ["typed"]);
    await tag(await newWorkspace(), ["typed"]);

    const { data } = await entities("typed/entities?entityType=collection");

    expect(data.entities).toEqual([
      { entityId: toUid(collection.ownerId, collection.id), entityType: "collection" },
    ]);
  });

  test("is not shown to whoever may not see it", async () => {
    await tag(await newWorkspace(), ["hidden"]);
    const { key } = await api.newKey({ role: "member" });

    expect((await entities("hidden/entities", key)).data.entities).toEqual([]);
  });

  test("loses the tag when it is deleted", async () => {
    const id = await newWorkspace();
    await tag(id, ["short-lived"]);
    await api.call("DELETE", `/workspaces/${id}`);

    const { status, body } = await api.call("GET", "/tags/short-lived/entities");

    expect([status, detailOf(body)]).toEqual([404, "Slug 'short-lived' does not exist."]);
  });
});

describe("activities of a workspace", () => {
  test("tell what was made, changed and deleted, by whom, newest first", async () => {
    const id = await newWorkspace();
    const { body: made } = await api.call("POST", `/environments?workspace=${id}`, {
      environment: { name: "Staging" },
    });
    const environmentId = made.environment.id;
    await api.call("PUT", `/environments/${environmentId}`, { environment: { name: "Stage" } });
    await api.call("DELETE", `/environments/${environmentId}`);

    const { body } = await api.call("GET", `/workspaces/${id}/activities`);

    expect(
      body.data.map((line: Record<string, unknown>) => [
        line["action"],
        line["elementType"],
        line["elementId"],
      ]),
    ).toEqual([
      ["destroy", "environment", environmentId],
      ["update", "environment", environmentId],
      ["create", "environment", environmentId],
      ["create", "workspace", id],
    ]);
    expect(body.data[0]).toMatchObject({
      workspaceId: id,
      user: { id: api.actor.userId, name: api.actor.name, isPartner: false },
      elementName: "Stage",
      trigger: "api_key",
    });
    expect(body.meta).toEqual({ nextCursor: null });
  });

  test("are filtered and paged", async () => {
    const id = await newWorkspace();
    for (const name of ["a", "b"]) {
      await api.call("POST", `/environments?workspace=${id}`, { environment: { name } });
    }
    const list = (query: string) => api.call("GET", `/workspaces/${id}/activities?${query}`);

    const page = (await list("limit=2")).body;
    const rest = (await list(`limit=2&cursor=${page.meta.nextCursor}`)).body;

    expect([page.data.length, rest.data.length, rest.meta.nextCursor]).toEqual([2, 1, null]);
    expect((await list("elementType=workspace")).body.data).toHaveLength(1);
    expect((await list("userId=9")).body.data).toHaveLength(0);
  });

  test.each([
    ["limit=many", "querystring.limit should be integer"],
    ["userId=me", "User ID must be an integer."],
    ["cursor=%21", "Invalid cursor"],
  ])("asked with %s are refused in Postman's words", async (query, detail) => {
    const { status, body } = await api.call("GET", `/workspaces/${await newWorkspace()}/activities?${query}`);

    expect([status, detailOf(body)]).toEqual([400, detail]);
  });
});

describe("news of a workspace", () => {
  const news = { topic: "Version 2", description: "Everything is **new**.", category: "new_feature" };
  const publish = async (id: string, change = {}) =>
    (await api.call("POST", `/workspaces/${id}/updates`, { ...news, ...change })).body;

  test("are published, read, changed and deleted", async () => {
    const id = await newWorkspace();
    const made = await publish(id, { relatedResources: [{ resource: "collection", resourceId: "c1" }] });
    const path = `/workspaces/${id}/updates/${made.id}`;

    const changed = await api.call(
      "PATCH",
      path,
      { isPinned: true },
      {
        "x-api-key": api.key,
        "content-type": "application/merge-patch+json",
      },
    );
    const read = await api.call("GET", path);
    const deleted = await api.call("DELETE", path);

    expect(made).toEqual({
      ...news,
      id: expect.any(Number),
      workspaceId: id,
      createdBy: api.actor.userId,
      updatedBy: api.actor.userId,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      isPinned: false,
      relatedResources: [{ resource: "collection", resourceId: "c1" }],
    });
    expect(changed.body).toMatchObject({ ...news, isPinned: true });
    expect(read.body.createdBy).toMatchObject({ id: api.actor.userId, name: api.actor.name });
    expect([deleted.status, (await api.call("GET", path)).status]).toEqual([204, 404]);
  });

  test("are listed with the pinned ones first, by category and page", async () => {
    const id = await newWorkspace();
    const old = await publish(id, { isPinned: true, category: "bug_fix" });
    for (let count = 0; count < 25; count++) await publish(id);

    const page = (await api.call("GET", `/workspaces/${id}/updates`)).body;
    const rest = (await api.call("GET", `/workspaces/${id}/updates?cursor=${page.meta.nextCursor}`)).body;
    const fixes = (await api.call("GET", `/workspaces/${id}/updates?category=bug_fix,improvement`)).body;

    expect([page.data.length, page.data[0].id]).toEqual([25, old.id]);
    expect([rest.data.length, rest.meta.nextCursor]).toEqual([1, null]);
    expect(fixes.data.map((one: { id: number }) => one.id)).toEqual([old.id]);
  });

  test.each([
    [{ ...news, category: "gossip" }],
    [{ ...news, topic: "" }],
    [{ description: "x", category: "bug_fix" }],
    [{ ...news, topic: "a\0b" }],
  ])("%j are refused", async (body) => {
    expect((await api.call("POST", `/workspaces/${await newWorkspace()}/updates`, body)).status).toBe(400);
  });

  test("of one workspace are not reached through another", async () => {
    const made = await publish(await newWorkspace());

    const { status } = await api.call("DELETE", `/workspaces/${await newWorkspace()}/updates/${made.id}`);

    expect(status).toBe(404);
  });
});
