import { and, desc, eq, inArray, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { users, workspaceUpdates } from "../../db/schema.ts";
import { recordAudit } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";

type Row = typeof workspaceUpdates.$inferSelect;

/** News of a workspace with who wrote it. */
export interface WorkspaceUpdate extends Row {
  author: { id: number; name: string; email: string };
}

export interface UpdateInput {
  topic: string;
  /** Markdown. */
  description: string;
  category: string;
  isPinned?: boolean | undefined;
  relatedResources?: { resource: string; resourceId: string }[] | undefined;
}

/** Place in the list: pinned ones come first, then the newest. */
export interface UpdatePlace {
  isPinned: boolean;
  id: number;
}

const author = { id: users.id, name: users.name, email: users.email };

/** Pinned first, then newest first; `next` is there when the limit cut the list. */
export async function listUpdates(
  { db }: Database,
  workspaceId: string,
  filter: { categories?: string[] | undefined; after?: UpdatePlace | undefined; limit: number },
): Promise<{ updates: WorkspaceUpdate[]; next: UpdatePlace | undefined }> {
  const { categories, after, limit } = filter;
  const rows = await db
    .select({ update: workspaceUpdates, author })
    .from(workspaceUpdates)
    .innerJoin(users, eq(users.id, workspaceUpdates.createdBy))
    .where(
      and(
        eq(workspaceUpdates.workspaceId, workspaceId),
        categories && inArray(workspaceUpdates.category, categories),
        after &&
          sql`(${workspaceUpdates.isPinned}, ${workspaceUpdates.id}) < (${after.isPinned}::boolean, ${after.id}::int)`,
      ),
    )
    .orderBy(desc(workspaceUpdates.isPinned), desc(workspaceUpdates.id))
    .limit(limit + 1);
  const updates = rows.slice(0, limit).map((row) => ({ ...row.update, author: row.author }));
  const last = updates.at(-1);
  return {
    updates,
    next: rows.length > limit && last ? { isPinned: last.isPinned, id: last.id } : undefined,
  };
}

export async function findUpdate(
  { db }: Database,
  workspaceId: string,
  id: number,
): Promise<WorkspaceUpdate | undefined> {
  const [row] = await db
    .select({ update: workspaceUpdates, author })
    .from(workspaceUpdates)
    .innerJoin(users, eq(users.id, workspaceUpdates.createdBy))
    .where(and(eq(workspaceUpdates.workspaceId, workspaceId), eq(workspaceUpdates.id, id)));
  return row && { ...row.update, author: row.author };
}

export async function createUpdate(
  { db }: Database,
  actor: Actor,
  workspaceId: string,
  { relatedResources = [], isPinned = false, ...input }: UpdateInput,
): Promise<Row> {
  return await db.transaction(async (tx) => {
    const [created] = await tx
      .insert(workspaceUpdates)
      .values({
        workspaceId,
        createdBy: actor.userId,
        updatedBy: actor.userId,
        relatedResources,
        isPinned,
        ...input,
      })
      .returning();
    if (!created) throw new Error("insert of an update returned no row");
    await recordAudit(tx, actor, {
      action: "workspace_update.created",
      subjectType: "workspace_update",
      subjectId: String(created.id),
      change: { after: shown(created) },
      workspaceId,
    });
    return created;
  });
}

/** Changes what was given; undefined when there is no such update in the workspace. */
export async function changeUpdate(
  { db }: Database,
  actor: Actor,
  { workspaceId, id }: { workspaceId: string; id: number },
  change: Partial<UpdateInput>,
): Promise<Row | undefined> {
  return await db.transaction(async (tx) => {
    const ofWorkspace = and(eq(workspaceUpdates.workspaceId, workspaceId), eq(workspaceUpdates.id, id));
    const [before] = await tx.select().from(workspaceUpdates).where(ofWorkspace).for("update");
    if (!before) return undefined;
    const [after] = await tx
      .update(workspaceUpdates)
      .set({ ...change, updatedBy: actor.userId, updatedAt: sql`now()` })
      .where(ofWorkspace)
      .returning();
    if (!after) throw new Error("update of a locked row returned none");
    await recordAudit(tx, actor, {
      action: "workspace_update.updated",
      subjectType: "workspace_update",
      subjectId: String(id),
      change: { before: shown(before), after: shown(after) },
      workspaceId,
    });
    return after;
  });
}

/** False when there is no such update in the workspace. */
export async function deleteUpdate(
  { db }: Database,
  actor: Actor,
  { workspaceId, id }: { workspaceId: string; id: number },
): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const [deleted] = await tx
      .delete(workspaceUpdates)
      .where(and(eq(workspaceUpdates.workspaceId, workspaceId), eq(workspaceUpdates.id, id)))
      .returning();
    if (!deleted) return false;
    await recordAudit(tx, actor, {
      action: "workspace_update.deleted",
      subjectType: "workspace_update",
      subjectId: String(id),
      change: { before: shown(deleted) },
      workspaceId,
    });
    return true;
  });
}

/** In the audit trail: its head, not its text. */
const shown = ({ topic, category, isPinned }: Row) => ({ topic, category, isPinned });
