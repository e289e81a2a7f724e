import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { Hono } from "hono";

import type { AppEnv } from "../../src/access/context.ts";
import { csrfTokenOf } from "../../src/access/csrf.ts";
import { SESSION_COOKIE } from "../../src/access/session.ts";
import { createSession } from "../../src/access/store.ts";
import { PROTOCOL_VERSION } from "../../src/contract/protocol.ts";
import { runnerHeaders } from "../../src/contract/runner.ts";
import { createPrograms } from "../../src/fleet/programs.ts";
import { newId } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { silentLog } from "../support/database.ts";
import { stageStatusPage } from "../support/status.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  const programs = createPrograms({ folder: "/nonexistent" }, silentLog);
  api = await testApi({}, { programs });
});

interface Route {
  method: string;
  path: string;
}

/** Everything that answers, except middleware and the catch-alls of a group. */
const routesOf = (app: Hono<AppEnv>): Route[] => {
  const all = app.routes.filter(({ method, path }) => method !== "ALL" || !path.includes("*"));
  return [...new Map(all.map(({ method, path }) => [`${method} ${path}`, { method, path }])).values()];
};

/** A path with something in the place of each parameter. */
const concrete = (path: string) =>
  path.replace(":change{pause|resume}", "pause").replaceAll(/:\w+(\{[^/]*\})?/g, newId());

const isRefused = (response: Response) =>
  response.status === 401 ||
  (response.status === 302 && response.headers.get("location")?.startsWith("/sign-in?next=") === true);

/** Runners are told which side is too old before anything else; what counts here is the key. */
const speaksProtocol = { [runnerHeaders.protocol]: String(PROTOCOL_VERSION) };

async function openRoutes(app: Hono<AppEnv>): Promise<string[]> {
  const open: string[] = [];
  for (const { method, path } of routesOf(app)) {
    const response = await app.request(concrete(path), { method, headers: speaksProtocol });
    if (!isRefused(response)) open.push(`${method} ${path}`);
  }
  return open.filter((route) => !route.startsWith("GET /assets/")).toSorted();
}

describe("no route is open by accident", () => {
  test("without a credential only these answer", async () => {
    expect(await openRoutes(api.app)).toEqual([
      // Their token is in the path.
      "ALL /hooks/:token",
      "GET /.well-known/oauth-authorization-server",
      "GET /.well-known/oauth-authorization-server/code",
      "GET /.well-known/oauth-authorization-server/mcp",
      "GET /.well-known/oauth-authorization-server/minimal",
      "GET /.well-known/oauth-protected-resource",
      "GET /.well-known/oauth-protected-resource/code",
      "GET /.well-known/oauth-protected-resource/mcp",
      "GET /.well-known/oauth-protected-resource/minimal",
      "GET /api/openapi.json",
      "GET /healthz",
      "GET /invitation",
      "GET /metrics",
      "GET /readyz",
      "GET /reset-password",
      "GET /setup",
      "GET /sign-in",
      "POST /invitation",
      "POST /oauth/register",
      "POST /oauth/revoke",
      "POST /reset-password",
      "POST /setup",
      "POST /sign-in",
    ]);
  });

  test("a status page is open when it is public, and only then", async () => {
    const statusOf = async (visibility: "public" | "private") => {
      const { page } = await stageStatusPage(api.database, api.make, { page: { visibility } });
      return (await api.app.request(`/status/${page.slug}`)).status;
    };

    expect([await statusOf("public"), await statusOf("private")]).toEqual([200, 302]);
  });

  test("every feature is among the routes that were walked", () => {
    const walked = routesOf(api.app).map(({ method, path }) => `${method} ${path}`);

    for (const known of [
      "GET /api/me",
      "DELETE /api/collections/:id",
      "POST /api/monitors/:id/run",
      "POST /api/runners",
      "POST /runner/v1/claim",
      "GET /runner/v1/programs/:platform",
      "GET /runners",
      "GET /status/:slug",
      "POST /status-pages/:id/monitors",
      "POST /collections",
    ]) {
      expect(walked).toContain(known);
    }
  });

  test("the walk finds a route that somebody left open", async () => {
    const leaky = new Hono<AppEnv>().get("/left-open/:id", (c) => c.text("hello")).route("/", api.app);

    expect(await openRoutes(leaky)).toContain("GET /left-open/:id");
  });
});

