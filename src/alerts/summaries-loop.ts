import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { queueDueSummary } from "./summaries-store.ts";

const EVERY_MS = 20_000;

/** Sends the summaries whose hour has come. Any number of servers may do it. */
export function startSummaries(deps: Pick<Deps, "database" | "clock" | "log" | "publicUrl">): {
  stop(): Promise<void>;
} {
  const { clock, log } = deps;
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      // The next turn is the recovery from whatever failed.
      const isSent = await queueDueSummary(deps).catch((error: unknown) => {
        log.error("summary not sent", { error: toError(error).message });
        return false;
      });
      if (!isSent) await clock.sleep(EVERY_MS, stopped.signal);
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
