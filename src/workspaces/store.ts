import { and, asc, eq, type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { workspaceMembers, workspaces } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import { updateOf } from "../access/audit/change.ts";
import type { Actor, BeforeDeletion } from "../access/context.ts";
import { paramMissing } from "../access/request.ts";
import {
  isEditableWorkspace,
  isInVisibleWorkspace,
  requireWorkspaceRole,
  type WorkspaceRole,
} from "../access/workspace-rights.ts";
import type { Cursor } from "../lib/cursor.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid, newId } from "../lib/ids.ts";
import { deleteTagsIn } from "./tags-store.ts";
import type { Visibility, WorkspaceInput } from "./workspace.ts";

export type Workspace = typeof workspaces.$inferSelect;

const MAX_LISTED = 10_000;

export interface WorkspaceFilter {
  visibility?: Visibility;
  createdBy?: number;
  collectionId?: string;
  specId?: string;
  /** Page: this many, after that workspace. */
  limit?: number;
  after?: Cursor;
}

const cursorAt = sql<string>`to_char(${workspaces.createdAt} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Those that the actor may see, oldest first; `next` is there when a limit cut the list. */
export async function listWorkspaces(
  database: Database,
  actor: Actor,
  filter: WorkspaceFilter = {},
): Promise<{ workspaces: Workspace[]; next: Cursor | undefined }> {
  const limit = filter.limit ?? MAX_LISTED;
  const conditions: (SQL | undefined)[] = [
    isInVisibleWorkspace(actor, workspaces.id),
    filter.visibility && eq(workspaces.visibility, filter.visibility),
    filter.createdBy === undefined ? undefined : eq(workspaces.createdBy, filter.createdBy),
    filter.collectionId &&
      sql`${workspaces.id} in (select workspace_id from collections where id = ${filter.collectionId})`,
    filter.specId && sql`${workspaces.id} in (select workspace_id from specs where id = ${filter.specId})`,
    // As text: the driver would turn a parameter that is an instant into a Date and cut the microseconds.
    filter.after &&
      sql`(${workspaces.createdAt}, ${workspaces.id}) > (${filter.after.at}::text::timestamptz, ${filter.after.id}::uuid)`,
  ].filter((condition) => typeof condition === "object");
  const rows = await database.db
    .select({ workspace: workspaces, at: cursorAt })
    .from(workspaces)
    .where(and(...conditions))
    .orderBy(asc(workspaces.createdAt), asc(workspaces.id))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    workspaces: page.map((row) => row.workspace),
    next: rows.length > limit && last ? { at: last.at, id: last.workspace.id } : undefined,
  };
}

export async function findWorkspace(database: Database, id: string): Promise<Workspace | undefined> {
  if (!isUuid(id)) return undefined;
  const [workspace] = await database.db.select().from(workspaces).where(eq(workspaces.id, id));
  return workspace;
}

/** A workspace in which the actor has the role: 404 for none, or what `notFound` says; 403 without the role. */
export async function requireWorkspace(
  database: Database,
  actor: Actor,
  {
    id,
    needed,
    notFound = noSuchWorkspace,
  }: { id: string; needed: WorkspaceRole; notFound?: () => AppError },
): Promise<Workspace> {
  const workspace = await findWorkspace(database, id);
  if (!workspace) throw notFound();
  await requireWorkspaceRole(database, actor, workspace.id, needed);
  return workspace;
}

export const noSuchWorkspace = (): AppError =>
  new AppError("not_found", "The specified workspace does not exist.", { name: "instanceNotFoundError" });

/** The actor becomes its admin. */
export async function createWorkspace(
  database: Database,
  actor: Actor,
  input: WorkspaceInput & { name: string; type: Visibility },
): Promise<Workspace> {
  return await database.db.transaction(async (tx) => {
    const [created] = await tx
      .insert(workspaces)
      .values({
        id: newId(),
        name: input.name,
        ...kindOf(input.type),
        description: input.description ?? null,
        about: input.about ?? "",
        createdBy: actor.userId,
        updatedBy: actor.userId,
      })
      .returning();
    if (!created) throw new Error("insert of a workspace returned no row");
    // Whoever made it rules it, also when nobody else is to see it.
    await tx
      .insert(workspaceMembers)
      .values({ workspaceId: created.id, userId: actor.userId, role: "admin" as const });
    await recordAudit(tx, actor, {
      action: "workspace.created",
      subjectType: "workspace",
      subjectId: created.id,
      change: { name: created.name, visibility: created.visibility },
    });
    return created;
  });
}

/** Changes what was given; undefined when there is no such workspace, 403 for whoever is not its admin. */
export async function updateWorkspace(
  database: Database,
  actor: Actor,
  id: string,
  input: WorkspaceInput,
): Promise<Workspace | undefined> {
  const { type, ...rest } = input;
  return await database.db.transaction(async (tx) => {
    const before = await lockForChange(tx, actor, id);
    if (!before) return undefined;
    const [updated] = await tx
      .update(workspaces)
      .set({ ...rest, ...(type && kindOf(type)), updatedBy: actor.userId, updatedAt: sql`now()` })
      .where(eq(workspaces.id, id))
      .returning();
    if (!updated) return undefined;
    if (type === "personal") await leaveToOwner(tx, updated);
    const { name, visibility, description, about } = before;
    await recordAudit(tx, actor, {
      action: "workspace.updated",
      subjectType: "workspace",
      subjectId: id,
      change: updateOf({ name, type: visibility, description, about }, input),
    });
    return updated;
  });
}

/** Undefined when it is not there; 403 for whoever is not its admin. */
async function lockForChange(tx: Tx, actor: Actor, id: string): Promise<Workspace | undefined> {
  if (!isUuid(id)) return undefined;
  const [workspace] = await tx.select().from(workspaces).where(eq(workspaces.id, id)).for("update");
  if (workspace) await requireWorkspaceRole({ db: tx }, actor, workspace.id, "admin");
  return workspace;
}

/** A personal workspace is its maker's alone. */
async function leaveToOwner(tx: Tx, { id, createdBy }: Workspace): Promise<void> {
  await tx.delete(workspaceMembers).where(eq(workspaceMembers.workspaceId, id));
  await tx.insert(workspaceMembers).values({ workspaceId: id, userId: createdBy, role: "admin" as const });
}

/** Deletes it with everything in it; false when there is no such workspace, 403 for whoever is not its admin. */
export async function deleteWorkspace(
  database: Database,
  actor: Actor,
  id: string,
  before?: BeforeDeletion,
): Promise<boolean> {
  return await database.db.transaction(async (tx) => {
    if (isUuid(id)) await before?.(tx, actor, { workspaceId: id });
    const workspace = await lockForChange(tx, actor, id);
    if (!workspace) return false;
    await deleteTagsIn(tx, workspace.id);
    await tx.delete(workspaces).where(eq(workspaces.id, id));
    await recordAudit(tx, actor, {
      action: "workspace.deleted",
      subjectType: "workspace",
      subjectId: id,
      change: { name: workspace.name },
    });
    return true;
  });
}

/**
 * Where something new goes: the workspace that was named (404 when there is none, 403 when the actor may not change what
 * is in it), else the oldest one of the actor's own, else the oldest that the actor may change. 400 when there is none.
 */
export async function resolveWorkspaceId(
  database: Database,
  actor: Actor,
  wanted: string | undefined,
): Promise<string> {
  if (wanted !== undefined && wanted !== "") {
    return (await requireWorkspace(database, actor, { id: wanted, needed: "editor" })).id;
  }
  const own = await findOwnWorkspaceId(database, actor);
  if (own === undefined) throw paramMissing("workspace");
  return own;
}

/** The oldest one of the actor's own, else the oldest that the actor may change. */
export async function findOwnWorkspaceId(database: Database, actor: Actor): Promise<string | undefined> {
  const [own] = await database.db
    .select({ id: workspaces.id })
    .from(workspaces)
    .where(isEditableWorkspace(actor))
    .orderBy(sql`${workspaces.createdBy} = ${actor.userId} desc`, asc(workspaces.createdAt))
    .limit(1);
  return own?.id;
}

/** Postman knows two types; the rest is visibility. */
const kindOf = (type: Visibility) => ({
  type: type === "personal" ? ("personal" as const) : ("team" as const),
  visibility: type,
});
