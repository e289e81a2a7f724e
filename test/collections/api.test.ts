import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";

import { auditRecords, collections } from "../../db/schema.ts";
import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

const SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await api.make.workspace({ createdBy: api.actor.userId });
});

const simple = (name = "Bookshop") => ({
  info: { name, schema: SCHEMA },
  item: [{ name: "List", request: { method: "GET", url: "http://127.0.0.1:1/" } }],
});

const stored = async (collection: unknown) => {
  const { body } = await api.call("POST", "/collections", { collection });
  return body.collection as { id: string; uid: string; name: string };
};

/** As a Postman app exports it, with keys that no schema knows, odd orders, and every kind of text. */
const nasty = () => ({
  zeta: { unknown: [1, null, { deep: true }] },
  info: {
    description: { content: "# Überschrift 📚\n\u2028 \u0000 \ud800", type: "text/markdown" },
    _postman_id: newId(),
    schema: SCHEMA,
    "x-team": "search",
    name: '日本語 "quoted" <b>',
    _exporter_id: "42",
  },
  variable: [{ type: "string", value: "", key: "", disabled: true, id: "v" }],
  item: [
    {
      item: [
        {
          request: {
            url: { raw: "{{base}}/a?b=%20", query: [{ key: null, value: "%zz" }], "x-y": 1e-7 },
            method: "PROPFIND",
            header: null,
            body: { mode: "raw", raw: "a\r\nb\t", options: { raw: { language: "json" } } },
          },
          event: [{ listen: "test", script: { exec: ["", "pm.test('é')"], packages: {} } }],
          name: "",
          response: [{ name: "r", originalRequest: {}, body: null, header: "X: 1", responseTime: null }],
          protocolProfileBehavior: { disableBodyPruning: true },
        },
      ],
      auth: { type: "noauth" },
      name: "Folder",
      description: null,
    },
  ],
  __proto__x: "kept",
  auth: null,
});

// Documents of any shape are taken apart here.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = Record<string, any>;

/** Takes away what the API adds on the way out. */
function undecorated(document: Json, provided: { ids: boolean }) {
  const strip = (element: Json) => {
    delete element["uid"];
    delete element["createdAt"];
    delete element["updatedAt"];
    delete element["lastUpdatedBy"];
    if (!provided.ids) delete element["id"];
  };
  strip(document["info"]);
  const walk = (items: Json[]) => {
    for (const item of items) {
      strip(item);
      for (const response of item["response"] ?? []) strip(response);
      walk(item["item"] ?? []);
    }
  };
  walk(document["item"]);
  return document;
}

describe("a collection comes back as it went in", () => {
  test("unknown keys, key order and every character survive", async () => {
    const sent = nasty();

    const { id } = await stored(sent);
    const { body } = await api.call("GET", `/collections/${id}`);

    const received = undecorated(body.collection, { ids: false });
    expect(JSON.stringify(received)).toBe(JSON.stringify(sent));
  });

  test("an own `__proto__` key is data, not a prototype", async () => {
    const sent = `{"collection":{"info":{"name":"p","schema":"${SCHEMA}"},"item":[],"__proto__":{"polluted":1}}}`;

    const { body } = await api.call("POST", "/collections", sent);
    const response = await api.app.request(`/api/collections/${body.collection.id}`, {
      headers: { "x-api-key": api.key },
    });

    expect(await response.text()).toContain('"__proto__":{"polluted":1}');
    expect({}).not.toHaveProperty("polluted");
  });

  test("what was read can be written back without a change", async () => {
    const { id } = await stored(nasty());
    const first = (await api.call("GET", `/collections/${id}`)).body.collection;

    const put = await api.call("PUT", `/collections/${id}`, { collection: first });
    const second = (await api.call("GET", `/collections/${id}`)).body.collection;

    expect(put.status).toBe(200);
    expect(undecorated(second, { ids: true })).toEqual(undecorated(first, { ids: true }));
  });

  test("v2.0 is accepted and stays v2.0", async () => {
    const schema = "https://schema.getpostman.com/json/collection/v2.0.0/collection.json";

    const { id } = await stored({ ...simple(), info: { name: "old", schema } });

    const { body } = await api.call("GET", `/collections/${id}`);
    expect(body.collection.info.schema).toBe(schema);
  });

  test("forty folders deep is fine", async () => {
    let item: unknown = { name: "leaf", request: "http://127.0.0.1:1/" };
    for (let depth = 0; depth < 40; depth++) item = { name: `folder ${depth}`, item: [item] };

    const { status } = await api.call("POST", "/collections", { collection: { ...simple(), item: [item] } });

    expect(status).toBe(200);
  });
});

