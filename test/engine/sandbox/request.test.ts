import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import type {
  CookieOperation,
  ScriptCallbacks,
  ScriptHttpRequest,
  ScriptSession,
} from "../../../src/engine/sandbox/protocol.ts";
import { noCallbacks, prerequest, response, runnerOf, scriptRequest, testHost } from "./support.ts";

const host = testHost();
let session: ScriptSession;
beforeAll(async () => {
  session = await host.open();
});
afterAll(() => host.close());
const { run, evaluate } = runnerOf(() => session);

describe("pm.request", () => {
  const request: ScriptHttpRequest = {
    method: "POST",
    url: "https://api.test:8443/users/:id?page=1&empty#top",
    header: [{ key: "X-A", value: "1" }],
    body: { mode: "urlencoded", urlencoded: [{ key: "k", value: "v" }] },
  };

  test.each([
    ["pm.request.method", "POST"],
    ["pm.request.url.toString()", "https://api.test:8443/users/:id?page=1&empty#top"],
    ["pm.request.url.getHost()", "api.test"],
    ["pm.request.url.getPath()", "/users/:id"],
    ["pm.request.url.getRemote()", "api.test:8443"],
    ["pm.request.url.getPathWithQuery()", "/users/:id?page=1&empty"],
    ["pm.request.url.query.get('page')", "1"],
    ["pm.request.url.protocol", "https"],
    ["String(pm.request.url).length", 48],
    ["pm.request.headers.get('x-a')", "1"],
    ["pm.request.body.mode", "urlencoded"],
    ["pm.request.body.urlencoded.get('k')", "v"],
    ["pm.request.body.toString()", "k=v"],
    ["pm.request.name", null],
  ])("%s is %p", async (expression, value) => {
    expect(await evaluate(expression, { request })).toEqual(value);
  });

  test("what a pre-request script changes comes back whole", async () => {
    const { request: changed } = await run(
      prerequest(
        `pm.request.headers.upsert({ key: "x-a", value: "2" }); pm.request.headers.add("X-B: 3");
         pm.request.url.query.add({ key: "q", value: "{{v}}" }); pm.request.method = "put";
         pm.request.body.update({ mode: "raw", raw: JSON.stringify({ a: 1 }) });`,
        { request },
      ),
    );

    expect(changed?.method).toBe("PUT");
    expect(changed?.header).toEqual([
      { key: "x-a", value: "2" },
      { key: "X-B", value: "3" },
    ]);
    expect(changed?.body).toMatchObject({ mode: "raw", raw: '{"a":1}' });
    expect(changed?.url).toMatchObject({
      query: [
        { key: "page", value: "1" },
        { key: "empty", value: null },
        { key: "q", value: "{{v}}" },
      ],
    });
  });

  test("a new URL, removed headers and parameters come back", async () => {
    const { request: changed } = await run(
      prerequest(
        `pm.request.url = "http://other.test/x"; pm.request.headers.remove("X-A"); pm.request.body = null;`,
        { request },
      ),
    );

    expect(changed).toMatchObject({ url: { host: ["other", "test"], path: ["x"] }, header: [] });
    expect(changed?.body).toEqual({});
  });

  test("a script that only reads it, or runs after it, sends nothing back", async () => {
    expect(await run(prerequest("pm.request.url.toString()", { request }))).not.toHaveProperty("request");
    expect(await run(scriptRequest("pm.request.method = 'PUT'", { request }))).not.toHaveProperty("request");
  });
});

