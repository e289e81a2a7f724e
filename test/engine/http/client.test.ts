import { afterAll, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

import { createEngine } from "../../../src/engine/engine.ts";
import { noScripts, runItems, runRequest, startRawServer, startServer } from "../support.ts";

const engine = createEngine({ scripts: noScripts });
afterAll(() => engine.close());

const names = (rawHeaders: string[]) => rawHeaders.filter((_entry, index) => index % 2 === 0);

test("a plain request carries Postman's system headers, and the user's win", async () => {
  await using server = await startServer();

  await runRequest(
    {
      url: server.url,
      header: [
        { key: "accept", value: "text/csv" },
        { key: "X-Case-Kept", value: "1" },
      ],
    },
    { engine },
  );

  const [received] = server.requests;
  const headers: Record<string, unknown> = received?.headers ?? {};
  expect(headers["accept"]).toBe("text/csv");
  expect(headers["cache-control"]).toBe("no-cache");
  expect(headers["user-agent"]).toStartWith("Sallyport/");
  expect(headers["accept-encoding"]).toBe("gzip, deflate, br");
  expect(headers["postman-token"]).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers["host"]).toBe(`127.0.0.1:${server.port}`);
  expect(names(received?.rawHeaders ?? [])).toContain("X-Case-Kept");
});

test("disabled headers and switched-off system headers stay at home", async () => {
  await using server = await startServer();
  const request = { url: server.url, header: [{ key: "X-Off", value: "1", disabled: true }] };
  const protocolProfileBehavior = { disabledSystemHeaders: { "user-agent": true, "postman-token": true } };

  await runItems([{ name: "r", request, protocolProfileBehavior }], { engine });

  const { headers } = server.requests[0] ?? { headers: {} };
  expect(headers).not.toHaveProperty("x-off");
  expect(headers).not.toHaveProperty("user-agent");
  expect(headers).not.toHaveProperty("postman-token");
});

test("the event shows the headers that went out", async () => {
  await using server = await startServer();

  const step = await runRequest(
    { method: "POST", url: server.url, body: { mode: "raw", raw: "é" } },
    { engine },
  );

  const sent = (step.request?.headers ?? []).map(([name]) => name.toLowerCase()).toSorted();
  expect(sent).toEqual(
    names(server.requests[0]?.rawHeaders ?? [])
      .map((name) => name.toLowerCase())
      .toSorted(),
  );
  expect(step.request?.body).toEqual({ bytes: 2, text: "é" });
});

test("headers that frame a message cannot be forged", async () => {
  await using server = await startRawServer((socket) =>
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
  );
  const header = [
    { key: "Content-Length", value: "0" },
    { key: "Transfer-Encoding", value: "chunked" },
    { key: "Connection", value: "X-Evil, upgrade" },
    { key: "Expect", value: "100-continue" },
    { key: "Upgrade", value: "h2c" },
  ];
  const raw = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

  const step = await runRequest(
    { method: "POST", url: server.url, header, body: { mode: "raw", raw } },
    { engine },
  );

  expect(step.response?.code).toBe(200);
  const head = (server.received[0] ?? "").toLowerCase();
  expect(head.match(/content-length: \d+/g)).toEqual([`content-length: ${raw.length}`]);
  expect(head).not.toContain("transfer-encoding");
  expect(head).not.toContain("upgrade");
  expect(head).not.toContain("expect");
});

test.each([
  ["a line break in a value", { key: "X-A", value: "1\r\nX-Injected: 2" }],
  ["a space in a name", { key: "X A", value: "1" }],
  ["a NUL in a value", { key: "X-A", value: "a\u0000b" }],
])("a header that is not valid is a request error and nothing is sent: %s", async (_name, header) => {
  await using server = await startServer();

  const step = await runRequest({ url: server.url, header: [header] }, { engine });

  expect(step.errors[0]?.kind).toBe("request");
  expect(server.requests).toHaveLength(0);
});

test("a method that is not a token is a request error", async () => {
  await using server = await startServer();

  const step = await runRequest({ method: "GET /x HTTP/1.1\r\nX: ", url: server.url }, { engine });

  expect(step.errors[0]?.kind).toBe("request");
  expect(server.requests).toHaveLength(0);
});

test.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])(
  "%s arrives as it is",
  async (method) => {
    await using server = await startServer();

    await runRequest({ method, url: server.url }, { engine });

    expect(server.requests[0]?.method).toBe(method);
  },
);

test("HEAD has no body, whatever length it announces", async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(200, { "content-length": "123", "content-encoding": "gzip" }).end();
  });

  const step = await runRequest({ method: "HEAD", url: server.url }, { engine });

  expect(step.errors).toEqual([]);
  expect(step.response?.body.bytes).toBe(0);
});

