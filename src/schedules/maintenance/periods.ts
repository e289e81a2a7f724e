import { and, eq, gt, lte, sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { maintenancePeriods, maintenanceWindows } from "../../../db/schema.ts";
import type { Actor } from "../../access/context.ts";
import { conflicting } from "../../access/fields.ts";
import { inVisibleWorkspace } from "../../access/workspace-rights.ts";
import type { MaintenanceWindow } from "./store.ts";
import { databaseNow, lockWindow, record } from "./store.ts";
import { onceBetween } from "./window.ts";

type Period = typeof maintenancePeriods.$inferSelect;

/** A window as lists show it. */
export interface ListedWindow extends MaintenanceWindow {
  workspaceName: string;
  createdByName: string;
  /** The names of the first few monitors that it names. */
  monitorNames: string[];
  /** How many monitors it is about now. */
  monitorCount: number;
  /** The period that is open; null = none. */
  current: { startsAt: Date; endsAt: Date } | null;
  /** The next one; null = none. */
  next: { startsAt: Date; endsAt: Date } | null;
  /** The last one that ended; null = none. */
  last: { startsAt: Date; endsAt: Date } | null;
}

export type WindowState = "open" | "upcoming" | "over";

const MAX_LISTED = 500;

/** The open ones first, then those that come next, then those that are over, newest first; at most 500. */
export async function listWindows(
  { sql: query }: Pick<Database, "sql">,
  actor: Actor,
  filter: { workspaceId?: string | undefined; id?: string | undefined } = {},
): Promise<ListedWindow[]> {
  const rows = await query<ListedWindow[]>`
    select w.id, w.workspace_id as "workspaceId", w.name, w.reason, w.behaviour, w.covers, w.monitor_ids as "monitorIds",
           w.tag, w.starts_at as "startsAt", w.ends_at as "endsAt", w.cron, w.timezone,
           w.duration_minutes as "durationMinutes", w.planned_until as "plannedUntil", w.created_by as "createdBy",
           w.created_at as "createdAt", w.updated_at as "updatedAt", w.deleted_at as "deletedAt",
           s.name as "workspaceName", u.name as "createdByName", coalesce(named.names, '{}') as "monitorNames",
           (select count(*)::int from monitors m where m.workspace_id = w.workspace_id
               and (w.covers = 'all' or m.id = any(w.monitor_ids) or w.tag = any(m.tags))) as "monitorCount",
           ${one(query, query`p.starts_at <= now() and p.ends_at > now()`, query`p.ends_at desc`)} as current,
           ${one(query, query`p.starts_at > now()`, query`p.starts_at`)} as next,
           ${one(query, query`p.ends_at <= now()`, query`p.ends_at desc`)} as last
      from maintenance_windows w join workspaces s on s.id = w.workspace_id join users u on u.id = w.created_by
      left join lateral (
        select array_agg(n.name) as names from (
          select m.name from monitors m where m.id = any(w.monitor_ids) order by m.name limit 3) n) named on true
     where w.deleted_at is null and ${inVisibleWorkspace(query, actor, "w.workspace_id")}
       ${filter.workspaceId === undefined ? query`` : query`and w.workspace_id = ${filter.workspaceId}`}
       ${filter.id === undefined ? query`` : query`and w.id = ${filter.id}`}
     order by (w.ends_at is null or w.ends_at > now()) desc, w.created_at desc limit ${MAX_LISTED}`;
  return rows.map(withDates).toSorted((left, right) => rankOf(left) - rankOf(right));
}

const one = (
  query: Database["sql"],
  condition: ReturnType<Database["sql"]>,
  order: ReturnType<Database["sql"]>,
) =>
  query`(select json_build_object('startsAt', p.starts_at, 'endsAt', p.ends_at) from maintenance_periods p
          where p.window_id = w.id and ${condition} order by ${order} limit 1)`;

/** Instants inside of JSON come as text. */
const withDates = (row: ListedWindow): ListedWindow => ({
  ...row,
  current: datesOf(row.current),
  next: datesOf(row.next),
  last: datesOf(row.last),
});
const datesOf = (period: ListedWindow["current"]) =>
  period && { startsAt: new Date(period.startsAt), endsAt: new Date(period.endsAt) };

export const stateOf = ({ current, next }: Pick<ListedWindow, "current" | "next">): WindowState =>
  current ? "open" : next ? "upcoming" : "over";

function rankOf(row: ListedWindow): number {
  if (row.current) return row.current.endsAt.getTime() - FAR;
  return row.next ? row.next.startsAt.getTime() : FAR - (row.last?.endsAt.getTime() ?? 0);
}
/** More than any instant in ms. */
const FAR = 1e16;

/** Ends the open period now. Undefined when there is no such window; 409 when it is not open. */
export async function endPeriod(
  { db }: Pick<Database, "db">,
  actor: Actor,
  windowId: string,
): Promise<Period | undefined> {
  return await movePeriod(db, actor, { windowId, verb: "ended", endOf: (_, now) => now });
}

/** Adds minutes to the open period. Undefined when there is no such window; 409 when it is not open, 400 beyond 31 days. */
export async function extendPeriod(
  { db }: Pick<Database, "db">,
  actor: Actor,
  { windowId, minutes }: { windowId: string; minutes: number },
): Promise<Period | undefined> {
  return await movePeriod(db, actor, {
    windowId,
    verb: "extended",
    endOf: (period, now) => {
      const endsAt = new Date(period.endsAt.getTime() + minutes * MINUTE_MS);
      return onceBetween({ kind: "once", startsAt: now, endsAt }, now).endsAt;
    },
  });
}

const MINUTE_MS = 60_000;

async function movePeriod(
  db: Database["db"],
  actor: Actor,
  change: { windowId: string; verb: string; endOf: (period: Period, now: Date) => Date },
): Promise<Period | undefined> {
  return await db.transaction(async (tx) => {
    const window = await lockWindow(tx, change.windowId);
    if (!window) return undefined;
    const [open] = await tx
      .select()
      .from(maintenancePeriods)
      .where(
        and(
          eq(maintenancePeriods.windowId, window.id),
          lte(maintenancePeriods.startsAt, sql`now()`),
          gt(maintenancePeriods.endsAt, sql`now()`),
        ),
      );
    if (!open) throw conflicting("This maintenance is not open now, so there is nothing to end or extend.");
    const endsAt = change.endOf(open, await databaseNow(tx));
    const [moved] = await tx
      .update(maintenancePeriods)
      .set({ endsAt })
      .where(eq(maintenancePeriods.id, open.id))
      .returning();
    if (window.cron === null) {
      await tx.update(maintenanceWindows).set({ endsAt }).where(eq(maintenanceWindows.id, window.id));
    }
    await record(tx, actor, {
      window,
      verb: change.verb,
      change: { endsAt: { before: open.endsAt, after: endsAt } },
    });
    return moved;
  });
}
