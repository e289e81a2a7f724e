import type { Parameters } from "fast-check";

/**
 * Bounds one property by runs and by time. When it fails, the message names the seed and the smallest input found;
 * `FUZZ_SEED` runs that again.
 */
export function budget(numRuns: number): Parameters<unknown> {
  const seed = process.env["FUZZ_SEED"];
  return {
    numRuns,
    interruptAfterTimeLimit: 5000,
    markInterruptAsFailure: false,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  };
}
