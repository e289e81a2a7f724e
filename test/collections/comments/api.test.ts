import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../../src/lib/ids.ts";
import { type TestApi, testApi } from "../../support/api.ts";

setDefaultTimeout(120_000);

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
const bookshop = {
  info: { name: "Bookshop", schema },
  item: [
    {
      name: "Orders",
      item: [
        { name: "List", request: { method: "GET", url: "http://a" }, response: [{ name: "OK", code: 200 }] },
      ],
    },
  ],
};

let api: TestApi;
let workspaceId: string;
let id: string;
/** Below `/collections/{id}`, by what is commented on. */
let paths: Record<"collection" | "folder" | "request" | "response", string>;

const kinds = ["collection", "folder", "request", "response"] as const;
const comment = async (path: string, body: unknown) => await api.call("POST", path, body);
const bodies = async (path: string): Promise<string[]> =>
  (await api.call("GET", path)).body.data.map(({ body }: { body: string }) => body);

beforeAll(async () => {
  api = await testApi();
  ({ id: workspaceId } = await api.make.workspace({ createdBy: api.actor.userId, visibility: "private" }));
  const created = await api.call("POST", `/collections?workspace=${workspaceId}`, { collection: bookshop });
  ({ id } = created.body.collection);
  const { collection } = (await api.call("GET", `/collections/${id}`)).body;
  const [folder] = collection.item;
  const [request] = folder.item;
  paths = {
    collection: `/collections/${id}/comments`,
    folder: `/collections/${id}/folders/${folder.uid}/comments`,
    request: `/collections/${id}/requests/${request.id}/comments`,
    response: `/collections/${id}/responses/${request.response[0].id}/comments`,
  };
});

describe.each(kinds)("comments on a %s", (kind) => {
  test("are answered, changed, resolved and deleted", async () => {
    const path = paths[kind];

    const first = await comment(path, { body: "Is this right?" });
    const { threadId } = first.body.data;
    const answer = await comment(path, { body: "It is.", threadId });

    expect([first.status, first.body.data]).toEqual([
      201,
      {
        id: expect.any(Number),
        threadId: expect.any(Number),
        status: "Open",
        createdBy: api.actor.userId,
        createdAt: expect.stringMatching(/Z$/),
        updatedAt: expect.any(String),
        body: "Is this right?",
      },
    ]);
    expect(answer.body.data.threadId).toBe(threadId);
    expect(await bodies(path)).toEqual(["It is.", "Is this right?"]);

    const changed = await api.call("PUT", `${path}/${answer.body.data.id}`, { body: "It is not." });
    expect([changed.status, changed.body.data.body]).toEqual([200, "It is not."]);

    const resolved = await api.call("POST", `/comments-resolutions/${threadId}`);
    const { data } = (await api.call("GET", path)).body;
    expect([resolved.status, data.map(({ status }: { status: string }) => status)]).toEqual([
      204,
      ["Resolved", "Resolved"],
    ]);

    expect((await api.call("DELETE", `${path}/${answer.body.data.id}`)).status).toBe(204);
    expect(await bodies(path)).toEqual(["Is this right?"]);
    await comment(path, { body: "Again", threadId });
    expect((await api.call("DELETE", `${path}/${first.body.data.id}`)).status).toBe(204);
    expect(await bodies(path)).toEqual([]);
  });
});

test("a comment on one element is not one on another", async () => {
  const { body } = await comment(paths.folder, { body: "Here" });

  expect(await bodies(paths.collection)).not.toContain("Here");
  expect((await comment(paths.request, { body: "There", threadId: body.data.threadId })).status).toBe(404);
  expect((await api.call("PUT", `${paths.request}/${body.data.id}`, { body: "There" })).status).toBe(404);
  expect((await api.call("DELETE", `${paths.request}/${body.data.id}`)).status).toBe(404);
});

test("users are named in comments by their ids", async () => {
  const tags = { "@somebody": { type: "user", id: String(api.actor.userId) } };

  const named = await comment(paths.collection, { body: "Look, @somebody", tags });
  const unknown = await comment(paths.collection, {
    body: "x",
    tags: { "@nobody": { type: "user", id: "1" } },
  });

  expect(named.body.data.tags).toEqual(tags);
  expect([unknown.status, JSON.parse(unknown.body).detail]).toEqual([
    400,
    "There is no user with the id 1 to be tagged.",
  ]);
});

test.each([
  ["nothing", {}],
  ["an empty one", { body: "" }],
  ["one that is too long", { body: "x".repeat(10_001) }],
  ["a thread that is no number", { body: "x", threadId: "1" }],
])("%s is 400", async (_name, body) => {
  expect((await comment(paths.collection, body)).status).toBe(400);
});

