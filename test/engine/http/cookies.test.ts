import { afterAll, expect, test } from "bun:test";

import { CookieJar } from "tough-cookie";

import { createEngine } from "../../../src/engine/engine.ts";
import { createCookies } from "../../../src/engine/http/cookies.ts";
import type { CookieJarDocument } from "../../../src/engine/types.ts";
import { noScripts, runItems, startServer } from "../support.ts";

const engine = createEngine({ scripts: noScripts });
afterAll(() => engine.close());

test("a cookie that a response sets comes back with the next request, and not in the next run", async () => {
  await using server = await startServer((_request, response) => {
    response.setHeader("set-cookie", ["a=1; Path=/", "b=2; Path=/", "gone=3; Max-Age=0"]);
    response.end();
  });
  const item = [1, 2].map((number) => ({ name: `r${number}`, request: server.url }));

  await runItems(item, { engine });
  await runItems(item.slice(0, 1), { engine });

  expect(server.requests.map((request) => request.headers.cookie)).toEqual([
    undefined,
    "a=1; b=2",
    undefined,
  ]);
});

test("a cookie set by a redirect is sent to its target", async () => {
  await using server = await startServer((request, response) => {
    if (request.url === "/in") response.end();
    else response.writeHead(302, { location: "/in", "set-cookie": "session=x; Path=/" }).end();
  });

  await runItems([{ name: "login", request: server.url }], { engine });

  expect(server.requests[1]?.headers.cookie).toBe("session=x");
});

test("a cookie set by hand stands before those of the jar", async () => {
  await using server = await startServer((_request, response) => {
    response.setHeader("set-cookie", "jar=1; Path=/");
    response.end();
  });
  const byHand = { url: server.url, header: [{ key: "Cookie", value: "own=1" }] };

  await runItems(
    [
      { name: "one", request: server.url },
      { name: "two", request: byHand },
    ],
    { engine },
  );

  expect(server.requests[1]?.headers.cookie).toBe("own=1; jar=1");
});

test("disableCookies neither sends nor stores", async () => {
  await using server = await startServer((_request, response) => {
    response.setHeader("set-cookie", "a=1; Path=/");
    response.end();
  });
  const protocolProfileBehavior = { disableCookies: true };

  await runItems(
    [
      { name: "one", request: server.url, protocolProfileBehavior },
      { name: "two", request: server.url },
    ],
    { engine },
  );

  expect(server.requests[1]?.headers).not.toHaveProperty("cookie");
});

