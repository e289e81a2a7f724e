import { type AlertCondition, alertLimits } from "./alert.ts";
import type { WatchedMonitor, WatchingRule } from "./evaluate-store.ts";
import { type Policy, policyOf, postmanPolicy } from "./judge.ts";

/** Conditions that executions of a monitor decide; those of runners have a sweep of their own. */
export type OwnCondition = Exclude<AlertCondition, "runner">;

export interface Targets {
  channelIds: readonly string[];
  recipients: readonly string[];
}

/** One condition that a rule watches in a monitor. */
export interface Watch {
  ruleId: string;
  condition: OwnCondition;
  policy: Policy;
  quorum: number;
  latency: { ms: number; of: "run" | "p95" | "slowest" } | undefined;
  certificateDays: number | undefined;
  remindMinutes: number | null;
  targets: Targets;
}

/** Everything that is watched in a monitor: by rules, and by the addresses that stand in it. */
export const watchesOf = (monitor: WatchedMonitor, rules: readonly WatchingRule[]): Watch[] => [
  ...rules.flatMap(watchesOfRule),
  ...watchesOfAddresses(monitor),
];

export function watchesOfRule(rule: WatchingRule): Watch[] {
  const conditions: OwnCondition[] = [
    ...(rule.onFailure ? (["failure"] as const) : []),
    ...(rule.onError ? (["error"] as const) : []),
    ...(rule.onMissed ? (["missed"] as const) : []),
    ...(rule.latencyMs === null ? [] : (["latency"] as const)),
    ...(rule.certificateDays === null ? [] : (["certificate"] as const)),
  ];
  return conditions.map((condition) => ({
    ruleId: rule.id,
    condition,
    policy: policyOf(rule, condition),
    quorum: rule.quorum,
    latency: rule.latencyMs === null ? undefined : { ms: rule.latencyMs, of: rule.latencyOf ?? "p95" },
    certificateDays: rule.certificateDays ?? undefined,
    remindMinutes: rule.reminderMinutes,
    targets: { channelIds: rule.channelIds, recipients: [] },
  }));
}

/**
 * Postman's `notifications`: `onFailure` is told of executions that failed, `onError` of those that could not be carried out,
 * each until `notificationLimit` of them in a row were told, by default three; the first that passes is told only when that
 * limit had been reached.
 */
function watchesOfAddresses({ id, notifications, notificationLimit }: WatchedMonitor): Watch[] {
  const policy = postmanPolicy(notificationLimit ?? alertLimits.defaultInARow);
  const watch = (condition: OwnCondition, to: { email: string }[]): Watch[] =>
    to.length === 0
      ? []
      : [
          {
            ruleId: id,
            condition,
            policy,
            quorum: 1,
            latency: undefined,
            certificateDays: undefined,
            remindMinutes: null,
            targets: { channelIds: [], recipients: [...new Set(to.map(({ email }) => email))] },
          },
        ];
  return [
    ...watch("failure", notifications.onFailure),
    ...watch("error", notifications.onError),
    ...watch("missed", notifications.onError),
  ];
}
