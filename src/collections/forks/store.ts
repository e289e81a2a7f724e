import { and, asc, count, desc, eq, type SQL, sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { collectionForks, collections, users } from "../../../db/schema.ts";
import { recordAudit, type Tx } from "../../access/audit/audit.ts";
import type { Actor } from "../../access/context.ts";
import { isInVisibleWorkspace } from "../../access/workspace-rights.ts";
import type { Cursor } from "../../lib/cursor.ts";
import { newId } from "../../lib/ids.ts";
import { type CollectionHead, findCollection, insertCollectionIn } from "../store.ts";
import { toForkIds } from "./element-ids.ts";
import { type ForkMark, markOf } from "./marks.ts";

export type Fork = typeof collectionForks.$inferSelect;

/** Copies a collection into a workspace and remembers what both had in common; undefined when the source has gone. */
export async function createFork(
  database: Database,
  actor: Actor,
  wanted: { sourceId: string; workspaceId: string; label: string },
): Promise<{ head: CollectionHead; fork: ForkMark } | undefined> {
  const source = await findCollection(database, wanted.sourceId);
  if (!source) return undefined;
  const { document, elementIds } = toForkIds(source.document);
  const { name } = source;
  return await database.db.transaction(async (tx) => {
    const { workspaceId, label } = wanted;
    const head = await insertCollectionIn(tx, actor, { id: undefined, name, document, workspaceId }, newId());
    if (!head) throw new Error("a new id is taken");
    const [fork] = await tx
      .insert(collectionForks)
      .values({
        collectionId: head.id,
        sourceId: source.id,
        sourceOwnerId: source.ownerId,
        label,
        createdBy: actor.userId,
        base: source.document,
        sourceRevision: source.revision,
        elementIds: { ...elementIds },
      })
      .returning();
    if (!fork) throw new Error("insert of a fork returned no row");
    await recordAudit(tx, actor, {
      action: "collection.forked",
      subjectType: "collection",
      subjectId: source.id,
      change: { fork: head.id, label, workspaceId, revision: source.revision },
    });
    return { head, fork: markOf(fork) };
  });
}

export async function findFork(db: Database["db"] | Tx, collectionId: string): Promise<Fork | undefined> {
  const [fork] = await db
    .select()
    .from(collectionForks)
    .where(eq(collectionForks.collectionId, collectionId));
  return fork;
}

/** What both have in common after a merge or a pull. */
export async function storeCommonState(
  tx: Tx,
  collectionId: string,
  common: Pick<Fork, "base" | "sourceRevision" | "elementIds">,
): Promise<void> {
  await tx.update(collectionForks).set(common).where(eq(collectionForks.collectionId, collectionId));
}

export interface ListedFork {
  id: string;
  ownerId: number;
  label: string;
  sourceId: string;
  sourceOwnerId: number;
  createdAt: Date;
  createdByName: string;
}

export interface ForkFilter {
  sourceId?: string;
  createdBy?: number;
}

export interface ForkPage {
  limit: number;
  after: Cursor | undefined;
  direction: "asc" | "desc";
}

const matching = ({ sourceId, createdBy }: ForkFilter): SQL | undefined =>
  and(
    sourceId === undefined ? undefined : eq(collectionForks.sourceId, sourceId),
    createdBy === undefined ? undefined : eq(collectionForks.createdBy, createdBy),
  );

/** Those that the actor may see, by creation; `next` is there when the limit cut the list. */
export async function listForks(
  { db }: Database,
  actor: Actor,
  filter: ForkFilter,
  { limit, after, direction }: ForkPage,
): Promise<{ forks: ListedFork[]; next: Cursor | undefined }> {
  const place = sql`(${collectionForks.createdAt}, ${collectionForks.collectionId})`;
  const beyond = direction === "asc" ? sql`>` : sql`<`;
  const order = direction === "asc" ? asc : desc;
  const rows = await db
    .select({
      id: collectionForks.collectionId,
      ownerId: collections.ownerId,
      label: collectionForks.label,
      sourceId: collectionForks.sourceId,
      sourceOwnerId: collectionForks.sourceOwnerId,
      createdAt: collectionForks.createdAt,
      createdByName: users.name,
      at: sql<string>`to_char(${collectionForks.createdAt} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    })
    .from(collectionForks)
    .innerJoin(collections, eq(collections.id, collectionForks.collectionId))
    .innerJoin(users, eq(users.id, collectionForks.createdBy))
    .where(
      and(
        matching(filter),
        isInVisibleWorkspace(actor, collections.workspaceId),
        // As text: the driver would turn a parameter that is an instant into a Date and cut the microseconds.
        after && sql`${place} ${beyond} (${after.at}::text::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(order(collectionForks.createdAt), order(collectionForks.collectionId))
    .limit(limit + 1);
  const forks = rows.slice(0, limit);
  const last = forks.at(-1);
  return { forks, next: rows.length > limit && last ? { at: last.at, id: last.id } : undefined };
}

/** How many the actor may see, and how many there are besides. */
export async function countForks(
  { db }: Database,
  actor: Actor,
  filter: ForkFilter,
): Promise<{ visible: number; hidden: number }> {
  const isVisible = isInVisibleWorkspace(actor, collections.workspaceId) ?? sql`true`;
  const [row] = await db
    .select({ all: count(), visible: sql<number>`count(*) filter (where ${isVisible})`.mapWith(Number) })
    .from(collectionForks)
    .innerJoin(collections, eq(collections.id, collectionForks.collectionId))
    .where(matching(filter));
  const { all = 0, visible = 0 } = row ?? {};
  return { visible, hidden: all - visible };
}
