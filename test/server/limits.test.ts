import { describe, expect, setDefaultTimeout, test } from "bun:test";

import { systemClock } from "../../src/lib/clock.ts";
import { createLog } from "../../src/lib/log.ts";
import { testApi } from "../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(30_000);

const limited = async () => {
  let now = Date.parse("2026-05-01T10:00:00Z");
  const clock = { ...systemClock, now: () => new Date(now) };
  const api = await testApi({ clock }, { rateLimit: { limit: 2, windowSeconds: 60 } });
  return { api, pass: (ms: number) => void (now += ms) };
};

describe("the rate limit", () => {
  test("every answer says how much is left, errors too", async () => {
    const { api } = await limited();

    const { headers } = await api.call("GET", "/nothing");

    expect(Object.fromEntries(headers)).toMatchObject({
      "ratelimit-limit": "2",
      "ratelimit-remaining": "1",
      "ratelimit-reset": "60",
      ratelimit: "limit=2, remaining=1, reset=60",
      "ratelimit-policy": "2;w=60",
      "x-ratelimit-limit": "2",
      "x-ratelimit-remaining": "1",
      "x-ratelimit-reset": String(Date.parse("2026-05-01T10:01:00Z") / 1000),
    });
  });

  test("one too many is 429 in Postman's words, with when to come back", async () => {
    const { api, pass } = await limited();
    await api.call("GET", "/me");
    await api.call("GET", "/me");
    pass(20_000);

    const { status, headers, body } = await api.call("GET", "/me");

    expect([status, body]).toEqual([
      429,
      {
        error: "rateLimited",
        message: `Rate limit exceeded. Please retry after ${Date.parse("2026-05-01T10:01:00Z") / 1000}`,
      },
    ]);
    expect(headers.get("retry-after")).toBe("40");
    expect(headers.get("x-ratelimit-retryafter")).toBe("40");
    expect(headers.get("ratelimit-remaining")).toBe("0");
  });

  test("a new window and another user start afresh", async () => {
    const { api, pass } = await limited();
    const other = await api.newKey();
    for (let request = 0; request < 3; request++) await api.call("GET", "/me");

    const ofOther = await api.call("GET", "/me", undefined, { "x-api-key": other.key });
    const within = await api.call("GET", "/me");
    pass(60_000);
    const after = await api.call("GET", "/me");

    expect([ofOther.status, within.status, after.status]).toEqual([200, 429, 200]);
  });

  test("a request without a valid key costs nobody anything", async () => {
    const { api } = await limited();
    for (let request = 0; request < 5; request++) await api.call("GET", "/me", undefined, {});

    expect((await api.call("GET", "/me")).headers.get("ratelimit-remaining")).toBe("1");
  });
});

describe("the size of a body", () => {
  test.each([true, false])(
    "1 MB is enough for everything but documents; length announced: %p",
    async (announced) => {
      const { call, key } = await testApi();
      const body = JSON.stringify({ workspace: { name: "x".repeat(1024 * 1024) } });
      const length: Record<string, string> = announced ? { "content-length": String(body.length) } : {};

      const answer = await call("POST", "/workspaces", body, { "x-api-key": key, ...length });

      expect([answer.status, answer.body.error.name]).toEqual([413, "payloadTooLargeError"]);
      expect(answer.body.error.message).toContain("at most 1 MB");
    },
  );

  test("a page reads nothing of somebody without a session", async () => {
    const { app } = await testApi();
    let chunks = 0;
    const endless = new ReadableStream({
      pull: (stream) => {
        chunks++;
        stream.enqueue(new Uint8Array(64 * 1024));
      },
    });

    const { status } = await app.request("/environments", { method: "POST", body: endless });

    expect(status).toBe(401);
    expect(chunks).toBeLessThan(3);
  });

  test("over a real connection 50 MB gets the same one sentence", async () => {
    const { app, key } = await testApi();
    const server = Bun.serve({ port: 0, fetch: app.fetch });
    try {
      const response = await fetch(new URL("/api/collections", server.url), {
        method: "POST",
        headers: { "x-api-key": key },
        body: JSON.stringify({ collection: "x".repeat(50 * 1024 * 1024) }),
      });

      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ error: { name: "payloadTooLargeError" } });
    } finally {
      await server.stop(true);
    }
  });
});

test("each request is one line of the log, without the key in its query", async () => {
  const lines: string[] = [];
  const log = createLog({
    write: (line) => void lines.push(line),
    now: () => new Date(0),
    format: "json",
    level: "info",
  });
  const { call, key, actor } = await testApi({ log });

  const { headers } = await call("GET", `/me?apikey=${key}`, undefined, { "x-request-id": "mine-1" });

  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    message: "request",
    requestId: "mine-1",
    method: "GET",
    path: "/api/me",
    status: 200,
    userId: actor.userId,
    durationMs: expect.any(Number),
  });
  expect(lines[0]).not.toContain(key);
  expect(headers.get("x-request-id")).toBe("mine-1");
});

test("an id of a request that could forge a line of the log is replaced", async () => {
  const { call, key } = await testApi();

  const { headers } = await call("GET", "/me", undefined, { "x-api-key": key, "x-request-id": "a b=c" });

  expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});
