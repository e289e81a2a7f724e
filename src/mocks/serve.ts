import { type Context, Hono, type MiddlewareHandler } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { refuseBeyondLimits, setLimitHeaders } from "../access/limits/answer.ts";
import type { Limiter } from "../access/limits/limiter.ts";
import { forbidden } from "../access/rights.ts";
import { AppError } from "../lib/errors.ts";
import { bareId } from "../lib/ids.ts";
import { fixedHeaders, isFixed } from "./answer-headers.ts";
import { type Answer, answerCall } from "./answer.ts";
import { readRequestBody } from "./body.ts";
import { CallLog } from "./call-log.ts";
import { createMockLoader, type LoadedMock } from "./loaded-mock.ts";
import { MAX_DELAY_MS, mockNotFound } from "./mock.ts";
import { mayCall } from "./private-access.ts";
import type { MockCallRequest } from "./request.ts";

/** What no caller gets back, nor any log: they belong to our pages, or open them. */
const unread = new Set(["cookie", "x-api-key"]);

/** What stands before every call. */
export interface MockDoor {
  /** Absent = no limit. */
  limiter?: Limiter | undefined;
  limitBody: MiddlewareHandler<AppEnv>;
}

/**
 * `/mock/ID/…` for every method. Open to everybody unless the mock is private; cookies are never looked at, so the
 * person behind a browser makes no difference.
 */
export function mockServing(deps: Deps, { limiter, limitBody }: MockDoor): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const load = createMockLoader(deps);
  const calls = new CallLog(deps);

  routes.use("/mock/*", async (c, next) => {
    await next();
    for (const [name, value] of fixedHeaders) c.res.headers.set(name, value);
  });
  routes.use("/mock/*", limitBody);

  const serve = async (c: Context<AppEnv>): Promise<Response> => {
    if (isPreflight(c)) return preflight(c);
    if (isPartOfOurPages(c)) throw forbidden("Pages load nothing from a mock server.");
    const [, id = "", path = "/"] = /^\/mock\/([^/]+)(\/.*)?$/.exec(new URL(c.req.url).pathname) ?? [];
    const mock = await open(id, c.req.header("x-api-key"));
    if (!limiter) return answer(c, mock, path);
    const asks = [{ limit: "mocks", subject: `mock:${mock.id}` }] as const;
    const { refusal, verdict } = await refuseBeyondLimits(c, limiter, asks);
    if (refusal) return refusal;
    c.res = await answer(c, mock, path);
    setLimitHeaders(c, verdict);
    return c.res;
  };

  const open = async (idOrUid: string, key: string | undefined): Promise<LoadedMock> => {
    const id = bareId(idOrUid);
    const mock = id === undefined ? undefined : await load(id);
    if (!mock) throw mockNotFound();
    if (mock.private && !(await mayCall(deps.database, key, mock.workspaceId))) throw privateMock();
    return mock;
  };

  const answer = async (c: Context<AppEnv>, mock: LoadedMock, path: string): Promise<Response> => {
    const servedAt = deps.clock.now();
    const request = await readRequest(c, path);
    const answered = answerCall(mock, request);
    calls.record({
      mockId: mock.id,
      servedAt,
      method: request.method,
      path: path + request.search,
      requestHeaders: c.req.raw.headers,
      requestBody: request.body.text,
      responseName: answered.name,
      responseType: answered.type,
      statusCode: answered.status,
      responseHeaders: [...answered.headers].filter(([name]) => !isFixed(name)),
      responseBody: answered.text(),
    });
    await deps.clock.sleep(delayOf(mock, c.req.header("x-mock-response-delay")), c.req.raw.signal);
    return toResponse(answered, request.method);
  };

  routes.all("/mock/*", serve);
  return routes;
}

const privateMock = (): AppError =>
  new AppError(
    "unauthenticated",
    "This mock server is private: send the header x-api-key with a valid API key of somebody who may see its workspace.",
  );

async function readRequest(c: Context<AppEnv>, path: string): Promise<MockCallRequest> {
  const { raw } = c.req;
  const bytes = new Uint8Array(await raw.arrayBuffer());
  const headers = new Map([...raw.headers].filter(([name]) => !unread.has(name)));
  const { search, searchParams } = new URL(raw.url);
  return {
    method: raw.method.toUpperCase(),
    path,
    search: search.replace(/([?&]apikey=)[^&]*/gi, "$1(masked)"),
    query: [...searchParams].filter(([name]) => name.toLowerCase() !== "apikey"),
    headers,
    body: await readRequestBody(bytes, headers.get("content-type") ?? ""),
  };
}

function toResponse({ status, headers, bytes }: Answer, method: string): Response {
  const isBodyless = method === "HEAD" || status === 204 || status === 205 || status === 304;
  return new Response(isBodyless ? null : bytes, { status, headers });
}

/** In ms. The header of a call wins. */
function delayOf({ config }: LoadedMock, asked: string | undefined): number {
  const wanted = asked !== undefined && /^\d{1,9}$/.test(asked.trim()) ? Number(asked) : undefined;
  return Math.min(wanted ?? config.delay?.duration ?? 0, MAX_DELAY_MS);
}

const isPreflight = (c: Context<AppEnv>): boolean =>
  c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined;

function preflight(c: Context<AppEnv>): Response {
  c.header("access-control-allow-methods", c.req.header("access-control-request-method") ?? "*");
  c.header("access-control-allow-headers", c.req.header("access-control-request-headers") ?? "*");
  c.header("access-control-max-age", "600");
  return c.body(null, 204);
}

/**
 * A page of ours may load scripts and styles of its own origin, and a mock is on it. Somebody who smuggled a tag into a
 * page must not find the script for it here. Browsers say what they load, and for whom; over plain HTTP, where they do
 * not, they tell by `Referer` and `Accept`. Following a link is no part of a page.
 */
function isPartOfOurPages(c: Context<AppEnv>): boolean {
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin" && c.req.header("sec-fetch-dest") !== "document";
  const referer = c.req.header("referer") ?? "";
  const isOurs = URL.canParse(referer) && new URL(referer).host === c.req.header("host");
  return isOurs && !(c.req.header("accept") ?? "").includes("text/html");
}
