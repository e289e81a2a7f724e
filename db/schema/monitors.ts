import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";

import { user } from "./access.ts";
import { createdAt, instant, updatedAt } from "./columns.ts";
import { collections, environments } from "./documents.ts";
import { inWorkspace } from "./workspaces.ts";

export interface MonitorOptions {
  strictSSL: boolean;
  followRedirects: boolean;
  /** ms; null = no limit of its own. */
  requestTimeout: number | null;
  /** ms. */
  requestDelay: number;
  /** ms. */
  runTimeout: number;
  /** ms. */
  scriptTimeout: number;
}

export type KeptMessages = "failed" | "all" | "none";

export const monitors = pgTable(
  "monitors",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    ownerId: user("owner_id"),
    name: text("name").notNull(),
    /** Where it stands in lists, such as `checkout/eu`; empty = nowhere in particular. */
    folder: text("folder").notNull().default(""),
    tags: text("tags").array().notNull().default([]),
    collectionId: uuid("collection_id")
      .notNull()
      .references(() => collections.id, { onDelete: "cascade" }),
    environmentId: uuid("environment_id").references(() => environments.id, { onDelete: "set null" }),
    active: boolean("active").notNull().default(true),
    /** Five fields; null = runs only when triggered. */
    cron: text("cron"),
    timezone: text("timezone").notNull().default("UTC"),
    /** The next slot; null when paused or without a schedule. Moved only by compare-and-set. */
    nextRunAt: instant("next_run_at"),
    overlapPolicy: text("overlap_policy").$type<"skip" | "queue">().notNull().default("skip"),
    catchUpPolicy: text("catch_up_policy").$type<"last" | "none">().notNull().default("last"),
    options: jsonb("options").$type<MonitorOptions>().notNull(),
    notifications: jsonb("notifications")
      .$type<{ onError: { email: string }[]; onFailure: { email: string }[] }>()
      .notNull(),
    notificationLimit: integer("notification_limit"),
    /** How often a run that failed or errored is run again before that is its result; null = never. */
    retryAttempts: integer("retry_attempts"),
    /** Whether a run whose instance died is run again on another: only for collections that may run twice. */
    rerunLost: boolean("rerun_lost").notNull().default(false),
    /** Of which steps headers and body are kept: of those that failed or met an error, of all, of none. */
    keepRequests: text("keep_requests").$type<KeptMessages>().notNull().default("failed"),
    keepResponses: text("keep_responses").$type<KeptMessages>().notNull().default("failed"),
    /** How long steps are kept, in days. */
    keepDays: integer("keep_days").notNull().default(30),
    /** How long runs, the ledger and hourly counts are kept, in days; steps go with their run. */
    keepRunDays: integer("keep_run_days").notNull().default(400),
    /** Executions in a row that did not pass; advanced only by the write that ended the execution. */
    failureStreak: integer("failure_streak").notNull().default(0),
    /** Outcome of the last execution that ended, and since when the monitor has had it. */
    state: text("state").$type<"passed" | "failed" | "errored" | "aborted">(),
    stateSince: instant("state_since"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index("monitors_due")
      .on(table.nextRunAt)
      .where(sql`${table.active} and ${table.nextRunAt} is not null`),
    index("monitors_workspace_id").on(table.workspaceId, table.id),
    index("monitors_collection_id").on(table.collectionId),
  ],
);

/**
 * Where a monitor runs; no row = on any healthy runner that its workspace sees. A row outlives its runner: otherwise
 * deleting the only chosen runner would send the monitor to any other network. Its slots are then missed, loudly.
 */
export const monitorRunners = pgTable(
  "monitor_runners",
  {
    monitorId: uuid("monitor_id")
      .notNull()
      .references(() => monitors.id, { onDelete: "cascade" }),
    runnerId: uuid("runner_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.monitorId, table.runnerId] })],
);

/**
 * How far retention has come with a monitor. Beside `monitors`, because the end of each run locks the row there. A
 * monitor that it has not seen yet has no row.
 */
export const monitorRetention = pgTable(
  "monitor_retention",
  {
    monitorId: uuid("monitor_id")
      .primaryKey()
      .references(() => monitors.id, { onDelete: "cascade" }),
    /** Steps of runs that were queued up to here are deleted. */
    stepsDeletedTo: instant("steps_deleted_to")
      .notNull()
      .default(sql`'epoch'`),
    lookedAt: instant("looked_at")
      .notNull()
      .default(sql`'epoch'`),
  },
  (table) => [index("monitor_retention_looked_at").on(table.lookedAt)],
);
