import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { createLimiter } from "../../src/access/limits/limiter.ts";
import { noLimits } from "../../src/access/limits/limits.ts";
import { SESSION_COOKIE } from "../../src/access/session.ts";
import { createApp } from "../../src/server/app.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { makeMock } from "./support.ts";

setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const header = (key: string, value: string) => ({ key, value });

describe("whatever a mock answers", () => {
  test.each([
    ["an example", "/books", {}],
    ["nothing that matches", "/none/of/these", {}],
    ["a body that is too large", "/books", { method: "POST", body: "x".repeat(1024 * 1024 + 1) }],
    [
      "a question of a browser",
      "/books",
      { method: "OPTIONS", headers: { "access-control-request-method": "PUT" } },
    ],
  ])("is sandboxed and can be read from everywhere: %s", async (_, path, init) => {
    const mock = await makeMock(api, [{ body: "<script>alert(1)</script>", language: "html" }]);

    const { headers } = await mock.call(path, init);

    expect(headers.get("content-security-policy")).toStartWith("sandbox; default-src 'none'");
    expect(headers.get("content-security-policy")).not.toContain("allow-");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
  });

  test("an unknown mock included", async () => {
    const { headers } = await api.app.request("/mock/nothing/x");

    expect(headers.get("content-security-policy")).toStartWith("sandbox");
  });

  test("sends no header that speaks for the whole host or frames the message", async () => {
    const bad = [
      header("Content-Security-Policy", "script-src *"),
      header("Clear-Site-Data", '"cookies"'),
      header("Strict-Transport-Security", "max-age=1"),
      header("Service-Worker-Allowed", "/"),
      header("Access-Control-Allow-Credentials", "true"),
      header("Access-Control-Allow-Origin", "http://evil.test"),
      header("Content-Length", "3"),
      header("Transfer-Encoding", "chunked"),
      header("Content-Encoding", "gzip"),
      header("Alt-Svc", 'h2="evil.test:443"'),
      header("X-Bad\nX", "1"),
      header("X-Split", "a\r\nSet-Cookie: a=b"),
      header("X-Good", "kept"),
    ];
    const mock = await makeMock(api, [{ header: bad, body: "hello" }]);

    const response = await mock.call("/books");

    expect(await response.text()).toBe("hello");
    expect(response.headers.get("x-good")).toBe("kept");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("content-security-policy")).toStartWith("sandbox");
    for (const name of [
      "clear-site-data",
      "strict-transport-security",
      "service-worker-allowed",
      "alt-svc",
      "x-split",
      "content-encoding",
      "access-control-allow-credentials",
    ]) {
      expect([name, response.headers.get(name)]).toEqual([name, null]);
    }
  });

  test("keeps cookies to its own path, and away from the name of the session's", async () => {
    const mock = await makeMock(api, [
      {
        header: [
          header("Set-Cookie", "basket=7; Domain=example.test; Path=/; HttpOnly"),
          header("Set-Cookie", `${SESSION_COOKIE}=stolen; Path=/`),
        ],
      },
    ]);

    const { headers } = await mock.call("/books");

    expect(headers.getSetCookie()).toEqual([`basket=7; HttpOnly; Path=/mock/${mock.id}`]);
  });

  test("holds no cookie and no API key of its caller, and nor does its log", async () => {
    const mock = await makeMock(api, [
      {
        header: [header("X-Echo", "{{$headers 'cookie' 'none'}}")],
        body: "{{$headers}} {{$headers 'x-api-key' 'none'}} {{$queryParams 'apikey' 'none'}}",
      },
    ]);

    const response = await mock.call("/books?apikey=s3cr3t", {
      headers: { cookie: `${SESSION_COOKIE}=s3cr3t`, "x-api-key": "s3cr3t" },
    });

    expect(response.headers.get("x-echo")).toBe("none");
    expect(await response.text()).not.toContain("s3cr3t");
  });

  test("is nothing that a page of ours can load as a part of itself", async () => {
    const mock = await makeMock(api, [{ body: "alert(1)", language: "javascript" }]);
    const load = (site: string, dest: string) =>
      mock.call("/books", { headers: { "sec-fetch-site": site, "sec-fetch-dest": dest } });

    expect((await load("same-origin", "script")).status).toBe(403);
    expect((await load("same-origin", "serviceworker")).status).toBe(403);
    expect((await load("same-origin", "style")).status).toBe(403);
    expect((await load("cross-site", "script")).status).toBe(200);
    expect((await load("same-origin", "document")).status).toBe(200);
    expect((await load("same-origin", "empty")).status).toBe(403);
  });

  test.each([
    ["a part of a page of ours", "http://127.0.0.1:4600/keys", "*/*", 403],
    ["a link on a page of ours", "http://127.0.0.1:4600/mocks", "text/html,*/*", 200],
    ["a program on another port", "http://127.0.0.1:3000/", "*/*", 200],
    ["a program without a browser", "", "*/*", 200],
  ])("nor over plain HTTP, where browsers say less: %s", async (_, referer, accept, status) => {
    const mock = await makeMock(api, [{ body: "alert(1)", language: "javascript" }]);
    const headers = { host: "127.0.0.1:4600", accept, ...(referer && { referer }) };

    expect((await mock.call("/books", { headers })).status).toBe(status);
  });

  test("uses no secret variable of its environment", async () => {
    const mock = await makeMock(api, [{ body: "{{open}} {{password}}" }], {
      values: [
        { key: "open", value: "yes", type: "default", enabled: true },
        { key: "password", value: "s3cr3t", type: "secret", enabled: true },
      ],
    });

    expect(await mock.body("/books")).toBe("yes {{password}}");
  });
});

