import { randomBytes } from "node:crypto";

import { and, asc, eq, gt, isNull, type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { collectionAccessKeys, collections, users } from "../../db/schema.ts";
import { recordAudit } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { forbidden } from "../access/rights.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import type { Cursor } from "../lib/cursor.ts";
import { hashSecret, isUuid, newId } from "../lib/ids.ts";
import type { CollectionHead } from "./store.ts";

/** Postman's: a key that nobody uses for so long is of no use any more. */
const DAYS = 60;
const expiry = sql`now() + make_interval(days => ${DAYS}::int)`;

const columns = {
  id: collectionAccessKeys.id,
  hint: collectionAccessKeys.hint,
  userId: collectionAccessKeys.userId,
  collectionId: collectionAccessKeys.collectionId,
  ownerId: collections.ownerId,
  createdAt: collectionAccessKeys.createdAt,
  expiresAt: collectionAccessKeys.expiresAt,
  lastUsedAt: collectionAccessKeys.lastUsedAt,
};

export interface AccessKey {
  id: string;
  hint: string;
  userId: number;
  collectionId: string;
  /** Of the collection. */
  ownerId: number;
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
}

/** `token` is shown here and never again. It reads the collection as long as its maker may. */
export async function createAccessKey(
  { db }: Database,
  actor: Actor,
  collection: CollectionHead,
): Promise<AccessKey & { token: string }> {
  const token = `PMAT-${randomBytes(20).toString("hex").toUpperCase()}`;
  const values = {
    id: newId(),
    collectionId: collection.id,
    userId: actor.userId,
    tokenHash: hashSecret(token),
    hint: `PMAT-${"*".repeat(22)}${token.slice(-4)}`,
    expiresAt: expiry,
  };
  return await db.transaction(async (tx) => {
    const [made] = await tx.insert(collectionAccessKeys).values(values).returning();
    if (!made) throw new Error("insert of an access key returned no row");
    await recordAudit(tx, actor, {
      action: "collection_access_key.created",
      subjectType: "collection_access_key",
      subjectId: made.id,
      change: { collectionId: collection.id },
      workspaceId: collection.workspaceId,
    });
    return { ...made, ownerId: collection.ownerId, token };
  });
}

const cursorAt = sql<string>`to_char(${collectionAccessKeys.createdAt} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Those of the actor; of admins everybody's. Oldest first; `next` is there when the limit cut the list. */
export async function listAccessKeys(
  { db }: Database,
  actor: Actor,
  { collectionId, after, limit }: { collectionId?: string; after?: Cursor; limit: number },
): Promise<{ keys: AccessKey[]; next: Cursor | undefined }> {
  const conditions: (SQL | undefined)[] = [
    isInVisibleWorkspace(actor, collections.workspaceId),
    actor.role === "admin" ? undefined : eq(collectionAccessKeys.userId, actor.userId),
    collectionId === undefined ? undefined : eq(collectionAccessKeys.collectionId, collectionId),
    after &&
      sql`(${collectionAccessKeys.createdAt}, ${collectionAccessKeys.id}) > (${after.at}::text::timestamptz, ${after.id}::uuid)`,
  ];
  const rows = await db
    .select({ ...columns, at: cursorAt })
    .from(collectionAccessKeys)
    .innerJoin(collections, eq(collections.id, collectionAccessKeys.collectionId))
    .where(and(...conditions))
    .orderBy(asc(collectionAccessKeys.createdAt), asc(collectionAccessKeys.id))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    keys: page,
    next: rows.length > limit && last ? { at: last.at, id: last.id } : undefined,
  };
}

/** False when there is no such key; 403 for one of somebody else by a member. */
export async function deleteAccessKey({ db }: Database, actor: Actor, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return await db.transaction(async (tx) => {
    const [deleted] = await tx
      .delete(collectionAccessKeys)
      .where(eq(collectionAccessKeys.id, id))
      .returning({ userId: collectionAccessKeys.userId, collectionId: collectionAccessKeys.collectionId });
    if (!deleted) return false;
    if (deleted.userId !== actor.userId && actor.role !== "admin") {
      throw forbidden("You do not have enough permissions to perform this action.");
    }
    const [collection] = await tx
      .select({ workspaceId: collections.workspaceId })
      .from(collections)
      .where(eq(collections.id, deleted.collectionId));
    await recordAudit(tx, actor, {
      action: "collection_access_key.deleted",
      subjectType: "collection_access_key",
      subjectId: id,
      change: { collectionId: deleted.collectionId },
      ...(collection && { workspaceId: collection.workspaceId }),
    });
    return true;
  });
}

/**
 * Who an access key speaks for, narrowed to reading collections; undefined when it is unknown, expired or another
 * collection's. Its use is noted, and its life prolonged, at most once an hour.
 */
export async function findActorByAccessKey(
  { db }: Database,
  token: string,
  collectionId: string,
): Promise<Actor | undefined> {
  const [row] = await db
    .select({
      id: collectionAccessKeys.id,
      userId: users.id,
      email: users.email,
      name: users.name,
      role: users.role,
      isUseStale: sql<boolean>`coalesce(${collectionAccessKeys.lastUsedAt} < now() - interval '1 hour', true)`,
    })
    .from(collectionAccessKeys)
    .innerJoin(users, eq(users.id, collectionAccessKeys.userId))
    .where(
      and(
        eq(collectionAccessKeys.tokenHash, hashSecret(token)),
        eq(collectionAccessKeys.collectionId, collectionId),
        gt(collectionAccessKeys.expiresAt, sql`now()`),
        isNull(users.deactivatedAt),
      ),
    );
  if (!row) return undefined;
  const { id, isUseStale, ...user } = row;
  if (isUseStale) {
    await db
      .update(collectionAccessKeys)
      .set({ lastUsedAt: sql`now()`, expiresAt: expiry })
      .where(eq(collectionAccessKeys.id, id));
  }
  return { ...user, via: "api_key", scopes: ["collections:read"] };
}
