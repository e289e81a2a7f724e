import { and, count, desc, eq, lt, sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { collectionRevisions, collections, users } from "../../../db/schema.ts";
import type { Tx } from "../../access/audit/audit.ts";
import type { Actor } from "../../access/context.ts";
import type { RevisionHead } from "../../workspaces/revision.ts";
import { noSuchRevision, type RevisionsPage } from "../../workspaces/revisions-query.ts";
import { lockCollections, storeChange } from "../change-store.ts";
import type { CollectionDocument } from "../collection.ts";
import type { CollectionHead } from "../store.ts";

/** A document as of a revision. */
export interface CollectionRevision extends RevisionHead {
  document: CollectionDocument;
}

const current = {
  revision: collections.revision,
  name: collections.name,
  changedAt: collections.updatedAt,
  userId: users.id,
  userName: users.name,
  through: collections.changedThrough,
  message: collections.changeMessage,
};
const kept = {
  revision: collectionRevisions.revision,
  name: collectionRevisions.name,
  changedAt: collectionRevisions.changedAt,
  userId: users.id,
  userName: users.name,
  through: collectionRevisions.changedThrough,
  message: collectionRevisions.message,
};

type Row = Omit<RevisionHead, "changedBy" | "isCurrent"> & {
  userId: number | null;
  userName: string | null;
};

const toHead = ({ userId, userName, ...row }: Row, isCurrent: boolean): RevisionHead => ({
  ...row,
  changedBy: userId === null ? undefined : { id: userId, name: userName ?? "" },
  isCurrent,
});

/** Newest first, the current one included; without documents. `total` is how many are kept. */
export async function listRevisions(
  { db }: Database,
  id: string,
  { limit, before }: RevisionsPage,
): Promise<{ revisions: RevisionHead[]; next: number | undefined; total: number }> {
  const [newest] = await db
    .select(current)
    .from(collections)
    .leftJoin(users, eq(users.id, collections.updatedBy))
    .where(eq(collections.id, id));
  const isOf = eq(collectionRevisions.collectionId, id);
  const older = await db
    .select(kept)
    .from(collectionRevisions)
    .leftJoin(users, eq(users.id, collectionRevisions.changedBy))
    .where(and(isOf, before === undefined ? undefined : lt(collectionRevisions.revision, before)))
    .orderBy(desc(collectionRevisions.revision))
    .limit(limit + 1);
  const [counted] = await db.select({ total: count() }).from(collectionRevisions).where(isOf);
  const isFirst = newest !== undefined && (before === undefined || newest.revision < before);
  const found = [
    ...(isFirst ? [toHead(newest, true)] : []),
    // Between the two questions the newest may have become an older one.
    ...older.filter(({ revision }) => revision !== newest?.revision).map((row) => toHead(row, false)),
  ];
  const revisions = found.slice(0, limit);
  const next = found.length > limit ? revisions.at(-1)?.revision : undefined;
  return { revisions, next, total: (counted?.total ?? 0) + 1 };
}

/** The document as of a revision; undefined when that is not kept. */
export async function findRevision(
  database: Pick<Database, "db">,
  id: string,
  revision: number,
): Promise<CollectionRevision | undefined> {
  // The older ones first: a revision that is replaced meanwhile is in one of the two.
  const older = await findKept(database.db, id, revision);
  if (older) return older;
  const [newest] = await database.db
    .select({ ...current, document: collections.document })
    .from(collections)
    .leftJoin(users, eq(users.id, collections.updatedBy))
    .where(and(eq(collections.id, id), eq(collections.revision, revision)));
  if (!newest) return await findKept(database.db, id, revision);
  const { document, ...row } = newest;
  return { ...toHead(row, true), document };
}

async function findKept(
  db: Database["db"] | Tx,
  id: string,
  revision: number,
): Promise<CollectionRevision | undefined> {
  const [row] = await db
    .select({ ...kept, document: collectionRevisions.document })
    .from(collectionRevisions)
    .leftJoin(users, eq(users.id, collectionRevisions.changedBy))
    .where(and(eq(collectionRevisions.collectionId, id), eq(collectionRevisions.revision, revision)));
  if (!row) return undefined;
  const { document, ...head } = row;
  return { ...toHead(head, false), document };
}

/** The revision before another one that is kept; undefined for the first. */
export async function findRevisionBefore(
  { db }: Database,
  id: string,
  revision: number,
): Promise<number | undefined> {
  const [row] = await db
    .select({ revision: sql<number | null>`max(${collectionRevisions.revision})` })
    .from(collectionRevisions)
    .where(and(eq(collectionRevisions.collectionId, id), lt(collectionRevisions.revision, revision)));
  return row?.revision ?? undefined;
}

/**
 * Makes an older revision the newest again, as a revision of its own. The current one is given back as it is. Undefined when
 * the collection has gone; throws 404 for a revision that is not kept. The caller has checked the right.
 */
export const restoreRevision = (
  { db }: Database,
  actor: Actor,
  id: string,
  { revision, message }: { revision: number; message?: string | undefined },
): Promise<CollectionHead | undefined> =>
  db.transaction(async (tx) => {
    const [locked] = await lockCollections(tx, [id]);
    if (!locked) return undefined;
    if (locked.revision === revision) return locked;
    const wanted = await findKept(tx, id, revision);
    if (!wanted) throw noSuchRevision(String(revision));
    return await storeChange({ tx, id, document: wanted.document }, actor, {
      action: "collection.restored",
      subjectType: "collection",
      subjectId: id,
      change: { before: { revision: locked.revision, name: locked.name }, after: { restored: revision } },
      note: { through: "restore", message: message || `Revision ${revision} again.` },
    });
  });
