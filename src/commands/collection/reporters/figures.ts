import type { Step } from "../../../engine/types.ts";
import type { RunFacts } from "./reporter.ts";

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
  return describeTimes(
    steps.flatMap((step) => (step.response && step.timings ? [step.timings.totalMs] : [])),
  );
}

/** Average, extremes and standard deviation; zeros for an empty list. */
export function describeTimes(times: number[]) {
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

/** Scripts that ran and those that failed, by phase. A request that a script skipped ran no test scripts. */
export function countScripts(steps: Step[], { planned }: RunFacts) {
  const counts = { prerequest: { executed: 0, errors: 0 }, test: { executed: 0, errors: 0 } };
  for (const step of steps) {
    const { prerequest = 0, test = 0 } = planned.get(step.itemId) ?? {};
    counts.prerequest.executed += prerequest;
    if (!step.skipped) counts.test.executed += test;
    for (const { phase } of step.errors) if (phase !== "request") counts[phase].errors++;
  }
  return counts;
}

export const countErrors = (steps: Step[], phase: "prerequest" | "request" | "test"): number =>
  steps.flatMap((step) => step.errors).filter((error) => error.phase === phase).length;

export const countRequests = (steps: Step[]): number =>
  steps.filter((step) => step.request !== undefined).length;

/** `Folder / request`. */
export const fullNameOf = ({ path, name }: Pick<Step, "path" | "name">): string =>
  [...path, name].join(" / ");
