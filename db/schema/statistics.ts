import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  pgTable,
  primaryKey,
  real,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { instant } from "./columns.ts";
import { monitors } from "./monitors.ts";
import { runs } from "./runs.ts";

/** Runs that have ended and are not in the statistics yet; a trigger of `runs` writes them. */
export const uncountedRuns = pgTable("uncounted_runs", { runId: uuid("run_id").notNull() });

/** Requests that a monitor has sent, under short numbers. */
export const monitorRequests = pgTable(
  "monitor_requests",
  {
    id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
    monitorId: uuid("monitor_id")
      .notNull()
      .references(() => monitors.id, { onDelete: "cascade" }),
    itemId: text("item_id").notNull(),
    /** As they were called last. */
    name: text("name").notNull(),
    folder: text("folder").notNull(),
  },
  (table) => [uniqueIndex("monitor_requests_item_id").on(table.monitorId, table.itemId)],
);

/** What the steps of a run took, without their contents; the lists are of equal length, one entry for each step. */
export const runTimings = pgTable("run_timings", {
  runId: uuid("run_id")
    .primaryKey()
    .references(() => runs.id, { onDelete: "cascade" }),
  responses: integer("responses").notNull(),
  fastestMs: doublePrecision("fastest_ms"),
  slowestMs: doublePrecision("slowest_ms"),
  /** Of `monitor_requests`. */
  requests: integer("requests").array().notNull(),
  failed: boolean("failed").array().notNull(),
  /** Null for a step without a response. */
  totalMs: real("total_ms").array().notNull(),
  dnsMs: real("dns_ms").array().notNull(),
  connectMs: real("connect_ms").array().notNull(),
  tlsMs: real("tls_ms").array().notNull(),
  firstByteMs: real("first_byte_ms").array().notNull(),
  downloadMs: real("download_ms").array().notNull(),
  bytes: bigint("bytes", { mode: "number" }).array().notNull(),
});

/** What a row is about, besides its time. */
const cellKeys = () => ({
  monitorId: uuid("monitor_id")
    .notNull()
    .references(() => monitors.id, { onDelete: "cascade" }),
  /** Of `monitor_requests`; 0 = whole runs. */
  requestId: integer("request_id").notNull(),
  /** All zeros for runs that no runner took. */
  runnerId: uuid("runner_id").notNull(),
  trigger: text("trigger").notNull(),
  /** Of the run, or of the request in it: `failed` when an assertion failed or it had an error. */
  outcome: text("outcome").notNull(),
});

/** What the statistics of hours and days have in common. */
const cellColumns = () => ({
  /** A histogram, of durations of whole runs or response times of a request: four classes double the time; 0 = no time. */
  class: integer("class").notNull(),
  /** How many times are in the class. */
  times: integer("times").notNull().default(0),
  msSum: doublePrecision("ms_sum").notNull().default(0),
  runs: integer("runs").notNull().default(0),
  steps: integer("steps").notNull().default(0),
  stepsFailed: integer("steps_failed").notNull().default(0),
  responses: integer("responses").notNull().default(0),
  responseMsSum: doublePrecision("response_ms_sum").notNull().default(0),
  /** Of single responses. */
  fastestMs: doublePrecision("fastest_ms"),
  slowestMs: doublePrecision("slowest_ms"),
  dnsMsSum: doublePrecision("dns_ms_sum").notNull().default(0),
  connectMsSum: doublePrecision("connect_ms_sum").notNull().default(0),
  tlsMsSum: doublePrecision("tls_ms_sum").notNull().default(0),
  firstByteMsSum: doublePrecision("first_byte_ms_sum").notNull().default(0),
  downloadMsSum: doublePrecision("download_ms_sum").notNull().default(0),
  bytesSum: doublePrecision("bytes_sum").notNull().default(0),
});

/** Ended runs and their steps in short, for charts and tables over weeks; counted apart from the end of a run. */
export const stepHours = pgTable(
  "step_hours",
  {
    ...cellKeys(),
    /** Of `runs.queued_at`, in UTC. */
    hour: instant("hour").notNull(),
    ...cellColumns(),
  },
  (table) => [
    primaryKey({
      columns: [
        table.monitorId,
        table.requestId,
        table.hour,
        table.runnerId,
        table.trigger,
        table.outcome,
        table.class,
      ],
    }),
  ],
);

/** The same by days, so that months are read as fast as a week. */
export const stepDays = pgTable(
  "step_days",
  {
    ...cellKeys(),
    /** Of `runs.queued_at`, in UTC. */
    day: instant("day").notNull(),
    ...cellColumns(),
  },
  (table) => [
    primaryKey({
      columns: [
        table.monitorId,
        table.requestId,
        table.day,
        table.runnerId,
        table.trigger,
        table.outcome,
        table.class,
      ],
    }),
  ],
);
