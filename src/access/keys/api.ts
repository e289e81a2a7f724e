import { type Context, Hono } from "hono";
import { z } from "zod";

import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import { AppError } from "../../lib/errors.ts";
import { isUuid } from "../../lib/ids.ts";
import { parseJson, parseOrThrow } from "../../lib/parse.ts";
import type { AppEnv, Deps } from "../context.ts";
import { documented } from "../endpoint.ts";
import { badCursor, readQuery } from "../request.ts";
import { requireAdmin } from "../rights.ts";
import {
  type ApiKey,
  createApiKey,
  getApiKey,
  noSuchKey,
  pageOfApiKeys,
  renameApiKey,
  revokeApiKey,
} from "./store.ts";

const tag = "API keys";
const DEFAULT_PAGE = 50;

const keyName = z.string().trim().min(1, "say what the key is for").max(100);
const newKeyBody = z.object({
  apiKey: z.object({
    name: keyName,
    /** Of somebody else: for admins. */
    userId: z.int().positive().optional(),
    scopes: z.array(z.string()).max(100).nullable().optional(),
    expiresAt: z.iso.datetime({ offset: true }).nullable().optional(),
  }),
});
const changedKeyBody = z.object({ apiKey: z.strictObject({ name: keyName }) });

const keyAnswer = z.object({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string(),
  owner: z.int(),
  scopes: z.array(z.string()).nullable(),
  state: z.enum(["valid", "expired", "revoked"]),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
});
const meta = z.object({ nextCursor: z.string().nullable(), limit: z.int() });

const keysQuery = z.object({
  userId: z.coerce.number().int().positive().optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
});

/** `/keys`, in Postman's style: people manage their own keys, admins everybody's. */
export function keyApi({ database, clock }: Pick<Deps, "database" | "clock">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const toBody = (key: ApiKey) => keyBody(key, clock.now());

  routes.get(
    "/keys",
    documented({
      summary: "List API keys",
      description:
        "One's own; admins see everybody's, or those of `userId`. The keys themselves are not stored.",
      tag,
      query: keysQuery,
      answer: z.object({ apiKeys: z.array(keyAnswer), meta }),
    }),
    async (c) => {
      const { userId, cursor, limit = DEFAULT_PAGE } = readQuery(c, keysQuery);
      const actor = c.get("actor");
      if (userId !== undefined && userId !== actor.userId) requireAdmin(actor);
      const after = cursor ? decodeCursor(cursor) : undefined;
      if (cursor && !after) throw badCursor();
      const owner = actor.role === "admin" ? userId : actor.userId;
      const { keys, next } = await pageOfApiKeys(database, { userId: owner, after, limit });
      return c.json({
        apiKeys: keys.map(toBody),
        meta: { nextCursor: next ? encodeCursor(next) : null, limit },
      });
    },
  );

  routes.post(
    "/keys",
    documented({
      summary: "Create an API key",
      description:
        "The answer is the only one that shows the key. `scopes` such as `collections:read` narrow it; without them it may do what its owner may. A narrowed key creates keys within its own scopes only.",
      tag,
      body: newKeyBody,
      answer: z.object({ apiKey: keyAnswer.extend({ key: z.string() }) }),
    }),
    async (c) => {
      const actor = c.get("actor");
      const { apiKey } = parseOrThrow(newKeyBody, parseJson(await c.req.text()));
      const { name, userId = actor.userId, scopes = null } = apiKey;
      const expiresAt = apiKey.expiresAt ? futureOf(apiKey.expiresAt, clock.now()) : undefined;
      const created = await createApiKey(database, actor, {
        userId,
        name,
        scopes,
        ...(expiresAt && { expiresAt }),
      });
      const stored = await getApiKey(database, actor, created.id);
      return c.json({ apiKey: { ...toBody(stored), key: created.key } });
    },
  );

  routes.patch(
    "/keys/:id",
    documented({
      summary: "Rename an API key",
      description: "What a key may do does not change after it was made.",
      tag,
      body: changedKeyBody,
      answer: z.object({ apiKey: keyAnswer }),
    }),
    async (c) => {
      const actor = c.get("actor");
      const id = keyIdOf(c);
      await getApiKey(database, actor, id);
      const { apiKey } = parseOrThrow(changedKeyBody, parseJson(await c.req.text()));
      await renameApiKey(database, actor, id, apiKey.name);
      return c.json({ apiKey: toBody(await getApiKey(database, actor, id)) });
    },
  );

  routes.delete(
    "/keys/:id",
    documented({
      summary: "Revoke an API key",
      description: "It ends at once. It stays in the list, and so do its calls.",
      tag,
      answer: z.object({ apiKey: keyAnswer }),
    }),
    async (c) => {
      const id = keyIdOf(c);
      await revokeApiKey(database, c.get("actor"), id);
      return c.json({ apiKey: toBody(await getApiKey(database, c.get("actor"), id)) });
    },
  );

  return routes;
}

/** 404 for what is no id. */
export function keyIdOf(c: Context<AppEnv>): string {
  const id = c.req.param("id") ?? "";
  if (isUuid(id)) return id;
  throw noSuchKey();
}

function futureOf(text: string, now: Date): Date {
  const at = new Date(text);
  if (at > now) return at;
  throw new AppError("bad_request", "The request had invalid parameters: expiresAt is over already.", {
    name: "invalidParamsError",
    details: { param: "expiresAt" },
  });
}

const keyBody = (key: ApiKey, now: Date) => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  owner: key.userId,
  scopes: key.scopes,
  state: stateOf(key, now),
  createdAt: key.createdAt.toISOString(),
  expiresAt: key.expiresAt?.toISOString() ?? null,
  revokedAt: key.revokedAt?.toISOString() ?? null,
  lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
});

export function stateOf(
  { revokedAt, expiresAt }: Pick<ApiKey, "revokedAt" | "expiresAt">,
  now: Date,
): "valid" | "expired" | "revoked" {
  if (revokedAt) return "revoked";
  return expiresAt && expiresAt <= now ? "expired" : "valid";
}
