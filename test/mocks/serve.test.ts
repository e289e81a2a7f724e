import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { systemClock } from "../../src/lib/clock.ts";
import { newId, toUid } from "../../src/lib/ids.ts";
import { createApp } from "../../src/server/app.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { makeMock } from "./support.ts";

setDefaultTimeout(120_000);

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

describe("the paths of examples", () => {
  const values = [{ key: "baseUrl", value: "https://api.shop.test/v1", type: "default", enabled: true }];

  test("are those behind the address, with and without what a variable puts in front", async () => {
    const mock = await makeMock(api, [{ url: "{{baseUrl}}/books", body: "books" }], { values });

    expect(await mock.body("/v1/books")).toBe("books");
    expect(await mock.body("/books")).toBe("books");
  });

  test("do not begin with the place of the mock itself, when its address stands in the variable", async () => {
    const mock = await makeMock(api, [{ url: "{{mockUrl}}/books", body: "books" }]);
    await mock.save(
      [{ url: "{{mockUrl}}/books", body: "books" }],
      [{ key: "mockUrl", value: `${api.deps.publicUrl}/mock/${mock.id}` }],
    );

    expect(await mock.body("/books")).toBe("books");
  });

  test("take an address as one text, in parts, and with path variables", async () => {
    const parts = {
      raw: "https://api.shop.test:8443/a/b",
      protocol: "https",
      host: ["api", "shop", "test"],
      port: "8443",
      path: ["a", ":id", ":free"],
      variable: [
        { key: "id", value: "7" },
        { key: "free", value: "" },
      ],
    };
    const mock = await makeMock(api, [
      { url: "https://api.shop.test/x/y?z=1#top", body: "text" },
      { url: parts, body: "parts {{free}}" },
    ]);

    expect(await mock.body("/x/y?z=1")).toBe("text");
    expect(await mock.body("/a/7/green")).toBe("parts green");
  });

  test("that are unresolved variables are wildcards, whose values stand in the body and in headers", async () => {
    const mock = await makeMock(api, [
      {
        url: "{{baseUrl}}/shops/{{shop}}/books/{{id}}",
        body: '{"id":{{id}},"shop":"{{shop}}"}',
        header: [{ key: "Location", value: "/shops/{{shop}}" }],
      },
    ]);

    const response = await mock.call("/shops/north/books/42");

    expect(await response.json()).toEqual({ id: 42, shop: "north" });
    expect(response.headers.get("location")).toBe("/shops/north");
  });
});

describe("variables", () => {
  test("of the environment win over those of the collection, and both are current", async () => {
    const mock = await makeMock(api, [{ body: "{{greeting}} {{who}}" }], {
      variable: [
        { key: "greeting", value: "hello" },
        { key: "who", value: "nobody" },
        { key: "off", value: "x", disabled: true },
      ],
      values: [{ key: "who", value: "world", type: "default", enabled: true }],
    });

    expect(await mock.body("/books")).toBe("hello world");
  });

  test("that change in the environment change the next answer", async () => {
    const mock = await makeMock(api, [{ body: "{{who}}" }], {
      values: [{ key: "who", value: "before", type: "default", enabled: true }],
    });
    expect(await mock.body("/books")).toBe("before");
    const { body } = await api.call("GET", `/mocks/${mock.id}`);

    await api.call("PUT", `/environments/${body.mock.environment}`, {
      environment: { values: [{ key: "who", value: "after", type: "default", enabled: true }] },
    });

    expect(await mock.body("/books")).toBe("after");
  });
});

describe("what an answer takes from its call", () => {
  test("is found in body, query, path and headers", async () => {
    const mock = await makeMock(api, [
      {
        method: "POST",
        url: "{{u}}/books/new",
        language: "json",
        body: `{"title":"{{$body 'book.title' 'none'}}","page":{{$queryParams 'page' '1'}},"kind":"{{$pathSegments '1'}}","by":"{{$headers 'X-User' 'nobody'}}","id":"{{$guid}}"}`,
      },
    ]);

    const first = await mock.call("/books/new?page=7", {
      method: "POST",
      headers: { "x-user": "ann", "content-type": "application/json" },
      body: '{"book":{"title":"Dune"}}',
    });
    const second = await mock.call("/books/new", { method: "POST" });

    expect(await first.json()).toEqual({
      title: "Dune",
      page: 7,
      kind: "new",
      by: "ann",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await second.json()).toMatchObject({ title: "none", page: 1, by: "nobody" });
  });

  test("may come from forms", async () => {
    const mock = await makeMock(api, [{ method: "POST", body: "{{$body 'title'}}" }]);
    const form = new FormData();
    form.set("title", "Multi");

    expect(await mock.body("/books", { method: "POST", body: new URLSearchParams({ title: "Url" }) })).toBe(
      "Url",
    );
    expect(await mock.body("/books", { method: "POST", body: form })).toBe("Multi");
  });

  test("cannot name a variable: what a caller sends is not filled in", async () => {
    const mock = await makeMock(api, [{ url: "{{u}}/{{echo}}", body: "{{echo}}" }], {
      values: [{ key: "internal", value: "s3cr3t", type: "default", enabled: true }],
    });

    expect(await mock.body("/%7B%7Binternal%7D%7D")).toBe("{{internal}}");
  });
});

describe("a delay", () => {
  /** Notes how long the mock wanted to wait instead of waiting. */
  const waiting = async (config: unknown, headers: Record<string, string> = {}) => {
    const waits: number[] = [];
    const clock = {
      ...systemClock,
      sleep: async (ms: number) => {
        waits.push(ms);
      },
    };
    const mock = await makeMock(api, [{}], { config });
    await createApp({ ...api.deps, clock }).request(`/mock/${mock.id}/books`, { headers });
    return waits;
  };

  test.each([
    ["none", null, {}, 0],
    ["a fixed one", { type: "fixed", duration: 250 }, {}, 250],
    ["the preset 1, a slow network", { type: "fixed", preset: "1" }, {}, 300],
    ["the preset 2", { type: "fixed", preset: "2" }, {}, 100],
    ["that of the call", { type: "fixed", duration: 250 }, { "x-mock-response-delay": "40" }, 40],
    ["one that is too long", null, { "x-mock-response-delay": "999999" }, 30_000],
    ["one that is no number", { type: "fixed", duration: 250 }, { "x-mock-response-delay": "soon" }, 250],
  ])("%s", async (_, delay, headers, expected) => {
    expect(await waiting({ delay }, headers)).toEqual([expected]);
  });

  test("above the limit cannot be set", async () => {
    const mock = await makeMock(api, [{}]);

    const { status } = await api.call("PUT", `/mocks/${mock.id}`, {
      mock: { config: { delay: { type: "fixed", duration: 30_001 } } },
    });

    expect(status).toBe(400);
  });
});

test("examples without the form of one are left out, and the rest is served", async () => {
  const mock = await makeMock(api, [
    { url: { nothing: true }, body: null, header: "X-Old: 1\nbroken", code: 99 },
    { body: "good" },
  ]);

  expect(await mock.body("/books")).toBe("good");
  expect((await mock.call("/")).status).toBe(200);
  expect((await mock.call("/")).headers.get("x-old")).toBe("1");
});
