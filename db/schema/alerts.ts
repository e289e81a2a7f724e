import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";

import { user } from "./access.ts";
import { createdAt, instant, updatedAt } from "./columns.ts";
import { monitors } from "./monitors.ts";
import { inWorkspace, workspaces } from "./workspaces.ts";

export type AlertChannelKind = "email" | "slack" | "teams" | "pagerduty" | "opsgenie" | "webhook";
export type AlertCondition = "failure" | "error" | "missed" | "runner" | "latency" | "certificate";
export type AlertDeliveryKind = "firing" | "again" | "reminder" | "recovered" | "closed" | "summary" | "test";
export type AlertDeliveryStatus = "pending" | "sending" | "sent" | "failed" | "given_up" | "muted";

/** Where people are told. */
export const alertChannels = pgTable(
  "alert_channels",
  {
    id: uuid("id").primaryKey(),
    /** Null = for every workspace. */
    workspaceId: uuid("workspace_id").references(() => workspaces.id, { onDelete: "cascade" }),
    kind: text("kind").$type<AlertChannelKind>().notNull(),
    name: text("name").notNull(),
    /** Addresses, keys and secrets as JSON, encrypted. */
    sealedConfig: text("sealed_config").notNull(),
    /** What of it may be shown: recipients, or the host that is called. */
    shownTarget: text("shown_target").notNull(),
    /** Nothing is sent through one that is not, and nothing kept for later. */
    active: boolean("active").notNull().default(true),
    createdBy: user("created_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index("alert_channels_workspace_id").on(table.workspaceId, table.name)],
);

/** What people want to be told of a monitor, or of every monitor of a workspace. */
export const alertRules = pgTable(
  "alert_rules",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    /** Null = every monitor of the workspace. */
    monitorId: uuid("monitor_id").references(() => monitors.id, { onDelete: "cascade" }),
    name: text("name").notNull().default(""),
    active: boolean("active").notNull().default(true),
    /** The API failed: `quorum` runs or more of an execution did. */
    onFailure: boolean("on_failure").notNull(),
    /** A run could not tell: script, name resolution, policy, time limit. */
    onError: boolean("on_error").notNull(),
    /** A slot was missed or its runner died. */
    onMissed: boolean("on_missed").notNull(),
    /** A runner of the monitor went silent. */
    onRunner: boolean("on_runner").notNull(),
    onRecovery: boolean("on_recovery").notNull(),
    /** Every execution that fails is told, from the first; else `in_a_row` of them open the alert and are told once. */
    everyFailure: boolean("every_failure").notNull(),
    /** Executions in a row before failure, error and latency open. */
    inARow: integer("in_a_row").notNull(),
    /** Runs of one execution that must have failed; never more than it has. */
    quorum: integer("quorum").notNull(),
    /** ms; null = no limit. */
    latencyMs: integer("latency_ms"),
    /** Of a run: how long it took as a whole, the 95th percentile of its response times, or its slowest response. */
    latencyOf: text("latency_of").$type<"run" | "p95" | "slowest">(),
    /** Days before a certificate ends; null = not watched. */
    certificateDays: integer("certificate_days"),
    /** Messages of one alert, its recovery not counted; null = no limit. */
    notificationLimit: integer("notification_limit"),
    /** Minutes between reminders while an alert is open; null = none. */
    reminderMinutes: integer("reminder_minutes"),
    createdBy: user("created_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index("alert_rules_workspace_id").on(table.workspaceId, table.monitorId),
    index("alert_rules_monitor_id").on(table.monitorId),
    check("alert_rules_latency", sql`(${table.latencyMs} is null) = (${table.latencyOf} is null)`),
  ],
);

export const alertRuleChannels = pgTable(
  "alert_rule_channels",
  {
    ruleId: uuid("rule_id")
      .notNull()
      .references(() => alertRules.id, { onDelete: "cascade" }),
    channelId: uuid("channel_id")
      .notNull()
      .references(() => alertChannels.id, { onDelete: "cascade" }),
  },
  (table) => [
    primaryKey({ columns: [table.ruleId, table.channelId] }),
    index("alert_rule_channels_channel_id").on(table.channelId),
  ],
);

/**
 * Something of a monitor that a rule may have to know: written by the transaction that decided it, removed by the one that
 * evaluated it. Of one monitor they are in the order of their ids, because whoever writes one holds the monitor's row.
 */
export const alertSignals = pgTable(
  "alert_signals",
  {
    id: bigint("id", { mode: "number" }).generatedAlwaysAsIdentity().primaryKey(),
    monitorId: uuid("monitor_id")
      .notNull()
      .references(() => monitors.id, { onDelete: "cascade" }),
    /** Null: a slot that nothing was started for. */
    executionId: uuid("execution_id"),
    slotAt: instant("slot_at"),
    createdAt: createdAt(),
  },
  (table) => [index("alert_signals_monitor_id").on(table.monitorId, table.id)],
);

/**
 * How each condition of each rule stands: `ok` or `firing`. No row = it was never anything but ok. Changed only together
 * with the deliveries that the change calls for, in one transaction.
 */
export const alertStates = pgTable(
  "alert_states",
  {
    /** The monitor's own id for the recipients that stand in the monitor itself. */
    ruleId: uuid("rule_id").notNull(),
    condition: text("condition").$type<AlertCondition>().notNull(),
    /** The monitor; for `runner` the runner, or the monitor or workspace that has no healthy one left. */
    subjectId: uuid("subject_id").notNull(),
    workspaceId: inWorkspace(),
    monitorId: uuid("monitor_id").references(() => monitors.id, { onDelete: "cascade" }),
    runnerId: uuid("runner_id"),
    state: text("state").$type<"ok" | "firing">().notNull(),
    since: instant("since").notNull().defaultNow(),
    /** Executions in a row for which the condition held, whether or not they were enough to fire. */
    streak: integer("streak").notNull().default(0),
    /** Of the alert that is open, or was last; the key under which receivers know it. */
    alertId: uuid("alert_id"),
    openedByRunId: uuid("opened_by_run_id"),
    /** Messages of this alert so far. */
    sent: integer("sent").notNull().default(0),
    lastSentAt: instant("last_sent_at"),
    remindAt: instant("remind_at"),
  },
  (table) => [
    primaryKey({ columns: [table.ruleId, table.condition, table.subjectId] }),
    index("alert_states_monitor_id")
      .on(table.monitorId)
      .where(sql`${table.state} = 'firing' or ${table.streak} > 0`),
    index("alert_states_remind_at")
      .on(table.remindAt)
      .where(sql`${table.remindAt} is not null`),
    index("alert_states_workspace_id")
      .on(table.workspaceId)
      .where(sql`${table.state} = 'firing'`),
  ],
);

/**
 * What is to be sent and the log of what was. `pending` until a server takes it, `sending` while one holds its lease, then
 * `sent`, `failed` (the receiver will never take it) or `given_up` (a day of retries); `muted` was never to be sent. Its id is the key by which a
 * receiver can tell that it has it already. Of one alert and channel they are sent in the order of `position`.
 */
export const alertDeliveries = pgTable(
  "alert_deliveries",
  {
    id: uuid("id").primaryKey(),
    /** Null: the test of a channel that serves every workspace. */
    workspaceId: uuid("workspace_id").references(() => workspaces.id, { onDelete: "cascade" }),
    kind: text("kind").$type<AlertDeliveryKind>().notNull(),
    alertId: uuid("alert_id").notNull(),
    condition: text("condition").$type<AlertCondition>(),
    ruleId: uuid("rule_id"),
    monitorId: uuid("monitor_id").references(() => monitors.id, { onDelete: "cascade" }),
    runId: uuid("run_id"),
    channelId: uuid("channel_id").references(() => alertChannels.id, { onDelete: "cascade" }),
    /** E-mail addresses that stand in a monitor, instead of a channel. */
    recipients: text("recipients").array(),
    /** Who gets it, so that one that hangs can be told from the others. */
    receiver: uuid("receiver").generatedAlwaysAs(sql`coalesce(channel_id, monitor_id, alert_id)`),
    /** `AlertMessage`. */
    message: jsonb("message").$type<Record<string, unknown>>().notNull(),
    status: text("status").$type<AlertDeliveryStatus>().notNull().default("pending"),
    attempt: integer("attempt").notNull().default(0),
    /** When it may be tried; of one that is being sent, when its lease ends. */
    nextAttemptAt: instant("next_attempt_at").notNull().defaultNow(),
    position: bigint("position", { mode: "number" }).generatedAlwaysAsIdentity(),
    /** HTTP status or SMTP code of the last attempt. */
    responseStatus: integer("response_status"),
    /** What the receiver said, cut, or why it could not be reached. */
    response: text("response"),
    createdAt: createdAt(),
    endedAt: instant("ended_at"),
  },
  (table) => [
    index("alert_deliveries_due")
      .on(table.nextAttemptAt)
      .where(sql`${table.status} in ('pending', 'sending')`),
    index("alert_deliveries_open")
      .on(table.alertId, table.position)
      .where(sql`${table.status} in ('pending', 'sending')`),
    index("alert_deliveries_open_of_rule")
      .on(table.monitorId, table.ruleId, table.position)
      .where(sql`${table.status} in ('pending', 'sending')`),
    index("alert_deliveries_receiver")
      .on(table.receiver, table.position)
      .where(sql`${table.status} in ('pending', 'sending')`),
    index("alert_deliveries_workspace_id").on(table.workspaceId, table.position),
    index("alert_deliveries_monitor_id").on(table.monitorId, table.position),
    index("alert_deliveries_channel_id").on(table.channelId, table.position),
    index("alert_deliveries_created_at").on(table.createdAt),
    check("alert_deliveries_target", sql`(${table.channelId} is null) <> (${table.recipients} is null)`),
  ],
);
