import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createSecureServer, type Http2ServerRequest } from "node:http2";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

import { createEngine } from "../../../src/engine/engine.ts";
import { noScripts, runItems, runRequest, startServer } from "../support.ts";

const read = (name: string) => readFileSync(new URL(`../../support/tls/${name}`, import.meta.url));
const certificate = { cert: read("server.pem"), key: read("server.key.pem") };

const engine = createEngine({
  scripts: noScripts,
  connection: { extraCaCerts: [read("ca.pem").toString()] },
});
afterAll(() => engine.close());

async function startHttp2() {
  const requests: {
    version: string;
    method: string;
    headers: Http2ServerRequest["headers"];
    body: string;
  }[] = [];
  let connections = 0;
  const server = createSecureServer({ ...certificate, allowHTTP1: true }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { httpVersion: version, method, headers } = request;
      requests.push({ version, method, headers, body: Buffer.concat(chunks).toString() });
      response.setHeader("set-cookie", "sid=1");
      response.end(`over ${version}`);
    });
  });
  server.on("secureConnection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on TCP: the address is an object.
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/path?q=1`,
    requests,
    connections: () => connections,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const over = (protocolVersion: string | undefined, request: unknown) => ({
  name: "r",
  request,
  ...(protocolVersion ? { protocolProfileBehavior: { protocolVersion } } : {}),
});

test("HTTP/2 is spoken where it is asked for and offered, else HTTP/1.1", async () => {
  const server = await startHttp2();

  const { steps } = await runItems(
    [undefined, "http1", "http2", "auto"].map((version) => over(version, server.url)),
    { engine },
  );
  const versions = steps.map((step) => step.response?.httpVersion);

  expect(steps.flatMap((step) => step.errors)).toEqual([]);
  expect(versions).toEqual(["1.1", "1.1", "2.0", "2.0"]);
  expect(server.requests.map(({ version }) => version)).toEqual(["1.1", "1.1", "2.0", "2.0"]);
  expect(steps[3]?.response).toMatchObject({ code: 200, status: "OK" });
  expect(steps[3]?.response?.body.text).toBe("over 2.0");
});

test("a request over HTTP/2 carries method, headers in lower case, cookies and body", async () => {
  const server = await startHttp2();
  const request = {
    method: "POST",
    url: server.url,
    header: [
      { key: "X-Custom", value: "v" },
      { key: "Connection", value: "keep-alive" },
    ],
    body: { mode: "raw", raw: "hello" },
  };

  const { steps } = await runItems([over("http2", request), over("http2", request)], { engine });

  expect(steps.flatMap((step) => step.errors)).toEqual([]);
  expect(server.requests[1]).toMatchObject({ method: "POST", body: "hello" });
  expect(server.requests[1]?.headers).toMatchObject({
    "x-custom": "v",
    "content-type": "text/plain",
    cookie: "sid=1",
  });
  expect(server.requests[1]?.headers["connection"]).toBeUndefined();
  expect(server.connections()).toBe(1);
  expect(steps[1]?.timings?.tlsMs).toBe(0);
});

test("a server without HTTP/2 is refused when only that will do, and taken with auto", async () => {
  const server = createServer(certificate, (_request, response) => response.end("one"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on TCP: the address is an object.
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  const { steps } = await runItems([over("http2", url), over("auto", url)], { engine });
  server.closeAllConnections();
  server.close();

  expect(steps[0]?.errors[0]).toMatchObject({ kind: "target", code: "ERR_HTTP2_ERROR" });
  expect(steps[1]?.response?.httpVersion).toBe("1.1");
});

test("without TLS it is always HTTP/1.1", async () => {
  await using server = await startServer();

  const { steps } = await runItems([over("http2", server.url)], { engine });

  expect(steps[0]?.response?.httpVersion).toBe("1.1");
});

test("an endless answer over HTTP/2 ends at the request time-out", async () => {
  const server = createSecureServer(certificate, (_request, response) => response.write("never ends"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on TCP: the address is an object.
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  const { steps } = await runItems([over("http2", url)], { engine, options: { requestTimeoutMs: 100 } });
  server.close();

  expect(steps[0]?.errors[0]).toMatchObject({ kind: "target", code: "ESOCKETTIMEDOUT" });
  expect((await runRequest(url, { engine, options: { requestTimeoutMs: 100 } })).errors).toHaveLength(1);
});
