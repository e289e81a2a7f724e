import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { tasksFinished } from "./start.ts";
import { deleteOldTasks, failSilentTasks } from "./store.ts";

const INTERVAL_MS = 10_000;
/** Twelve times what a server that lives says: neither a slow database nor a long garbage collection lasts so long. */
const SILENT_SECONDS = 60;
const HOUR_MS = 3_600_000;
/** Nobody asks for longer how something ended that took a minute. */
const KEPT_DAYS = 7;

/**
 * Fails the tasks of servers that died, and forgets old ones. Any number of servers may sweep. `stop` waits for the
 * tasks of this server.
 */
export function startTaskSweeper(deps: Pick<Deps, "database" | "clock" | "log">): { stop(): Promise<void> } {
  const { clock, database, log } = deps;
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    let cleanedAt = 0;
    while (!stopped.signal.aborted) {
      try {
        const failed = await failSilentTasks(database, SILENT_SECONDS);
        if (failed > 0) log.warn("tasks of a server that stopped have failed", { tasks: failed });
        if (clock.now().getTime() - cleanedAt > HOUR_MS) {
          await deleteOldTasks(database, KEPT_DAYS);
          cleanedAt = clock.now().getTime();
        }
      } catch (error) {
        // The next turn is the recovery.
        log.error("sweep of tasks failed", { error: toError(error).message });
      }
      await clock.sleep(INTERVAL_MS, stopped.signal);
    }
  };
  const finished = loop();
  return {
    async stop() {
      stopped.abort();
      await Promise.all([finished, tasksFinished(database)]);
    },
  };
}
