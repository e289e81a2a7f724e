import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { listFailures, listRecoveries, openFailureIncident, resolveRecovered } from "./incidents-store.ts";

const INTERVAL_MS = 10_000;
/** Of one turn; more wait for the next one. */
const BATCH = 200;

type LoopDeps = Pick<Deps, "database" | "clock" | "log">;

/** Opens and resolves the incidents that follow monitors; any number of servers may. */
export function startStatusIncidents(deps: LoopDeps): { stop(): Promise<void> } {
  const { clock, log } = deps;
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        await followMonitors(deps);
      } catch (error) {
        // The next turn is the recovery.
        log.error("incidents of status pages failed", { error: toError(error).message });
      }
      await clock.sleep(INTERVAL_MS, stopped.signal);
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

/** One turn. Returns how many incidents it opened and resolved. */
export async function followMonitors({
  database,
  log,
}: Pick<Deps, "database" | "log">): Promise<{ opened: number; resolved: number }> {
  const done = { opened: 0, resolved: 0 };
  for (const recovery of await listRecoveries(database, BATCH)) {
    if (!(await resolveRecovered(database, recovery))) continue;
    done.resolved++;
    log.info("status incident resolved", { incidentId: recovery.id, statusPageId: recovery.pageId });
  }
  for (const failure of await listFailures(database, BATCH)) {
    if (!(await openFailureIncident(database, failure))) continue;
    done.opened++;
    log.info("status incident opened", { monitorId: failure.monitorId, statusPageId: failure.pageId });
  }
  return done;
}
