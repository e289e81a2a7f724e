import { describe, expect, setDefaultTimeout, test } from "bun:test";

import { Hono } from "hono";

import type { AppEnv } from "../../src/access/context.ts";
import { endSession, safeNext, startSession } from "../../src/access/session.ts";
import { findSession } from "../../src/access/store.ts";
import { testDeps } from "../support/api.ts";
import { testDatabase } from "../support/database.ts";
import { createMake } from "../support/make.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

const signInApp = async (publicUrl: string) => {
  const deps = testDeps(await testDatabase(), { publicUrl });
  const user = await createMake(deps.database).user();
  const app = new Hono<AppEnv>()
    .post("/in", async (c) => {
      await startSession(c, deps, user);
      return c.text("in");
    })
    .post("/out", async (c) => {
      await endSession(c, deps);
      return c.text("out");
    });
  return { app, deps };
};
const cookieOf = (response: Response) => response.headers.get("set-cookie") ?? "";
const tokenOf = (cookie: string) => /sallyport_session=([^;]+)/.exec(cookie)?.[1] ?? "";

describe("the session cookie", () => {
  test.each([
    ["http://127.0.0.1:4600", false],
    ["https://sallyport.test", true],
  ])("at %s scripts cannot read it; secure: %p", async (publicUrl, secure) => {
    const { app } = await signInApp(publicUrl);

    const cookie = cookieOf(await app.request("/in", { method: "POST" }));

    expect(cookie).toContain("HttpOnly");
    expect(cookie).toContain("SameSite=Lax");
    expect(cookie).toContain("Path=/");
    expect(cookie.includes("Secure")).toBe(secure);
  });

  test("signing in again ends the session before, so a planted cookie is worth nothing", async () => {
    const { app, deps } = await signInApp("http://127.0.0.1:4600");
    const first = tokenOf(cookieOf(await app.request("/in", { method: "POST" })));

    const headers = { cookie: `sallyport_session=${first}` };
    const second = tokenOf(cookieOf(await app.request("/in", { method: "POST", headers })));

    expect(await findSession(deps.database, first)).toBeUndefined();
    expect(await findSession(deps.database, second)).toBeDefined();
  });

  test("signing out ends the session on the server and clears the cookie", async () => {
    const { app, deps } = await signInApp("http://127.0.0.1:4600");
    const token = tokenOf(cookieOf(await app.request("/in", { method: "POST" })));

    const response = await app.request("/out", {
      method: "POST",
      headers: { cookie: `sallyport_session=${token}` },
    });

    expect(cookieOf(response)).toContain("Max-Age=0");
    expect(await findSession(deps.database, token)).toBeUndefined();
  });
});

test.each([
  ["/monitors?x=1", "/monitors?x=1"],
  [undefined, "/"],
  ["", "/"],
  ["https://evil.test", "/"],
  ["//evil.test", "/"],
  ["/\\evil.test", "/"],
  ["/\t/evil.test", "/"],
  ["monitors", "/"],
])("after signing in, %p leads to %s", (next, to) => {
  expect(safeNext(next)).toBe(to);
});
