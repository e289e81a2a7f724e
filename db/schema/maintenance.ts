import { sql } from "drizzle-orm";
import { boolean, check, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { user } from "./access.ts";
import { alertChannels, alertRules } from "./alerts.ts";
import { createdAt, instant, updatedAt } from "./columns.ts";
import { monitors } from "./monitors.ts";
import { inWorkspace } from "./workspaces.ts";

/** `skip`: slots are not run. `silence`: runs take place, and nobody is told how they end. */
const behaviour = () => text("behaviour").$type<"skip" | "silence">().notNull();
/** Every monitor of the workspace, those of `monitor_ids`, or those that have `tag`. */
const covers = () => text("covers").$type<"all" | "monitors" | "tag">().notNull();
const monitorIds = () => uuid("monitor_ids").array().notNull().default([]);

/** When work on something is announced: once (`starts_at`, `ends_at`), or again and again (`cron`, `duration_minutes`). */
export const maintenanceWindows = pgTable(
  "maintenance_windows",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    name: text("name").notNull(),
    reason: text("reason").notNull().default(""),
    behaviour: behaviour(),
    covers: covers(),
    monitorIds: monitorIds(),
    tag: text("tag"),
    startsAt: instant("starts_at"),
    endsAt: instant("ends_at"),
    cron: text("cron"),
    timezone: text("timezone").notNull().default("UTC"),
    durationMinutes: integer("duration_minutes"),
    /** Of a recurring one: every period that begins up to here is written. */
    plannedUntil: instant("planned_until"),
    createdBy: user("created_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    /** Its periods stay: what was left out of a report stays left out. */
    deletedAt: instant("deleted_at"),
  },
  (table) => [
    index("maintenance_windows_workspace_id").on(table.workspaceId, table.createdAt),
    index("maintenance_windows_planned")
      .on(table.plannedUntil)
      .where(sql`${table.cron} is not null and ${table.deletedAt} is null`),
    check(
      "maintenance_windows_when",
      sql`(${table.cron} is null) = (${table.startsAt} is not null and ${table.endsAt} is not null) and (${table.cron} is null) = (${table.durationMinutes} is null)`,
    ),
  ],
);

/** From when to when a window was or will be open, and for what: history does not change when the window does. */
export const maintenancePeriods = pgTable(
  "maintenance_periods",
  {
    id: uuid("id").primaryKey(),
    windowId: uuid("window_id")
      .notNull()
      .references(() => maintenanceWindows.id, { onDelete: "cascade" }),
    workspaceId: inWorkspace(),
    startsAt: instant("starts_at").notNull(),
    /** The first instant that is not in it; moved when somebody ends it early or extends it. */
    endsAt: instant("ends_at").notNull(),
    behaviour: behaviour(),
    covers: covers(),
    monitorIds: monitorIds(),
    tag: text("tag"),
  },
  (table) => [
    uniqueIndex("maintenance_periods_window_id").on(table.windowId, table.startsAt),
    index("maintenance_periods_workspace_id").on(table.workspaceId, table.endsAt),
    index("maintenance_periods_ends_at").on(table.endsAt),
  ],
);

/** Somebody does not want to be told for a while: of one monitor, or by one rule. */
export const alertMutes = pgTable(
  "alert_mutes",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    monitorId: uuid("monitor_id").references(() => monitors.id, { onDelete: "cascade" }),
    ruleId: uuid("rule_id").references(() => alertRules.id, { onDelete: "cascade" }),
    reason: text("reason").notNull().default(""),
    mutedBy: user("muted_by"),
    createdAt: createdAt(),
    /** Null = without a time, which only `until_passes` may be. */
    untilAt: instant("until_at"),
    /** Over with the next execution of the monitor that passes. */
    untilPasses: boolean("until_passes").notNull().default(false),
    /** When somebody lifted it before its time. */
    endedAt: instant("ended_at"),
  },
  (table) => [
    index("alert_mutes_monitor_id")
      .on(table.monitorId)
      .where(sql`${table.endedAt} is null`),
    index("alert_mutes_rule_id")
      .on(table.ruleId)
      .where(sql`${table.endedAt} is null`),
    index("alert_mutes_workspace_id").on(table.workspaceId, table.createdAt),
    check("alert_mutes_subject", sql`(${table.monitorId} is null) <> (${table.ruleId} is null)`),
  ],
);

/** Who gets a summary of a workspace, how often and where. */
export const summaries = pgTable(
  "summaries",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    channelId: uuid("channel_id")
      .notNull()
      .references(() => alertChannels.id, { onDelete: "cascade" }),
    period: text("period").$type<"daily" | "weekly">().notNull(),
    /** 0 to 23, in `timezone`. */
    hour: integer("hour").notNull(),
    /** 0 = Sunday; of a weekly one only. */
    weekday: integer("weekday"),
    timezone: text("timezone").notNull(),
    /** Moved only by compare-and-set, by the transaction that queues the summary. */
    nextAt: instant("next_at").notNull(),
    lastSentAt: instant("last_sent_at"),
    createdBy: user("created_by"),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("summaries_channel_id").on(table.workspaceId, table.channelId, table.period),
    index("summaries_next_at").on(table.nextAt),
  ],
);
