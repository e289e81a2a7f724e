import type { Clock } from "./clock.ts";

export interface Backoff {
  /** First delay. */
  baseMs: number;
  /** No delay is longer. */
  maxMs: number;
}

/**
 * Delay before try number `attempt` (1 = the first retry): exponential with full jitter, so that a fleet
 * that lost its server together does not come back together.
 */
export function backoffMs(attempt: number, { baseMs, maxMs }: Backoff, random = Math.random): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return ceiling / 2 + (random() * ceiling) / 2;
}

/** Calls `act` until it succeeds, `shouldRetry` says no, or `signal` aborts; then throws the last error. */
export async function retry<T>(
  act: () => Promise<T>,
  options: { clock: Clock; backoff: Backoff; signal?: AbortSignal; shouldRetry: (error: unknown) => boolean },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (options.signal?.aborted || !options.shouldRetry(error)) throw error;
      await options.clock.sleep(backoffMs(attempt, options.backoff), options.signal);
      if (options.signal?.aborted) throw error;
    }
  }
}
