import { and, asc, eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { collections, specCollections, specs, type SyncOptions } from "../../db/schema.ts";
import { recordAudit } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import type { Cursor } from "../lib/cursor.ts";
import { cursorAt, cutPage, isAfter } from "./store.ts";

export type Link = typeof specCollections.$inferSelect;

/** Postman's defaults. */
export const defaultSyncOptions: SyncOptions = { syncExamples: true, deleteOrphanedRequests: false };

interface Named {
  id: string;
  name: string;
  ownerId: number;
  createdAt: Date;
  updatedAt: Date;
  createdBy: number;
  updatedBy: number;
  /** Whether where it was generated from has changed since. */
  isOutOfSync: boolean;
}

interface Page {
  limit: number;
  after: Cursor | undefined;
}

/** Collections that were generated from a specification, those that the actor sees; without documents. */
export async function listGeneratedCollections(
  database: Database,
  actor: Actor,
  specId: string,
  { limit, after }: Page,
): Promise<{ elements: Named[]; next: Cursor | undefined }> {
  const rows = await database.db
    .select({
      id: collections.id,
      name: collections.name,
      ownerId: collections.ownerId,
      createdAt: specCollections.createdAt,
      updatedAt: specCollections.updatedAt,
      createdBy: specCollections.createdBy,
      updatedBy: collections.updatedBy,
      isOutOfSync: sql<boolean>`${specs.revision} <> ${specCollections.specRevision}`,
      at: cursorAt(specCollections.createdAt),
    })
    .from(specCollections)
    .innerJoin(collections, eq(collections.id, specCollections.collectionId))
    .innerJoin(specs, eq(specs.id, specCollections.specId))
    .where(
      and(
        eq(specCollections.specId, specId),
        eq(specCollections.generated, "collection"),
        isInVisibleWorkspace(actor, collections.workspaceId),
        isAfter(specCollections.createdAt, specCollections.collectionId, after),
      ),
    )
    .orderBy(asc(specCollections.createdAt), asc(specCollections.collectionId))
    .limit(limit + 1);
  const page = cutPage(rows, limit, (row) => row.id);
  return { elements: page.rows, next: page.next };
}

/** Specifications that were generated from a collection. */
export async function listGeneratedSpecs(
  database: Database,
  actor: Actor,
  collectionId: string,
  { limit, after }: Page,
): Promise<{ elements: Named[]; next: Cursor | undefined }> {
  const rows = await database.db
    .select({
      id: specs.id,
      name: specs.name,
      ownerId: specs.ownerId,
      createdAt: specCollections.createdAt,
      updatedAt: specs.updatedAt,
      createdBy: specs.ownerId,
      updatedBy: specs.updatedBy,
      isOutOfSync: sql<boolean>`${collections.revision} <> ${specCollections.collectionRevision}`,
      at: cursorAt(specCollections.createdAt),
    })
    .from(specCollections)
    .innerJoin(specs, eq(specs.id, specCollections.specId))
    .innerJoin(collections, eq(collections.id, specCollections.collectionId))
    .where(
      and(
        eq(specCollections.collectionId, collectionId),
        eq(specCollections.generated, "spec"),
        isInVisibleWorkspace(actor, specs.workspaceId),
        isAfter(specCollections.createdAt, specCollections.specId, after),
      ),
    )
    .orderBy(asc(specCollections.createdAt), asc(specCollections.specId))
    .limit(limit + 1);
  const page = cutPage(rows, limit, (row) => row.id);
  return { elements: page.rows, next: page.next };
}

export async function findLink(
  database: Database,
  specId: string,
  collectionId: string,
): Promise<Link | undefined> {
  const [link] = await database.db.select().from(specCollections).where(isLink(specId, collectionId));
  return link;
}

const isLink = (specId: string, collectionId: string) =>
  and(eq(specCollections.specId, specId), eq(specCollections.collectionId, collectionId));

export interface NewLink {
  specId: string;
  collectionId: string;
  generated: "collection" | "spec";
  options: Record<string, unknown>;
  specRevision: number;
  collectionRevision: number;
}

/** What was generated was recorded where it was made; this is the tie between both. */
export async function createLink(database: Database, actor: Actor, link: NewLink): Promise<void> {
  await database.db.transaction(async (tx) => {
    await tx
      .insert(specCollections)
      .values({ ...link, syncOptions: defaultSyncOptions, createdBy: actor.userId });
    await recordAudit(tx, actor, {
      action: link.generated === "collection" ? "spec.collection_generated" : "collection.spec_generated",
      subjectType: link.generated === "collection" ? "spec" : "collection",
      subjectId: link.generated === "collection" ? link.specId : link.collectionId,
      change: { specId: link.specId, collectionId: link.collectionId },
    });
  });
}

/** Both are in sync at these revisions. */
export async function markInSync(
  database: Database,
  actor: Actor,
  { specId, collectionId }: Pick<Link, "specId" | "collectionId">,
  at: { specRevision: number; collectionRevision: number; changed: "spec" | "collection" },
): Promise<void> {
  const { changed, ...revisions } = at;
  await database.db.transaction(async (tx) => {
    await tx
      .update(specCollections)
      .set({ ...revisions, updatedAt: sql`now()` })
      .where(isLink(specId, collectionId));
    await recordAudit(tx, actor, {
      action: `${changed}.synchronized`,
      subjectType: changed,
      subjectId: changed === "spec" ? specId : collectionId,
      change: { specId, collectionId, ...revisions },
    });
  });
}

export async function updateSyncOptions(
  database: Database,
  actor: Actor,
  link: Link,
  change: Partial<SyncOptions>,
): Promise<SyncOptions> {
  const syncOptions = { ...link.syncOptions, ...change };
  await database.db.transaction(async (tx) => {
    await tx.update(specCollections).set({ syncOptions }).where(isLink(link.specId, link.collectionId));
    await recordAudit(tx, actor, {
      action: "spec.sync_options_updated",
      subjectType: "spec",
      subjectId: link.specId,
      change: { collectionId: link.collectionId, before: link.syncOptions, after: syncOptions },
    });
  });
  return syncOptions;
}
