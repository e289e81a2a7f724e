import { and, eq, gt, inArray, isNull, sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { maintenancePeriods, maintenanceWindows, monitors } from "../../../db/schema.ts";
import { recordAudit, type Tx } from "../../access/audit/audit.ts";
import { changeOf } from "../../access/audit/change.ts";
import type { Actor } from "../../access/context.ts";
import { conflicting, wrongField } from "../../access/fields.ts";
import { newId } from "../../lib/ids.ts";
import { onceBetween, type Period, planPeriods, type Subject, type When } from "./window.ts";

export type MaintenanceWindow = typeof maintenanceWindows.$inferSelect;

export interface WindowInput {
  name: string;
  reason: string;
  behaviour: "skip" | "silence";
  subject: Subject;
  when: When;
}

/** A window and the periods in which it is open. 400 when it names a monitor that is not in the workspace. */
export async function createWindow(
  { db }: Pick<Database, "db">,
  actor: Actor,
  { workspaceId, subject, when, ...words }: WindowInput & { workspaceId: string },
): Promise<MaintenanceWindow> {
  return await db.transaction(async (tx) => {
    await requireMonitors(tx, workspaceId, subject);
    const { columns, periods } = plan(when, await databaseNow(tx));
    const values = { id: newId(), workspaceId, ...words, ...subject, ...columns, createdBy: actor.userId };
    const [created] = await tx.insert(maintenanceWindows).values(values).returning();
    if (!created) throw new Error("insert of a maintenance window returned no row");
    await insertPeriods(tx, created, periods);
    await record(tx, actor, { window: created, verb: "created", change: { ...words, ...subject, ...when } });
    return created;
  });
}

/**
 * Changes what was given. The period that is open goes on as it is when the window is recurring; one of a single window is
 * changed with it. Undefined when there is no such window; 409 when its only period is over.
 */
export async function updateWindow(
  { db }: Pick<Database, "db">,
  actor: Actor,
  id: string,
  input: Partial<WindowInput>,
): Promise<MaintenanceWindow | undefined> {
  return await db.transaction(async (tx) => {
    const before = await lockWindow(tx, id);
    if (!before) return undefined;
    if (input.subject) await requireMonitors(tx, before.workspaceId, input.subject);
    const now = await databaseNow(tx);
    if (before.endsAt && before.endsAt <= now) {
      throw conflicting("This maintenance is over and cannot be changed: make a new one.");
    }
    const { subject, when, ...words } = input;
    const isOpen = before.startsAt !== null && before.startsAt <= now;
    const { columns, periods } = plan(keepStart(when ?? whenOfRow(before), before, now), now, isOpen);
    const [updated] = await tx
      .update(maintenanceWindows)
      .set({ ...words, ...subject, ...columns, updatedAt: sql`now()` })
      .where(eq(maintenanceWindows.id, id))
      .returning();
    if (!updated) return undefined;
    await replacePeriods(tx, updated, { periods, isOpen });
    await record(tx, actor, {
      window: updated,
      verb: "updated",
      change: changeOf(wordsOf(before), wordsOf(updated)),
    });
    return updated;
  });
}

/** An open single window keeps its start, whatever the form says. */
function keepStart(when: When, before: MaintenanceWindow, now: Date): When {
  if (when.kind !== "once" || before.startsAt === null) return when;
  if (before.startsAt > now) return { ...when, startsAt: when.startsAt ?? before.startsAt };
  return { ...when, startsAt: before.startsAt };
}

const whenOfRow = (row: MaintenanceWindow): When =>
  row.cron !== null && row.durationMinutes !== null
    ? { kind: "recurring", cron: row.cron, timezone: row.timezone, durationMinutes: row.durationMinutes }
    : { kind: "once", startsAt: row.startsAt ?? undefined, endsAt: row.endsAt ?? new Date(0) };

/** Columns and periods of when; `isOpen` says that its start lies in the past rightly. */
function plan(when: When, now: Date, isOpen = false) {
  if (when.kind === "once") {
    const period =
      isOpen && when.startsAt
        ? onceBetween({ ...when, startsAt: now }, now) && { startsAt: when.startsAt, endsAt: when.endsAt }
        : onceBetween(when, now);
    return {
      columns: { ...period, cron: null, durationMinutes: null, plannedUntil: null },
      periods: [period],
    };
  }
  const { cron, timezone, durationMinutes } = when;
  const { periods, plannedUntil } = planPeriods(when, { after: now, now });
  return {
    columns: { cron, timezone, durationMinutes, plannedUntil, startsAt: null, endsAt: null },
    periods,
  };
}

async function insertPeriods(tx: Tx, window: MaintenanceWindow, periods: readonly Period[]): Promise<void> {
  if (periods.length === 0) return;
  await tx
    .insert(maintenancePeriods)
    .values(periods.map((period) => ({ id: newId(), ...period, ...inherited(window) })))
    .onConflictDoNothing();
}

const inherited = ({ id, workspaceId, behaviour, covers, monitorIds, tag }: MaintenanceWindow) => ({
  windowId: id,
  workspaceId,
  behaviour,
  covers,
  monitorIds,
  tag,
});

/** What has not begun is written anew; what is over stays. */
async function replacePeriods(
  tx: Tx,
  window: MaintenanceWindow,
  { periods, isOpen }: { periods: readonly Period[]; isOpen: boolean },
): Promise<void> {
  const ofWindow = eq(maintenancePeriods.windowId, window.id);
  await tx.delete(maintenancePeriods).where(and(ofWindow, gt(maintenancePeriods.startsAt, sql`now()`)));
  const [period] = periods;
  if (isOpen && window.cron === null && period) {
    await tx
      .update(maintenancePeriods)
      .set({ ...inherited(window), endsAt: period.endsAt })
      .where(ofWindow);
    return;
  }
  if (isOpen) {
    // A single window that became a recurring one: what began ends here.
    await tx
      .update(maintenancePeriods)
      .set({ endsAt: sql`now()` })
      .where(and(ofWindow, gt(maintenancePeriods.endsAt, sql`now()`)));
  }
  await insertPeriods(tx, window, periods);
}

/** It ends now, and will not open again; its history stays. Undefined when there is no such window. */
export async function deleteWindow(
  { db }: Pick<Database, "db">,
  actor: Actor,
  id: string,
): Promise<MaintenanceWindow | undefined> {
  return await db.transaction(async (tx) => {
    const window = await lockWindow(tx, id);
    if (!window) return undefined;
    await tx
      .update(maintenanceWindows)
      .set({ deletedAt: sql`now()` })
      .where(eq(maintenanceWindows.id, id));
    const ofWindow = eq(maintenancePeriods.windowId, id);
    await tx.delete(maintenancePeriods).where(and(ofWindow, gt(maintenancePeriods.startsAt, sql`now()`)));
    await tx
      .update(maintenancePeriods)
      .set({ endsAt: sql`now()` })
      .where(and(ofWindow, gt(maintenancePeriods.endsAt, sql`now()`)));
    await record(tx, actor, { window, verb: "deleted", change: { name: window.name } });
    return window;
  });
}

/** Undefined for one that is not there or was deleted. */
export async function findWindow(
  { db }: { db: Database["db"] | Tx },
  id: string,
): Promise<MaintenanceWindow | undefined> {
  const [found] = await db
    .select()
    .from(maintenanceWindows)
    .where(and(eq(maintenanceWindows.id, id), isNull(maintenanceWindows.deletedAt)));
  return found;
}

export async function lockWindow(tx: Tx, id: string): Promise<MaintenanceWindow | undefined> {
  const [found] = await tx
    .select()
    .from(maintenanceWindows)
    .where(and(eq(maintenanceWindows.id, id), isNull(maintenanceWindows.deletedAt)))
    .for("update");
  return found;
}

async function requireMonitors(tx: Tx, workspaceId: string, { covers, monitorIds }: Subject): Promise<void> {
  if (covers !== "monitors") return;
  const found = await tx
    .select({ id: monitors.id })
    .from(monitors)
    .where(and(eq(monitors.workspaceId, workspaceId), inArray(monitors.id, monitorIds)));
  const absent = monitorIds.find((id) => !found.some((monitor) => monitor.id === id));
  if (absent) throw wrongField("monitors", `The monitor ${absent} is not in this workspace: choose others.`);
}

/** The clock of the database is the one that slots are fired by. */
export async function databaseNow(tx: Tx): Promise<Date> {
  const [row] = await tx.execute<{ now: Date }>(sql`select now() as now`);
  if (!row) throw new Error("select now() returned no row");
  return new Date(row.now);
}

const wordsOf = ({ name, reason, behaviour, covers, monitorIds, tag, ...row }: MaintenanceWindow) => ({
  name,
  reason,
  behaviour,
  covers,
  monitorIds,
  tag,
  startsAt: row.startsAt,
  endsAt: row.endsAt,
  cron: row.cron,
  timezone: row.timezone,
  durationMinutes: row.durationMinutes,
});

/** One line of the audit trail about a window. */
export const record = (
  tx: Tx,
  actor: Actor,
  entry: { window: MaintenanceWindow; verb: string; change: Record<string, unknown> },
): Promise<void> =>
  recordAudit(tx, actor, {
    action: `maintenance.${entry.verb}`,
    subjectType: "maintenance",
    subjectId: entry.window.id,
    workspaceId: entry.window.workspaceId,
    change: entry.change,
  });
