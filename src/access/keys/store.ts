import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { apiKeys, users } from "../../../db/schema.ts";
import type { Cursor } from "../../lib/cursor.ts";
import { AppError } from "../../lib/errors.ts";
import { hashSecret, newApiKey, newId } from "../../lib/ids.ts";
import { recordAudit } from "../audit/audit.ts";
import { changeOf } from "../audit/change.ts";
import type { Actor } from "../context.ts";
import { isScope, requireKeyOwnerOrAdmin } from "../rights.ts";

const MAX_LISTED = 10_000;
/** Enough of a key to tell it from others, too little to guess the rest. */
const PREFIX_LENGTH = 12;

export interface NewApiKey {
  userId: number;
  name: string;
  expiresAt?: Date;
  /** Absent or null: everything that the owner may do. */
  scopes?: string[] | null;
}

export interface ApiKey {
  id: string;
  userId: number;
  email: string;
  name: string;
  prefix: string;
  scopes: string[] | null;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

/** `key` is shown here and never again. 400 for an unknown scope, 403 for a key of somebody else by a member. */
export async function createApiKey(
  database: Database,
  actor: Actor,
  wanted: NewApiKey,
): Promise<{ id: string; key: string; name: string }> {
  requireKeyOwnerOrAdmin(actor, wanted.userId);
  checkScopes(actor, wanted.scopes ?? null);
  const id = newId();
  const key = newApiKey();
  const name = wanted.name.trim() || "API key";
  await database.db.transaction(async (tx) => {
    await tx.insert(apiKeys).values({
      id,
      userId: wanted.userId,
      name,
      keyHash: hashSecret(key),
      prefix: key.slice(0, PREFIX_LENGTH),
      scopes: wanted.scopes ?? null,
      expiresAt: wanted.expiresAt ?? null,
    });
    await recordAudit(tx, actor, {
      action: "api_key.created",
      subjectType: "api_key",
      subjectId: id,
      change: changeOf(undefined, {
        name,
        userId: wanted.userId,
        scopes: wanted.scopes ?? null,
        expiresAt: wanted.expiresAt ?? null,
      }),
    });
  });
  return { id, key, name };
}

function checkScopes(actor: Actor, scopes: string[] | null): void {
  const unknown = scopes?.find((scope) => !isScope(scope));
  if (unknown !== undefined) {
    throw new AppError("bad_request", `Unknown scope "${unknown}"; scopes look like "collections:read".`, {
      name: "invalidParamsError",
      details: { param: "scopes" },
    });
  }
  // A narrowed key must not make itself a wider one.
  const held = actor.scopes;
  if (held && (scopes === null || scopes.some((scope) => !held.includes(scope)))) {
    throw new AppError("forbidden", "A narrowed API key can only create keys with its own scopes.", {
      name: "forbiddenError",
    });
  }
}

/** Why a key is no good. */
export type KeyFault = "expired" | "revoked" | "owner_left";

export interface FoundKey {
  /** Whom it speaks for, or spoke for. */
  actor: Actor & { keyId: string };
  /** Undefined for a key that is good. */
  fault: KeyFault | undefined;
}

/** Undefined for a key that nobody knows. Notes the use of a good one at most once a minute. */
export async function findKey({ db }: Database, key: string): Promise<FoundKey | undefined> {
  const [row] = await db
    .select({
      keyId: apiKeys.id,
      userId: users.id,
      email: users.email,
      name: users.name,
      role: users.role,
      scopes: apiKeys.scopes,
      fault: sql<KeyFault | null>`case when ${apiKeys.revokedAt} is not null then 'revoked'
        when ${users.deactivatedAt} is not null then 'owner_left'
        when ${apiKeys.expiresAt} <= now() then 'expired' end`,
      isUseStale: sql<boolean>`coalesce(${apiKeys.lastUsedAt} < now() - interval '1 minute', true)`,
    })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(eq(apiKeys.keyHash, hashSecret(key)));
  if (!row) return undefined;
  const { fault, isUseStale, ...actor } = row;
  if (!fault && isUseStale) {
    await db
      .update(apiKeys)
      .set({ lastUsedAt: sql`now()` })
      .where(eq(apiKeys.id, actor.keyId));
  }
  return { actor: { ...actor, via: "api_key" }, fault: fault ?? undefined };
}

/** Who an API key speaks for; undefined when it is unknown, revoked or expired. */
export async function findActorByApiKey(database: Database, key: string): Promise<Actor | undefined> {
  const found = await findKey(database, key);
  return found && !found.fault ? found.actor : undefined;
}

const keyColumns = {
  id: apiKeys.id,
  userId: apiKeys.userId,
  email: users.email,
  name: apiKeys.name,
  prefix: apiKeys.prefix,
  scopes: apiKeys.scopes,
  createdAt: apiKeys.createdAt,
  expiresAt: apiKeys.expiresAt,
  revokedAt: apiKeys.revokedAt,
  lastUsedAt: apiKeys.lastUsedAt,
};

/** Keys without their secret, oldest first; of one user, or of all. */
export const listApiKeys = (database: Database, { userId }: { userId?: number } = {}): Promise<ApiKey[]> =>
  database.db
    .select(keyColumns)
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(userId === undefined ? undefined : eq(apiKeys.userId, userId))
    .orderBy(asc(apiKeys.createdAt), asc(apiKeys.id))
    .limit(MAX_LISTED);

export interface KeyPage {
  /** Absent = of all. */
  userId?: number | undefined;
  /** The last key of the page before. */
  after?: Cursor | undefined;
  /** By creation. */
  order?: "asc" | "desc";
  limit: number;
}

/** The same in pages; `next` is undefined on the last one. */
export async function pageOfApiKeys(
  { db }: Database,
  { userId, after, order = "asc", limit }: KeyPage,
): Promise<{ keys: ApiKey[]; next: Cursor | undefined }> {
  const [by, beyond] = order === "asc" ? [asc, sql`>`] : [desc, sql`<`];
  const rows = await db
    .select({
      ...keyColumns,
      at: sql<string>`to_char(${apiKeys.createdAt} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(
      and(
        userId === undefined ? undefined : eq(apiKeys.userId, userId),
        after &&
          sql`(${apiKeys.createdAt}, ${apiKeys.id}) ${beyond} (${after.at}::text::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(by(apiKeys.createdAt), by(apiKeys.id))
    .limit(limit + 1);
  const keys = rows.slice(0, limit);
  return { keys, next: rows.length > limit ? keys.at(-1) : undefined };
}

/** 404 when there is no such key, 403 when it is somebody else's. */
export async function getApiKey({ db }: Database, actor: Actor, id: string): Promise<ApiKey> {
  const [key] = await db
    .select(keyColumns)
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(eq(apiKeys.id, id));
  if (!key) throw noSuchKey();
  requireKeyOwnerOrAdmin(actor, key.userId);
  return key;
}

export const noSuchKey = (): AppError => new AppError("not_found", "The specified API key does not exist.");

/** 404 when there is no such key, 403 when it is somebody else's. */
export async function renameApiKey(
  database: Database,
  actor: Actor,
  id: string,
  name: string,
): Promise<void> {
  await database.db.transaction(async (tx) => {
    const [before] = await tx
      .select({ userId: apiKeys.userId, name: apiKeys.name })
      .from(apiKeys)
      .where(eq(apiKeys.id, id))
      .for("update");
    if (!before) throw noSuchKey();
    requireKeyOwnerOrAdmin(actor, before.userId);
    if (before.name === name) return;
    await tx.update(apiKeys).set({ name }).where(eq(apiKeys.id, id));
    await recordAudit(tx, actor, {
      action: "api_key.renamed",
      subjectType: "api_key",
      subjectId: id,
      change: changeOf({ name: before.name }, { name }),
    });
  });
}

/** 404 when there is no such key, 403 when it is somebody else's; revoking twice is fine. */
export async function revokeApiKey(database: Database, actor: Actor, id: string): Promise<void> {
  await database.db.transaction(async (tx) => {
    const [key] = await tx
      .select({ userId: apiKeys.userId, name: apiKeys.name })
      .from(apiKeys)
      .where(eq(apiKeys.id, id));
    if (!key) throw noSuchKey();
    requireKeyOwnerOrAdmin(actor, key.userId);
    const revoked = await tx
      .update(apiKeys)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
      .returning({ id: apiKeys.id });
    if (revoked.length === 0) return;
    await recordAudit(tx, actor, {
      action: "api_key.revoked",
      subjectType: "api_key",
      subjectId: id,
      change: changeOf({ name: key.name, userId: key.userId }, undefined),
    });
  });
}
