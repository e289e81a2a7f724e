import { afterAll, expect, test } from "bun:test";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { createEngine } from "../../../src/engine/engine.ts";
import type { Step } from "../../../src/engine/types.ts";
import { eventually } from "../../support/eventually.ts";
import { noScripts, runItems, runRequest, startRawServer, startServer } from "../support.ts";

const engine = createEngine({ scripts: noScripts });
afterAll(() => engine.close());

const error = (step: Step) => step.errors[0];

test("a refused connection is the target's fault and says where", async () => {
  await using server = await startRawServer(() => {});
  const { url, port } = server;
  await server[Symbol.asyncDispose]();

  const step = await runRequest(url, { engine });

  expect(error(step)).toMatchObject({
    kind: "target",
    code: "ECONNREFUSED",
    message: `connect ECONNREFUSED 127.0.0.1:${port}`,
  });
});

test("a name that does not exist is dns", async () => {
  const step = await runRequest("http://does-not-exist.invalid/", { engine });

  expect(error(step)).toMatchObject({ kind: "dns", code: "ENOTFOUND" });
});

test("a connection closed without an answer is target", async () => {
  await using server = await startRawServer((socket) => socket.end());

  const step = await runRequest(server.url, { engine });

  expect(error(step)?.kind).toBe("target");
});

test("a connection reset in the middle of a body is target", async () => {
  await using server = await startRawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart", () => socket.resetAndDestroy());
  });

  const step = await runRequest(server.url, { engine });

  expect(error(step)?.kind).toBe("target");
  expect(step.response).toBeUndefined();
});

test("a body shorter than its content-length is target", async () => {
  await using server = await startRawServer((socket) =>
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort"),
  );

  const step = await runRequest(server.url, { engine });

  expect(error(step)?.kind).toBe("target");
});

test("a body longer than its content-length is cut there and does not become the next answer", async () => {
  await using server = await startRawServer((socket) =>
    socket.write(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n",
    ),
  );

  const { steps } = await runItems(
    [
      { name: "one", request: server.url },
      { name: "two", request: server.url },
    ],
    { engine },
  );

  expect(steps.map((step) => step.response?.code)).toEqual([200, 200]);
  expect(steps[0]?.response?.body.text).toBe("ok");
});

test.each([
  ["not HTTP at all", "220 smtp.example ESMTP\r\n\r\n"],
  ["a status that is no number", "HTTP/1.1 abc OK\r\n\r\n"],
  ["two lengths that disagree", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  ["a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nab"],
  ["a broken chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nab\r\n"],
])("an answer that breaks HTTP is target: %s", async (_name, answer) => {
  await using server = await startRawServer((socket) => socket.end(answer));

  const step = await runRequest(server.url, { engine });

  expect(error(step)?.kind).toBe("target");
  expect(step.response).toBeUndefined();
});

test("an answer that never begins ends at the request time-out", async () => {
  await using server = await startRawServer(() => {});

  const step = await runRequest(server.url, { engine, options: { requestTimeoutMs: 50 } });

  expect(error(step)).toMatchObject({ kind: "target", code: "ESOCKETTIMEDOUT" });
  await eventually(() => server.sockets.size === 0);
});

test("an answer that never ends ends at the request time-out", async () => {
  await using server = await startRawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const drip = setInterval(() => socket.write("1\r\na\r\n"), 5);
    socket.once("close", () => clearInterval(drip));
  });

  const step = await runRequest(server.url, { engine, options: { requestTimeoutMs: 80 } });

  expect(error(step)).toMatchObject({ kind: "target", code: "ESOCKETTIMEDOUT" });
  await eventually(() => server.sockets.size === 0);
});

test("a body above the limit is refused by its announced length, without reading it", async () => {
  await using server = await startRawServer((socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${1024 ** 3}\r\n\r\nstart`),
  );

  const step = await runRequest(server.url, { engine, options: { maxResponseBytes: 1000 } });

  expect(error(step)).toMatchObject({ kind: "too_large" });
  await eventually(() => server.sockets.size === 0);
});

test("a gigabyte without a length ends at the limit and does not fill the memory", async () => {
  const chunk = Buffer.alloc(64 * 1024, "x");
  await using server = await startRawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    let left = 16 * 1024;
    const pump = () => {
      while (left > 0 && socket.write(chunk)) left--;
      if (left > 0) socket.once("drain", pump);
      else socket.end();
    };
    pump();
  });
  const before = process.memoryUsage().rss;

  const step = await runRequest(server.url, { engine, options: { maxResponseBytes: 1024 * 1024 } });

  expect(error(step)?.kind).toBe("too_large");
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
});

test.each([
  ["gzip", (bytes: Buffer) => gzipSync(bytes)],
  ["br", (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
])("a %s bomb ends at the limit after decompression", async (encoding, compress) => {
  const bomb = compress(Buffer.alloc(30 * 1024 * 1024));
  await using server = await startServer((_request, response) => {
    response.setHeader("content-encoding", encoding);
    response.end(bomb);
  });

  const step = await runRequest(server.url, { engine, options: { maxResponseBytes: 100_000 } });

  expect(bomb.length).toBeLessThan(100_000);
  expect(error(step)?.kind).toBe("too_large");
});

test("a body that is not what its content-encoding says is target", async () => {
  await using server = await startServer((_request, response) => {
    response.setHeader("content-encoding", "gzip");
    response.end("plain text");
  });

  const step = await runRequest(server.url, { engine });

  expect(error(step)).toMatchObject({ kind: "target", message: "the response body is not valid gzip" });
});

test("a million headers end as too large", async () => {
  await using server = await startRawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    socket.write("X: 1\r\n".repeat(1_000_000));
    socket.end("\r\n");
  });

  const step = await runRequest(server.url, { engine });

  expect(error(step)?.kind).toBe("too_large");
});

test("more headers than anyone needs end as too large, short as they are", async () => {
  await using server = await startRawServer((socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${"X: 1\r\n".repeat(2_000)}\r\n`),
  );

  const step = await runRequest(server.url, { engine });

  expect(error(step)?.kind).toBe("too_large");
});

test("one endless header ends as too large", async () => {
  await using server = await startRawServer((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nX: ${"a".repeat(1_000_000)}`);
  });

  const step = await runRequest(server.url, { engine });

  expect(error(step)?.kind).toBe("too_large");
});

test("binary content is counted and not kept as text", async () => {
  await using server = await startServer((_request, response) => {
    response.end(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0xff]));
  });

  const step = await runRequest(server.url, { engine });

  expect(step.response?.body).toEqual({ bytes: 8 });
});

test("redirects without end stop at the limit", async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(302, { location: "/again" }).end();
  });

  const step = await runRequest(server.url, { engine });

  expect(error(step)).toMatchObject({
    kind: "target",
    message: expect.stringMatching(/^Exceeded maxRedirects/),
  });
  expect(server.requests).toHaveLength(11);
});

test.each(["file:///etc/passwd", "http://", "ftp://127.0.0.1/", "http://[bad"])(
  "a redirect to %s is the target's mistake and is not followed",
  async (location) => {
    await using server = await startServer((_request, response) => {
      response.writeHead(302, { location }).end();
    });

    const step = await runRequest(server.url, { engine });

    expect(error(step)?.kind).toBe("target");
    expect(server.requests).toHaveLength(1);
  },
);

test("after every evil answer the engine goes on", async () => {
  await using server = await startServer();

  const step = await runRequest(server.url, { engine });

  expect(step.response?.code).toBe(200);
});
