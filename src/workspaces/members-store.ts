import { and, asc, eq, inArray, isNull } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { users, workspaceMembers, workspaces } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { problem } from "../lib/errors.ts";
import { noSuchWorkspace } from "./store.ts";

export interface WorkspaceMember {
  userId: number;
  name: string;
  email: string;
  role: WorkspaceRole;
}

const MAX_LISTED = 10_000;

/** Who has a role of their own in a workspace, oldest first; whoever sees it by its visibility is not listed. */
export const listMembers = (
  { db }: { db: Database["db"] | Tx },
  workspaceId: string,
): Promise<WorkspaceMember[]> =>
  db
    .select({
      userId: users.id,
      name: users.name,
      email: users.email,
      role: workspaceMembers.role,
    })
    .from(workspaceMembers)
    .innerJoin(users, eq(users.id, workspaceMembers.userId))
    .where(and(eq(workspaceMembers.workspaceId, workspaceId), isNull(users.deactivatedAt)))
    .orderBy(asc(workspaceMembers.createdAt), asc(users.id))
    .limit(MAX_LISTED);

/** A role for somebody; null takes away the one that they have. */
export interface RoleChange {
  userId: number;
  role: WorkspaceRole | null;
}

const unprocessable = (detail: string) => problem("unprocessable", detail);

/**
 * Gives and takes roles, all of them or none. Returns the members afterwards. 404 for no such workspace, 403 for who is
 * not its admin, 422 for a personal workspace, for users who are not there, and when no admin would be left.
 */
export async function changeRoles(
  database: Database,
  actor: Actor,
  workspaceId: string,
  changes: readonly RoleChange[],
): Promise<WorkspaceMember[]> {
  const userIds = changes.map(({ userId }) => userId);
  if (new Set(userIds).size < userIds.length) {
    throw unprocessable("Only one action per user is possible in a request.");
  }
  return await database.db.transaction(async (tx) => {
    const [workspace] = await tx
      .select({ visibility: workspaces.visibility })
      .from(workspaces)
      .where(eq(workspaces.id, workspaceId))
      .for("update");
    if (!workspace) throw noSuchWorkspace();
    await requireWorkspaceRole({ db: tx }, actor, workspaceId, "admin");
    if (workspace.visibility === "personal") {
      throw unprocessable("A personal workspace is one person's alone; change its visibility first.");
    }
    await requireUsers(tx, userIds);
    const before = await listMembers({ db: tx }, workspaceId);
    for (const change of changes) await applyChange(tx, workspaceId, change);
    const after = await listMembers({ db: tx }, workspaceId);
    if (!after.some(({ role }) => role === "admin")) {
      throw unprocessable("A workspace needs an admin; make somebody else one first.");
    }
    await recordAudit(tx, actor, {
      action: "workspace.roles_changed",
      subjectType: "workspace",
      subjectId: workspaceId,
      change: { before: rolesOf(before, userIds), after: rolesOf(after, userIds) },
    });
    return after;
  });
}

async function requireUsers(tx: Tx, ids: number[]): Promise<void> {
  const found = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(inArray(users.id, ids), isNull(users.deactivatedAt)));
  const unknown = ids.find((id) => !found.some((user) => user.id === id));
  if (unknown !== undefined) throw unprocessable(`There is no user ${unknown} in the team.`);
}

async function applyChange(tx: Tx, workspaceId: string, { userId, role }: RoleChange): Promise<void> {
  if (role === null) {
    await tx
      .delete(workspaceMembers)
      .where(and(eq(workspaceMembers.workspaceId, workspaceId), eq(workspaceMembers.userId, userId)));
    return;
  }
  await tx
    .insert(workspaceMembers)
    .values({ workspaceId, userId, role })
    .onConflictDoUpdate({
      target: [workspaceMembers.workspaceId, workspaceMembers.userId],
      set: { role },
    });
}

/** Of those who were changed, by user id. */
const rolesOf = (members: WorkspaceMember[], ids: number[]) =>
  Object.fromEntries(
    members.filter(({ userId }) => ids.includes(userId)).map(({ userId, role }) => [userId, role]),
  );
