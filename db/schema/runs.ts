import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { bytes, createdAt, instant } from "./columns.ts";
import { monitors } from "./monitors.ts";

/** One firing of a monitor. */
export const executions = pgTable(
  "executions",
  {
    id: uuid("id").primaryKey(),
    monitorId: uuid("monitor_id")
      .notNull()
      .references(() => monitors.id, { onDelete: "cascade" }),
    trigger: text("trigger").$type<"scheduled" | "manual" | "cli" | "webhook" | "api">().notNull(),
    /** The due time, for scheduled ones. */
    slotAt: instant("slot_at"),
    triggeredBy: integer("triggered_by"),
    createdAt: createdAt(),
    finishedAt: instant("finished_at"),
    /** Of all its runs: the worst. */
    outcome: text("outcome").$type<"passed" | "failed" | "errored" | "aborted">(),
  },
  (table) => [
    uniqueIndex("executions_slot").on(table.monitorId, table.slotAt),
    index("executions_created_at").on(table.monitorId, table.createdAt),
    index("executions_open")
      .on(table.monitorId)
      .where(sql`${table.finishedAt} is null`),
  ],
);

/**
 * The ledger: every due time of every schedule, and how it ended. `pending` until its execution has started;
 * then exactly one of ran (first run started in time), late (started more than a minute after the slot),
 * skipped (reason overlap, paused, maintenance), missed (no runner took it while it was valid), lost (runner died).
 */
export const slots = pgTable(
  "slots",
  {
    monitorId: uuid("monitor_id")
      .notNull()
      .references(() => monitors.id, { onDelete: "cascade" }),
    slotAt: instant("slot_at").notNull(),
    status: text("status").$type<"pending" | "ran" | "late" | "skipped" | "missed" | "lost">().notNull(),
    reason: text("reason"),
    /** Slots before this one that fell into the same downtime and were folded into this row. */
    collapsed: integer("collapsed").notNull().default(0),
    executionId: uuid("execution_id"),
    /** ms from the slot to the first run's start. */
    delayMs: bigint("delay_ms", { mode: "number" }),
    decidedAt: instant("decided_at"),
  },
  (table) => [
    primaryKey({ columns: [table.monitorId, table.slotAt] }),
    index("slots_gaps")
      .on(table.monitorId, table.slotAt)
      .where(sql`${table.status} in ('skipped', 'missed', 'lost')`),
  ],
);

/** One execution on one runner. */
export const runs = pgTable(
  "runs",
  {
    id: uuid("id").primaryKey(),
    executionId: uuid("execution_id")
      .notNull()
      .references(() => executions.id, { onDelete: "cascade" }),
    monitorId: uuid("monitor_id")
      .notNull()
      .references(() => monitors.id, { onDelete: "cascade" }),
    workspaceId: uuid("workspace_id").notNull(),
    /** Null = any runner that sees the workspace; set by the claim. */
    runnerId: uuid("runner_id"),
    status: text("status").$type<"queued" | "leased" | "finished">().notNull().default("queued"),
    /** Fencing token: 0 until claimed, +1 with every claim. */
    attempt: integer("attempt").notNull().default(0),
    instanceId: uuid("instance_id"),
    /** It was queued for its runner alone; set by the claim, for when it goes back to the queue. */
    pinned: boolean("pinned").notNull().default(false),
    leaseExpiresAt: instant("lease_expires_at"),
    queuedAt: instant("queued_at").notNull().defaultNow(),
    /** Nobody may claim it later than this; then its slot is missed. */
    validUntil: instant("valid_until").notNull(),
    claimedAt: instant("claimed_at"),
    /** Of the first attempt whose result is part of the run, when there was more than one. */
    firstClaimedAt: instant("first_claimed_at"),
    finishedAt: instant("finished_at"),
    cancelRequestedAt: instant("cancel_requested_at"),
    /** Overlap policy `queue`: nobody may claim it before this execution has finished. */
    afterExecutionId: uuid("after_execution_id"),
    /** Every event up to this number is stored. */
    acknowledgedSeq: integer("acknowledged_seq").notNull().default(0),
    /** Highest stored event; above `acknowledgedSeq` only while a batch before it is missing. */
    highestSeq: integer("highest_seq").notNull().default(0),
    collectionRevision: integer("collection_revision"),
    environmentRevision: integer("environment_revision"),
    /** Of the instance, when it claimed the run. */
    runnerVersion: text("runner_version"),
    outcome: text("outcome").$type<"passed" | "failed" | "errored" | "aborted">(),
    /** `OutcomeReason` of the engine, or the server's own: runner_lost, no_runner, cancelled. */
    reason: text("reason"),
    detail: text("detail"),
    stepsPlanned: integer("steps_planned"),
    requestsTotal: integer("requests_total").notNull().default(0),
    requestsFailed: integer("requests_failed").notNull().default(0),
    assertionsTotal: integer("assertions_total").notNull().default(0),
    assertionsFailed: integer("assertions_failed").notNull().default(0),
    errorsTotal: integer("errors_total").notNull().default(0),
    responseMsTotal: doublePrecision("response_ms_total").notNull().default(0),
    responseBytesTotal: bigint("response_bytes_total", { mode: "number" }).notNull().default(0),
    durationMs: doublePrecision("duration_ms"),
  },
  (table) => [
    index("runs_queued")
      .on(table.runnerId, table.queuedAt)
      .where(sql`${table.status} = 'queued'`),
    index("runs_leased")
      .on(table.leaseExpiresAt)
      .where(sql`${table.status} = 'leased'`),
    index("runs_execution_id").on(table.executionId),
    // With outcome and duration, so that bars, uptime and percentiles are read from the index alone.
    index("runs_monitor").on(table.monitorId, table.queuedAt, table.outcome, table.durationMs),
    check("runs_finished_has_outcome", sql`(${table.status} = 'finished') = (${table.outcome} is not null)`),
  ],
);

