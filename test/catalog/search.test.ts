import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

const SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

let api: TestApi;
let workspaceId: string;
let bookshop: { id: string; uid: string };

const request = (name: string, method: string, url: string) => ({
  id: newId(),
  name,
  request: { method, url },
});

beforeAll(async () => {
  api = await testApi();
  ({ id: workspaceId } = await api.make.workspace({ createdBy: api.actor.userId, name: "Shops" }));
  const collection = {
    info: { name: "Bookshop", description: "Sells printed matter", schema: SCHEMA },
    item: [
      request("List books", "GET", "{{baseUrl}}/books?limit=2"),
      request("createBook", "POST", "{{baseUrl}}/books"),
      { name: "Orders", item: [request("Cancel", "DELETE", "{{baseUrl}}/orders/:id")] },
    ],
  };
  const { body } = await api.call("POST", `/collections?workspace=${workspaceId}`, { collection });
  bookshop = body.collection;
});

const search = async (body: Record<string, unknown>, query = "", headers?: Record<string, string>) =>
  await api.call("POST", `/search${query}`, { elementType: "requests", ...body }, headers);
const names = async (body: Record<string, unknown>) => {
  const answer = await search(body);
  expect(answer.status).toBe(200);
  return answer.body.data.map((row: { name: string }) => row.name);
};

describe("POST /search finds", () => {
  test("what was saved a moment ago, as Postman's clients read it", async () => {
    const answer = await search({ q: "cancel order" });

    expect(answer.body).toEqual({
      meta: { nextCursor: null, q: "cancel order", total: 1 },
      data: [
        {
          id: expect.stringMatching(/^\d+-[0-9a-f-]{36}$/),
          name: "Cancel",
          method: "DELETE",
          type: "http",
          url: "{{baseUrl}}/orders/:id",
          description: "",
          summary: "",
          tags: [],
          isPinnedToWorkspace: false,
          isPrivateNetworkEntity: false,
          isGitConnected: false,
          createdBy: String(api.actor.userId),
          team: { id: "1", name: "Sallyport" },
          organization: { id: "1", name: "Sallyport", isVerified: false },
          collection: { id: bookshop.uid, name: "Bookshop" },
          workspace: { id: workspaceId, name: "Shops" },
          links: {
            web: { href: `${api.deps.publicUrl}/collections/${bookshop.id}` },
            self: { href: expect.stringContaining(`/api/collections/${bookshop.id}/requests/`) },
          },
        },
      ],
    });
  });

  test.each([
    ["beginnings of words, in any order", { q: "boo lis" }, ["List books"]],
    ["words inside of others", { q: "book create" }, ["createBook"]],
    ["what has the name first", { q: "createbook" }, ["createBook"]],
    ["a method and a part of a URL", { q: "delete orders" }, ["Cancel"]],
    ["what has some of the words when nothing has all", { q: "cancel subscription" }, ["Cancel"]],
    ["nothing for signs alone", { q: "?!" }, []],
    ["nothing for an unknown word", { q: "zeppelin" }, []],
    ["collections by what they are about", { elementType: "collections", q: "printed" }, ["Bookshop"]],
    ["workspaces", { elementType: "workspaces", q: "shops" }, ["Shops"]],
    ["no flows", { elementType: "flows", q: "shops" }, []],
    ["nothing of strangers", { q: "books", ownership: "external" }, []],
  ])("%s", async (_, body, expected) => {
    expect(await names(body)).toEqual(expected);
  });

  test("everything, page by page, when nothing is asked for", async () => {
    const found: string[] = [];
    let cursor: string | null = "";
    for (let pages = 0; cursor !== null; pages++) {
      expect(pages).toBeLessThan(3);
      // As Postman's MCP server pages first, then as its documents say.
      const answer = await search({}, `?limit=1&${pages === 0 ? "nextCursor" : "cursor"}=${cursor}`);
      expect(answer.body.meta.total).toBe(3);
      found.push(...answer.body.data.map((row: { name: string }) => row.name));
      cursor = answer.body.meta.nextCursor;
    }
    expect(found.toSorted()).toEqual(["Cancel", "List books", "createBook"]);
  });

  test("environments by name", async () => {
    await api.make.environment({ workspaceId, name: "Staging of the shop" });

    expect(await names({ elementType: "environments", q: "staging" })).toEqual(["Staging of the shop"]);
  });

  test("specs and mocks by name", async () => {
    const files = [{ path: "index.yaml", content: "openapi: 3.0.3", type: "ROOT" }];
    const spec = { name: "Pelican pets", type: "OPENAPI:3.0", files };
    const made = await api.call("POST", `/specs?workspaceId=${workspaceId}`, spec);
    const mock = { name: "Pelican mock", collection: bookshop.uid };
    await api.call("POST", `/mocks?workspace=${workspaceId}`, { mock });

    const specs = await search({ elementType: "specs", q: "pelican" });
    expect(specs.body.data).toMatchObject([
      { id: made.body.id, specificationId: made.body.id, specificationType: "OPENAPI:3.0" },
    ]);
    expect(await names({ elementType: "mocks", q: "pelican" })).toEqual(["Pelican mock"]);
  });

  test("a collection as it is, not as it was", async () => {
    const collection = {
      info: { name: "Moves", schema: SCHEMA },
      item: [request("Walrus", "GET", "http://a/")],
    };
    const { body } = await api.call("POST", `/collections?workspace=${workspaceId}`, { collection });
    expect(await names({ q: "walrus" })).toEqual(["Walrus"]);

    collection.item = [request("Pelican", "GET", "http://a/")];
    await api.call("PUT", `/collections/${body.collection.id}`, { collection });
    expect(await names({ q: "walrus" })).toEqual([]);
    expect(await names({ q: "pelican" })).toEqual(["Pelican"]);

    await api.call("DELETE", `/collections/${body.collection.id}`);
    expect(await names({ q: "pelican" })).toEqual([]);
  });
});