test.each([
  ["a collection", () => `/collections/${newId()}/comments`],
  ["a request", () => `/collections/${id}/requests/${newId()}/comments`],
  ["a folder that is a request", () => paths.request.replace("requests", "folders")],
])("%s that is not there is 404 as a problem", async (_name, path) => {
  const { status, body } = await api.call("GET", path());

  expect([status, JSON.parse(body)]).toMatchObject([
    404,
    { title: "Not Found", type: "https://api.postman.com/problems/not-found" },
  ]);
});

test.each(["99999999", "nonsense", "99999999999"])("the thread %s is 404", async (threadId) => {
  expect((await api.call("POST", `/comments-resolutions/${threadId}`)).status).toBe(404);
});

test("whoever may read may comment; only authors change, only they and admins delete; strangers see nothing", async () => {
  const viewer = await api.newKey({ role: "member" });
  const stranger = await api.newKey({ role: "member" });
  await api.database
    .sql`insert into workspace_members (workspace_id, user_id, role) values (${workspaceId}, ${viewer.actor.userId}, 'viewer')`;
  const as = (key: string) => (method: string, path: string, body?: unknown) =>
    api.call(method, path, body, { "x-api-key": key });
  const ours = (await comment(paths.collection, { body: "Ours" })).body.data;

  const theirs = await as(viewer.key)("POST", paths.collection, { body: "Theirs" });
  const path = `${paths.collection}/${theirs.body.data.id}`;

  expect(theirs.status).toBe(201);
  expect((await api.call("PUT", path, { body: "x" })).status).toBe(403);
  expect((await as(viewer.key)("PUT", `${paths.collection}/${ours.id}`, { body: "x" })).status).toBe(403);
  expect((await as(viewer.key)("DELETE", `${paths.collection}/${ours.id}`)).status).toBe(403);
  expect((await as(stranger.key)("GET", paths.collection)).status).toBe(403);
  expect((await as(stranger.key)("POST", paths.collection, { body: "x" })).status).toBe(403);
  expect((await as(stranger.key)("POST", `/comments-resolutions/${ours.threadId}`)).status).toBe(403);
  expect((await api.call("DELETE", path)).status).toBe(204);
});

test("lists are bounded, and go on from a cursor", async () => {
  const { id: other } = (
    await api.call("POST", `/collections?workspace=${workspaceId}`, { collection: bookshop })
  ).body.collection;
  const path = `/collections/${other}/comments`;
  await comment(path, { body: "1" });
  await comment(path, { body: "2" });

  const first = (await api.call("GET", `${path}?limit=1`)).body;
  const second = (await api.call("GET", `${path}?limit=1&cursor=${first.meta.nextCursor}`)).body;

  expect([first.data[0].body, second.data[0].body, second.meta]).toEqual(["2", "1", undefined]);
});

test("what was said does not stand in the audit trail", async () => {
  await comment(paths.collection, { body: "a-word-to-look-for" });

  const rows = await api.database
    .sql`select action, change::text as change from audit_records where subject_id = ${id} and action like 'comment.%'`;
  expect(rows.map((row) => row["action"])).toContain("comment.created");
  expect(JSON.stringify(rows)).not.toContain("a-word-to-look-for");
});

test("tags of a collection are replaced as a whole, sent as texts or as objects", async () => {
  const put = await api.call("PUT", `/collections/${id}/tags`, { tags: ["needs-review", { slug: "shop" }] });

  expect(put.body).toEqual({ tags: [{ slug: "needs-review" }, { slug: "shop" }] });
  expect((await api.call("GET", `/collections/${id}/tags`)).body).toEqual(put.body);
  expect((await api.call("PUT", `/collections/${id}/tags`, { tags: ["Not A Slug"] })).status).toBe(400);
});

test("tags go with their collection", async () => {
  const { id: other } = (
    await api.call("POST", `/collections?workspace=${workspaceId}`, { collection: bookshop })
  ).body.collection;
  await api.call("PUT", `/collections/${other}/tags`, { tags: ["gone-soon"] });

  await api.call("DELETE", `/collections/${other}`);

  const [row] = await api.database
    .sql`select count(*)::int as left from element_tags where element_id = ${other}`;
  expect(row?.["left"]).toBe(0);
});

test.each([
  ["PUT", () => `/collections/${id}/public-documentations`],
  ["DELETE", () => `/collections/${id}/public-documentations`],
  ["PUT", () => `/apis/${newId()}/collections/${id}/comments/1`],
  ["DELETE", () => `/apis/${newId()}/collections/${id}/comments/1`],
])("%s of what has no meaning here is 501 and says why", async (method, path) => {
  const { status, body } = await api.call(method, path(), { body: "x" });

  expect([status, JSON.parse(body)]).toMatchObject([
    501,
    { title: "Not Implemented", detail: expect.stringContaining("here") },
  ]);
});
