import { z } from "zod";

import type {
  AlertChannelKind,
  AlertCondition,
  AlertDeliveryKind,
  AlertDeliveryStatus,
} from "../../db/schema.ts";
import { AppError } from "../lib/errors.ts";
import type { AlertMessage } from "./message.ts";

export type { AlertChannelKind, AlertCondition, AlertDeliveryKind, AlertDeliveryStatus };

/**
 * Alerts: who is told when an outcome changes. Words and shapes that evaluation, senders, API and pages share; no IO.
 *
 * A rule watches one monitor, or every monitor of a workspace, for conditions. Each condition of a rule has a state per
 * monitor, `ok` or `firing`; when it changes, messages go to the rule's channels. The e-mail addresses that stand in a
 * monitor, as in Postman, are a rule of their own whose id is that of the monitor.
 */

/**
 * `failure`: the API failed, in `quorum` runs of an execution or more. `error`: no run could tell (script, name
 * resolution, policy, time limit). `missed`: a slot was missed, or its runner died. `runner`: a runner of the monitor is
 * silent. `latency`: slower than the limit. `certificate`: one ends within the given days.
 */
export const alertConditions = ["failure", "error", "missed", "runner", "latency", "certificate"] as const;

export const channelKinds = ["email", "slack", "teams", "pagerduty", "opsgenie", "webhook"] as const;

export const alertLimits = {
  /** As in Postman: for how many failures in a row the addresses of a monitor are told. */
  defaultInARow: 3,
  /** Channels of one rule, recipients of one channel. */
  maxChannels: 20,
  maxRecipients: 50,
  /** A message that could not be delivered is tried again for so long. */
  retryHours: 24,
  /** What was sent stays in the log for so long. */
  logDays: 90,
} as const;

/**
 * What a person decides about a rule; a body of the API and the form of a page. Without a field its default holds: after
 * three failures in a row, in any run, then recovery.
 */
export const ruleFields = z.object({
  name: z.string().trim().max(200).default(""),
  active: z.boolean().default(true),
  /** Null = every monitor of the workspace. */
  monitorId: z.uuid().nullable().default(null),
  channelIds: z.array(z.uuid()).min(1).max(alertLimits.maxChannels),
  onFailure: z.boolean().default(true),
  onError: z.boolean().default(true),
  onMissed: z.boolean().default(true),
  onRunner: z.boolean().default(false),
  onRecovery: z.boolean().default(true),
  /** Told with every execution that fails, from the first; `inARow` has no meaning then. */
  everyFailure: z.boolean().default(false),
  /** Executions in a row before failure, error and latency are told. */
  inARow: z.int().min(1).max(99).default(alertLimits.defaultInARow),
  /** Runs (one per runner) of an execution that must have failed. */
  quorum: z.int().min(1).max(100).default(1),
  /** ms; null = not watched. */
  latencyMs: z.int().min(1).max(86_400_000).nullable().default(null),
  latencyOf: z.enum(["run", "p95", "slowest"]).nullable().default(null),
  certificateDays: z.int().min(1).max(365).nullable().default(null),
  /** Messages of one alert, recovery not counted; null = no limit. */
  notificationLimit: z.int().min(1).max(99).nullable().default(null),
  /** Null = none. */
  reminderMinutes: z.int().min(5).max(10_080).nullable().default(null),
});
/** For a change, give it the rule with the fields of the change over it: defaults are for what is new. */
export const ruleInput = ruleFields
  .transform((rule) => ({
    ...rule,
    channelIds: [...new Set(rule.channelIds)],
    // One without the other says nothing.
    latencyOf: rule.latencyMs === null ? null : (rule.latencyOf ?? ("p95" as const)),
  }))
  .refine(watchesAnything, {
    message: "the rule watches nothing: choose at least one condition",
    path: ["onFailure"],
  });
export type RuleInput = z.infer<typeof ruleInput>;

/** A rule without a condition would never say anything. */
function watchesAnything(rule: z.infer<typeof ruleFields>): boolean {
  const { onFailure, onError, onMissed, onRunner, latencyMs, certificateDays } = rule;
  return onFailure || onError || onMissed || onRunner || latencyMs !== null || certificateDays !== null;
}

export interface Rule extends RuleInput {
  id: string;
  workspaceId: string;
  createdBy: number;
  createdAt: Date;
  updatedAt: Date;
}

/** How a condition of a rule stands. */
export interface AlertState {
  /** The monitor's own id when its e-mail addresses are the rule. */
  ruleId: string;
  condition: AlertCondition;
  workspaceId: string;
  monitorId: string | null;
  monitorName: string | null;
  runnerId: string | null;
  state: "ok" | "firing";
  since: Date;
  /** Executions in a row for which the condition held. */
  streak: number;
  alertId: string | null;
  openedByRunId: string | null;
  /** Messages of the alert so far. */
  sent: number;
  lastSentAt: Date | null;
}

/** A line of the log of what was sent. */
export interface Delivery {
  id: string;
  kind: AlertDeliveryKind;
  /** One from the first message of an alert to its recovery. */
  alertId: string;
  condition: AlertCondition | null;
  ruleId: string | null;
  monitorId: string | null;
  monitorName: string | null;
  runId: string | null;
  channelId: string | null;
  /** Null: e-mail addresses of the monitor. */
  channelName: string | null;
  channelKind: AlertChannelKind;
  /** Recipients, or the host that is called. */
  target: string;
  message: AlertMessage;
  status: AlertDeliveryStatus;
  attempt: number;
  /** When it is tried next; of `pending` ones only. */
  nextAttemptAt: Date | null;
  responseStatus: number | null;
  /** What the receiver said, or why it could not be reached; of a muted one, by whom. */
  response: string | null;
  createdAt: Date;
  endedAt: Date | null;
  /** Its channel was deleted or switched off, and it carries what it is sent with. */
  isCarried: boolean;
}

/** The refusal of what no rule or channel may be. */
export const noSuch = (what: "alert channel" | "alert rule", id: string): AppError =>
  new AppError("not_found", `There is no ${what} ${id}.`);