describe("pm.sendRequest", () => {
  const sent: ScriptHttpRequest[] = [];
  const callbacks: ScriptCallbacks = {
    ...noCallbacks,
    sendRequest: (request) => {
      sent.push(request);
      return Promise.resolve({
        response: response('{"ok":true}', { code: 201, status: "Created" }),
        cookies: [{ name: "sid", value: "1" }],
      });
    },
  };

  test("gives a promise of a response", async () => {
    const { console } = await run(
      `const answer = await pm.sendRequest("https://auth.test/token");
       console.log(answer.code, answer.json().ok)`,
      {},
      callbacks,
    );

    expect(console[0]?.messages).toEqual(["201", "true"]);
  });

  test("calls back, and the script waits for it and what it starts", async () => {
    const { console, assertions } = await run(
      `pm.sendRequest({ url: "https://auth.test/{{$timestamp}}", method: "post", header: { A: "1" },
         body: { mode: "raw", raw: "x" } }, (error, answer) => {
           console.log(error, answer.status);
           pm.sendRequest("https://auth.test/2", () => pm.test("second", () => {}));
       })`,
      {},
      callbacks,
    );

    expect(console[0]?.messages).toEqual(["null", "Created"]);
    expect(assertions).toHaveLength(1);
    expect(sent.at(-2)).toMatchObject({
      method: "POST",
      header: [{ key: "A", value: "1" }],
      body: { mode: "raw", raw: "x" },
    });
  });

  test("takes objects of postman-collection", async () => {
    await run(
      `const { Request } = require("postman-collection");
       await pm.sendRequest(new Request({ url: "http://sdk.test/a?b=1", method: "PUT", header: [{ key: "A", value: "1" }] }))`,
      {},
      callbacks,
    );

    expect(sent.at(-1)).toMatchObject({
      method: "PUT",
      url: { host: ["sdk", "test"], query: [{ key: "b", value: "1" }] },
    });
    expect(sent.at(-1)?.header).toMatchObject([{ key: "A", value: "1" }]);
  });

  test("variables in it are sent as they are written, as Postman's runtime does", async () => {
    await run(
      "pm.environment.set('host', 'now.test'); await pm.sendRequest('https://{{host}}/')",
      {},
      callbacks,
    );

    expect(sent.at(-1)?.url).toMatchObject({ host: ["{{host}}"] });
  });

  test("a failure is an error to catch, with its code", async () => {
    const failing = {
      ...noCallbacks,
      sendRequest: () =>
        Promise.resolve({ error: { name: "Error", message: "connect refused", code: "ECONNREFUSED" } }),
    };

    const { console, error } = await run(
      `try { await pm.sendRequest("http://down.test") } catch (error) { console.log(error.message, error.code) }`,
      {},
      failing,
    );

    expect(console[0]?.messages).toEqual(["connect refused", "ECONNREFUSED"]);
    expect(error).toBeUndefined();
  });

  test("nothing to send is an error of the script", async () => {
    const { error } = await run("await pm.sendRequest()");

    expect(error?.message).toBe("sendrequest: nothing to request");
  });
});

describe("pm.cookies", () => {
  test("lists the cookies of the request", async () => {
    const cookies = [{ name: "a", value: "1", domain: "api.test" }];

    expect(
      await evaluate("[pm.cookies.get('a'), pm.cookies.has('b'), pm.cookies.toObject()]", { cookies }),
    ).toEqual(["1", false, { a: "1" }]);
  });

  test("the jar asks the engine, by callback or promise", async () => {
    const operations: CookieOperation[] = [];
    const callbacks: ScriptCallbacks = {
      ...noCallbacks,
      cookies: (operation) => {
        operations.push(operation);
        return Promise.resolve({ cookies: [{ name: "a", value: "1" }] });
      },
    };

    const { console } = await run(
      `const jar = pm.cookies.jar();
       jar.set("https://api.test", "a", "1", (error, cookie) => console.log(error, cookie.value));
       console.log(await jar.get("https://api.test", "a"));
       await jar.unset("https://api.test", "a"); await jar.clear("https://api.test");
       await jar.set("https://api.test", "b=2; Path=/x; Secure");`,
      {},
      callbacks,
    );

    expect(console.map(({ messages }) => messages)).toEqual([["null", "1"], ["1"]]);
    expect(operations.map(({ op }) => op)).toEqual(["set", "getAll", "unset", "clear", "set"]);
    expect(operations.at(-1)).toMatchObject({ cookie: { name: "b", value: "2", path: "/x", secure: true } });
  });

  test("a refusal is an error to catch", async () => {
    const refusing = {
      ...noCallbacks,
      cookies: () => Promise.resolve({ error: { message: "not allowed for this domain" } }),
    };

    const { error } = await run("await pm.cookies.jar().getAll('https://x.test')", {}, refusing);

    expect(error?.message).toBe("not allowed for this domain");
  });
});
