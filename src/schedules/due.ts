import { toError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { nextRunAt } from "../monitors/schedule.ts";
import { runLimits, validMs } from "../runs/run.ts";

/** A monitor whose `next_run_at` has come. */
export interface DueMonitor {
  id: string;
  cron: string | null;
  timezone: string;
  nextRunAt: Date;
  catchUpPolicy: "last" | "none";
}

/** What firing it means; `dueAt` is the compare in compare-and-set. */
export interface Firing {
  monitorId: string;
  dueAt: Date;
  /** The slot that is fired: the due one, or after downtime the last one that was missed. */
  slotAt: Date;
  /** The next slot; null when the schedule never fires again. */
  nextAt: Date | null;
  /** Slots before `slotAt` in the same downtime. */
  collapsed: number;
  /** False when catching up is off and the slot is too old: it is missed. */
  runs: boolean;
  /** How long a run of this slot may wait for a runner. */
  validMs: number;
}

/**
 * Decides what to fire for a due monitor. Slots that passed while no server was up collapse into the last of them, whose
 * ledger row counts the others: the ledger has no hole, and an API is not hit a thousand times by a server that comes back.
 */
export function planFiring(monitor: DueMonitor, now: Date): Firing {
  const { dueAt, slotAt, nextAt, collapsed } = passedSlots(monitor, now);
  const isLate = now.getTime() - slotAt.getTime() > runLimits.lateMs;
  return {
    monitorId: monitor.id,
    dueAt,
    slotAt,
    nextAt: nextAt ?? null,
    collapsed,
    runs: monitor.catchUpPolicy === "last" || !isLate,
    validMs: validMs(nextAt && nextAt.getTime() - slotAt.getTime()),
  };
}

function passedSlots({ cron, timezone, nextRunAt: dueAt }: DueMonitor, now: Date) {
  const following = (slot: Date) => (cron === null ? undefined : nextRunAt(cron, timezone, slot));
  let slotAt = dueAt;
  let nextAt = following(dueAt);
  let collapsed = 0;
  while (nextAt && nextAt <= now) {
    slotAt = nextAt;
    nextAt = following(slotAt);
    collapsed++;
  }
  return { dueAt, slotAt, nextAt, collapsed };
}

/**
 * Plans for many monitors at once. Most share a few schedules, and after long downtime one schedule can mean thousands
 * of slots: each distinct one is walked once. Yields to the event loop between the walks.
 */
export async function planFirings(
  monitors: readonly DueMonitor[],
  now: Date,
  log: Pick<Log, "error">,
): Promise<Firing[]> {
  const plans = new Map<string, Firing>();
  const firings: Firing[] = [];
  for (const monitor of monitors) {
    const key = [monitor.cron, monitor.timezone, monitor.nextRunAt.getTime(), monitor.catchUpPolicy].join(
      "|",
    );
    let plan = plans.get(key);
    if (!plan) {
      plan = planOrStop(monitor, now, log);
      plans.set(key, plan);
      if (plan.collapsed > 0) await new Promise(setImmediate);
    }
    firings.push({ ...plan, monitorId: monitor.id });
  }
  return firings;
}

/** A stored schedule that this program cannot read fires once more and stops: it must not hold up all others. */
function planOrStop(monitor: DueMonitor, now: Date, log: Pick<Log, "error">): Firing {
  try {
    return planFiring(monitor, now);
  } catch (error) {
    log.error("schedule unreadable", { monitorId: monitor.id, error: toError(error).message });
    return planFiring({ ...monitor, cron: null }, now);
  }
}