describe("filters of POST /search", () => {
  const filtered = (...$and: Record<string, unknown>[]) => names({ filters: { $and } });
  const all = ["Cancel", "createBook", "List books"];

  test("narrow down by method", async () => {
    expect(await filtered({ method: { $eq: "get" } })).toEqual(["List books"]);
    expect(await filtered({ method: { $nin: ["GET", "POST"] } })).toEqual(["Cancel"]);
  });

  test("narrow down by workspace and collection, as id or uid", async () => {
    expect(await filtered({ workspaceId: { $eq: workspaceId } })).toEqual(all);
    expect(await filtered({ workspaceId: { $ne: workspaceId } })).toEqual([]);
    expect(await filtered({ collectionId: { $in: [bookshop.uid] } })).toEqual(all);
    expect(await filtered({ collectionId: { $eq: "no-id" } })).toEqual([]);
    expect(
      await filtered({ createdBy: { $eq: String(api.actor.userId) } }, { method: { $eq: "POST" } }),
    ).toEqual(["createBook"]);
  });

  test("know what is the same for all", async () => {
    expect(await filtered({ privateNetwork: { $eq: true } })).toEqual([]);
    expect(await filtered({ privateNetwork: { $eq: false } })).toEqual(all);
    expect(await filtered({ visibility: { $eq: "internal" } })).toEqual(all);
    expect(await filtered({ visibility: { $eq: "public" } })).toEqual([]);
    expect(await filtered({ teamId: { $in: ["1", "2"] } })).toEqual(all);
  });

  test("find collections by tag", async () => {
    await api.make.collection({ workspaceId, name: "Untagged" });
    await api.database.sql`
      insert into element_tags (element_type, element_id, slug, tagged_by)
      values ('collection', ${bookshop.id}, 'shop', ${api.actor.userId})`;
    const tagged = { elementType: "collections", filters: { $and: [{ tags: { $eq: "shop" } }] } };

    expect(await names(tagged)).toEqual(["Bookshop"]);
  });

  test.each([
    [{ elementType: undefined }, "body must have required property 'elementType'"],
    [
      { ownership: "mine" },
      "/ownership must be equal to one of the allowed values: organization, external, all",
    ],
    [
      { ownership: "external", filters: { $and: [{ visibility: { $eq: "internal" } }] } },
      "ownership=external cannot be combined with visibility=internal",
    ],
    [
      { ownership: "all", filters: { $and: [{ privateNetwork: { $eq: true } }] } },
      "privateNetwork=true can only be used with ownership=organization",
    ],
    [
      { elementType: "environments", filters: { $and: [{ method: { $eq: "GET" } }] } },
      "/filters/$and/method cannot be used with elementType environments",
    ],
    [{ filters: {} }, "body/filters must have required property '$and'"],
    [{ filters: { $and: [{}] } }, expect.stringContaining("filters/$and/0 must hold exactly one field")],
    [{ filters: { $and: [{ method: { $like: "x" } }] } }, expect.stringContaining("filters/$and/0/method")],
    [{ q: 7 }, expect.stringContaining("body/q")],
    [{ cursor: "later" }, "Invalid cursor"],
  ])("are refused when they make no sense: %j", async (body, detail) => {
    const answer = await search(body);

    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(JSON.parse(answer.body)).toMatchObject({ title: "Bad Request", detail });
  });
});

describe("POST /search and rights", () => {
  test("nobody finds what is in a workspace that he may not see", async () => {
    const { id: hidden } = await api.make.workspace({ visibility: "private", name: "Hidden" });
    await api.make.collection({
      workspaceId: hidden,
      name: "Secret plans",
      document: {
        info: { name: "Secret plans", schema: SCHEMA },
        item: [request("Dig", "GET", "http://a/")],
      },
    });
    const { key } = await api.newKey({ role: "member" });
    const found = async (headers: Record<string, string>) => {
      const types = ["requests", "collections", "workspaces"];
      const answers = await Promise.all(
        types.map((elementType) => search({ elementType, q: "secret hidden dig" }, "", headers)),
      );
      return answers.flatMap(({ body }) => body.data.map((row: { name: string }) => row.name));
    };

    expect(await found({ "x-api-key": key })).toEqual([]);
    expect(await found({ "x-api-key": api.key })).toEqual(["Dig", "Secret plans", "Hidden"]);
  });

  test("a narrowed key needs search:read", async () => {
    const { key } = await api.newKey({ scopes: ["search:read"] });
    const { key: other } = await api.newKey({ scopes: ["collections:write"] });

    expect(await search({ q: "books" }, "", { "x-api-key": key })).toMatchObject({ status: 200 });
    expect(await search({ q: "books" }, "", { "x-api-key": other })).toMatchObject({ status: 403 });
  });

  test("ids of items that are no uuids are found all the same", async () => {
    const item = [{ id: "legacy", name: "Legacy heron", request: "http://a/" }];
    const { ownerId } = await api.make.collection({
      workspaceId,
      document: { info: { name: "Old", schema: SCHEMA }, item },
    });

    const answer = await search({ q: "heron" });

    expect(answer.body.data).toMatchObject([{ id: toUid(ownerId, "legacy") }]);
  });
});
