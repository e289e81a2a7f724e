import { toError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";

/** What was started and must be stopped, in the opposite order. */
export interface Lifecycle {
  /** `limitMs`: after this the next thing is stopped all the same. */
  onStop(name: string, stop: () => Promise<void> | void, limitMs?: number): void;
  /** Stops the last started first. Never throws: what fails is logged, and the rest is stopped. */
  stopAll(): Promise<void>;
}

const DEFAULT_LIMIT_MS = 10_000;

interface Step {
  name: string;
  stop: () => Promise<void> | void;
  limitMs: number;
}

export function createLifecycle(log: Log): Lifecycle {
  const steps: Step[] = [];
  return {
    onStop: (name, stop, limitMs = DEFAULT_LIMIT_MS) => void steps.push({ name, stop, limitMs }),
    async stopAll() {
      for (let step = steps.pop(); step; step = steps.pop()) await stopOne(step, log);
    },
  };
}

async function stopOne({ name, stop, limitMs }: Step, log: Log): Promise<void> {
  const startedAt = performance.now();
  const limit = Promise.withResolvers<"late">();
  const timer = setTimeout(() => limit.resolve("late"), limitMs);
  try {
    const result = await Promise.race([Promise.resolve(stop()), limit.promise]);
    const durationMs = Math.round(performance.now() - startedAt);
    if (result === "late") log.warn("stop took too long", { part: name, limitMs });
    else log.debug("stopped", { part: name, durationMs });
  } catch (error) {
    log.error("stop failed", { part: name, error: toError(error).message });
  } finally {
    clearTimeout(timer);
  }
}

/** Aborts on the first SIGTERM or SIGINT; a second one ends the process at once, with what that leaves undone. */
export function stopOnSignals(log: Log): AbortSignal {
  const asked = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (asked.signal.aborted) process.exit(130);
    log.info("stopping", { signal });
    asked.abort();
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => onSignal(signal));
  return asked.signal;
}

/** Resolves when `signal` aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