test.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["deflate", deflateRawSync],
  ["br", brotliCompressSync],
  ["zstd", zstdCompressSync],
] as const)("%s is decompressed", async (encoding, compress) => {
  await using server = await startServer((_request, response) => {
    response.setHeader("content-encoding", encoding);
    response.end(compress(Buffer.from("hello ".repeat(100))));
  });

  const step = await runRequest(server.url, { engine });

  expect(step.response?.body).toEqual({ bytes: 600, text: "hello ".repeat(100) });
  expect(step.response?.wireBytes).toBeLessThan(400);
});

test("a connection is kept alive between requests and its phases are timed once", async () => {
  await using server = await startServer();
  const item = [1, 2, 3].map((number) => ({ name: `r${number}`, request: server.url }));

  const { steps } = await runItems(item, { engine });

  expect(server.connections).toBe(1);
  expect(steps[0]?.timings?.connectMs).toBeGreaterThan(0);
  expect(steps[1]?.timings).toMatchObject({ dnsMs: 0, connectMs: 0, tlsMs: 0 });
  expect(steps[0]?.response?.remoteAddress).toBe("127.0.0.1");
});

test("a kept-alive connection that the server closed is replaced without an error", async () => {
  let answered = 0;
  await using server = await startRawServer((socket) => {
    // The second request on a connection meets a closed door.
    if (answered++ % 2 === 1) socket.destroy();
    else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  const item = [1, 2].map((number) => ({ name: `r${number}`, request: server.url }));

  const { steps } = await runItems(item, { engine });

  expect(steps.map((step) => step.response?.code)).toEqual([200, 200]);
  expect(server.received).toHaveLength(3);
});

test("a POST that met a closed connection is not sent a second time", async () => {
  let answered = 0;
  await using server = await startRawServer((socket) => {
    if (answered++ === 1) socket.destroy();
    else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  const item = [1, 2].map((number) => ({ name: `r${number}`, request: { method: "POST", url: server.url } }));

  const { steps } = await runItems(item, { engine });

  expect(steps[1]?.errors[0]?.kind).toBe("target");
  expect(server.received).toHaveLength(2);
});

test("the body kept in an event is cut at a whole character", async () => {
  await using server = await startServer((_request, response) => response.end("aéé"));

  const step = await runRequest(server.url, { engine, options: { maxKeptBodyBytes: 4 } });

  expect(step.response?.body).toEqual({ bytes: 5, text: "aé", truncated: true });
});

test("a body in another charset is read by its header", async () => {
  await using server = await startServer((_request, response) => {
    response.setHeader("content-type", "text/plain; charset=iso-8859-1");
    response.end(Buffer.from("ü", "latin1"));
  });

  const step = await runRequest(server.url, { engine });

  expect(step.response?.body.text).toBe("ü");
});

test("localhost and names below it are this machine", async () => {
  await using server = await startServer();

  const step = await runRequest(`http://api.localhost:${server.port}/`, { engine });

  expect(step.response?.code).toBe(200);
  expect(server.requests[0]?.headers.host).toBe(`api.localhost:${server.port}`);
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

test.skipIf(!hasIpv6)("a server on the IPv6 loopback is found by name and by address", async () => {
  using server = Bun.serve({
    port: 0,
    hostname: "::1",
    fetch: (request) => new Response(request.headers.get("host")),
  });

  const byName = await runRequest(`http://localhost:${server.port}/`, { engine });
  const byAddress = await runRequest(`http://[::1]:${server.port}/`, { engine });

  expect(byName.response?.body.text).toBe(`localhost:${server.port}`);
  expect(byAddress.response).toMatchObject({ body: { text: `[::1]:${server.port}` }, remoteAddress: "::1" });
});

test("the next address of a name is tried when the first refuses", async () => {
  await using server = await startServer();
  const own = createEngine({
    scripts: noScripts,
    connection: {
      lookup: () =>
        Promise.resolve([
          { address: "::1", family: 6 },
          { address: "127.0.0.1", family: 4 },
        ]),
    },
  });

  const step = await runRequest(`http://two.example:${server.port}/`, { engine: own });
  await own.close();

  expect(step.response?.code).toBe(200);
});

test("a request is counted as it went over the wire", async () => {
  const heads: string[] = [];
  await using server = await startRawServer((socket, head) => {
    heads.push(head);
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });

  const step = await runRequest({
    method: "POST",
    url: `${server.url}/ü?q=1`,
    body: { mode: "raw", raw: "ü" },
  });

  const headBytes = (heads[0]?.indexOf("\r\n\r\n") ?? 0) + 4;
  expect(step.request?.wireBytes).toBe(headBytes + Buffer.byteLength("ü"));
});