/** Attempts of a run that were not its last: failed ones that were retried, and lost ones that were run again. */
export const runAttempts = pgTable(
  "run_attempts",
  {
    runId: uuid("run_id")
      .notNull()
      .references(() => runs.id, { onDelete: "cascade" }),
    attempt: integer("attempt").notNull(),
    outcome: text("outcome").$type<"failed" | "errored" | "lost">().notNull(),
    reason: text("reason"),
    detail: text("detail"),
    runnerId: uuid("runner_id"),
    instanceId: uuid("instance_id"),
    claimedAt: instant("claimed_at"),
    endedAt: instant("ended_at").notNull().defaultNow(),
    requestsTotal: integer("requests_total").notNull(),
    requestsFailed: integer("requests_failed").notNull(),
    assertionsTotal: integer("assertions_total").notNull(),
    assertionsFailed: integer("assertions_failed").notNull(),
    durationMs: doublePrecision("duration_ms"),
  },
  (table) => [primaryKey({ columns: [table.runId, table.attempt] })],
);

/**
 * Events of runs exactly as the runner numbered them, one row per batch that came, because a row per event
 * takes ten times the work and the space. The steps of a run are its `step_finished` events. No event is in two batches.
 */
export const runEvents = pgTable(
  "run_events",
  {
    runId: uuid("run_id")
      .notNull()
      .references(() => runs.id, { onDelete: "cascade" }),
    attempt: integer("attempt").notNull(),
    /** Lowest and highest number in the batch; between them some may be missing. */
    firstSeq: integer("first_seq").notNull(),
    lastSeq: integer("last_seq").notNull(),
    /** Finished steps in the batch. */
    steps: integer("steps").notNull(),
    /** JSON, compressed with zstd: see `packEvents`. */
    events: bytes("events").notNull(),
    /** Of its steps, as JSON; null when the batch is read as quickly, and for those of older servers. */
    heads: bytes("heads"),
    receivedAt: instant("received_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.attempt, table.firstSeq] })],
);

/** Finished runs in short, for charts and uptime over weeks; written by the statement that ends a run. */
export const runHours = pgTable(
  "run_hours",
  {
    monitorId: uuid("monitor_id")
      .notNull()
      .references(() => monitors.id, { onDelete: "cascade" }),
    /** Of `runs.queued_at`, in UTC. */
    hour: instant("hour").notNull(),
    /** All zeros for runs that no runner took. */
    runnerId: uuid("runner_id").notNull(),
    /** A histogram: the class of a run's mean response time on a scale where four steps double it; 0 without requests. */
    responseClass: integer("response_class").notNull(),
    passed: integer("passed").notNull().default(0),
    failed: integer("failed").notNull().default(0),
    errored: integer("errored").notNull().default(0),
    aborted: integer("aborted").notNull().default(0),
    /** Of the mean response times of the runs that passed or failed. */
    responseMsSum: doublePrecision("response_ms_sum").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.monitorId, table.hour, table.runnerId, table.responseClass] })],
);
