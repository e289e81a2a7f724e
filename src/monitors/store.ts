import { and, asc, eq, ne, sql, type SQL } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { collections, environments, monitors } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor, BeforeDeletion } from "../access/context.ts";
import { invalidParam } from "../access/request.ts";
import { isInVisibleWorkspace, requireWorkspaceRole } from "../access/workspace-rights.ts";
import type { Cursor } from "../lib/cursor.ts";
import { newId } from "../lib/ids.ts";
import { actionOf, changeOfMonitor, runnerIdsOf } from "./audit.ts";
import {
  defaultMonitorOptions,
  type MonitorInput,
  type MonitorNotifications,
  type NewMonitorInput,
  scheduleColumns,
} from "./monitor.ts";
import { setRunners } from "./runners-store.ts";
import { nextRunAt } from "./schedule.ts";

export type Monitor = typeof monitors.$inferSelect;

/** A monitor with what it points at. */
export interface MonitorWithReferences extends Monitor {
  collectionOwnerId: number;
  environmentOwnerId: number | null;
}

export interface MonitorFilter {
  workspaceId?: string;
  active?: boolean;
  ownerId?: number;
  collectionId?: string;
  environmentId?: string;
  after?: Cursor;
  limit: number;
}

const cursorAt = sql<string>`to_char(${monitors.createdAt} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const selectMonitors = (database: Database) =>
  database.db
    .select({
      monitor: monitors,
      collectionOwnerId: collections.ownerId,
      environmentOwnerId: environments.ownerId,
      at: cursorAt,
    })
    .from(monitors)
    .innerJoin(collections, eq(collections.id, monitors.collectionId))
    .leftJoin(environments, eq(environments.id, monitors.environmentId));

/** Those in workspaces that the actor sees, oldest first; `next` is there when the limit cut the list. */
export async function listMonitors(
  database: Database,
  actor: Actor,
  filter: MonitorFilter,
): Promise<{ monitors: MonitorWithReferences[]; next: Cursor | undefined }> {
  const equal: [SQL, unknown][] = [
    [sql`${monitors.workspaceId}`, filter.workspaceId],
    [sql`${monitors.active}`, filter.active],
    [sql`${monitors.ownerId}`, filter.ownerId],
    [sql`${monitors.collectionId}`, filter.collectionId],
    [sql`${monitors.environmentId}`, filter.environmentId],
  ];
  const conditions = equal
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => sql`${column} = ${value}`);
  if (filter.after) {
    const { at, id } = filter.after;
    // As text: the driver would turn a parameter that is an instant into a Date and cut the microseconds.
    conditions.push(sql`(${monitors.createdAt}, ${monitors.id}) > (${at}::text::timestamptz, ${id}::uuid)`);
  }
  const rows = await selectMonitors(database)
    .where(and(isInVisibleWorkspace(actor, monitors.workspaceId), ...conditions))
    .orderBy(asc(monitors.createdAt), asc(monitors.id))
    .limit(filter.limit + 1);
  const page = rows.slice(0, filter.limit);
  const last = page.at(-1);
  return {
    monitors: page.map(withReferences),
    next: rows.length > filter.limit && last ? { at: last.at, id: last.monitor.id } : undefined,
  };
}

export async function findMonitor(
  database: Database,
  id: string,
): Promise<MonitorWithReferences | undefined> {
  const [row] = await selectMonitors(database).where(eq(monitors.id, id));
  return row && withReferences(row);
}

const withReferences = (row: {
  monitor: Monitor;
  collectionOwnerId: number;
  environmentOwnerId: number | null;
}): MonitorWithReferences => ({
  ...row.monitor,
  collectionOwnerId: row.collectionOwnerId,
  environmentOwnerId: row.environmentOwnerId,
});

/** Folders in use in the workspaces that the actor sees, by name. */
export async function listFolders(
  database: Database,
  actor: Actor,
  { workspaceId }: { workspaceId?: string },
): Promise<string[]> {
  const rows = await database.db
    .selectDistinct({ folder: monitors.folder })
    .from(monitors)
    .where(
      and(
        isInVisibleWorkspace(actor, monitors.workspaceId),
        workspaceId === undefined ? undefined : eq(monitors.workspaceId, workspaceId),
        ne(monitors.folder, ""),
      ),
    )
    .orderBy(asc(monitors.folder))
    .limit(500);
  return rows.map(({ folder }) => folder);
}

/**
 * 400 when what it points at is not in the workspace, 403 for whoever may not change what is in there. Without a workspace
 * it goes to its collection's.
 */
export async function createMonitor(
  database: Database,
  actor: Actor,
  input: NewMonitorInput & { workspaceId?: string },
): Promise<Monitor> {
  return await database.db.transaction(async (tx) => {
    const workspaceId = await workspaceOfCollection(tx, input);
    await requireWorkspaceRole({ db: tx }, actor, workspaceId, "editor");
    if (input.environmentId) await requireEnvironment(tx, input.environmentId, workspaceId);
    const schedule = scheduleColumns(input.schedule ?? null, "UTC");
    const active = input.active ?? true;
    const [created] = await tx
      .insert(monitors)
      .values({
        id: newId(),
        workspaceId,
        ownerId: actor.userId,
        name: input.name,
        folder: input.folder ?? "",
        tags: input.tags ?? [],
        collectionId: input.collectionId,
        environmentId: input.environmentId ?? null,
        active,
        ...schedule,
        nextRunAt: await firstRun(tx, { timezone: "UTC", ...schedule, active }),
        options: { ...defaultMonitorOptions, ...input.options },
        ...input.kept,
        notifications: { onError: [], onFailure: [], ...input.notifications },
        notificationLimit: input.notificationLimit ?? null,
        retryAttempts: input.retryAttempts ?? null,
        rerunLost: input.rerunLost ?? false,
      })
      .returning();
    if (!created) throw new Error("insert of a monitor returned no row");
    await setRunners(tx, created, input.runnerIds ?? []);
    await recordAudit(tx, actor, {
      action: "monitor.created",
      subjectType: "monitor",
      subjectId: created.id,
      change: { ...input, workspaceId },
    });
    return created;
  });
}

/** Changes what was given; undefined when there is no such monitor. */
export async function updateMonitor(
  database: Database,
  actor: Actor,
  id: string,
  input: MonitorInput,
): Promise<Monitor | undefined> {
  return await database.db.transaction(async (tx) => {
    const [before] = await tx.select().from(monitors).where(eq(monitors.id, id)).for("update");
    if (!before) return undefined;
    const [updated] = await tx
      .update(monitors)
      .set({ ...(await changedColumns(tx, before, input)), updatedAt: sql`now()` })
      .where(eq(monitors.id, id))
      .returning();
    if (!updated) return undefined;
    const runnerIds = input.runnerIds && (await runnerIdsOf(tx, id));
    if (input.runnerIds) await setRunners(tx, updated, input.runnerIds);
    await recordAudit(tx, actor, {
      action: actionOf(before, input),
      subjectType: "monitor",
      subjectId: id,
      change: changeOfMonitor({ ...before, runnerIds }, { ...updated, runnerIds: input.runnerIds }),
    });
    return updated;
  });
}

async function changedColumns(tx: Tx, before: Monitor, input: MonitorInput) {
  const schedule = input.schedule === undefined ? {} : scheduleColumns(input.schedule, before.timezone);
  const after = { ...before, ...schedule, active: input.active ?? before.active };
  const isSameSlots =
    after.active === before.active && after.cron === before.cron && after.timezone === before.timezone;
  const notifications: MonitorNotifications = { ...before.notifications, ...input.notifications };
  return {
    name: input.name ?? before.name,
    folder: input.folder ?? before.folder,
    tags: input.tags ?? before.tags,
    active: after.active,
    ...schedule,
    // Left alone when nothing about the slots changed: a slot that is due right now must not be skipped.
    ...(!isSameSlots && { nextRunAt: await firstRun(tx, after) }),
    options: { ...before.options, ...input.options },
    ...input.kept,
    notifications,
    ...(input.notificationLimit !== undefined && { notificationLimit: input.notificationLimit }),
    ...(input.retryAttempts !== undefined && { retryAttempts: input.retryAttempts }),
    ...(input.rerunLost !== undefined && { rerunLost: input.rerunLost }),
  };
}

/** By the clock of the database, which is the one that decides when it is due. */
async function firstRun(
  tx: Tx,
  monitor: { active: boolean; cron: string | null; timezone: string },
): Promise<Date | null> {
  if (!monitor.active || monitor.cron === null) return null;
  const [row] = await tx.execute<{ now: Date }>(sql`select now() as now`);
  if (!row) throw new Error("select now() returned no row");
  return nextRunAt(monitor.cron, monitor.timezone, new Date(row.now)) ?? null;
}

async function workspaceOfCollection(
  tx: Tx,
  input: { collectionId: string; workspaceId?: string },
): Promise<string> {
  const [collection] = await tx
    .select({ workspaceId: collections.workspaceId })
    .from(collections)
    .where(eq(collections.id, input.collectionId))
    .for("key share");
  const isThere = collection && (input.workspaceId ?? collection.workspaceId) === collection.workspaceId;
  if (!isThere) throw invalidParam("collection", "the collection does not exist in this workspace");
  return collection.workspaceId;
}

async function requireEnvironment(tx: Tx, id: string, workspaceId: string): Promise<void> {
  const [environment] = await tx
    .select({ id: environments.id })
    .from(environments)
    .where(and(eq(environments.id, id), eq(environments.workspaceId, workspaceId)))
    .for("key share");
  if (!environment) throw invalidParam("environment", "the environment does not exist in this workspace");
}

/** What was deleted, with all its runs; undefined when there was nothing. */
export async function deleteMonitor(
  database: Database,
  actor: Actor,
  id: string,
  before?: BeforeDeletion,
): Promise<Monitor | undefined> {
  return await database.db.transaction(async (tx) => {
    await before?.(tx, actor, { monitorId: id });
    const [deleted] = await tx.delete(monitors).where(eq(monitors.id, id)).returning();
    if (!deleted) return undefined;
    await recordAudit(tx, actor, {
      action: "monitor.deleted",
      subjectType: "monitor",
      subjectId: id,
      change: { name: deleted.name },
    });
    return deleted;
  });
}
