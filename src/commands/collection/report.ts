import type { RunEvent, Step } from "../../engine/types.ts";

/** Writes down a run in one format, event by event. */
export interface Reporter {
  event: (event: RunEvent) => void;
  /** After the last event; may write files. */
  end: () => Promise<void>;
}

export const countAssertions = (steps: Step[]) => {
  const all = steps.flatMap((step) => step.assertions);
  const count = (status: string) => all.filter((assertion) => assertion.status === status).length;
  return {
    executed: all.length,
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped"),
  };
};

/** Average, extremes and standard deviation of response times, in ms; zeros without a response. */
export function responseTimes(steps: Step[]) {
  const times = steps.flatMap((step) => (step.response && step.timings ? [step.timings.totalMs] : []));
  if (times.length === 0) return { average: 0, min: 0, max: 0, standardDeviation: 0 };
  const average = times.reduce((sum, time) => sum + time, 0) / times.length;
  const variance = times.reduce((sum, time) => sum + (time - average) ** 2, 0) / times.length;
  return {
    average,
    min: times.reduce((left, right) => Math.min(left, right)),
    max: times.reduce((left, right) => Math.max(left, right)),
    standardDeviation: Math.sqrt(variance),
  };
}
