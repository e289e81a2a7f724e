import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { makeMock } from "./support.ts";

setDefaultTimeout(30_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

describe("a mock", () => {
  test("answers with status, headers and body of a saved example", async () => {
    const mock = await makeMock(api, [
      { code: 201, header: [{ key: "X-Shop", value: "north" }], body: '{"books":[]}', language: "json" },
    ]);

    const response = await mock.call("/books");

    expect(response.status).toBe(201);
    expect(response.headers.get("x-shop")).toBe("north");
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(await response.text()).toBe('{"books":[]}');
  });

  test("answers with what was saved a moment ago", async () => {
    const mock = await makeMock(api, [{ body: "old" }]);
    expect(await mock.body("/books")).toBe("old");

    await mock.save([{ body: "new" }]);

    expect(await mock.body("/books")).toBe("new");
  });

  test("says in Postman's words that nothing matches", async () => {
    const mock = await makeMock(api, [{}]);

    const response = await mock.call("/somewhere/else");

    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: {
        name: "mockRequestNotFoundError",
        header: "No matching requests",
        message: "Double check your method and the request path and try again.",
      },
    });
  });

  test.each(["not-an-id", newId()])("that does not exist is 404: %s", async (id) => {
    const response = await api.app.request(`/mock/${id}/books`);

    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: { name: "mockNotFoundError", message: "Please refresh and try again." },
    });
  });

  test("is found by its uid, too, and without a path", async () => {
    const mock = await makeMock(api, [{ url: "{{baseUrl}}", body: "root" }]);

    const response = await api.app.request(`/mock/${mock.uid}`);

    expect(await response.text()).toBe("root");
  });

  test.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])(
    "answers %s with an example of that method only",
    async (method) => {
      const mock = await makeMock(api, [
        { method, body: `of ${method}` },
        { method: "LINK", body: "of LINK" },
      ]);

      expect(await mock.body("/books", { method })).toBe(`of ${method}`);
    },
  );

  test("answers HEAD like GET, without the body", async () => {
    const mock = await makeMock(api, [{ body: "books", header: [{ key: "X-Kind", value: "get" }] }]);

    const response = await mock.call("/books", { method: "HEAD" });

    expect(response.headers.get("x-kind")).toBe("get");
    expect(await response.text()).toBe("");
  });
});

describe("headers of a call", () => {
  const notFound = { id: newId(), name: "Not found", code: 404, body: "no" };

  test("choose an example by its status", async () => {
    const mock = await makeMock(api, [{ body: "yes" }, notFound]);

    expect(await mock.body("/books", { headers: { "x-mock-response-code": "404" } })).toBe("no");
  });

  test("choose an example by its id or uid, whatever the path", async () => {
    const mock = await makeMock(api, [{ body: "yes" }, notFound]);
    const uid = toUid(api.actor.userId, notFound.id);

    expect(await mock.body("/other", { headers: { "x-mock-response-id": notFound.id } })).toBe("no");
    expect(await mock.body("/other", { headers: { "x-mock-response-id": uid } })).toBe("no");
  });

  test("choose an example by its name; of several the first by id with 200, else the first", async () => {
    const mock = await makeMock(api, [
      { id: "20000000-0000-4000-8000-000000000002", name: "Twice", code: 200, body: "second" },
      { id: "10000000-0000-4000-8000-000000000001", name: "Twice", code: 409, body: "first" },
      { id: "30000000-0000-4000-8000-000000000003", name: "Bad", code: 500, body: "fourth" },
      { id: "20000000-0000-4000-8000-00000000000a", name: "Bad", code: 409, body: "third" },
    ]);

    expect(await mock.body("/x", { headers: { "x-mock-response-name": "Twice" } })).toBe("second");
    expect(await mock.body("/x", { headers: { "x-mock-response-name": "Bad" } })).toBe("third");
  });

  test.each([
    ["x-mock-response-id", newId()],
    ["x-mock-response-name", "Nowhere"],
    ["x-mock-response-code", "418"],
  ])("that choose nothing are an error: %s", async (name, value) => {
    const mock = await makeMock(api, [{}]);

    const response = await mock.call("/books", { headers: { [name]: value } });

    expect(response.status).toBe(404);
    expect(((await response.json()) as { error: { name: string } }).error.name).toBe(
      "mockRequestNotFoundError",
    );
  });
});
