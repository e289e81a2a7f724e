import { toError } from "../../lib/errors.ts";
import type { Deps } from "../context.ts";
import { removeOldRecords } from "./calls-store.ts";

const HOUR_MS = 3_600_000;

/** Once an hour, removes calls of API keys that are older than `keptSeconds`. Any number of servers may do it. */
export function startCallRetention(
  { database, clock, log }: Pick<Deps, "database" | "clock" | "log">,
  keptSeconds: number,
): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        await removeOldRecords(database, keptSeconds);
      } catch (error) {
        // The next turn is the recovery.
        log.error("old calls were not removed", { error: toError(error).message });
      }
      await clock.sleep(HOUR_MS, stopped.signal);
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
