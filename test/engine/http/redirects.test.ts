import { afterAll, expect, test } from "bun:test";

import { createEngine } from "../../../src/engine/engine.ts";
import { noScripts, runItems, runRequest, startRawServer, startServer } from "../support.ts";

const engine = createEngine({ scripts: noScripts });
afterAll(() => engine.close());

const redirecting = (code: number, location = "/target") =>
  startServer((request, response) => {
    if (request.url.startsWith("/target")) response.end("done");
    else response.writeHead(code, { location }).end("moved");
  });

const post = (url: string) => ({
  method: "POST",
  url,
  header: [{ key: "X-Own", value: "1" }],
  body: { mode: "raw", raw: "{}", options: { raw: { language: "json" } } },
});

test.each([
  [301, "GET", ""],
  [302, "GET", ""],
  [303, "GET", ""],
  [307, "POST", "{}"],
  [308, "POST", "{}"],
])("%d on a POST continues as %s", async (code, method, body) => {
  await using server = await redirecting(code);

  const step = await runRequest(post(`${server.url}/start`), { engine });

  const last = server.requests[1];
  expect([last?.method, last?.body, last?.headers["x-own"]]).toEqual([method, body, "1"]);
  expect(last?.headers["content-type"]).toBe(body === "" ? undefined : "application/json");
  expect(last?.headers.referer).toBe(`${server.url}/start`);
  expect(step.redirects).toEqual([{ method: "POST", url: `${server.url}/start`, code }]);
  expect(step.request?.url).toBe(`${server.url}/target`);
  expect(step.response?.body.text).toBe("done");
});

test("followOriginalHttpMethod keeps method and body on 302", async () => {
  await using server = await redirecting(302);

  await runItems(
    [{ name: "r", request: post(server.url), protocolProfileBehavior: { followOriginalHttpMethod: true } }],
    { engine },
  );

  expect(server.requests[1]).toMatchObject({ method: "POST", body: "{}" });
});

test.each([
  [false, "/target%20%22%3Ca%3E?b=%22"],
  [true, '/target"<a>?b="'],
])("the target of a redirect is encoded, unless disableUrlEncoding is %p", async (isRaw, expected) => {
  await using server = await redirecting(302, isRaw ? '/target"<a>?b="' : '/target "<a>?b="');

  await runItems(
    [{ name: "r", request: server.url, protocolProfileBehavior: { disableUrlEncoding: isRaw } }],
    { engine },
  );

  expect(server.requests[1]?.url).toBe(expected);
});

test("HEAD stays HEAD", async () => {
  await using server = await redirecting(302);

  await runRequest({ method: "HEAD", url: server.url }, { engine });

  expect(server.requests[1]?.method).toBe("HEAD");
});

test("with followRedirects off the redirect itself is the response", async () => {
  await using server = await redirecting(302);

  const step = await runRequest(server.url, { engine, options: { followRedirects: false } });

  expect(step.response).toMatchObject({ code: 302, body: { text: "moved" } });
  expect(step.redirects).toEqual([]);
});

test("a request's own followRedirects and maxRedirects win over the run's", async () => {
  await using server = await redirecting(302, "/loop");

  const { steps } = await runItems(
    [
      { name: "off", request: server.url, protocolProfileBehavior: { followRedirects: false } },
      { name: "two", request: server.url, protocolProfileBehavior: { maxRedirects: 2 } },
    ],
    { engine },
  );

  expect(steps[0]?.response?.code).toBe(302);
  expect(steps[1]?.errors[0]?.message).toStartWith("Exceeded maxRedirects");
});

const secretRequest = (url: string) => ({
  url,
  header: [
    { key: "Authorization", value: "Bearer own" },
    { key: "Cookie", value: "own=1" },
  ],
});

test("credentials and cookies set by hand are not carried to another host", async () => {
  await using target = await startServer();
  await using server = await redirecting(302, `http://localhost:${target.port}/target`);

  await runRequest(secretRequest(server.url), { engine });

  expect(target.requests[0]?.headers).not.toHaveProperty("authorization");
  expect(target.requests[0]?.headers).not.toHaveProperty("cookie");
});

test("credentials stay on the same host", async () => {
  await using server = await redirecting(302);

  await runRequest(secretRequest(server.url), { engine });

  expect(server.requests[1]?.headers).toMatchObject({ authorization: "Bearer own", cookie: "own=1" });
});

test("followAuthorizationHeader carries credentials to another host", async () => {
  await using target = await startServer();
  await using server = await redirecting(302, `http://localhost:${target.port}/target`);

  await runItems(
    [
      {
        name: "r",
        request: secretRequest(server.url),
        protocolProfileBehavior: { followAuthorizationHeader: true },
      },
    ],
    { engine },
  );

  expect(target.requests[0]?.headers.authorization).toBe("Bearer own");
});

test("the Referer shows neither credentials nor fragment of the URL before", async () => {
  await using server = await redirecting(302);

  await runRequest(`http://user:password@127.0.0.1:${server.port}/start#part`, { engine });

  expect(server.requests[1]?.headers.referer).toBe(`${server.url}/start`);
});

test("a Location in UTF-8 is understood", async () => {
  await using server = await startRawServer((socket, head) => {
    const location = head.startsWith("GET /start")
      ? "HTTP/1.1 302 Found\r\nLocation: /ü\r\n"
      : "HTTP/1.1 200 OK\r\n";
    socket.write(`${location}Content-Length: 0\r\n\r\n`);
  });

  const step = await runRequest(`${server.url}/start`, { engine });

  expect(step.request?.url).toBe(`${server.url}/%C3%BC`);
});

test("a response time counts the redirects", async () => {
  await using server = await startServer((request, response) => {
    if (request.url === "/target") response.end();
    else setTimeout(() => response.writeHead(302, { location: "/target" }).end(), 30);
  });

  const step = await runRequest(server.url, { engine });

  expect(step.timings?.totalMs).toBeGreaterThan(28);
});
