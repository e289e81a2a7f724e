import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  customType,
  doublePrecision,
  index,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

/**
 * Everything that is stored. Table and column names are the words of the product; instants end in `_at`,
 * units stand in the name. `migrations/*.sql` is the same design as SQL; a test compares the two.
 */

const instant = (name: string) => timestamp(name, { withTimezone: true });
const bytes = customType<{ data: Buffer }>({ dataType: () => "bytea" });
const createdAt = () => instant("created_at").notNull().defaultNow();
const updatedAt = () => instant("updated_at").notNull().defaultNow();

/** Facts about the installation: set-up token, created demo, … */
export const settings = pgTable("settings", {
  key: text("key").primaryKey(),
  value: jsonb("value").notNull(),
});

export const users = pgTable("users", {
  /** Numeric as in Postman: it is the owner part of every uid. */
  id: integer("id").primaryKey().generatedAlwaysAsIdentity({ startWith: 1000001 }),
  email: text("email").notNull().unique(),
  name: text("name").notNull(),
  passwordHash: text("password_hash").notNull(),
  role: text("role").$type<"admin" | "member">().notNull(),
  createdAt: createdAt(),
});

export const sessions = pgTable(
  "sessions",
  {
    tokenHash: text("token_hash").primaryKey(),
    userId: integer("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [index("sessions_user_id").on(table.userId)],
);

/** Sign-ins that failed or are being judged, for a quarter of an hour. */
export const signInAttempts = pgTable(
  "sign_in_attempts",
  {
    /** Hashed, because people type passwords into the wrong field. */
    emailHash: text("email_hash").notNull(),
    address: text("address").notNull(),
    at: instant("at").notNull().defaultNow(),
  },
  (table) => [
    index("sign_in_attempts_subject").on(table.emailHash, table.address),
    index("sign_in_attempts_at").on(table.at),
  ],
);

export const apiKeys = pgTable(
  "api_keys",
  {
    id: uuid("id").primaryKey(),
    userId: integer("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    keyHash: text("key_hash").notNull().unique(),
    /** First characters, so that a person can tell keys apart. */
    prefix: text("prefix").notNull(),
    /** `<area>:read` or `<area>:write`; null = everything that the owner may do. */
    scopes: text("scopes").array(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at"),
    revokedAt: instant("revoked_at"),
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [index("api_keys_user_id").on(table.userId)],
);

/** Who changed what; written in the transaction of the change. */
export const auditRecords = pgTable(
  "audit_records",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant("at").notNull().defaultNow(),
    actorId: integer("actor_id"),
    /** `session`, `api_key`, `cli`, `system`. */
    via: text("via").notNull(),
    action: text("action").notNull(),
    subjectType: text("subject_type").notNull(),
    subjectId: text("subject_id").notNull(),
    /** Before and after without secrets. */
    change: jsonb("change"),
  },
  (table) => [index("audit_records_at").on(table.at)],
);

export const workspaces = pgTable("workspaces", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  type: text("type").$type<"personal" | "team">().notNull(),
  visibility: text("visibility").notNull(),
  description: text("description"),
  about: text("about").notNull().default(""),
  createdBy: integer("created_by")
    .notNull()
    .references(() => users.id),
  updatedBy: integer("updated_by")
    .notNull()
    .references(() => users.id),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const collections = pgTable(
  "collections",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id, { onDelete: "cascade" }),
    ownerId: integer("owner_id")
      .notNull()
      .references(() => users.id),
    updatedBy: integer("updated_by")
      .notNull()
      .references(() => users.id),
    name: text("name").notNull(),
    /** `json`, not `jsonb`: keeps every key in its order. */
    document: json("document").$type<Record<string, unknown>>().notNull(),
    revision: integer("revision").notNull().default(1),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index("collections_workspace_id").on(table.workspaceId, table.name)],
);

export const environments = pgTable(
  "environments",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id, { onDelete: "cascade" }),
    ownerId: integer("owner_id")
      .notNull()
      .references(() => users.id),
    name: text("name").notNull(),
    /** The list of variables as sent, unknown keys kept; `value` of a secret is `{"$sealed": "<base64>"}`. */
    values: json("values").$type<Record<string, unknown>[]>().notNull(),
    revision: integer("revision").notNull().default(1),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index("environments_workspace_id").on(table.workspaceId, table.name)],
);

/** Variables that every run of a workspace sees; no row = none were ever set. */
export const globals = pgTable("globals", {
  workspaceId: uuid("workspace_id")
    .primaryKey()
    .references(() => workspaces.id, { onDelete: "cascade" }),
  /** As those of an environment. */
  values: json("values").$type<Record<string, unknown>[]>().notNull(),
  revision: integer("revision").notNull().default(1),
  updatedBy: integer("updated_by")
    .notNull()
    .references(() => users.id),
  updatedAt: updatedAt(),
});

export const runners = pgTable("runners", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  description: text("description").notNull().default(""),
  visibility: text("visibility").$type<"all" | "selected">().notNull(),
  keyHash: text("key_hash").notNull(),
  /** The key before the last reset; works until `previousKeyExpiresAt`. */
  previousKeyHash: text("previous_key_hash"),
  previousKeyExpiresAt: instant("previous_key_expires_at"),
  createdBy: integer("created_by")
    .notNull()
    .references(() => users.id),
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
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id, { onDelete: "cascade" }),
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
    startedAt: instant("started_at").notNull().defaultNow(),
    lastPingedAt: instant("last_pinged_at").notNull().defaultNow(),
    stoppedAt: instant("stopped_at"),
  },
  (table) => [
    uniqueIndex("runner_instances_unique_id").on(table.runnerId, table.uniqueId),
    index("runner_instances_last_pinged_at").on(table.runnerId, table.lastPingedAt),
  ],
);

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

export const monitors = pgTable(
  "monitors",
  {
    id: uuid("id").primaryKey(),
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id, { onDelete: "cascade" }),
    ownerId: integer("owner_id")
      .notNull()
      .references(() => users.id),
    name: text("name").notNull(),
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
  (table) => [primaryKey({ columns: [table.monitorId, table.slotAt] })],
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
