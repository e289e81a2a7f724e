import type { Database } from "../../../db/connect.ts";
import type { Deps } from "../../access/context.ts";
import { toError } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import { planPeriods } from "./window.ts";

/** A recurring window is written a month ahead, so that a server that was away for a week changes nothing. */
const EVERY_MS = 60_000;
const BATCH = 100;

type PlannerDeps = Pick<Deps, "database" | "clock" | "log">;

/** Writes the coming periods of recurring maintenance windows. Any number of servers may run it on one database. */
export function startMaintenancePlanner(deps: PlannerDeps): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await planSafely(deps);
      await deps.clock.sleep(EVERY_MS, stopped.signal);
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

/** The loop's next turn is the recovery from whatever failed. */
async function planSafely({ database, log }: PlannerDeps): Promise<void> {
  try {
    await planMaintenance(database);
  } catch (error) {
    log.error("maintenance not planned", { error: toError(error).message });
  }
}

interface Due {
  id: string;
  cron: string;
  timezone: string;
  durationMinutes: number;
  plannedUntil: Date;
  now: Date;
}

/** One turn: the windows that are written for less than a month ahead. Returns how many it looked at. */
export async function planMaintenance({ sql }: Pick<Database, "sql">): Promise<number> {
  return await sql.begin(async (tx) => {
    const due = await tx<Due[]>`
      select id, cron, timezone, duration_minutes as "durationMinutes", planned_until as "plannedUntil", now() as now
        from maintenance_windows
       where cron is not null and deleted_at is null and planned_until < now() + interval '28 days'
       order by planned_until limit ${BATCH} for update skip locked`;
    for (const window of due) {
      const { periods, plannedUntil } = planPeriods(window, { after: window.plannedUntil, now: window.now });
      await tx`
        insert into maintenance_periods
               (id, window_id, workspace_id, starts_at, ends_at, behaviour, covers, monitor_ids, tag)
        select p.id, w.id, w.workspace_id, p.starts_at, p.ends_at, w.behaviour, w.covers, w.monitor_ids, w.tag
          from maintenance_windows w, unnest(
            ${tx.array(periods.map(() => newId()))}::uuid[],
            ${tx.array(periods.map(({ startsAt }) => startsAt.toISOString()))}::timestamptz[],
            ${tx.array(periods.map(({ endsAt }) => endsAt.toISOString()))}::timestamptz[]
          ) as p(id, starts_at, ends_at)
         where w.id = ${window.id} on conflict (window_id, starts_at) do nothing`;
      await tx`update maintenance_windows set planned_until = ${plannedUntil} where id = ${window.id}`;
    }
    return due.length;
  });
}
