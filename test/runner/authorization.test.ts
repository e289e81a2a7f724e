import { afterEach, expect, test } from "bun:test";

import { createLog } from "../../src/lib/log.ts";
import { createAuthorizationGate } from "../../src/runner/authorization.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0)) await cleanUp();
});

/** An authorization service that answers as told, and a gate that asks it. */
function setUp(answer: (request: Request) => Response | Promise<Response>, timeoutMs = 5_000) {
  const asked: { path: string; body: unknown }[] = [];
  const lines: string[] = [];
  const service = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      asked.push({ path: new URL(request.url).pathname, body: await request.clone().json() });
      return answer(request);
    },
  });
  const gate = createAuthorizationGate({
    baseUrl: `http://127.0.0.1:${service.port}/base/`,
    timeoutMs,
    log: createLog({
      write: (line) => void lines.push(line),
      now: () => new Date(0),
      format: "json",
      level: "debug",
    }),
  });
  cleanups.push(
    () => gate.close(),
    () => service.stop(true),
  );
  return { gate, service, asked, lines };
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
])("a service that %s blocks the request, and the log says so without the address", async (_, answer) => {
  const { gate, lines } = setUp(answer);

  const verdict = await gate.check(egress, notAborted);

  expect(verdict.allowed).toBe(false);
  expect(verdict.detail).toContain("authorization service");
  expect(lines.join("")).toContain('"host":"api.internal"');
  expect(lines.join("")).not.toContain("orders");
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
