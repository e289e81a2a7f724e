import {
  bigint,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { user } from "./access.ts";
import { createdAt, instant, updatedAt } from "./columns.ts";
import { inWorkspace } from "./workspaces.ts";

export const runners = pgTable("runners", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  description: text("description").notNull().default(""),
  visibility: text("visibility").$type<"all" | "selected">().notNull(),
  keyHash: text("key_hash").notNull(),
  /** The key before the last reset; works until `previousKeyExpiresAt`. */
  previousKeyHash: text("previous_key_hash"),
  previousKeyExpiresAt: instant("previous_key_expires_at"),
  createdBy: user("created_by"),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  /** Last time any instance asked for work or reported; null = never. */
  lastPingedAt: instant("last_pinged_at"),
  /** Last time that an instance sent results; null = never. */
  lastReportedAt: instant("last_reported_at"),
});

export const runnerWorkspaces = pgTable(
  "runner_workspaces",
  {
    runnerId: uuid("runner_id")
      .notNull()
      .references(() => runners.id, { onDelete: "cascade" }),
    workspaceId: inWorkspace(),
  },
  (table) => [primaryKey({ columns: [table.runnerId, table.workspaceId] })],
);

export const runnerInstances = pgTable(
  "runner_instances",
  {
    id: uuid("id").primaryKey(),
    runnerId: uuid("runner_id")
      .notNull()
      .references(() => runners.id, { onDelete: "cascade" }),
    uniqueId: text("unique_id").notNull(),
    hostname: text("hostname").notNull(),
    version: text("version").notNull(),
    osType: text("os_type").notNull(),
    concurrency: integer("concurrency").notNull(),
    publicKey: text("public_key").notNull(),
    /** Of the runner's keys, the one that this process was started with; null = not seen since the column exists. */
    keyHash: text("key_hash"),
    /** Version that it spoke last; null as above. */
    protocol: integer("protocol"),
    /** A person wants it to finish its runs and end; it gets no new ones. */
    drainRequestedAt: instant("drain_requested_at"),
    /** When it reported its boot self-test; null = it has not, or is too old to have one. */
    selfTestAt: instant("self_test_at"),
    /** What went wrong in it, one sentence; null = nothing. */
    selfTestFailure: text("self_test_failure"),
    /** Instance's clock minus ours at its last sign of life, for display only. */
    clockSkewMs: integer("clock_skew_ms").notNull().default(0),
    /** Of its processors, at its last heartbeat: 0 to 1; null = it does not tell. */
    cpuShare: doublePrecision("cpu_share"),
    /** Resident memory, its script processes included; null as above. */
    memoryBytes: bigint("memory_bytes", { mode: "number" }),
    startedAt: instant("started_at").notNull().defaultNow(),
    lastPingedAt: instant("last_pinged_at").notNull().defaultNow(),
    stoppedAt: instant("stopped_at"),
  },
  (table) => [
    uniqueIndex("runner_instances_unique_id").on(table.runnerId, table.uniqueId),
    index("runner_instances_last_pinged_at").on(table.runnerId, table.lastPingedAt),
  ],
);

/** How busy a runner was, one row a minute; kept for a month. */
export const fleetSamples = pgTable(
  "fleet_samples",
  {
    runnerId: uuid("runner_id")
      .notNull()
      .references(() => runners.id, { onDelete: "cascade" }),
    /** A whole minute. */
    sampledAt: instant("sampled_at").notNull(),
    /** Runs that it could have taken. */
    queued: integer("queued").notNull(),
    oldestQueuedSeconds: doublePrecision("oldest_queued_seconds").notNull(),
    /** Runs that it executed. */
    running: integer("running").notNull(),
    /** Places of its live instances together. */
    concurrency: integer("concurrency").notNull(),
    instances: integer("instances").notNull(),
    /** Of its busiest instance, 0 to 1; null = none tells. */
    cpuShare: doublePrecision("cpu_share"),
    /** Of its largest instance; null as above. */
    memoryBytes: bigint("memory_bytes", { mode: "number" }),
  },
  (table) => [
    primaryKey({ columns: [table.runnerId, table.sampledAt] }),
    index("fleet_samples_sampled_at").on(table.sampledAt),
  ],
);
