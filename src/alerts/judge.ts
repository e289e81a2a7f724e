import type { Outcome } from "../contract/events.ts";
import type { AlertCondition } from "./alert.ts";

/** Rules of alerts; no IO. */

/** A run that has ended, as alerts see it. */
export interface JudgedRun {
  outcome: Outcome;
  reason: string | null;
}

/**
 * What an execution says about its monitor. `failed`: the API failed, in as many runs as the quorum asks for. `passed`: it did
 * not, and a run saw that it works. `errored`: no run could tell. `missed`: none was run, or its runner died. `unclear`: some
 * failed, too few for the quorum, and nobody saw it work. `cancelled`: somebody stopped it.
 */
export type ExecutionVerdict = "passed" | "failed" | "errored" | "missed" | "unclear" | "cancelled";

const NOT_RUN: readonly (string | null)[] = ["no_runner", "runner_lost"];

/** `quorum` above the number of runs means all of them: a monitor that lost a runner must not fall silent. */
export function judgeExecution(runs: readonly JudgedRun[], quorum: number): ExecutionVerdict {
  const failed = runs.filter(({ outcome }) => outcome === "failed").length;
  if (failed > 0 && failed >= Math.min(quorum, runs.length)) return "failed";
  if (runs.some(({ outcome }) => outcome === "passed")) return "passed";
  if (failed > 0) return "unclear";
  const told = runs.filter(({ reason }) => reason !== "cancelled");
  if (told.length === 0) return "cancelled";
  return told.every(({ reason }) => NOT_RUN.includes(reason)) ? "missed" : "errored";
}

/** What happened says of a condition: that it holds, that it does not, or nothing. */
export type Observation = "holds" | "gone" | "nothing";

const observations: Record<ExecutionVerdict, Record<"failure" | "error" | "missed", Observation>> = {
  passed: { failure: "gone", error: "gone", missed: "gone" },
  failed: { failure: "holds", error: "gone", missed: "gone" },
  // Whether the API is well again is not known: what failed goes on failing.
  errored: { failure: "nothing", error: "holds", missed: "gone" },
  missed: { failure: "nothing", error: "nothing", missed: "holds" },
  unclear: { failure: "nothing", error: "gone", missed: "gone" },
  cancelled: { failure: "nothing", error: "nothing", missed: "nothing" },
};

export const observe = (verdict: ExecutionVerdict, condition: "failure" | "error" | "missed"): Observation =>
  observations[verdict][condition];

/** How a condition stands, as far as the next step depends on it. */
export interface Standing {
  state: "ok" | "firing";
  streak: number;
  /** Messages of the alert that is open. */
  sent: number;
}

/** When a rule speaks. */
export interface Policy {
  /** In a row, before the condition fires. */
  threshold: number;
  /** Each further time that the condition holds is told, too. */
  everyTime: boolean;
  /** Messages of one alert; null = no limit. */
  limit: number | null;
  /** `at_limit`: only when as many messages were sent as the limit allows, as Postman does. */
  recovery: "always" | "never" | "at_limit";
}

export type Telling = "firing" | "again" | "recovered";

export interface Step {
  state: "ok" | "firing";
  streak: number;
  /** The state is another one than before. */
  changed: boolean;
  tell: Telling | undefined;
}

/**
 * What an observation does to a condition, and what is told of it. An alert that nobody has heard of yet, because it began
 * while it was muted, is told with the next time that it holds.
 */
export function advance(now: Standing, policy: Policy, observation: Observation): Step {
  if (observation === "nothing") return { ...now, changed: false, tell: undefined };
  if (observation === "gone") return recover(now, policy);
  const streak = now.streak + 1;
  if (now.state === "ok") {
    const fires = streak >= policy.threshold;
    return { state: fires ? "firing" : "ok", streak, changed: fires, tell: fires ? "firing" : undefined };
  }
  const further = policy.everyTime && mayTell(now, policy) ? "again" : undefined;
  return { state: "firing", streak, changed: false, tell: now.sent === 0 ? "firing" : further };
}

function recover({ state, sent }: Standing, { recovery, limit }: Policy): Step {
  const isHeard =
    recovery === "at_limit" ? limit !== null && sent >= limit : recovery === "always" && sent > 0;
  const tell = state === "firing" && isHeard ? "recovered" : undefined;
  return { state: "ok", streak: 0, changed: state === "firing", tell };
}

/** Whether the limit leaves room for one more message. */
export const mayTell = ({ sent }: Pick<Standing, "sent">, { limit }: Pick<Policy, "limit">): boolean =>
  limit === null || sent < limit;

/** What a policy is made of; `Rule` has it. */
export interface PolicySource {
  everyFailure: boolean;
  inARow: number;
  notificationLimit: number | null;
  onRecovery: boolean;
}

/** Slots, runners and certificates are told at once: they do not flap. */
const COUNTED: readonly AlertCondition[] = ["failure", "error", "latency"];

export function policyOf(rule: PolicySource, condition: AlertCondition): Policy {
  const counts = COUNTED.includes(condition);
  const everyTime = rule.everyFailure && (counts || condition === "missed");
  return {
    threshold: counts && !rule.everyFailure ? rule.inARow : 1,
    everyTime,
    limit: rule.notificationLimit,
    recovery: rule.onRecovery ? "always" : "never",
  };
}

/** Postman's: each failure is mailed until `limit` of them in a row were; recovery only when that was reached. */
export const postmanPolicy = (limit: number): Policy => ({
  threshold: 1,
  everyTime: true,
  limit,
  recovery: "at_limit",
});

/** The 95th percentile by nearest rank; undefined without values. */
export function percentile95(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.ceil(sorted.length * 0.95) - 1];
}
