import { afterEach, expect, test } from "bun:test";
import type { Socket } from "node:net";

import type { EgressVerdict } from "../../src/engine/http/gate.ts";
import { createAuthorizationService } from "../../src/runner/authorization.ts";
import { startRawServer } from "../engine/support.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0)) await cleanUp();
});

/** An authorization service that answers as told, and a gate that asks it. */
function setUp(answer: (request: Request) => Response | Promise<Response>, timeoutMs = 5_000) {
  const asked: { path: string; authorization: string | null; body: unknown }[] = [];
  const service = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      asked.push({
        path: new URL(request.url).pathname,
        authorization: request.headers.get("authorization"),
        body: await request.clone().json(),
      });
      return answer(request);
    },
  });
  const gate = createAuthorizationService({
    baseUrl: `http://us%40er:pass@127.0.0.1:${service.port}/base/`,
    timeoutMs,
  });
  cleanups.push(
    () => gate.close(),
    () => service.stop(true),
  );
  return { gate, service, asked };
}

const egress = {
  method: "POST",
  url: "https://api.internal/orders?id=1&tag=a&tag=b",
  headers: [
    ["Accept", "*/*"],
    ["X-Twice", "1"],
    ["X-Twice", "2"],
  ] as [string, string][],
  body: Buffer.from('{"a":1}'),
};
const notAborted = new AbortController().signal;

test("the service is told everything about the request", async () => {
  const { gate, asked } = setUp(() => Response.json({ allowed: true }));

  const verdict = await gate.check(egress, notAborted);

  expect(verdict).toEqual({ allowed: true });
  expect(asked).toEqual([
    {
      path: "/base/validate",
      authorization: `Basic ${Buffer.from("us@er:pass").toString("base64")}`,
      body: {
        url: egress.url,
        method: "POST",
        headers: { Accept: "*/*", "X-Twice": ["1", "2"] },
        body: '{"a":1}',
        queryParams: { id: "1", tag: ["a", "b"] },
      },
    },
  ]);
});

test.each([
  ["says no", () => Response.json({ allowed: false })],
  ["says no with 403", () => Response.json({ allowed: false }, { status: 403 })],
  ["says yes, but not with 200", () => Response.json({ allowed: true }, { status: 201 })],
  ["fails", () => Response.json({ allowed: true }, { status: 500 })],
  ["redirects", () => new Response(null, { status: 302, headers: { location: "/validate" } })],
  ["answers something else", () => Response.json({ allowed: "true" })],
  ["answers no JSON", () => new Response("allowed")],
  ["answers nothing", () => new Response(null, { status: 204 })],
  ["answers without end", () => new Response(`{"allowed":true,"x":"${"x".repeat(1_000_000)}"}`)],
])("a service that %s blocks the request", async (_, answer) => {
  const { gate } = setUp(answer);

  const verdict = await gate.check(egress, notAborted);

  expect(verdict.allowed).toBe(false);
  expect(verdict.detail).toContain("authorization service");
});

test.each([
  [
    Response.json({ allowed: false, reason: "only GET\n\u0007leaves" }, { status: 403 }),
    "(403): only GET leaves",
  ],
  [Response.json({ allowed: false, message: "not today" }), "(200): not today"],
  [Response.json({ allowed: false }, { status: 403 }), "does not allow it (403)"],
])("what the service says is the reason", async (answer, words) => {
  const { gate } = setUp(() => answer);

  expect((await gate.check(egress, notAborted)).detail).toEndWith(words);
});

test("a service that does not answer in time blocks the request", async () => {
  const { gate } = setUp(() => new Promise<Response>(() => {}), 50);

  expect((await gate.check(egress, notAborted)).allowed).toBe(false);
});

test("a service that is down blocks the request", async () => {
  const { gate, service } = setUp(() => Response.json({ allowed: true }));
  await service.stop(true);

  expect((await gate.check(egress, notAborted)).allowed).toBe(false);
});

test("nothing is remembered: every request is asked about", async () => {
  const { gate, asked } = setUp(() => Response.json({ allowed: true }));

  await gate.check(egress, notAborted);
  await gate.check(egress, notAborted);

  expect(asked).toHaveLength(2);
});

test("a connection that the service closed while it was idle denies nothing", async () => {
  const connections = new Map<Socket, number>();
  let closed = 0;
  await using service = await startRawServer((socket) => {
    const answered = connections.get(socket) ?? 0;
    connections.set(socket, answered + 1);
    if (answered === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"allowed":true}');
    else {
      closed++;
      socket.destroy();
    }
  });
  const gate = createAuthorizationService({ baseUrl: service.url });
  cleanups.push(() => gate.close());
  const withoutBody = { method: egress.method, url: egress.url, headers: [] };

  const verdicts: EgressVerdict[] = [];
  for (let count = 0; count < 6; count++) verdicts.push(await gate.check(withoutBody, notAborted));

  expect(verdicts.map(({ allowed }) => allowed)).toEqual(Array(6).fill(true));
  // Some connections were kept, and closed when they were used again.
  expect(closed).toBeGreaterThan(0);
});
