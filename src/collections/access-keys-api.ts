import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { badQuery } from "../access/request.ts";
import { decodeCursor, encodeCursor } from "../lib/cursor.ts";
import { problem } from "../lib/errors.ts";
import { bareId, toUid } from "../lib/ids.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { type AccessKey, createAccessKey, deleteAccessKey, listAccessKeys } from "./access-keys-store.ts";
import { reachCollection } from "./reach.ts";

const listQuery = z.object({
  collectionId: z.string().optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(25),
});
const createBody = z.object({ collectionId: z.string().min(1) });
const keyAnswer = z.looseObject({ id: z.string(), token: z.string(), collectionId: z.string() });
const tag = "Collection access keys";

/** Keys that read one collection: `/collection-access-keys` of the Postman API, and making them. */
export function accessKeysApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/collection-access-keys",
    documented({
      summary: "List access keys of collections",
      tag,
      query: listQuery,
      answer: z.object({ data: z.array(keyAnswer), meta: z.object({ nextCursor: z.string().nullable() }) }),
    }),
    async (c) => {
      const { collectionId, cursor, limit } = parseOrThrow(listQuery, c.req.query());
      const after = cursor ? decodeCursor(cursor) : undefined;
      if (cursor && !after) throw badQuery("Invalid cursor query parameter passed.");
      const id = collectionId === undefined ? undefined : bareId(collectionId);
      if (collectionId !== undefined && id === undefined)
        throw badQuery("collectionId must be an id or a uid.");
      const { keys, next } = await listAccessKeys(database, c.get("actor"), {
        limit,
        ...(id !== undefined && { collectionId: id }),
        ...(after && { after }),
      });
      return c.json({
        data: keys.map((key) => answerOf(key, key.hint)),
        meta: { nextCursor: next ? encodeCursor(next) : null },
      });
    },
  );

  routes.post(
    "/collection-access-keys",
    documented({
      summary: "Create an access key of a collection",
      description: "The token is shown here and never again; it reads the collection as long as you may.",
      tag,
      body: createBody,
      answer: z.object({ data: keyAnswer }),
    }),
    async (c) => {
      const text = await c.req.text();
      const { collectionId } = parseOrThrow(createBody, text.trim() === "" ? {} : parseJson(text));
      const actor = c.get("actor");
      const head = await reachCollection(database, actor, { asked: collectionId, role: "editor" });
      const made = await createAccessKey(database, actor, head);
      return c.json({ data: answerOf(made, made.token) });
    },
  );

  routes.delete(
    "/collection-access-keys/:id",
    documented({ summary: "Delete an access key of a collection", tag, status: 204, answer: null }),
    async (c) => {
      const isDeleted = await deleteAccessKey(database, c.get("actor"), c.req.param("id"));
      if (!isDeleted) throw problem("not_found", "The access key does not exist.");
      return c.body(null, 204);
    },
  );

  return routes;
}

const answerOf = (key: AccessKey, token: string) => ({
  id: key.id,
  token,
  status: "ACTIVE",
  teamId: 1,
  userId: key.userId,
  collectionId: toUid(key.ownerId, key.collectionId),
  expiresAfter: key.expiresAt.toISOString(),
  lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
  createdAt: key.createdAt.toISOString(),
  updatedAt: (key.lastUsedAt ?? key.createdAt).toISOString(),
  deletedAt: null,
});
