import type { Deps } from "../access/context.ts";
import { HEALTHY_SECONDS } from "../fleet/runner.ts";
import { toError } from "../lib/errors.ts";
import { backoffMs } from "../lib/retry.ts";
import { pruneLog } from "./deliver-store.ts";
import { deliverDue, type DeliverDeps } from "./deliver.ts";
import { evaluateSignals, type EvaluateDeps } from "./evaluate.ts";
import { sendReminders } from "./remind.ts";
import { sweepRunners } from "./runners.ts";

type AlertDeps = Deps & EvaluateDeps & DeliverDeps;

interface Loop {
  stop(): Promise<void>;
}

/** How long something waits at most until it is looked at. */
const EVALUATE_MS = 500;
const DELIVER_MS = 500;
const SWEEP_MS = 10_000;
const HOUR_MS = 3_600_000;
/** Messages that one server sends at the same time. */
const PLACES = 64;
/** A monitor whose evaluation failed is left alone for a while, the others go on. Most faults pass: the first pause is short. */
const pauses = { baseMs: 1_000, maxMs: 60_000 };
/** So long after a pause, the next failure is a first one again. */
const FORGET_MS = 60_000;

/** Everything that alerts do in the background. Any number of servers may do it on one database. */
export function startAlertLoops(deps: AlertDeps): Loop {
  const loops = [startEvaluating(deps), startDelivering(deps), startSweeping(deps)];
  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

function startEvaluating(deps: AlertDeps): Loop {
  const paused = new Map<string, { until: number; failures: number }>();
  const now = () => deps.clock.now().getTime();
  const options = {
    skip: (monitorId: string) => (paused.get(monitorId)?.until ?? 0) > now(),
    failed: (monitorId: string, error: unknown) => {
      const failures = (paused.get(monitorId)?.failures ?? 0) + 1;
      const pauseMs = backoffMs(failures, pauses);
      paused.set(monitorId, { until: now() + pauseMs, failures });
      deps.log.error("evaluation of alerts failed", {
        monitorId,
        error: toError(error).message,
        pauseMs: Math.round(pauseMs),
      });
    },
  };
  return startLoop(deps, "evaluation of alerts", async () => {
    for (const [monitorId, { until }] of paused) if (until + FORGET_MS <= now()) paused.delete(monitorId);
    const done = await evaluateSignals(deps, options);
    return done > 0 ? 0 : EVALUATE_MS;
  });
}

function startDelivering(deps: AlertDeps): Loop {
  const underWay = new Set<Promise<void>>();
  const loop = startLoop(deps, "delivery of alerts", async () => {
    const places = PLACES - underWay.size;
    if (places === 0) return DELIVER_MS;
    const begun = await deliverDue(deps, places);
    for (const delivery of begun) {
      const tracked = delivery
        .catch((error: unknown) => {
          // Its lease runs out, and it is tried again.
          deps.log.error("end of a delivery was not noted", { error: toError(error).message });
        })
        .finally(() => underWay.delete(tracked));
      underWay.add(tracked);
    }
    return begun.length > 0 ? 0 : DELIVER_MS;
  });
  return {
    async stop() {
      await loop.stop();
      await Promise.all(underWay);
    },
  };
}

/**
 * Reminders, runners that went silent, and the log. After a start or an outage no runner could be heard of: they get the time
 * to be before one is called silent.
 */
function startSweeping(deps: AlertDeps): Loop {
  const now = () => deps.clock.now().getTime();
  let lastTurnAt = 0;
  let runnersFrom = 0;
  let prunedAt = 0;
  return startLoop(deps, "sweep of alerts", async () => {
    if (now() - lastTurnAt > SWEEP_MS * 3) runnersFrom = now() + HEALTHY_SECONDS * 1000;
    lastTurnAt = now();
    if (now() >= runnersFrom) await sweepRunners(deps);
    await sendReminders(deps);
    if (now() - prunedAt > HOUR_MS) {
      await pruneLog(deps.database);
      prunedAt = now();
    }
    return SWEEP_MS;
  });
}

/** `turn` answers how long the loop may sleep, in ms. What fails is tried again with the next turn. */
function startLoop(
  { clock, log }: Pick<Deps, "clock" | "log">,
  name: string,
  turn: () => Promise<number>,
): Loop {
  const stopped = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const sleepMs = await turn().catch((error: unknown) => {
        log.error(`${name} failed`, { error: toError(error).message });
        return 1_000;
      });
      if (sleepMs > 0) await clock.sleep(sleepMs, stopped.signal);
    }
  };
  const finished = run();
  return {
    stop() {
      stopped.abort();
      return finished;
    },
  };
}
