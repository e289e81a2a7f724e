import { Hono } from "hono";
import { z } from "zod";

import { decodeNumber, encodeNumber } from "../../lib/cursor.ts";
import type { AppEnv, Deps } from "../context.ts";
import { documented } from "../endpoint.ts";
import { badCursor, readQuery } from "../request.ts";
import { requireAdmin } from "../rights.ts";
import { keyIdOf } from "./api.ts";
import { type ListedCall, listCalls } from "./calls-store.ts";
import { getApiKey } from "./store.ts";

const DEFAULT_PAGE = 50;

const callAnswer = z.object({
  id: z.int(),
  timestamp: z.iso.datetime(),
  method: z.string(),
  route: z.string().nullable(),
  path: z.string(),
  ip: z.string(),
  userAgent: z.string(),
  decision: z.enum(["allowed", "denied"]),
  rule: z.string().nullable(),
  status: z.int(),
});
const meta = z.object({ nextCursor: z.string().nullable(), limit: z.int() });
const callsQuery = z.object({
  decision: z.enum(["allowed", "denied"]).optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(300).optional(),
});

/** In the place of an id: calls without a key that is known. */
const UNKNOWN = "unknown";

/** `/keys/{id}/calls`: what a key did, or tried to do. */
export function keyCallsApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  return new Hono<AppEnv>().get(
    "/keys/:id/calls",
    documented({
      summary: "List the calls of an API key",
      description:
        "Newest first: who, what, from where, what was decided and by which rule. `unknown` in the place of the id lists, for admins, calls without a key that is known.",
      tag: "API keys",
      query: callsQuery,
      answer: z.object({ calls: z.array(callAnswer), meta }),
    }),
    async (c) => {
      const { decision, cursor, limit = DEFAULT_PAGE } = readQuery(c, callsQuery);
      const keyId = c.req.param("id") === UNKNOWN ? null : keyIdOf(c);
      if (keyId === null) requireAdmin(c.get("actor"));
      else await getApiKey(database, c.get("actor"), keyId);
      const beforeId = cursor ? decodeNumber(cursor) : undefined;
      if (cursor && beforeId === undefined) throw badCursor();
      const found = await listCalls(database, { keyId, decision, beforeId, limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return c.json({
        calls: page.map(callBody),
        meta: { nextCursor: last ? encodeNumber(last.id) : null, limit },
      });
    },
  );
}

const callBody = (call: ListedCall) => ({
  id: call.id,
  timestamp: call.at.toISOString(),
  method: call.method,
  route: call.route,
  path: call.path,
  ip: call.address,
  userAgent: call.userAgent,
  decision: call.decision,
  rule: call.rule,
  status: call.status,
});
