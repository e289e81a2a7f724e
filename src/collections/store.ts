import { and, asc, count, eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { collections } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import { changeOf } from "../access/audit/change.ts";
import type { Actor, BeforeDeletion } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { newId } from "../lib/ids.ts";
import { type ChangeNote, noteColumns } from "../workspaces/revision.ts";
import { deleteTags } from "../workspaces/tags-store.ts";
import { type CollectionDocument, type ParsedCollection, withIds } from "./collection.ts";

const MAX_LISTED = 10_000;
/** Everything but the document, which may be large. */
export const headColumns = {
  id: collections.id,
  workspaceId: collections.workspaceId,
  ownerId: collections.ownerId,
  updatedBy: collections.updatedBy,
  name: collections.name,
  revision: collections.revision,
  createdAt: collections.createdAt,
  updatedAt: collections.updatedAt,
};

export interface CollectionHead {
  id: string;
  workspaceId: string;
  ownerId: number;
  updatedBy: number;
  name: string;
  revision: number;
  createdAt: Date;
  updatedAt: Date;
}

export interface Collection extends CollectionHead {
  document: CollectionDocument;
}

export interface CollectionFilter {
  /** Only what this person may see; absent = everything. */
  visibleTo?: Actor;
  workspaceId?: string;
  /** Exact. */
  name?: string;
  limit?: number;
  offset?: number;
}

/** Oldest first, without documents. */
export const listCollections = (
  database: Database,
  filter: CollectionFilter = {},
): Promise<CollectionHead[]> =>
  database.db
    .select(headColumns)
    .from(collections)
    .where(matching(filter))
    .orderBy(asc(collections.createdAt), asc(collections.id))
    .limit(filter.limit ?? MAX_LISTED)
    .offset(filter.offset ?? 0);

export async function countCollections(database: Database, filter: CollectionFilter): Promise<number> {
  const [row] = await database.db.select({ total: count() }).from(collections).where(matching(filter));
  return row?.total ?? 0;
}

const matching = (filter: CollectionFilter) =>
  and(
    filter.visibleTo && isInVisibleWorkspace(filter.visibleTo, collections.workspaceId),
    filter.workspaceId === undefined ? undefined : eq(collections.workspaceId, filter.workspaceId),
    filter.name === undefined ? undefined : eq(collections.name, filter.name),
  );

export async function findCollection(database: Database, id: string): Promise<Collection | undefined> {
  const [collection] = await database.db.select().from(collections).where(eq(collections.id, id));
  return collection;
}

/** Without the document. */
export async function findCollectionHead(
  database: Database,
  id: string,
): Promise<CollectionHead | undefined> {
  const [head] = await database.db.select(headColumns).from(collections).where(eq(collections.id, id));
  return head;
}

/** What a run needs: the document, and the revision that the run then names. */
export async function loadCollectionForRun(
  database: Database,
  id: string,
): Promise<{ document: CollectionDocument; revision: number; name: string } | undefined> {
  const [collection] = await database.db
    .select({
      document: collections.document,
      revision: collections.revision,
      name: collections.name,
    })
    .from(collections)
    .where(eq(collections.id, id));
  return collection;
}

export interface NewCollection extends ParsedCollection {
  workspaceId: string;
  /** What to do when the document's own id is taken: 400 `instanceFoundError` as in Postman, or a new id. */
  onExistingId?: "refuse" | "renew";
  note?: ChangeNote;
}

/** Stores a document as it came, plus the ids that were missing; they are put into the given document. */
export async function createCollection(
  database: Database,
  actor: Actor,
  wanted: NewCollection,
): Promise<CollectionHead> {
  const first = wanted.id ?? newId();
  const created = await insertCollection(database, actor, wanted, first);
  if (created) return created;
  if (wanted.onExistingId === "renew") {
    const renewed = await insertCollection(database, actor, wanted, newId());
    if (renewed) return renewed;
  }
  throw new AppError("bad_request", "The specified item already exists.", {
    name: "instanceFoundError",
    details: { item: "collection", id: first },
  });
}

/** Undefined when the id is taken. */
const insertCollection = (database: Database, actor: Actor, wanted: NewCollection, id: string) =>
  database.db.transaction((tx) => insertCollectionIn(tx, actor, wanted, id));

/** In a transaction that makes more than the collection; undefined when the id is taken. */
export async function insertCollectionIn(
  tx: Tx,
  actor: Actor,
  wanted: NewCollection,
  id: string,
): Promise<CollectionHead | undefined> {
  const [created] = await tx
    .insert(collections)
    .values({
      id,
      workspaceId: wanted.workspaceId,
      ownerId: actor.userId,
      updatedBy: actor.userId,
      name: wanted.name,
      document: withIds(wanted.document, id),
      ...noteColumns(actor, wanted.note),
    })
    .onConflictDoNothing({ target: collections.id })
    .returning(headColumns);
  if (!created) return undefined;
  await recordAudit(tx, actor, {
    action: "collection.created",
    subjectType: "collection",
    subjectId: id,
    change: { name: created.name, workspaceId: created.workspaceId },
  });
  return created;
}

/** Replaces the document; undefined when there is no such collection, 400 when the document is another one's. */
export const replaceCollection = (
  database: Database,
  actor: Actor,
  id: string,
  parsed: Replacement,
): Promise<CollectionHead | undefined> =>
  database.db.transaction((tx) => replaceCollectionIn(tx, actor, id, parsed));

interface Replacement extends ParsedCollection {
  note?: ChangeNote;
}

/** The same in a transaction that changes more than that. */
export async function replaceCollectionIn(
  tx: Tx,
  actor: Actor,
  id: string,
  parsed: Replacement,
): Promise<CollectionHead | undefined> {
  const [before] = await tx
    .select({ name: collections.name, revision: collections.revision })
    .from(collections)
    .where(eq(collections.id, id))
    .for("update");
  const [updated] = await tx
    .update(collections)
    .set({
      name: parsed.name,
      document: withIds(parsed.document, id),
      updatedBy: actor.userId,
      ...noteColumns(actor, parsed.note),
      revision: sql`${collections.revision} + 1`,
      updatedAt: sql`now()`,
    })
    .where(eq(collections.id, id))
    .returning(headColumns);
  if (!updated) return undefined;
  if (parsed.id !== undefined && parsed.id !== id) throw mismatch();
  await recordAudit(tx, actor, {
    action: "collection.updated",
    subjectType: "collection",
    subjectId: id,
    change: changeOf(before, { name: updated.name, revision: updated.revision }),
  });
  return updated;
}

const mismatch = (): AppError =>
  new AppError(
    "bad_request",
    "The collection ID in the path does not match the collection ID in the request body.",
    { name: "collectionMismatchError" },
  );

/** What was deleted; undefined when there was nothing. Its monitors go with it. */
export const deleteCollection = (
  database: Database,
  actor: Actor,
  id: string,
  before?: BeforeDeletion,
): Promise<CollectionHead | undefined> =>
  database.db.transaction(async (tx) => {
    await before?.(tx, actor, { collectionId: id });
    return await deleteCollectionIn(tx, actor, id);
  });

/** The same in a transaction that changes more than that. */
export async function deleteCollectionIn(
  tx: Tx,
  actor: Actor,
  id: string,
): Promise<CollectionHead | undefined> {
  const [deleted] = await tx.delete(collections).where(eq(collections.id, id)).returning(headColumns);
  if (!deleted) return undefined;
  await deleteTags(tx, "collection", [id]);
  await recordAudit(tx, actor, {
    action: "collection.deleted",
    subjectType: "collection",
    subjectId: id,
    change: { name: deleted.name },
  });
  return deleted;
}
