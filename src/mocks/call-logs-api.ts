import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { badQuery } from "../access/request.ts";
import { decodeCursor, encodeCursor } from "../lib/cursor.ts";
import { AppError, problem } from "../lib/errors.ts";
import { parseOrThrow } from "../lib/parse.ts";
import { CALL_DAYS, type CallFilter, type ListedCall, listCalls } from "./call-store.ts";
import { openMock } from "./open-mock.ts";

const DAY_MS = 86_400_000;
const includable = ["request.headers", "request.body", "response.headers", "response.body"] as const;

const instant = z.iso.datetime({ offset: true }).or(z.iso.date());
const query = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(100),
  cursor: z.string().optional(),
  since: instant.optional(),
  until: instant.optional(),
  responseStatusCode: z.coerce.number().int().min(100).max(599).optional(),
  responseType: z.string().max(50).optional(),
  requestMethod: z.string().max(50).optional(),
  requestPath: z.string().max(2048).optional(),
  sort: z.enum(["servedAt"]).optional(),
  direction: z.enum(["asc", "desc"]).default("desc"),
  /** Several, with commas between them. */
  include: z.string().optional(),
});

const text = z.string().nullable();
const answer = z.looseObject({
  "call-logs": z.array(
    z.looseObject({
      id: z.uuid(),
      responseName: z.string(),
      servedAt: z.string(),
      request: z.looseObject({ method: z.string(), path: z.string() }),
      response: z.looseObject({ type: z.string(), statusCode: z.int() }),
    }),
  ),
  meta: z.looseObject({ nextCursor: text }),
});

/** `/mocks/ID/call-logs`: who asked a mock for what, and what it answered. */
export function callLogsApi({ database, clock }: Pick<Deps, "database" | "clock">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/mocks/:mockId/call-logs",
    documented({ summary: "List calls of a mock", tag: "Mocks", query, answer }),
    async (c) => {
      const { id } = await openMock(database, c.get("actor"), {
        id: c.req.param("mockId"),
        role: "viewer",
        missing: () =>
          new AppError("not_found", "The specified mock does not exist.", { name: "instanceNotFoundError" }),
      });
      const asked = parseOrThrow(query, c.req.query(), "", { name: "invalidParamsError" });
      const include = includeOf(asked.include);
      const { calls, next } = await listCalls(database, id, filterOf(asked, include, clock.now()));
      return c.json({
        "call-logs": calls.map((call) => describe(call, include)),
        meta: { nextCursor: next ? encodeCursor(next) : null },
      });
    },
  );

  return routes;
}

function includeOf(text: string | undefined): ReadonlySet<string> {
  const wanted = (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const unknown = wanted.find((part) => !includable.some((known) => known === part));
  if (unknown !== undefined) {
    throw badQuery(
      `include must be made of ${includable.join(", ")}, not "${unknown}".`,
      "invalidParamsError",
    );
  }
  return new Set(wanted);
}

function filterOf(asked: z.infer<typeof query>, include: ReadonlySet<string>, now: Date): CallFilter {
  const { cursor, since, until } = asked;
  const after = cursor ? decodeCursor(cursor) : undefined;
  if (cursor && !after) throw problem("bad_request", "Invalid cursor");
  if (since !== undefined && now.getTime() - new Date(since).getTime() > CALL_DAYS * DAY_MS) {
    throw badQuery(
      `Invalid value for parameter: since. Cannot view logs beyond the call log retention period, which is ${CALL_DAYS} days.`,
      "invalidParamsError",
    );
  }
  return {
    limit: asked.limit,
    direction: asked.direction,
    withDetails: include.size > 0,
    ...(after && { after }),
    ...(since !== undefined && { since: new Date(since) }),
    ...(until !== undefined && { until: new Date(until) }),
    ...(asked.responseStatusCode !== undefined && { statusCode: asked.responseStatusCode }),
    ...(asked.responseType !== undefined && { type: asked.responseType }),
    ...(asked.requestMethod !== undefined && { method: asked.requestMethod.toUpperCase() }),
    ...(asked.requestPath !== undefined && { path: asked.requestPath }),
  };
}

const describe = (call: ListedCall, include: ReadonlySet<string>) => ({
  id: call.id,
  responseName: call.responseName,
  servedAt: call.servedAt.toISOString(),
  request: {
    method: call.method,
    path: call.path,
    ...(include.has("request.headers") && { headers: call.requestHeaders ?? [] }),
    ...(include.has("request.body") && { body: { mode: "raw", data: call.requestBody ?? "" } }),
  },
  response: {
    type: call.responseType,
    statusCode: call.statusCode,
    ...(include.has("response.headers") && {
      headers: (call.responseHeaders ?? []).map(({ key, value }) => ({
        description: { content: "", type: "text/plain" },
        key,
        value,
      })),
    }),
    ...(include.has("response.body") && { body: { data: call.responseBody ?? "" } }),
  },
});
