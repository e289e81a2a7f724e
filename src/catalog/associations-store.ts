import { type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { recordAudit } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import type { Cursor } from "../lib/cursor.ts";
import { newId } from "../lib/ids.ts";
import { cursorAt, isBeyond } from "./paging.ts";
import { isoTime } from "./system-environments-store.ts";

export type Association = {
  id: string;
  /** Of the environment in its workspace. */
  environmentId: string;
  ownerId: number;
  workspaceId: string;
  associatedAt: string;
  at: string;
};

/** Environments that stand for a stage and that the actor may see, in the order in which they were added. */
export async function listAssociations(
  { db }: Database,
  actor: Actor,
  filter: {
    systemEnvironmentId: string;
    workspaceId?: string | undefined;
    limit: number;
    after?: Cursor | undefined;
  },
): Promise<{ rows: Association[]; total: number }> {
  const from = sql`
    system_environment_associations a join environments e on e.id = a.environment_id
     where a.system_environment_id = ${filter.systemEnvironmentId}
       and ${filter.workspaceId === undefined ? sql`true` : sql`e.workspace_id = ${filter.workspaceId}`}
       and ${isInVisibleWorkspace(actor, sql`e.workspace_id`) ?? sql`true`}`;
  const [rows, totals] = await Promise.all([
    db.execute<Association>(sql`
      select a.id, a.environment_id as "environmentId", e.owner_id as "ownerId", e.workspace_id as "workspaceId",
             ${isoTime(sql`a.associated_at`)} as "associatedAt", ${cursorAt(sql`a.associated_at`)} as at
        from ${from} and ${isBeyond(sql`(a.associated_at, a.id)`, filter.after)}
       order by a.associated_at, a.id limit ${filter.limit + 1}`),
    db.execute<{ total: number }>(sql`select count(*)::int as total from ${from}`),
  ]);
  return { rows: [...rows], total: totals[0]?.total ?? 0 };
}

/** Where environments are and what they stand for; those that are not there are left out. */
export async function findAssociable({ db }: Database, ids: readonly string[]): Promise<Associable[]> {
  if (ids.length === 0) return [];
  const rows = await db.execute<Associable>(sql`
    select e.id, e.owner_id as "ownerId", e.workspace_id as "workspaceId", a.id as "associationId",
           a.system_environment_id as "systemEnvironmentId"
      from environments e left join system_environment_associations a on a.environment_id = e.id
     where e.id in (${sql.join(
       ids.map((id) => sql`${id}::uuid`),
       sql`, `,
     )})`);
  return [...rows];
}

export type Associable = {
  id: string;
  ownerId: number;
  workspaceId: string;
  associationId: string | null;
  systemEnvironmentId: string | null;
};

/** Makes environments stand for a stage, instead of any other; the caller has checked rights. */
export async function associate(
  { db }: Database,
  actor: Actor,
  systemEnvironmentId: string,
  environmentIds: readonly string[],
): Promise<void> {
  if (environmentIds.length === 0) return;
  await db.transaction(async (tx) => {
    for (const environmentId of environmentIds) {
      await tx.execute(sql`
        insert into system_environment_associations (environment_id, id, system_environment_id)
        values (${environmentId}, ${newId()}, ${systemEnvironmentId})
            on conflict (environment_id) do update
               set id = excluded.id, system_environment_id = excluded.system_environment_id, associated_at = now()
             where system_environment_associations.system_environment_id <> excluded.system_environment_id`);
    }
    await recordAudit(tx, actor, {
      action: "system_environment.associated",
      subjectType: "system_environment",
      subjectId: systemEnvironmentId,
      change: { environments: [...environmentIds] },
    });
  });
}

/** Those that stood for the stage and no longer do. */
export async function dissociate(
  { db }: Database,
  actor: Actor,
  systemEnvironmentId: string,
  environmentIds: readonly string[],
): Promise<Set<string>> {
  if (environmentIds.length === 0) return new Set();
  return await db.transaction(async (tx) => {
    const removed = await tx.execute<{ id: string }>(sql`
      delete from system_environment_associations
       where system_environment_id = ${systemEnvironmentId}
         and environment_id in (${sql.join(
           environmentIds.map((id) => sql`${id}::uuid`),
           sql`, `,
         )})
      returning environment_id as id`);
    const ids = removed.map(({ id }) => id);
    if (ids.length > 0) {
      await recordAudit(tx, actor, {
        action: "system_environment.dissociated",
        subjectType: "system_environment",
        subjectId: systemEnvironmentId,
        change: { environments: ids },
      });
    }
    return new Set(ids);
  });
}

/** Whether the environment of a run stands for a stage; without a stage every run counts. */
export const isOfStage = (environmentId: SQL, systemEnvironmentId: string | undefined): SQL =>
  systemEnvironmentId === undefined
    ? sql`true`
    : sql`${environmentId} in (
        select environment_id from system_environment_associations where system_environment_id = ${systemEnvironmentId})`;
