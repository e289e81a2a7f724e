import type { RunEvent } from "../engine/types.ts";

/** Upper bounds of the classes of queue waits, in seconds. */
export const waitBounds = [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300] as const;

/** What a runner has done since its start, for its metrics. */
export interface Tally {
  readonly steps: { passed: number; failed: number; errored: number; skipped: number };
  /** Leases that a heartbeat renewed, and those that were lost. */
  leasesRenewed: number;
  leasesLost: number;
  /** Of the runs that were taken: how long each had waited in the queue; the last class is for all longer ones. */
  readonly queueWait: { counts: number[]; sumSeconds: number };
  noteEvent(event: RunEvent): void;
  noteQueueWait(queuedMs: number | undefined): void;
}

export function createTally(): Tally {
  const tally: Tally = {
    steps: { passed: 0, failed: 0, errored: 0, skipped: 0 },
    leasesRenewed: 0,
    leasesLost: 0,
    queueWait: { counts: Array.from({ length: waitBounds.length + 1 }, () => 0), sumSeconds: 0 },
    noteEvent(event) {
      if (event.type !== "step_finished") return;
      tally.steps[stepOutcome(event.step)]++;
    },
    noteQueueWait(queuedMs) {
      if (queuedMs === undefined) return;
      const seconds = queuedMs / 1000;
      const found = waitBounds.findIndex((bound) => seconds <= bound);
      const index = found === -1 ? waitBounds.length : found;
      tally.queueWait.counts[index] = (tally.queueWait.counts[index] ?? 0) + 1;
      tally.queueWait.sumSeconds += seconds;
    },
  };
  return tally;
}

type Step = Extract<RunEvent, { type: "step_finished" }>["step"];

function stepOutcome(step: Step): keyof Tally["steps"] {
  if (step.skipped) return "skipped";
  if (step.assertions.some(({ status }) => status === "failed")) return "failed";
  return step.errors.length > 0 ? "errored" : "passed";
}