describe("keys", () => {
  const invalidKey = {
    error: {
      name: "AuthenticationError",
      message: "Invalid API Key. Every request requires a valid API Key to be sent.",
    },
  };

  test.each<[string, () => Promise<Record<string, string>>]>([
    ["no key", async () => ({})],
    ["an empty key", async () => ({ "x-api-key": "" })],
    ["a wrong key", async () => ({ "x-api-key": "PMAK-wrong" })],
    [
      "a revoked key",
      async () => {
        const { id, key } = await api.newKey();
        await api.database.sql`update api_keys set revoked_at = now() where id = ${id}`;
        return { "x-api-key": key };
      },
    ],
    [
      "an expired key",
      async () => ({ "x-api-key": (await api.newKey({ expiresAt: new Date("2020-01-01") })).key }),
    ],
    [
      "the key of a user who is gone",
      async () => {
        const { key, actor } = await api.newKey();
        await api.database.sql`delete from users where id = ${actor.userId}`;
        return { "x-api-key": key };
      },
    ],
    [
      "a session",
      async () => ({ cookie: `${SESSION_COOKIE}=${await createSession(api.database, api.actor.userId)}` }),
    ],
  ])("%s is 401 in Postman's words", async (_, headers) => {
    const { status, body } = await api.call("GET", "/me", undefined, await headers());

    expect([status, body]).toEqual([401, invalidKey]);
  });

  test("the key may stand in the query, and the header wins", async () => {
    const inQuery = await api.call("GET", `/me?apikey=${api.key}`, undefined, {});
    const both = await api.call("GET", `/me?apikey=${api.key}`, undefined, { "X-API-KEY": "wrong" });

    expect([inQuery.status, both.status]).toEqual([200, 401]);
  });

  test.each([
    ["collections:read", "GET", "/collections", 200],
    ["collections:read", "POST", "/collections", 403],
    ["collections:read", "GET", "/environments", 403],
    ["collections:write", "GET", "/collections", 403],
    ["monitors:write", "POST", `/monitors/${newId()}/run`, 403],
    ["runs:write", "POST", `/monitors/${newId()}/run`, 404],
    ["runs:read", "GET", `/monitors/${newId()}/executions`, 404],
    ["collections:read", "GET", "/openapi-of-nothing", 403],
    ["collections:read", "GET", "/me", 200],
  ])("a key with only %s gets %s %s → %i", async (scope, method, path, status) => {
    const { key } = await api.newKey({ scopes: [scope] });

    const answer = await api.call(method, path, undefined, { "x-api-key": key });

    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body.error.name).toBe("forbiddenError");
  });

  test("a base URL that ends with a slash leads to the same doors", async () => {
    const { key } = await api.newKey({ scopes: ["collections:read"] });

    expect((await api.call("GET", "//me")).status).toBe(200);
    expect((await api.call("GET", "//collections", undefined, {})).status).toBe(401);
    expect((await api.call("GET", "//environments", undefined, { "x-api-key": key })).status).toBe(403);
  });

  test("an unknown path of the API is 404, not a page", async () => {
    const { status, body } = await api.call("GET", "/nothing/here");

    expect([status, body]).toEqual([
      404,
      { error: { name: "notFound", message: "Requested resource not found" } },
    ]);
  });
});

const signedIn = async () => {
  const token = await createSession(api.database, api.actor.userId);
  return { cookie: `${SESSION_COOKIE}=${token}`, csrf: csrfTokenOf(token) };
};

const post = (path: string, headers: Record<string, string>, fields: Record<string, string> = {}) =>
  api.app.request(path, { method: "POST", headers, body: new URLSearchParams(fields) });

