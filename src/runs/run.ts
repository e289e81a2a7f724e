import type { Outcome, RunSummary, Step } from "../contract/events.ts";

/**
 * Rules of runs, executions and slots; no IO.
 *
 * A run is `queued`, then `leased` by one instance, then `finished`. Only the holder of the lease writes to it, and
 * `attempt` is how it proves that it still is: every claim adds one. A run that nobody claims in time, whose
 * instance dies, or that is cancelled while queued is finished by the server itself.
 *
 * An attempt can end without its run: a failed one when the monitor has retries left, a lost one when the monitor lets lost
 * runs be run again. Then the run is `queued` once more, and only what its last attempt did is its result.
 */
export const runLimits = {
  /** A lease that is not renewed for so long is lost, unless the operator says otherwise. */
  leaseSeconds: 30,
  /** Longest wait of a claim; below the idle time-outs of common proxies. */
  waitSeconds: 25,
  /** A slot that starts later than this is late. */
  lateMs: 60_000,
  /** Bounds of the time in which a queued run may still be claimed. */
  minValidMs: 60_000,
  maxValidMs: 15 * 60_000,
  /** A run that takes its instance with it must not go through the whole fleet. */
  maxReruns: 2,
} as const;

/** What an instance is told about time. */
export interface LeaseTimes {
  leaseSeconds: number;
  heartbeatSeconds: number;
  /** Longest wait of a claim. */
  waitSeconds: number;
}

/** Whatever the lease: a runner at work is to be heard of several times before it would be called unhealthy. */
const MAX_HEARTBEAT_SECONDS = 30;

/** Two of three heartbeats may get lost; a claim on a dead connection is noticed within a lease. */
export const leaseTimes = (leaseSeconds: number = runLimits.leaseSeconds): LeaseTimes => ({
  leaseSeconds,
  heartbeatSeconds: Math.min(leaseSeconds / 3, MAX_HEARTBEAT_SECONDS),
  waitSeconds: Math.min(runLimits.waitSeconds, leaseSeconds / 2),
});

export type RunStatus = "queued" | "leased" | "finished";
export type Trigger = "scheduled" | "manual" | "cli" | "webhook" | "api";
export type SlotStatus = "pending" | "ran" | "late" | "skipped" | "missed" | "lost";

/** Reasons that the server gives itself; a runner's own are `OutcomeReason` of the engine. */
export type ServerReason = "runner_lost" | "no_runner" | "cancelled";

/** How long a queued run may wait for a runner: until the next slot, within bounds. */
export function validMs(intervalMs: number | undefined): number {
  const wanted = intervalMs ?? runLimits.maxValidMs;
  return Math.min(Math.max(wanted, runLimits.minValidMs), runLimits.maxValidMs);
}

/** What a run is to somebody who wants to write to it. */
export interface WriteTarget {
  status: RunStatus;
  attempt: number;
  runnerId: string | null;
  reason: string | null;
  acknowledgedSeq: number;
}

export interface Write {
  runnerId: string;
  attempt: number;
  lastSeq: number;
}

/**
 * `accept`: the lease holds. `duplicate`: all of it is stored already, the answer was lost. `lease_lost`: the run is
 * not this attempt's: lost, given back, or never held. `unknown`: there is no such run.
 */
export function judgeWrite(run: WriteTarget | undefined, write: Write): WriteVerdict {
  if (!run) return "unknown";
  if (run.runnerId !== write.runnerId || run.attempt !== write.attempt) return "lease_lost";
  if (run.status === "leased") return "accept";
  const endedByServer = run.reason === "runner_lost" || run.status === "queued";
  return !endedByServer && write.lastSeq <= run.acknowledgedSeq ? "duplicate" : "lease_lost";
}
export type WriteVerdict = "accept" | "duplicate" | "lease_lost" | "unknown";

/** The highest number up to which nothing is missing, given what was there and what is stored above it. */
export function contiguousSeq(acknowledgedSeq: number, stored: Iterable<number>): number {
  const present = new Set(stored);
  let last = acknowledgedSeq;
  while (present.has(last + 1)) last++;
  return last;
}

export interface Counts {
  requestsTotal: number;
  requestsFailed: number;
  assertionsTotal: number;
  assertionsFailed: number;
  errorsTotal: number;
  responseMsTotal: number;
  responseBytesTotal: number;
}