describe("ids", () => {
  test("missing ids of items and responses are added and stay the same", async () => {
    const { id } = await stored(nasty());

    const [first, second] = [
      (await api.call("GET", `/collections/${id}`)).body.collection,
      (await api.call("GET", `/collections/${id}`)).body.collection,
    ];

    const request = first.item[0].item[0];
    expect(request.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(request.uid).toBe(toUid(api.actor.userId, request.id));
    expect(request.response[0].id).toMatch(/^[0-9a-f-]{36}$/);
    expect(first).toEqual(second);
  });

  test("a PUT keeps the ids that it sends and makes new ones for the rest", async () => {
    const { id } = await stored({ ...simple(), item: [{ id: "keep-me", name: "a" }, { name: "b" }] });

    await api.call("PUT", `/collections/${id}`, {
      collection: { ...simple("renamed"), item: [{ name: "c" }, { id: "keep-me", name: "a" }] },
    });

    const { body } = await api.call("GET", `/collections/${id}`);
    expect(body.collection.info).toMatchObject({ name: "renamed", _postman_id: id });
    expect(body.collection.item[1].id).toBe("keep-me");
    expect(body.collection.item[0].id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("a collection keeps its own id, and answers to id and uid alike", async () => {
    const own = newId();
    const { id, uid } = await stored({ ...simple(), info: { ...simple().info, _postman_id: own } });

    const [byId, byUid] = [
      await api.call("GET", `/collections/${id}`),
      await api.call("GET", `/collections/${uid}`),
    ];

    expect(id).toBe(own);
    expect(uid).toBe(`${api.actor.userId}-${own}`);
    expect(byUid.body).toEqual(byId.body);
  });

  test("an id that is taken is refused", async () => {
    const { id } = await stored(simple());
    const again = { ...simple(), info: { ...simple().info, _postman_id: id } };

    const { status, body } = await api.call("POST", "/collections", { collection: again });

    expect(status).toBe(400);
    expect(body).toEqual({
      error: {
        name: "instanceFoundError",
        message: "The specified item already exists.",
        details: { item: "collection", id },
      },
    });
  });
});

describe("lists and answers", () => {
  test("creating answers id, name and uid in the words of Postman", async () => {
    const { status, body } = await api.call("POST", "/collections", { collection: simple("Shop") });

    const { id } = body.collection;
    expect(status).toBe(200);
    expect(body).toEqual({ collection: { id, name: "Shop", uid: `${api.actor.userId}-${id}` } });
  });

  test("a list shows heads in the order of creation, with meta only when paged", async () => {
    const workspace = await api.make.workspace();
    const names = ["one", "two", "three"];
    for (const name of names)
      await api.call("POST", `/collections?workspace=${workspace.id}`, { collection: simple(name) });

    const all = await api.call("GET", `/collections?workspace=${workspace.id}`);
    const page = await api.call("GET", `/collections?workspace=${workspace.id}&limit=1&offset=1`);
    const named = await api.call("GET", `/collections?workspace=${workspace.id}&name=three`);

    expect(all.body.collections.map((entry: { name: string }) => entry.name)).toEqual(names);
    expect(all.body).not.toHaveProperty("meta");
    expect(Object.keys(all.body.collections[0])).toEqual([
      "id",
      "name",
      "owner",
      "createdAt",
      "updatedAt",
      "uid",
      "isPublic",
    ]);
    expect(page.body).toMatchObject({
      collections: [{ name: "two" }],
      meta: { total: 3, offset: 1, limit: 1 },
    });
    expect(named.body.collections).toHaveLength(1);
  });

  test.each([newId(), "nonsense"])("an unknown workspace %s has no collections", async (workspace) => {
    const { status, body } = await api.call("GET", `/collections?workspace=${workspace}`);

    expect([status, body]).toEqual([200, { collections: [] }]);
  });

  test("the minimal model names roots by uid and nothing below", async () => {
    const { id } = await stored({
      ...simple(),
      event: [],
      item: [
        { id: "r", name: "request" },
        { id: "f", name: "folder", item: [] },
      ],
    });

    const { body } = await api.call("GET", `/collections/${id}?model=minimal`);

    expect(body.collection).toMatchObject({
      rootLevelRequests: [`${api.actor.userId}-r`],
      rootLevelFolders: [`${api.actor.userId}-f`],
      events: [],
    });
    expect(body.collection).not.toHaveProperty("item");
    expect(body.collection.info).not.toHaveProperty("schema");
  });

  test("deleting answers id and uid, and then it is gone", async () => {
    const { id, uid } = await stored(simple());

    const deleted = await api.call("DELETE", `/collections/${uid}`);

    expect(deleted.body).toEqual({ collection: { id, uid } });
    expect((await api.call("GET", `/collections/${id}`)).status).toBe(404);
  });
});

const missing = (details: string[]) => ({
  error: {
    name: "malformedRequestError",
    message: `Found ${details.length} errors with the supplied collection.`,
    details,
  },
});

describe("wrong bodies get 400 that says what", () => {
  test.each([
    ["no info", { item: [] }, [": must have required property 'info'"]],
    ["info that is a list", { info: [], item: [] }, ["info: must be object"]],
    ["no name", { info: { schema: SCHEMA }, item: [] }, ["info: must have required property 'name'"]],
    [
      "an empty name",
      { info: { name: " ", schema: SCHEMA }, item: [] },
      ["info.name: must NOT have fewer than 1 characters"],
    ],
    [
      "a name with NUL",
      { info: { name: "a\0", schema: SCHEMA }, item: [] },
      ["info.name: must not hold a NUL character"],
    ],
    ["no schema", { info: { name: "x" }, item: [] }, ["info: must have required property 'schema'"]],
    [
      "garbage as schema",
      { info: { name: "x", schema: "?" }, item: [] },
      ["info.schema: must be the URL of Collection v2.1.0 or v2.0.0"],
    ],
    ["no item", { info: { name: "x", schema: SCHEMA } }, [": must have required property 'item'"]],
    ["item that is an object", { info: { name: "x", schema: SCHEMA }, item: {} }, ["item: must be array"]],
    ["an item that is null", { ...simple(), item: [null] }, ["item.0: must be object"]],
    ["a folder without a list", { ...simple(), item: [{ item: "x" }] }, ["item.0.item: must be array"]],
    [
      "a request that is a number",
      { ...simple(), item: [{ item: [{ request: 5 }] }] },
      ["item.0.item.0.request: must be object or string"],
    ],
    [
      "a circular folder",
      { ...simple(), item: [{ id: "a", item: [{ id: "a", item: [] }] }] },
      ['item.0.item.0: the folder "a" contains itself'],
    ],
  ])("%s", async (_, collection, details) => {
    const posted = await api.call("POST", "/collections", { collection });

    expect([posted.status, posted.body]).toEqual([400, missing(details)]);
  });

  test.each([
    ["v1", { id: "x", name: "old", order: [], requests: [] }, "This is a Postman Collection v1"],
    [
      "v1 by schema",
      { info: { name: "x", schema: "https://schema.getpostman.com/json/collection/v1.0.0/" }, item: [] },
      "This is a Postman Collection v1",
    ],
    ["OpenAPI", { openapi: "3.0.0", info: { title: "x" } }, "This is an OpenAPI document"],
    ["an environment", { name: "x", values: [] }, "This is an environment"],
  ])("%s is refused with what to do", async (_, collection, says) => {
    const { status, body } = await api.call("POST", "/collections", { collection });

    expect(status).toBe(400);
    expect(body.error.message).toStartWith(says);
    expect(body.error.message).toContain("export the collection from Postman as v2.1");
  });

  test.each([
    ["{}", "'collection' object missing in the request"],
    ["", "'collection' object missing in the request"],
    ["[]", "'collection' object missing in the request"],
    ['{"collection":null}', "'collection' object missing in the request"],
    ['{"info":{},"item":[]}', `'collection' object missing in the request; send {"collection": {…}}`],
    ["{oops", "The request body is not valid JSON"],
    [`{"collection":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "The request body"],
  ])("the body %.40s", async (text, says) => {
    const { status, body } = await api.call("POST", "/collections", text);

    expect([status, body.error.name]).toEqual([400, "malformedRequestError"]);
    expect(body.error.message).toStartWith(says);
  });

  test("more than 20 MB gets 413 and one sentence", async () => {
    const large = JSON.stringify({ collection: { ...simple(), x: "y".repeat(21 * 1024 * 1024) } });

    const { status, body } = await api.call("POST", "/collections", large);

    expect(status).toBe(413);
    expect(body.error).toMatchObject({
      name: "payloadTooLargeError",
      message: expect.stringContaining("at most 20 MB"),
    });
  });

  test("a PUT of another collection's document changes nothing", async () => {
    const { id } = await stored(simple("mine"));
    const other = { ...simple("other"), info: { ...simple("other").info, _postman_id: newId() } };

    const { status, body } = await api.call("PUT", `/collections/${id}`, { collection: other });

    expect([status, body]).toEqual([
      400,
      {
        error: {
          name: "collectionMismatchError",
          message: "The collection ID in the path does not match the collection ID in the request body.",
        },
      },
    ]);
    expect((await api.call("GET", `/collections/${id}`)).body.collection.info.name).toBe("mine");
  });
});

describe("unknown ids", () => {
  const unknown = newId();
  const notFound = {
    error: {
      name: "instanceNotFoundError",
      message: "We could not find the collection you are looking for",
    },
  };

  test.each([
    ["GET", unknown, 404],
    ["GET", "nonsense", 400],
    ["PUT", unknown, 404],
    ["PUT", "nonsense", 400],
  ])("%s of %s is %i", async (method, id, status) => {
    const body = method === "PUT" ? { collection: simple() } : undefined;

    const answer = await api.call(method, `/collections/${id}`, body);

    expect([answer.status, answer.body]).toEqual([status, notFound]);
  });

  test.each([unknown, "nonsense"])("DELETE of %s is 404 and echoes what was asked", async (id) => {
    const { status, body } = await api.call("DELETE", `/collections/${id}`);

    expect(status).toBe(404);
    expect(body).toEqual({
      error: {
        name: "instanceNotFoundError",
        message: "The specified item does not exist.",
        details: { item: "collection", id },
      },
    });
  });

  test("a new collection in an unknown workspace is 404", async () => {
    const { status, body } = await api.call("POST", `/collections?workspace=${unknown}`, {
      collection: simple(),
    });

    expect([status, body.error.message]).toEqual([404, "The specified workspace does not exist."]);
  });
});

test("each write is one line of the audit trail, and a new revision", async () => {
  const { id } = await stored(simple());
  await api.call("PUT", `/collections/${id}`, { collection: simple("two") });
  const [row] = await api.database.db.select().from(collections).where(eq(collections.id, id));
  await api.call("DELETE", `/collections/${id}`);

  const trail = await api.database.db
    .select()
    .from(auditRecords)
    .where(eq(auditRecords.subjectId, id))
    .orderBy(auditRecords.id);

  expect(row).toMatchObject({ revision: 2, name: "two" });
  expect(trail.map(({ action, actorId, via }) => [action, actorId, via])).toEqual([
    ["collection.created", api.actor.userId, "api_key"],
    ["collection.updated", api.actor.userId, "api_key"],
    ["collection.deleted", api.actor.userId, "api_key"],
  ]);
});
