import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";

import { auditRecords, mockCalls } from "../../db/schema.ts";
import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { eventually } from "../support/eventually.ts";
import { makeMock } from "./support.ts";

setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

describe("a mock in the API", () => {
  test("is created and read in Postman's words", async () => {
    const environment = await api.make.environment();
    const collection = await api.make.collection({
      workspaceId: environment.workspaceId,
      ownerId: environment.ownerId,
      name: "Shop",
    });
    const created = await api.call("POST", `/mocks?workspace=${environment.workspaceId}`, {
      mock: {
        collection: toUid(collection.ownerId, collection.id),
        environment: environment.id,
        private: false,
      },
    });
    const { id } = created.body.mock;
    const owner = api.actor.userId;

    const read = await api.call("GET", `/mocks/${toUid(owner, id)}`);
    const listed = await api.call("GET", `/mocks?workspace=${environment.workspaceId}`);

    expect(created.status).toBe(200);
    expect(created.body.mock).toEqual({
      id,
      owner: String(owner),
      uid: toUid(owner, id),
      collection: toUid(collection.ownerId, collection.id),
      environment: toUid(environment.ownerId, environment.id),
      mockUrl: `${api.deps.publicUrl}/mock/${id}`,
      name: "Shop",
      private: false,
      config: {
        headers: [],
        matchBody: false,
        matchHeader: false,
        matchQueryParams: true,
        matchWildcards: true,
        delay: null,
        serverResponseId: null,
      },
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(read.body.mock).toEqual({ ...created.body.mock, isPublic: false });
    expect(listed.body.mocks).toEqual([read.body.mock]);
  });

  test.each([
    ["no collection", { mock: { name: "x" } }, "paramMissingError", { param: ["collection"] }],
    ["an empty body", {}, "malformedRequestError", undefined],
    [
      "a wrong type",
      { mock: { collection: newId(), private: "yes" } },
      "malformedRequestError",
      expect.anything(),
    ],
    [
      "an unknown collection",
      { mock: { collection: newId() } },
      "invalidParamsError",
      { param: "collection" },
    ],
    ["no id at all", { mock: { collection: "shop" } }, "invalidParamsError", { param: "collection" }],
  ])("is 400 with %s", async (_, body, name, details) => {
    const { id } = await api.make.workspace();

    const answer = await api.call("POST", `/mocks?workspace=${id}`, body);

    expect(answer.status).toBe(400);
    expect(answer.body.error.name).toBe(name);
    expect(answer.body.error.details).toEqual(details);
  });

  test("takes no collection of another workspace", async () => {
    const { id: collection } = await api.make.collection();
    const { id: workspace } = await api.make.workspace();

    const { status } = await api.call("POST", `/mocks?workspace=${workspace}`, { mock: { collection } });

    expect(status).toBe(400);
  });

  test("changes what is sent and leaves the rest; nothing to change is 400", async () => {
    const mock = await makeMock(api, [{ body: "hello" }]);
    const config = { matchBody: true, delay: { type: "fixed", preset: "1" } };

    const changed = await api.call("PUT", `/mocks/${mock.id}`, { mock: { name: "Renamed", config } });
    const nothing = await api.call("PUT", `/mocks/${mock.id}`, { mock: {} });

    expect(changed.body.mock).toMatchObject({
      name: "Renamed",
      config: { matchBody: true, matchWildcards: true, delay: { type: "fixed", preset: "1", duration: 300 } },
    });
    expect(nothing.body.error).toEqual({
      name: "paramMissingError",
      message: "At least one parameter must be provided.",
      details: { param: "environment, private, name, config, collection" },
    });
  });

  test("is gone when it is deleted, and its URL with it", async () => {
    const mock = await makeMock(api, [{}]);

    const { body } = await api.call("DELETE", `/mocks/${mock.id}`);

    expect(body).toEqual({ mock: { id: mock.id, uid: mock.uid } });
    expect((await api.call("GET", `/mocks/${mock.id}`)).body.error).toEqual({
      name: "instanceNotFoundError",
      message: "The specified mock does not exist.",
    });
    expect((await mock.call("/books")).status).toBe(404);
  });

  test("is among the elements of its workspace", async () => {
    const mock = await makeMock(api, [{}]);

    const { body } = await api.call("GET", `/workspaces/${mock.workspaceId}`);

    expect(body.workspace.mocks).toMatchObject([{ id: mock.id, name: "Shop mock", uid: mock.uid }]);
  });

  test("leaves an audit record of each change, with what was before", async () => {
    const mock = await makeMock(api, [{}]);
    await api.call("PUT", `/mocks/${mock.id}`, { mock: { name: "Renamed" } });
    await api.call("DELETE", `/mocks/${mock.id}/unpublish`);
    await api.call("DELETE", `/mocks/${mock.id}`);

    const records = await api.database.db
      .select()
      .from(auditRecords)
      .where(eq(auditRecords.subjectId, mock.id));

    expect(records.map(({ action }) => action).toSorted()).toEqual([
      "mock.created",
      "mock.deleted",
      "mock.unpublished",
      "mock.updated",
    ]);
    expect(records.find(({ action }) => action === "mock.updated")?.change).toEqual({
      before: { name: "Shop mock" },
      after: { name: "Renamed" },
    });
  });

  test("is seen and changed only by those who have the role in its workspace", async () => {
    const mock = await makeMock(api, [{}]);
    const { key } = await api.newKey({ role: "member" });
    const as = async (method: string, path: string, body?: unknown) =>
      (await api.call(method, path, body, { "x-api-key": key })).status;

    expect(await as("GET", `/mocks/${mock.id}`)).toBe(403);
    expect(await as("PUT", `/mocks/${mock.id}`, { mock: { name: "x" } })).toBe(403);
    expect(await as("DELETE", `/mocks/${mock.id}`)).toBe(403);
    expect(await as("POST", `/mocks/${mock.id}/publish`)).toBe(403);
    expect(await as("GET", `/mocks/${mock.id}/call-logs`)).toBe(403);
    const { body } = await api.call("GET", "/mocks", undefined, { "x-api-key": key });
    expect(body.mocks.map(({ id }: { id: string }) => id)).not.toContain(mock.id);
  });
});

describe("a server response", () => {
  const pathOf = (id: string) => `/mocks/${id}/server-responses`;
  const serverResponse = {
    name: "Down",
    statusCode: 503,
    headers: [{ key: "Retry-After", value: "9" }],
    language: "json",
    body: '{"down":"{{$pathSegments \'0\'}}"}',
  };

  test("answers every call while it is the active one, whatever is called", async () => {
    const mock = await makeMock(api, [{ body: "hello" }]);
    const { body: created } = await api.call("POST", pathOf(mock.id), { serverResponse });

    await api.call("PUT", `/mocks/${mock.id}`, { mock: { config: { serverResponseId: created.id } } });
    const down = await mock.call("/nowhere", { method: "POST" });
    await api.call("PUT", `/mocks/${mock.id}`, { mock: { config: { serverResponseId: null } } });

    expect([down.status, down.headers.get("retry-after"), await down.text()]).toEqual([
      503,
      "9",
      '{"down":"nowhere"}',
    ]);
    expect(await mock.body("/books")).toBe("hello");
  });

  test("that changes answers differently at the next call; deleted, it gives way to the examples", async () => {
    const mock = await makeMock(api, [{ body: "hello" }]);
    const { body: created } = await api.call("POST", pathOf(mock.id), { serverResponse });
    await api.call("PUT", `/mocks/${mock.id}`, { mock: { config: { serverResponseId: created.id } } });
    expect((await mock.call("/books")).status).toBe(503);

    await api.call("PUT", `${pathOf(mock.id)}/${created.id}`, { serverResponse: { statusCode: 502 } });
    expect((await mock.call("/books")).status).toBe(502);

    await api.call("DELETE", `${pathOf(mock.id)}/${created.id}`);
    expect((await mock.call("/books")).status).toBe(200);
    expect((await api.call("GET", `/mocks/${mock.id}`)).body.mock.config.serverResponseId).toBeNull();
  });

  test("is read with everything and listed without headers and body", async () => {
    const mock = await makeMock(api, [{}]);
    const { body: created } = await api.call("POST", pathOf(mock.id), { serverResponse });

    const list = await api.call("GET", pathOf(mock.id));
    const one = await api.call("GET", `${pathOf(mock.id)}/${created.id}`);

    expect(one.body).toEqual(created);
    expect(created).toMatchObject({
      ...serverResponse,
      mock: mock.uid,
      createdBy: String(api.actor.userId),
      updatedBy: String(api.actor.userId),
    });
    const { headers: _, body: __, language: ___, mock: ____, ...head } = created;
    expect(list.body).toEqual([head]);
  });

  test.each([
    ["no name", { statusCode: 500 }, "paramMissingError"],
    ["no status", { name: "x" }, "paramMissingError"],
    ["a status that is no error of a server", { name: "x", statusCode: 404 }, "malformedRequestError"],
  ])("is 400 with %s", async (_, fields, name) => {
    const mock = await makeMock(api, [{}]);

    const { status, body } = await api.call("POST", pathOf(mock.id), { serverResponse: fields });

    expect([status, body.error.name]).toEqual([400, name]);
  });

  test("of another mock is 404, and cannot be made the active one", async () => {
    const [one, other] = [await makeMock(api, [{}]), await makeMock(api, [{}])];
    const { body: created } = await api.call("POST", pathOf(one.id), { serverResponse });

    const read = await api.call("GET", `${pathOf(other.id)}/${created.id}`);
    const chosen = await api.call("PUT", `/mocks/${other.id}`, {
      mock: { config: { serverResponseId: created.id } },
    });

    expect([read.status, read.body.error.name]).toEqual([404, "serverResponseNotFoundError"]);
    expect(chosen.status).toBe(400);
    expect((await api.call("GET", pathOf(newId()))).body.error.name).toBe("mockNotFoundError");
  });
});

describe("calls of a mock", () => {
  const logsOf = async (id: string, query = "") =>
    (await api.call("GET", `/mocks/${id}/call-logs${query}`)).body;
  const settled = (id: string, count: number) =>
    eventually(async () => (await logsOf(id))["call-logs"].length === count);

  test("are logged with what was asked and answered, without secrets", async () => {
    const mock = await makeMock(api, [{ name: "All books", method: "POST", body: "[]" }]);
    await mock.call("/books?page=2&apikey=s3cr3t", {
      method: "POST",
      body: '{"a":1}\u0000',
      headers: { authorization: "Bearer s3cr3t", cookie: "s=s3cr3t", "x-shop": "north" },
    });
    await mock.call("/none/of/it");
    await settled(mock.id, 2);

    const include = "request.headers,request.body,response.headers,response.body";
    const { "call-logs": calls } = await logsOf(mock.id, `?include=${include}`);
    const [missed, found] = calls;

    expect(found).toMatchObject({
      responseName: "All books",
      request: { method: "POST", path: "/books?page=2&apikey=(masked)", body: { mode: "raw" } },
      response: { type: "success", statusCode: 200, body: { data: "[]" } },
    });
    expect(found.request.headers).toContainEqual({ key: "x-shop", value: "north" });
    expect(found.request.headers).toContainEqual({ key: "authorization", value: "(masked)" });
    expect(missed).toMatchObject({
      responseName: "No matching requests",
      response: { type: "error", statusCode: 404 },
    });
    expect(JSON.stringify(calls)).not.toContain("s3cr3t");
  });

  test("are listed newest first, in pages, and can be filtered", async () => {
    const mock = await makeMock(api, [{ url: "{{u}}/{{n}}" }]);
    for (const n of [1, 2, 3]) await mock.call(`/book-${n}`);
    await mock.call("/x/y", { method: "DELETE" });
    await settled(mock.id, 4);
    const paths = (body: { "call-logs": { request: { path: string } }[] }) =>
      body["call-logs"].map(({ request }) => request.path);

    const first = await logsOf(mock.id, "?limit=3");
    const second = await logsOf(mock.id, `?limit=3&cursor=${first.meta.nextCursor}`);

    expect(paths(first)).toEqual(["/x/y", "/book-3", "/book-2"]);
    expect(paths(second)).toEqual(["/book-1"]);
    expect(second.meta.nextCursor).toBeNull();
    expect(first["call-logs"][0].request).not.toHaveProperty("headers");
    expect(paths(await logsOf(mock.id, "?direction=asc&limit=1"))).toEqual(["/book-1"]);
    expect(paths(await logsOf(mock.id, "?requestMethod=delete"))).toEqual(["/x/y"]);
    expect(paths(await logsOf(mock.id, "?requestPath=/book-2"))).toEqual(["/book-2"]);
    expect(paths(await logsOf(mock.id, "?responseStatusCode=404"))).toEqual(["/x/y"]);
    expect(paths(await logsOf(mock.id, "?responseType=error"))).toEqual(["/x/y"]);
    expect(paths(await logsOf(mock.id, "?until=2020-01-01T00:00:00Z"))).toEqual([]);
  });

  test.each([
    ["limit=101"],
    ["limit=x"],
    ["since=yesterday"],
    ["since=2020-01-01T00:00:00Z"],
    ["direction=up"],
    ["include=everything"],
    ["cursor=nonsense"],
  ])("are 400 for %s", async (query) => {
    const mock = await makeMock(api, [{}]);

    expect((await api.call("GET", `/mocks/${mock.id}/call-logs?${query}`)).status).toBe(400);
  });

  test("that are too old go with the next ones", async () => {
    const mock = await makeMock(api, [{}]);
    await api.database.db.insert(mockCalls).values({
      id: newId(),
      mockId: mock.id,
      servedAt: new Date(Date.now() - 15 * 86_400_000),
      method: "GET",
      path: "/old",
      requestHeaders: [],
      responseName: "",
      responseType: "success",
      statusCode: 200,
      responseHeaders: [],
    });

    await mock.call("/new");

    await eventually(async () => {
      const { "call-logs": calls } = await logsOf(mock.id);
      return calls.length === 1 && calls[0].request.path === "/new";
    });
  });
});