test.each([
  ["host only", "a=1", "http://sub.example.com/", ""],
  ["domain covers what is below", "a=1; Domain=example.com", "http://sub.example.com/", "a=1"],
  ["another domain is refused", "a=1; Domain=other.com", "http://other.com/", ""],
  ["path", "a=1; Path=/in", "http://example.com/out", ""],
  ["path below", "a=1; Path=/in", "http://example.com/in/side", "a=1"],
  ["secure stays off plain HTTP", "a=1; Secure", "http://example.com/", ""],
  ["expired", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://example.com/", ""],
  ["garbage is ignored", ";;;", "http://example.com/", ""],
])("cookie rules: %s", (_name, setCookie, url, expected) => {
  const cookies = createCookies();

  cookies.store("http://example.com/", setCookie);

  expect(cookies.headerFor(url)).toBe(expected);
});

test("scripts set, list, unset and clear cookies of a URL", () => {
  const cookies = createCookies();
  const url = "http://example.com/";

  cookies.apply({ op: "set", url, cookie: { name: "a", value: "1" } });
  cookies.apply({ op: "set", url, cookie: { name: "b", value: "2", expires: "2999-01-01T00:00:00.000Z" } });
  cookies.apply({ op: "set", url: "http://other.com/", cookie: { name: "c", value: "3" } });
  const all = cookies.apply({ op: "getAll", url });
  const unset = cookies.apply({ op: "unset", url, name: "a" });
  const cleared = cookies.apply({ op: "clear", url });

  const namesOf = (result: typeof all) =>
    "cookies" in result ? result.cookies.map(({ name }) => name) : result;
  expect([namesOf(all), namesOf(unset), namesOf(cleared)]).toEqual([["a", "b"], ["b"], []]);
  expect(cookies.headerFor("http://other.com/")).toBe("c=3");
});

test("a wrong cookie operation is an answer, not a crash", () => {
  expect(
    createCookies().apply({ op: "set", url: "not a url", cookie: { name: "a", value: "1" } }),
  ).toHaveProperty("error");
});

test("a cookie may be set again and again; only different ones fill the jar", () => {
  const cookies = createCookies();
  const url = "http://example.com/";

  for (let turn = 0; turn <= 4000; turn++) cookies.store(url, `turn=${turn}`);
  for (let turn = 0; turn <= 4000; turn++) cookies.store(url, `c${turn}=`);

  expect(cookies.headerFor(url)).toStartWith("turn=4000; ");
  expect(cookies.list(url)).toHaveLength(3000);
});

test("many large cookies do not make a header without end", () => {
  const cookies = createCookies();

  for (let turn = 0; turn < 100; turn++) cookies.store("http://example.com/", `c${turn}=${"x".repeat(4000)}`);

  expect(cookies.headerFor("http://example.com/").length).toBeLessThan(66_000);
});

/** Answers every request with the cookies of its query and echoes what it got. */
const startCookieServer = () =>
  startServer((request, response) => {
    const cookies = new URL(request.url, "http://x").searchParams.getAll("c");
    if (cookies.length > 0) response.setHeader("set-cookie", cookies);
    response.end(request.headers.cookie ?? "");
  });

test("a jar that was exported is where the next run begins", async () => {
  await using server = await startCookieServer();
  const exported: CookieJarDocument[] = [];
  const cookies = ["session=1", "kept=2; Path=/deep; Max-Age=1000; HttpOnly", "gone=3; Max-Age=0"];
  const query = cookies.map((cookie) => `c=${encodeURIComponent(cookie)}`).join("&");
  const onCookies = (jar: CookieJarDocument) => exported.push(jar);

  await runItems([{ name: "set", request: `${server.url}/?${query}` }], { onCookies });
  const cookieJar = CookieJar.deserializeSync(JSON.stringify(exported[0])).toJSON();
  const { steps } = await runItems(
    ["/", "/deep/er"].map((path) => ({ name: path, request: server.url + path })),
    // The library's own form of the document.
    { cookieJar: cookieJar as unknown as CookieJarDocument },
  );

  expect(steps.map((step) => step.response?.body.text ?? "")).toEqual(["session=1", "kept=2; session=1"]);
});

test.each<[string, unknown]>([
  ["no list", {}],
  ["a list of something else", { cookies: [1, null, "x"] }],
  ["cookies without a domain", { cookies: [{ key: "a", value: "b" }] }],
  ["cookies of other types", { cookies: [{ key: 1, value: {}, domain: "127.0.0.1", path: "/" }] }],
])("a jar that holds %s leaves the run without cookies", async (_name, cookieJar) => {
  await using server = await startCookieServer();

  const { steps, summary } = await runItems([{ name: "r", request: server.url }], {
    // Wrong documents are what is tested.
    cookieJar: cookieJar as CookieJarDocument,
  });

  expect(summary.outcome).toBe("passed");
  expect(steps[0]?.response?.body.bytes).toBe(0);
});

test.each([
  ["a=1; Path=/x", "/x/y", "a=1"],
  ["a=1; Path=/x", "/xy", ""],
  // This machine counts as secure.
  ["a=1; Secure", "/", "a=1"],
  ["a=1; Domain=other.example", "/", ""],
  ["a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "/", ""],
  ["a=1; Expires=nonsense", "/", "a=1"],
  ["a=b=c; HttpOnly", "/", "a=b=c"],
  ["=nameless", "/", "nameless"],
  ['a="quoted"', "/", 'a="quoted"'],
])("Set-Cookie: %s is sent to %s as %j", async (cookie, path, expected) => {
  await using server = await startCookieServer();

  const { steps } = await runItems([
    { name: "set", request: `${server.url}/?c=${encodeURIComponent(cookie)}` },
    { name: "get", request: server.url + path },
  ]);

  expect(steps[1]?.response?.body.text ?? "").toBe(expected);
});

test("a Secure cookie of a server without TLS is kept for TLS", () => {
  const cookies = createCookies();

  cookies.store("http://example.com/", "a=1; Secure");

  expect(cookies.headerFor("http://example.com/")).toBe("");
  expect(cookies.headerFor("https://example.com/")).toBe("a=1");
});
