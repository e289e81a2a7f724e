import { describe, expect, test } from "bun:test";

import { DrizzleQueryError } from "drizzle-orm";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";

import type { AppEnv } from "../../src/access/context.ts";
import { AppError, type ErrorCode } from "../../src/lib/errors.ts";
import { createLog } from "../../src/lib/log.ts";
import { answerErrors } from "../../src/server/errors.ts";

const failing = (thrown: unknown) => {
  const lines: string[] = [];
  const log = createLog({
    write: (line) => void lines.push(line),
    now: () => new Date(0),
    format: "json",
    level: "info",
  });
  const app = new Hono<AppEnv>();
  app.onError(answerErrors(log, ({ status, message }) => `<h1>${status}</h1>${message}`));
  app.use(async (c, next) => {
    c.set("requestId", "request-1");
    await next();
  });
  for (const path of ["/api/x", "/runner/v1/x", "/x"]) {
    app.get(path, () => {
      throw thrown;
    });
  }
  return { app, lines };
};

const answerOf = async (thrown: unknown, path = "/api/x") => {
  const response = await failing(thrown).app.request(path);
  return { status: response.status, text: await response.text() };
};

test.each<[ErrorCode, number, string]>([
  ["bad_request", 400, "badRequest"],
  ["usage", 400, "badRequest"],
  ["unauthenticated", 401, "AuthenticationError"],
  ["forbidden", 403, "forbiddenError"],
  ["not_found", 404, "instanceNotFoundError"],
  ["conflict", 409, "conflictError"],
  ["lease_lost", 409, "conflictError"],
  ["too_large", 413, "payloadTooLargeError"],
  ["upgrade_required", 426, "upgradeRequiredError"],
  ["rate_limited", 429, "rateLimited"],
  ["unavailable", 503, "serviceUnavailableError"],
])("%s is %i with the name %s for the API, and with its own name for runners", async (code, status, name) => {
  const api = await answerOf(new AppError(code, "why"));
  const runner = await answerOf(new AppError(code, "why"), "/runner/v1/x");

  expect([api.status, JSON.parse(api.text)]).toEqual([status, { error: { name, message: "why" } }]);
  expect([runner.status, JSON.parse(runner.text)]).toEqual([
    status,
    { error: { name: code, message: "why" } },
  ]);
});

test("an error may carry its own name and details", async () => {
  const { text } = await answerOf(
    new AppError("bad_request", "why", { name: "own", details: { param: ["a"] } }),
  );

  expect(JSON.parse(text)).toEqual({ error: { name: "own", message: "why", details: { param: ["a"] } } });
});

test("a schema error names the field", async () => {
  const { error } = z.object({ runner: z.object({ name: z.string() }) }).safeParse({ runner: { name: 5 } });

  const { status, text } = await answerOf(error);

  expect(status).toBe(400);
  expect(JSON.parse(text).error).toMatchObject({
    name: "malformedRequestError",
    details: [expect.stringMatching(/^runner\.name: /)],
  });
});

test("a refusal of the framework keeps its status", async () => {
  const { status } = await answerOf(new HTTPException(404, { message: "no such file" }));

  expect(status).toBe(404);
});

describe("an unknown error", () => {
  const secret = new Error("connect to postgres://user:password@db failed", { cause: new Error("deep") });

  test.each(["/api/x", "/runner/v1/x", "/x"])("is 500 at %s and tells nothing", async (path) => {
    const { status, text } = await answerOf(secret, path);

    expect(status).toBe(500);
    expect(text).not.toContain("postgres");
  });

  test("is logged with its cause and the id of the request", async () => {
    const { app, lines } = failing(secret);

    await app.request("/x");

    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "error",
      requestId: "request-1",
      error: secret.message,
      cause: "deep",
    });
  });

  test("of the server side of the framework is unknown too", async () => {
    const { text } = await answerOf(new HTTPException(500, { message: "inside" }));

    expect(text).not.toContain("inside");
  });
});

test("what a failed statement would have stored is neither logged nor shown", async () => {
  const cause = new Error("could not extend file: No space left on device");
  const { app, lines } = failing(
    new DrizzleQueryError("insert into users values ($1)", ["the-secret"], cause),
  );

  const response = await app.request("/api/x");

  expect(await response.text()).not.toContain("the-secret");
  expect(lines.join()).not.toContain("the-secret");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    error: cause.message,
    query: "insert into users values ($1)",
  });
});