describe("pages", () => {
  test("without a session a page leads to the sign-in and back", async () => {
    const response = await api.app.request("/collections?workspace=1&x=%20");

    expect(response.headers.get("location")).toBe(
      `/sign-in?next=${encodeURIComponent("/collections?workspace=1&x=%20")}`,
    );
  });

  test("a fragment without a session is 401, so that no sign-in page lands inside a page", async () => {
    const response = await api.app.request("/", { headers: { "hx-request": "true" } });

    expect(response.status).toBe(401);
  });

  test.each(["expired", "unknown"])("an %s session is no session", async (kind) => {
    const { cookie } = await signedIn();
    if (kind === "expired") await api.database.sql`update sessions set expires_at = now()`;

    const response = await api.app.request("/collections", {
      headers: { cookie: kind === "expired" ? cookie : `${SESSION_COOKIE}=unknown` },
    });

    expect(response.status).toBe(302);
  });

  test("nothing changes without the CSRF token of the session", async () => {
    const { cookie } = await signedIn();
    const changing = routesOf(api.app).filter(
      ({ method, path }) =>
        method !== "GET" &&
        !/^\/(api|runner|hooks)\/|^\/(mcp|minimal|code|oauth\/(token|register|revoke))$/.test(path) &&
        !["/sign-in", "/setup"].includes(path),
    );
    const answers: Record<string, number> = {};
    for (const { method, path } of changing) {
      const response = await api.app.request(concrete(path), { method, headers: { cookie } });
      answers[`${method} ${path}`] = response.status;
    }

    expect(changing.length).toBeGreaterThan(5);
    expect(Object.entries(answers).filter(([, status]) => status !== 403)).toEqual([]);
  });

  test.each<[string, Record<string, string>, boolean, number]>([
    ["in the form", {}, true, 303],
    ["in the header", { "x-csrf-token": "token" }, false, 303],
    ["from our own page", { "sec-fetch-site": "same-origin" }, true, 303],
    ["from our own origin", { origin: "http://127.0.0.1:4600" }, true, 303],
    [
      "from our own host behind a proxy",
      { origin: "https://sallyport.test", host: "sallyport.test" },
      true,
      303,
    ],
    ["from another site", { "sec-fetch-site": "cross-site" }, true, 403],
    ["from a sibling of our site", { "sec-fetch-site": "same-site" }, true, 403],
    ["from another origin", { origin: "http://evil.test" }, true, 403],
    ["from an origin that hides", { origin: "null" }, true, 403],
  ])("a token %s", async (_, headers, inForm, status) => {
    const { cookie, csrf } = await signedIn();
    const sent = { ...headers, cookie, ...("x-csrf-token" in headers && { "x-csrf-token": csrf }) };

    const response = await post("/sign-out", sent, inForm ? { csrf } : {});

    expect(response.status).toBe(status);
  });

  test("the token of one session is no good for another", async () => {
    const [one, other] = [await signedIn(), await signedIn()];

    const response = await post("/sign-out", { cookie: one.cookie }, { csrf: other.csrf });

    expect(response.status).toBe(403);
  });

  test("another site cannot sign somebody in", async () => {
    const response = await post(
      "/sign-in",
      { "sec-fetch-site": "cross-site" },
      { email: "a@b", password: "x" },
    );

    expect(response.status).toBe(403);
  });

  test("what needs a credential does not come out of a cache, assets do", async () => {
    const { cookie } = await signedIn();
    const answers = {
      api: await api.app.request("/api/me", { headers: { "x-api-key": api.key } }),
      refused: await api.app.request("/api/me"),
      page: await api.app.request("/collections", { headers: { cookie } }),
      asset: await api.app.request(
        routesOf(api.app).find(({ path }) => path.startsWith("/assets/"))?.path ?? "",
      ),
    };

    expect(
      Object.entries(answers).map(([name, { headers }]) => [name, headers.get("cache-control")]),
    ).toEqual([
      ["api", "no-store"],
      ["refused", "no-store"],
      ["page", "private, no-cache"],
      ["asset", "public, max-age=31536000, immutable"],
    ]);
  });

  test("the policy allows nothing inline and nothing from elsewhere", async () => {
    const { headers } = await api.app.request("/sign-in");

    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(headers.get("referrer-policy")).toBe("same-origin");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});
