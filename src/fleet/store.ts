import { eq, sql as raw } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { runners, runnerWorkspaces } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import { updateOf } from "../access/audit/change.ts";
import type { Actor } from "../access/context.ts";
import { forbidden } from "../access/rights.ts";
import { inVisibleWorkspace } from "../access/workspace-rights.ts";
import { hashSecret, newId, newRunnerKey } from "../lib/ids.ts";
import { type Health, HEALTHY_SECONDS, healthOf, type RunnerInput } from "./runner.ts";

export interface RunnerWithHealth extends RunnerInput {
  id: string;
  health: Health;
  lastPingedAt: Date | null;
  lastReportedAt: Date | null;
  createdBy: number;
  createdByName: string;
  createdAt: Date;
  updatedAt: Date;
  workspaceNames: string[];
  /** Live ones. */
  instances: number;
  /** Of live instances, each once. */
  versions: string[];
  /** Places of all live instances together. */
  concurrency: number;
  /** Runs that it executes now. */
  running: number;
  /** Claimable runs that it could take. */
  queued: number;
  oldestQueuedSeconds: number;
  /** The key before the last reset while it still works. */
  previousKey: PreviousKey | null;
}

export interface PreviousKey {
  expiresAt: Date;
  /** Live instances that were started with it: they stop when it ends. */
  instances: number;
}

const LIMIT = 1000;

/**
 * Runners by name that the actor sees: all for an admin, for a member those that a workspace of theirs sees, and of their
 * workspaces only those that the member sees, too. `workspaceId` leaves only those that the workspace sees.
 */
export const listRunnersWithHealth = (
  database: Database,
  actor: Actor,
  filter: { workspaceId?: string } = {},
): Promise<RunnerWithHealth[]> => readRunners(database, actor, filter);

/** Undefined when there is none; 403 for one that no workspace of the actor sees. */
export async function findRunner(
  database: Database,
  actor: Actor,
  id: string,
): Promise<RunnerWithHealth | undefined> {
  const [runner] = await readRunners(database, actor, { id });
  if (runner || actor.role === "admin") return runner;
  const [hidden] = await database.sql`select 1 from runners where id = ${id}`;
  if (hidden) throw forbidden("This runner is not visible in any of your workspaces.");
  return undefined;
}

type RunnerRecord = Omit<RunnerWithHealth, "health" | "previousKey"> & {
  silentSeconds: number | null;
  previousKeyExpiresAt: Date | null;
  previousKeyInstances: number;
};

async function readRunners(
  { sql }: Database,
  actor: Actor,
  filter: { id?: string; workspaceId?: string },
): Promise<RunnerWithHealth[]> {
  const records = await sql<RunnerRecord[]>`
    select r.id, r.name, r.description, r.visibility, r.last_pinged_at as "lastPingedAt",
           r.last_reported_at as "lastReportedAt", r.created_by as "createdBy", u.name as "createdByName",
           r.created_at as "createdAt", r.updated_at as "updatedAt",
           extract(epoch from now() - r.last_pinged_at)::float8 as "silentSeconds",
           array(select w.id from runner_workspaces s join workspaces w on w.id = s.workspace_id
                  where s.runner_id = r.id and ${inVisibleWorkspace(sql, actor, "w.id")}
                  order by w.name, w.id) as "workspaceIds",
           array(select w.name from runner_workspaces s join workspaces w on w.id = s.workspace_id
                  where s.runner_id = r.id and ${inVisibleWorkspace(sql, actor, "w.id")}
                  order by w.name, w.id) as "workspaceNames",
           case when r.previous_key_expires_at > now() then r.previous_key_expires_at end as "previousKeyExpiresAt",
           i."previousKeyInstances", i.instances, i.versions, i.concurrency, q.queued, q.oldest as "oldestQueuedSeconds",
           (select count(*)::int from runs where status = 'leased' and runner_id = r.id) as running
      from runners r join users u on u.id = r.created_by
      left join lateral (
        select count(*)::int as instances, coalesce(array_agg(distinct version), '{}') as versions, coalesce(sum(concurrency), 0)::int as concurrency,
               (count(*) filter (where key_hash = r.previous_key_hash))::int as "previousKeyInstances"
          from runner_instances
         where runner_id = r.id and ${isLive(sql)}) i on true
      left join lateral (
        select count(*)::int as queued, coalesce(max(extract(epoch from now() - queued_at)), 0)::float8 as oldest
          from runs
         where status = 'queued' and valid_until > now() and (runner_id = r.id or runner_id is null)
           and (r.visibility = 'all' or workspace_id in
                 (select workspace_id from runner_workspaces s where s.runner_id = r.id))) q on true
     where ${filter.id ? sql`r.id = ${filter.id}` : sql`true`}
       and ${filter.workspaceId ? sees(sql, filter.workspaceId) : sql`true`}
       and (r.visibility = 'all' or ${actor.role === "admin"} or exists (
             select 1 from runner_workspaces v where v.runner_id = r.id and ${inVisibleWorkspace(sql, actor, "v.workspace_id")}))
     order by r.name, r.id limit ${LIMIT}`;
  return records.map(({ silentSeconds, previousKeyExpiresAt, previousKeyInstances, ...runner }) => ({
    ...runner,
    health: healthOf(silentSeconds),
    previousKey: previousKeyExpiresAt && { expiresAt: previousKeyExpiresAt, instances: previousKeyInstances },
  }));
}

