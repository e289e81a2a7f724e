import type postgres from "postgres";

import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import type { Tx } from "./finish.ts";

/** Of one monitor and one statement: an end of it soon, and locks for a moment only. */
const BATCH = 200;
/** Monitors in one statement. */
const MONITORS = 20;
/** How often each monitor is looked at. */
const INTERVAL_MINUTES = 60;
/** Between looks for monitors that are due. */
const PAUSE_MS = 60_000;
/** Between two batches, which are for whatever has to be done at once. */
const BREATH_MS = 100;

type RetentionDeps = Pick<Deps, "database" | "clock" | "log">;

/**
 * Deletes what is older than its monitor keeps it. Any number of servers may do so at once: a monitor that one of them
 * works on is passed over by the others.
 */
export function startRetention({ database, clock, log }: RetentionDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let hasMore = false;
      try {
        hasMore = await deleteOld(database);
      } catch (error) {
        // The next turn does what this one could not.
        log.error("retention failed", { error: toError(error).message });
      }
      await clock.sleep(hasMore ? BREATH_MS : PAUSE_MS, stopping.signal);
    }
  };
  const working = work();
  return {
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

/** Works on monitors that are due, a bounded number of rows of each. False when none is. */
export async function deleteOld({ sql }: Database): Promise<boolean> {
  await sql`
    insert into monitor_retention (monitor_id)
    select id from monitors m where not exists (select 1 from monitor_retention r where r.monitor_id = m.id)
     limit 10000
        on conflict do nothing`;
  return sql.begin(async (tx) => {
    const due = await tx<{ monitorId: string }[]>`
      select monitor_id as "monitorId" from monitor_retention
       where looked_at < now() - make_interval(mins => ${INTERVAL_MINUTES})
       order by looked_at limit ${MONITORS} for update skip locked`;
    if (due.length === 0) return false;
    const monitorIds = due.map(({ monitorId }) => monitorId);
    const unfinished = new Set([
      ...(await deleteSteps(tx, monitorIds)),
      ...(await deleteExecutions(tx, monitorIds)),
      ...(await deleteRows(tx, monitorIds, tx`slots`, tx`slot_at`)),
      ...(await deleteRows(tx, monitorIds, tx`run_hours`, tx`hour`)),
    ]);
    const done = monitorIds.filter((id) => !unfinished.has(id));
    await tx`update monitor_retention set looked_at = now() where monitor_id = any(${tx.array(done)}::uuid[])`;
    return true;
  });
}

/**
 * Goes along the runs of each monitor, in the order in which they were queued, up to the age or to one that has not ended. How
 * far it has come is noted, which says of any run whether its steps are gone without a write to the run.
 * Returns the monitors that have more. `with ties`: runs of one execution are queued at one instant.
 */
async function deleteSteps(tx: Tx, monitorIds: string[]): Promise<string[]> {
  const rows = await tx<{ monitorId: string; isFull: boolean }[]>`
    with due as materialized (
      select m.id as monitor_id, t.steps_deleted_to as after, now() - make_interval(days => m.keep_days) as age
        from monitors m join monitor_retention t on t.monitor_id = m.id where m.id = any(${tx.array(monitorIds)}::uuid[])
    ), old as materialized (
      select d.monitor_id, r.id, r.queued_at, r.outcome from due d, lateral (
        select id, queued_at, outcome from runs
         where monitor_id = d.monitor_id and queued_at > d.after and queued_at <= d.age
         order by queued_at fetch first ${BATCH} rows with ties) r
    ), reach as materialized (
      select d.monitor_id, count(o.id) >= ${BATCH} and count(*) filter (where o.outcome is null and o.id is not null) = 0 as is_full,
             coalesce(min(o.queued_at) filter (where o.outcome is null) - interval '1 microsecond',
                      case when count(o.id) >= ${BATCH} then max(o.queued_at) else d.age end) as until
        from due d left join old o on o.monitor_id = d.monitor_id group by d.monitor_id, d.age
    ), deleted as (
      delete from run_events where run_id = any(array(
        select o.id from old o join reach h on h.monitor_id = o.monitor_id where o.queued_at <= h.until))
    )
    update monitor_retention t set steps_deleted_to = greatest(t.steps_deleted_to, h.until)
      from reach h where t.monitor_id = h.monitor_id
    returning t.monitor_id as "monitorId", h.is_full as "isFull"`;
  return rows.filter(({ isFull }) => isFull).map(({ monitorId }) => monitorId);
}

/** With their runs, which go first: a run is locked before its execution everywhere. Returns the monitors that have more. */
async function deleteExecutions(tx: Tx, monitorIds: string[]): Promise<string[]> {
  const old = await tx<{ id: string; monitorId: string }[]>`
    select e.id, m.id as "monitorId" from monitors m, lateral (
      select id from executions
       where monitor_id = m.id and created_at < now() - make_interval(days => m.keep_run_days) and finished_at is not null
       order by created_at limit ${BATCH}) e
     where m.id = any(${tx.array(monitorIds)}::uuid[])`;
  if (old.length === 0) return [];
  const ids = tx.array(old.map(({ id }) => id));
  await tx`delete from runs where execution_id = any(${ids}::uuid[])`;
  await tx`delete from executions where id = any(${ids}::uuid[])`;
  return withFullBatch(old.map(({ monitorId }) => monitorId));
}

/** Rows of a table that are as old as runs may get. Returns the monitors that have more. */
async function deleteRows(
  tx: Tx,
  monitorIds: string[],
  table: postgres.Fragment,
  instant: postgres.Fragment,
): Promise<string[]> {
  const deleted = await tx<{ monitorId: string }[]>`
    delete from ${table} where ctid = any(array(
      select o.ctid from monitors m, lateral (
        select ctid from ${table} t
         where t.monitor_id = m.id and t.${instant} < now() - make_interval(days => m.keep_run_days)
         order by t.${instant} limit ${BATCH}) o
       where m.id = any(${tx.array(monitorIds)}::uuid[])))
    returning monitor_id as "monitorId"`;
  return withFullBatch(deleted.map(({ monitorId }) => monitorId));
}

const withFullBatch = (monitorIds: string[]): string[] =>
  [...Map.groupBy(monitorIds, (id) => id)].filter(([, rows]) => rows.length >= BATCH).map(([id]) => id);
