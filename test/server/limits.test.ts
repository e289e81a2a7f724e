import { describe, expect, setDefaultTimeout, test } from "bun:test";

import { createLimiter } from "../../src/access/limits/limiter.ts";
import { parseLimits } from "../../src/access/limits/limits.ts";
import { newId } from "../../src/lib/ids.ts";
import { createLog } from "../../src/lib/log.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { silentLog, testDatabase } from "../support/database.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

const limited = async (text: string) => {
  const database = await testDatabase();
  const limiter = createLimiter({ database, log: silentLog }, parseLimits(text));
  return await testApi({ database }, { limiter });
};

/** Answers to `count` calls at the same place. */
const callTimes = async (api: TestApi, count: number, path: string, method = "GET", headers = {}) => {
  const statuses: number[] = [];
  const sent = { "x-api-key": api.key, ...headers };
  for (let call = 0; call < count; call++)
    statuses.push((await api.call(method, path, undefined, sent)).status);
  return statuses;
};

const tooMany = (statuses: number[]) => statuses.filter((status) => status === 429).length;

describe("the limits", () => {
  test("every answer says how much is left, errors and refusals too", async () => {
    const api = await limited("off,user=20/60s,month=1000");
    const sent = {
      found: await api.call("GET", "/me"),
      missing: await api.call("GET", "/nothing"),
      wrong: await api.call("POST", "/workspaces", "no json"),
      refused: await api.call("GET", "/collections", undefined, {
        "x-api-key": (await api.newKey({ scopes: ["monitors:read"] })).key,
      }),
    };

    for (const { headers } of Object.values(sent)) {
      const named = Object.fromEntries(headers);
      expect(named).toMatchObject({
        "ratelimit-limit": "20",
        "ratelimit-policy": "20;w=60",
        "x-ratelimit-limit": "20",
        "ratelimit-limit-month": "1000",
        "x-ratelimit-limit-month": "1000",
      });
      expect(Number(named["ratelimit-reset"])).toBeWithin(1, 61);
      expect(Number(named["x-ratelimit-reset"])).toBeWithin(Date.now() / 1000, Date.now() / 1000 + 62);
      const { "ratelimit-remaining": remaining, "ratelimit-reset": reset } = named;
      expect(named["x-ratelimit-remaining"]).toBe(remaining);
      expect(named["ratelimit"]).toBe(`limit=20, remaining=${remaining}, reset=${reset}`);
      expect(named["x-ratelimit-remaining-month"]).toBe(named["ratelimit-remaining-month"]);
      expect(named["retry-after"]).toBeUndefined();
    }
    expect(sent.missing.headers.get("ratelimit-remaining")).toBe("18");
    expect(sent.missing.headers.get("ratelimit-remaining-month")).toBe("998");
  });

  test("one too many is 429 in Postman's words, with when to come back", async () => {
    const api = await limited("off,user=2/60s");
    await callTimes(api, 2, "/me");

    const { status, headers, body } = await api.call("GET", "/me");

    const resetAt = Number(headers.get("x-ratelimit-reset"));
    expect([status, body]).toEqual([
      429,
      { error: "rateLimited", message: `Rate limit exceeded. Please retry after ${resetAt}` },
    ]);
    const seconds = headers.get("retry-after");
    expect(Number(seconds)).toBeWithin(1, 61);
    expect(headers.get("x-ratelimit-retryafter")).toBe(seconds);
    expect(headers.get("retryafter")).toBe(seconds);
    expect(headers.get("ratelimit-remaining")).toBe("0");
  });

  test("the month that is used up is 429 in words of its own, until it ends", async () => {
    const api = await limited("off,user=100/60s,month=2");
    await callTimes(api, 2, "/me");

    const { status, headers, body } = await api.call("GET", "/me");

    expect([status, body.error.name]).toEqual([429, "serviceLimitExhausted"]);
    expect(body.error.message).toContain("the 2 calls of this month; the next month begins at 20");
    expect(headers.get("x-ratelimit-remaining-month")).toBe("0");
    expect(Number(headers.get("retry-after"))).toBeWithin(1, 31 * 86_400 + 1);
  });

  test("a new window and another user start afresh", async () => {
    const api = await limited("off,user=2/60s");
    const other = await api.newKey();
    const within = await callTimes(api, 3, "/me");
    const ofOther = await callTimes(api, 1, "/me", "GET", { "x-api-key": other.key });
    const database = api.database;
    await database.sql`update rate_windows set ends_at = now()`;
    const nextServer = createLimiter({ database, log: silentLog }, parseLimits("off,user=2/60s"));

    const after = await nextServer.take([{ limit: "user", subject: `user:${api.actor.userId}` }]);

    expect([within, ofOther, after.isAllowed]).toEqual([[200, 200, 429], [200], true]);
  });

  test.each([
    ["GET", "/collections", 10],
    ["GET", "/workspaces", 10],
    ["GET", `/workspaces/${newId()}`, 10],
    ["GET", "/monitors", 10],
    ["POST", `/monitors/${newId()}/run`, 10],
    ["PUT", `/workspaces/${newId()}`, 20],
  ])("as in Postman, %s %s passes at most %i times in its window", async (method, path, allowed) => {
    const api = await limited("");

    expect(tooMany(await callTimes(api, allowed + 2, path, method))).toBe(2);
  });

  test("what the operator switched off is unlimited", async () => {
    const api = await limited("monitors=off");

    expect(tooMany(await callTimes(api, 25, "/monitors"))).toBe(0);
  });

  test("a key that nobody knows costs its owner nothing, and its address has limits too", async () => {
    const api = await limited("off,user=3/60s");

    const strangers = await callTimes(api, 5, "/me", "GET", { "x-api-key": "PMAK-wrong" });

    expect(strangers).toEqual([401, 401, 401, 429, 429]);
    expect((await api.call("GET", "/me")).headers.get("ratelimit-remaining")).toBe("2");
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
