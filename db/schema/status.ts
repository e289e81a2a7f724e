import { sql } from "drizzle-orm";
import { boolean, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { user, users } from "./access.ts";
import { createdAt, instant, updatedAt } from "./columns.ts";
import { monitors } from "./monitors.ts";
import { inWorkspace } from "./workspaces.ts";

/** What a workspace tells people who do not sign in (`public`), or those who may read it (`private`). */
export const statusPages = pgTable(
  "status_pages",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    /** In its address, one of the whole installation. */
    slug: text("slug").notNull(),
    title: text("title").notNull(),
    description: text("description").notNull().default(""),
    visibility: text("visibility").$type<"public" | "private">().notNull(),
    /** Of its days and times. */
    timezone: text("timezone").notNull().default("UTC"),
    /** Search engines may list it. */
    indexed: boolean("indexed").notNull().default(false),
    /** A monitor that fails for so long has an incident by itself; null = never. */
    incidentAfterMinutes: integer("incident_after_minutes"),
    createdBy: user("created_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    uniqueIndex("status_pages_slug").on(table.slug),
    index("status_pages_workspace_id").on(table.workspaceId, table.title),
  ],
);

/** What stands on a page under which name. Its id is all that a stranger sees of a monitor. */
export const statusPageEntries = pgTable(
  "status_page_entries",
  {
    id: uuid("id").primaryKey(),
    statusPageId: uuid("status_page_id")
      .notNull()
      .references(() => statusPages.id, { onDelete: "cascade" }),
    monitorId: uuid("monitor_id")
      .notNull()
      .references(() => monitors.id, { onDelete: "cascade" }),
    shownName: text("shown_name").notNull(),
    /** Empty = in no group. */
    groupName: text("group_name").notNull().default(""),
    position: integer("position").notNull(),
  },
  (table) => [
    uniqueIndex("status_page_entries_monitor").on(table.statusPageId, table.monitorId),
    index("status_page_entries_monitor_id").on(table.monitorId),
  ],
);

export type IncidentState = "investigating" | "identified" | "monitoring" | "resolved";

export const statusIncidents = pgTable(
  "status_incidents",
  {
    id: uuid("id").primaryKey(),
    statusPageId: uuid("status_page_id")
      .notNull()
      .references(() => statusPages.id, { onDelete: "cascade" }),
    title: text("title").notNull(),
    /** Of its last update. */
    state: text("state").$type<IncidentState>().notNull(),
    /** Of an incident that began by itself: the monitor, and since when it failed. No reference: it outlives the monitor. */
    failingMonitorId: uuid("failing_monitor_id"),
    failingSince: instant("failing_since"),
    startedAt: instant("started_at").notNull().defaultNow(),
    resolvedAt: instant("resolved_at"),
    /** Null = it began by itself. */
    createdBy: integer("created_by").references(() => users.id),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index("status_incidents_started_at").on(table.statusPageId, table.startedAt.desc(), table.id.desc()),
    uniqueIndex("status_incidents_failure").on(
      table.statusPageId,
      table.failingMonitorId,
      table.failingSince,
    ),
    uniqueIndex("status_incidents_open_failure")
      .on(table.statusPageId, table.failingMonitorId)
      .where(sql`${table.resolvedAt} is null`),
  ],
);

export const statusIncidentUpdates = pgTable(
  "status_incident_updates",
  {
    id: uuid("id").primaryKey(),
    incidentId: uuid("incident_id")
      .notNull()
      .references(() => statusIncidents.id, { onDelete: "cascade" }),
    state: text("state").$type<IncidentState>().notNull(),
    message: text("message").notNull(),
    /** Null = nobody: what the monitor did. */
    createdBy: integer("created_by").references(() => users.id),
    createdAt: createdAt(),
  },
  (table) => [index("status_incident_updates_incident_id").on(table.incidentId, table.createdAt)],
);

/** Which entries of the page an incident is about. */
export const statusIncidentEntries = pgTable(
  "status_incident_entries",
  {
    incidentId: uuid("incident_id")
      .notNull()
      .references(() => statusIncidents.id, { onDelete: "cascade" }),
    entryId: uuid("entry_id")
      .notNull()
      .references(() => statusPageEntries.id, { onDelete: "cascade" }),
  },
  (table) => [
    primaryKey({ columns: [table.incidentId, table.entryId] }),
    index("status_incident_entries_entry_id").on(table.entryId),
  ],
);