/** Counts of steps, made here and not taken from the runner's summary: pages and stored steps must agree. */
export function countSteps(steps: Iterable<Step>): Counts {
  const counts: Counts = {
    requestsTotal: 0,
    requestsFailed: 0,
    assertionsTotal: 0,
    assertionsFailed: 0,
    errorsTotal: 0,
    responseMsTotal: 0,
    responseBytesTotal: 0,
  };
  for (const step of steps) {
    const failed = step.assertions.filter((assertion) => assertion.status === "failed").length;
    if (!step.skipped) counts.requestsTotal++;
    if (failed > 0 || step.errors.length > 0) counts.requestsFailed++;
    counts.assertionsTotal += step.assertions.length;
    counts.assertionsFailed += failed;
    counts.errorsTotal += step.errors.length;
    // A runner that sends nonsense must not make the run impossible to store.
    counts.responseMsTotal += Math.min(step.timings?.totalMs ?? 0, Number.MAX_SAFE_INTEGER / 1024);
    counts.responseBytesTotal += Math.min(step.response?.body.bytes ?? 0, Number.MAX_SAFE_INTEGER / 1024);
  }
  return counts;
}

/** What its monitor lets happen to a run, and what has happened to it already. */
export interface Repeats {
  /** Retries that its monitor allows. */
  retryAttempts: number | null;
  /** Attempts so far that failed or errored without ending it. */
  retried: number;
  /** Its monitor lets another instance run it again when one was lost. */
  rerunLost: boolean;
  /** Attempts so far that were lost. */
  lost: number;
  cancelRequestedAt: Date | null;
}

/** Whether a result is not final yet. What passed needs no second try, and what was stopped wants none. */
export const mayRetry = (run: Repeats, outcome: Outcome): outcome is "failed" | "errored" =>
  (outcome === "failed" || outcome === "errored") &&
  run.cancelRequestedAt === null &&
  run.retried < (run.retryAttempts ?? 0);

/** Whether a run that lost its instance goes to another one. */
export const mayRerun = (run: Repeats): boolean =>
  run.rerunLost && run.cancelRequestedAt === null && run.lost < runLimits.maxReruns;

export interface Verdict {
  outcome: Outcome;
  reason: string | null;
  detail: string | null;
}

/** The runner's verdict, except that a run with failed assertions has not passed, whatever its summary says. */
export function verdictOf(summary: RunSummary, assertionsFailed: number): Verdict {
  if (summary.outcome === "passed" && assertionsFailed > 0) {
    const detail = assertionsFailed === 1 ? "1 assertion failed." : `${assertionsFailed} assertions failed.`;
    return { outcome: "failed", reason: "assertion_failed", detail };
  }
  return { outcome: summary.outcome, reason: summary.reason ?? null, detail: summary.detail ?? null };
}

/** A run that has ended, as its execution sees it. */
export interface EndedRun {
  outcome: Outcome;
  reason: string | null;
  /** When an instance claimed it, first if a failed attempt was retried; null when none did. */
  startedAt: Date | null;
}

/** Best first. `failed` outranks `errored`: one runner that saw the API fail knows more than one that could not tell. */
const severity: readonly Outcome[] = ["passed", "aborted", "errored", "failed"];

/** The outcome of an execution: the worst of its runs. */
export const worstOutcome = (outcomes: readonly Outcome[]): Outcome =>
  severity[Math.max(...outcomes.map((outcome) => severity.indexOf(outcome)))] ?? "errored";

/** What an ended execution does to its monitor's streak of executions that did not pass; cancelling tells nothing. */
export function streakEffect(runs: readonly EndedRun[]): "reset" | "advance" | "keep" {
  const outcome = worstOutcome(runs.map((run) => run.outcome));
  if (outcome === "passed") return "reset";
  const told = runs.filter((run) => run.outcome === outcome && run.reason !== "cancelled");
  return told.length > 0 ? "advance" : "keep";
}

export interface SlotEnd {
  status: SlotStatus;
  reason: string | null;
  /** ms from the slot to the first start; null when nothing started. */
  delayMs: number | null;
}

/** How a slot that has started stands: in time, or late. */
export function slotStart(slotAt: Date, startedAt: Date): SlotEnd {
  const delayMs = startedAt.getTime() - slotAt.getTime();
  return { status: delayMs > runLimits.lateMs ? "late" : "ran", reason: null, delayMs };
}

/** How a slot ends once all its runs have: by the best that any of them reached. */
export function slotEnd(slotAt: Date, runs: readonly EndedRun[]): SlotEnd {
  const starts = runs.flatMap((run) =>
    run.startedAt && run.reason !== "runner_lost" ? [run.startedAt] : [],
  );
  const first = starts.toSorted((left, right) => left.getTime() - right.getTime())[0];
  if (first) return slotStart(slotAt, first);
  if (runs.some((run) => run.reason === "runner_lost")) return ended("lost", "runner_lost");
  if (runs.some((run) => run.reason === "no_runner")) return ended("missed", "no_runner");
  return ended("skipped", "cancelled");
}

const ended = (status: SlotStatus, reason: string): SlotEnd => ({ status, reason, delayMs: null });
