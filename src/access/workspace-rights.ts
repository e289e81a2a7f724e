import { type AnyColumn, eq, type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { workspaceMembers, workspaces } from "../../db/schema.ts";
import type { Tx } from "./audit/audit.ts";
import type { Actor } from "./context.ts";
import { forbidden } from "./rights.ts";

/** In a workspace: a viewer reads, an editor changes what is in it, an admin also the workspace and who is in it. */
export const workspaceRoles = ["viewer", "editor", "admin"] as const;
export type WorkspaceRole = (typeof workspaceRoles)[number];

/** Who may see a workspace without being a member, and as what. */
const roleByVisibility: Readonly<Record<string, WorkspaceRole>> = { team: "editor", public: "viewer" };
const openVisibilities = Object.keys(roleByVisibility);

/** Admins of the team have every right in every workspace: they hold the machine anyway. */
const rulesAll = (actor: Pick<Actor, "role">): boolean => actor.role === "admin";

/** The one check of what somebody may do with what is in a workspace. Throws 403 in Postman's form. */
export async function requireWorkspaceRole(
  database: { db: Database["db"] | Tx },
  actor: Actor,
  workspaceId: string,
  needed: WorkspaceRole,
): Promise<void> {
  const role = await findWorkspaceRole(database.db, actor, workspaceId);
  if (role === undefined || workspaceRoles.indexOf(role) < workspaceRoles.indexOf(needed)) {
    throw forbidden(
      role === undefined
        ? "You do not have access to this workspace."
        : `You need the role ${needed} in this workspace; you are its ${role}.`,
    );
  }
}

/** What the actor is in a workspace; undefined for nothing, and for a workspace that is not there. */
export async function findWorkspaceRole(
  db: Database["db"] | Tx,
  actor: Actor,
  workspaceId: string,
): Promise<WorkspaceRole | undefined> {
  if (rulesAll(actor)) return "admin";
  const [row] = await db.execute<{ visibility: string; role: WorkspaceRole | null }>(sql`
    select w.visibility, m.role from workspaces w
    left join workspace_members m on m.workspace_id = w.id and m.user_id = ${actor.userId}
    where w.id = ${workspaceId}::uuid`);
  return row && (row.role ?? roleByVisibility[row.visibility]);
}

/** What the actor is in each workspace, by one statement for all of them. */
export async function readRoles(
  { db }: Pick<Database, "db">,
  actor: Actor,
): Promise<(workspace: { id: string; visibility: string }) => WorkspaceRole | undefined> {
  if (rulesAll(actor)) return () => "admin";
  const own = await db
    .select({ id: workspaceMembers.workspaceId, role: workspaceMembers.role })
    .from(workspaceMembers)
    .where(eq(workspaceMembers.userId, actor.userId));
  const given = new Map(own.map(({ id, role }) => [id, role]));
  return ({ id, visibility }) => given.get(id) ?? roleByVisibility[visibility];
}

/** For lists: a condition on a column that holds the id of a workspace; undefined when the actor sees all of them. */
export function isInVisibleWorkspace(actor: Actor, workspaceId: AnyColumn | SQL): SQL | undefined {
  if (rulesAll(actor)) return undefined;
  const open = sql.join(
    openVisibilities.map((visibility) => sql`${visibility}`),
    sql`, `,
  );
  return sql`${workspaceId} in (
    select w.id from workspaces w where w.visibility in (${open})
    union all
    select m.workspace_id from workspace_members m where m.user_id = ${actor.userId})`;
}

/** The same in a statement that is written by hand; `column` as it stands there, e.g. `m.workspace_id`. */
export const inVisibleWorkspace = (client: Database["sql"], actor: Actor, column: string) =>
  rulesAll(actor)
    ? client`true`
    : client`${client(column)} in (
        select w.id from workspaces w where w.visibility = any(${client.array(openVisibilities)}::text[])
        union all
        select m.workspace_id from workspace_members m where m.user_id = ${actor.userId})`;

/** A condition on `workspaces`: the actor may change what is in it. Undefined when that is true of all of them. */
export function isEditableWorkspace(actor: Actor): SQL | undefined {
  if (rulesAll(actor)) return undefined;
  const open = Object.entries(roleByVisibility).filter(([, role]) => role !== "viewer");
  const byVisibility = sql.join(
    open.map(([visibility]) => sql`${visibility}`),
    sql`, `,
  );
  return sql`coalesce(
    (select m.role <> 'viewer' from workspace_members m
      where m.workspace_id = ${workspaces.id} and m.user_id = ${actor.userId}),
    ${workspaces.visibility} in (${byVisibility}))`;
}