const isLive = (sql: Database["sql"]) => sql`
  stopped_at is null and last_pinged_at > now() - make_interval(secs => ${HEALTHY_SECONDS})`;

const sees = (sql: Database["sql"], workspaceId: string) => sql`
  (r.visibility = 'all' or exists (
    select 1 from runner_workspaces s where s.runner_id = r.id and s.workspace_id = ${workspaceId}))`;

/** The first of these ids that no workspace has. */
export async function findUnknownWorkspace(
  { sql }: Database,
  ids: readonly string[],
): Promise<string | undefined> {
  const [row] = await sql<{ id: string }[]>`
    select id from unnest(${sql.array([...ids])}::uuid[]) as t(id)
     where not exists (select 1 from workspaces w where w.id = t.id) limit 1`;
  return row?.id;
}

/** Creates a runner; the key is in the answer and nowhere else. */
export const createRunner = (
  { db }: Database,
  actor: Actor,
  input: RunnerInput,
): Promise<{ id: string; key: string }> =>
  db.transaction(async (tx) => {
    const [id, key] = [newId(), newRunnerKey()];
    const { name, description, visibility } = input;
    const keyHash = hashSecret(key);
    await tx.insert(runners).values({ id, name, description, visibility, keyHash, createdBy: actor.userId });
    await setWorkspaces(tx, id, input);
    await record(tx, actor, "runner.created", id, { ...input });
    return { id, key };
  });

/** Changes what is given. Returns false when there is no such runner. */
export const updateRunner = (
  { db }: Database,
  actor: Actor,
  id: string,
  input: RunnerInput,
): Promise<boolean> =>
  db.transaction(async (tx) => {
    const { name, description, visibility } = input;
    const [before] = await tx.select().from(runners).where(eq(runners.id, id)).for("update");
    if (!before) return false;
    const visibleIn = await tx.select().from(runnerWorkspaces).where(eq(runnerWorkspaces.runnerId, id));
    const workspaceIds = visibleIn.map(({ workspaceId }) => workspaceId);
    await tx
      .update(runners)
      .set({ name, description, visibility, updatedAt: raw`now()` })
      .where(eq(runners.id, id));
    await setWorkspaces(tx, id, input);
    await announce(tx, id);
    await record(tx, actor, "runner.updated", id, updateOf({ ...before, workspaceIds }, input));
    return true;
  });

/**
 * Deletes a runner: its key stops working at once, the sweep ends what it was executing as lost and what waited for it
 * alone as missed. Monitors keep naming it, so that none moves to another network by itself.
 */
export const deleteRunner = (
  { db }: Database,
  actor: Actor,
  id: string,
): Promise<{ name: string } | undefined> =>
  db.transaction(async (tx) => {
    const [deleted] = await tx.delete(runners).where(eq(runners.id, id)).returning({ name: runners.name });
    if (!deleted) return undefined;
    await tx.execute(raw`update runs set valid_until = now() where status = 'queued' and runner_id = ${id}`);
    await announce(tx, id);
    await record(tx, actor, "runner.deleted", id, deleted);
    return deleted;
  });

async function setWorkspaces(tx: Tx, runnerId: string, input: RunnerInput): Promise<void> {
  await tx.delete(runnerWorkspaces).where(eq(runnerWorkspaces.runnerId, runnerId));
  if (input.visibility === "all" || input.workspaceIds.length === 0) return;
  await tx
    .insert(runnerWorkspaces)
    .values(input.workspaceIds.map((workspaceId) => ({ runnerId, workspaceId })))
    .onConflictDoNothing();
}

/** Every server forgets what it remembered of the runner. */
export const announce = (tx: Tx, id: string) => tx.execute(raw`select pg_notify('runner_changed', ${id})`);

/** A line of the audit trail about a runner. */
export const record = (
  tx: Tx,
  actor: Actor,
  action: string,
  subjectId: string,
  change?: Record<string, unknown>,
) => recordAudit(tx, actor, { action, subjectType: "runner", subjectId, ...(change && { change }) });