describe("a private mock", () => {
  test("answers only with the key of somebody who may see its workspace", async () => {
    const mock = await makeMock(api, [{ body: "secret shop" }], { private: true });
    const { key: other } = await api.newKey({ role: "member" });
    const { key: narrowed } = await api.newKey({ scopes: ["collections:read"] });
    const { key: fitting } = await api.newKey({ scopes: ["mocks:read"] });
    const statusWith = async (headers: Record<string, string>, path = "/books") =>
      (await mock.call(path, { headers })).status;

    expect(await statusWith({})).toBe(401);
    expect(await statusWith({ "x-api-key": "PMAK-wrong" })).toBe(401);
    expect(await statusWith({ "x-api-key": other })).toBe(401);
    expect(await statusWith({ "x-api-key": narrowed })).toBe(401);
    expect(await statusWith({}, `/books?apikey=${api.key}`)).toBe(401);
    expect(await statusWith({ "x-api-key": fitting })).toBe(200);
    expect(await mock.body("/books", { headers: { "x-api-key": api.key } })).toBe("secret shop");
  });

  test("becomes public by publishing, and private again", async () => {
    const mock = await makeMock(api, [{}], { private: true });

    expect((await api.call("POST", `/mocks/${mock.id}/publish`)).status).toBe(200);
    expect((await mock.call("/books")).status).toBe(200);
    expect((await api.call("POST", `/mocks/${mock.id}/publish`)).body.error.name).toBe(
      "mockAlreadyPublishedError",
    );

    expect((await api.call("DELETE", `/mocks/${mock.id}/unpublish`)).status).toBe(200);
    expect((await mock.call("/books")).status).toBe(401);
    expect((await api.call("DELETE", `/mocks/${mock.id}/unpublish`)).body.error.name).toBe(
      "mockAlreadyUnpublishedError",
    );
  });
});

test("more calls than the limit are refused with Postman's headers, for each mock on its own", async () => {
  const limiter = createLimiter(api.deps, { ...noLimits, mocks: { allowed: 2, windowSeconds: 60 } });
  const app = createApp(api.deps, { limiter });
  const [one, other] = [await makeMock(api, [{}]), await makeMock(api, [{}])];
  const call = (id: string) => app.request(`/mock/${id}/books`);

  const first = await call(one.id);
  await call(one.id);
  const third = await call(one.id);
  const elsewhere = await call(other.id);
  await limiter.stop();

  expect([first.status, third.status, elsewhere.status]).toEqual([200, 429, 200]);
  expect(first.headers.get("x-ratelimit-limit")).toBe("2");
  expect(third.headers.get("retry-after")).toMatch(/^\d+$/);
  expect(third.headers.get("content-security-policy")).toStartWith("sandbox");
});
