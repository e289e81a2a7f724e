import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { planFirings } from "./due.ts";
import { fireMonitors, listUpcoming } from "./store.ts";

/** Longest sleep: a schedule that was changed to an earlier time is seen after it at the latest. */
const MAX_SLEEP_MS = 1000;
/** Monitors of one statement. */
const BATCH = 500;

type SchedulerDeps = Pick<Deps, "database" | "clock" | "log">;

/** Fires every due monitor, forever. Any number of servers may run it on one database: each slot is fired once. */
export function startScheduler(deps: SchedulerDeps): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const sleepMs = await tickSafely(deps);
      if (sleepMs > 0) await deps.clock.sleep(sleepMs, stopped.signal);
    }
  };
  const finished = loop();
  return {
    stop() {
      stopped.abort();
      return finished;
    },
  };
}

/** The loop's next turn is the recovery from whatever failed: nothing moved, so nothing is lost. */
async function tickSafely(deps: SchedulerDeps): Promise<number> {
  try {
    return await tick(deps);
  } catch (error) {
    deps.log.error("tick failed", { error: toError(error).message });
    return MAX_SLEEP_MS;
  }
}

/** Fires what is due and returns how long nothing will be, in ms, at most a second. */
export async function tick({ database, log }: SchedulerDeps): Promise<number> {
  const { now, monitors } = await listUpcoming(database, BATCH);
  const due = monitors.filter((monitor) => monitor.nextRunAt <= now);
  if (due.length === 0) return untilNext(monitors[0]?.nextRunAt, now);

  const { fired, queuedRuns } = await fireMonitors(database, await planFirings(due, now, log));
  if (fired > 0) log.info("slots fired", { slots: fired, runs: queuedRuns });
  // Other servers fired all of it, or hold the rows for a moment: look again, but not in a busy loop.
  return fired > 0 ? 0 : 10;
}

function untilNext(nextAt: Date | undefined, now: Date): number {
  if (!nextAt) return MAX_SLEEP_MS;
  return Math.min(Math.max(nextAt.getTime() - now.getTime() + 1, 1), MAX_SLEEP_MS);
}
