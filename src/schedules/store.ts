import type { Database } from "../../db/connect.ts";
import { signalMissedSlots } from "../runs/alert-signals.ts";
import type { DueMonitor, Firing } from "./due.ts";
import { coversMonitor } from "./maintenance/read.ts";

/** Rows read beyond what is due, so that the loop knows how long it may sleep. */
const LOOK_AHEAD_SECONDS = 1;

/** The monitors that are due now or within a second, earliest first, and what the database's clock says. */
export async function listUpcoming(
  { sql }: Database,
  limit: number,
): Promise<{ now: Date; monitors: DueMonitor[] }> {
  const rows = await sql<({ now: Date } & DueMonitor)[]>`
    select c.now, m.id, m.cron, m.timezone, m.next_run_at as "nextRunAt", m.catch_up_policy as "catchUpPolicy"
      from (select clock_timestamp() as now) c left join lateral (
        select * from monitors
         where active and next_run_at is not null
           and next_run_at <= c.now + make_interval(secs => ${LOOK_AHEAD_SECONDS})
         order by next_run_at limit ${limit}) m on true`;
  const [first] = rows;
  if (!first) throw new Error("the database did not say what time it is");
  // Of the left join: without a due monitor there is one row, whose monitor is null.
  return { now: first.now, monitors: rows.filter((row) => row.id !== null) };
}

export interface FireCount {
  /** Slots that this call decided. */
  fired: number;
  queuedRuns: number;
}

/**
 * Fires many monitors in one statement: moves `next_run_at` where it still is what was read, and only for those that it
 * moved writes the slot, the execution and its runs. However many servers try, one wins each slot; `unique (monitor_id,
 * slot_at)` backs that. `skip locked` and the order of the ids keep racing servers from waiting in a circle.
 *
 * An execution counts as still going while one of its runs is leased, or queued and still claimable: one that no runner
 * took in time must not make the next slot an overlap. A slot that lies in a maintenance which skips does not run, whatever
 * else would have become of it; the windows that are open are read once for all monitors of the statement.
 */
export async function fireMonitors({ sql }: Database, firings: readonly Firing[]): Promise<FireCount> {
  const list = <T extends string | number | boolean | Date | null>(pick: (firing: Firing) => T) =>
    sql.array(firings.map(pick).map((value) => (value instanceof Date ? value.toISOString() : value)));
  const [count] = await sql<FireCount[]>`
    with due as (
      select * from unnest(
        ${list((f) => f.monitorId)}::uuid[], ${list((f) => f.dueAt)}::timestamptz[],
        ${list((f) => f.slotAt)}::timestamptz[], ${list((f) => f.nextAt)}::timestamptz[],
        ${list((f) => f.collapsed)}::int[], ${list((f) => f.runs)}::bool[], ${list((f) => f.validMs)}::int[]
      ) as d(monitor_id, due_at, slot_at, next_at, collapsed, runs, valid_ms)
    ), won as (
      select m.id from monitors m join due d on d.monitor_id = m.id
       where m.active and date_trunc('milliseconds', m.next_run_at) = d.due_at
       order by m.id for no key update of m skip locked
    ), moved as (
      update monitors m set next_run_at = d.next_at
        from won, due d where m.id = won.id and d.monitor_id = won.id
      returning m.id, m.workspace_id, m.tags, m.overlap_policy, d.slot_at, d.collapsed, d.runs, d.valid_ms
    ), seen as (
      select moved.*, o.id as open_id, coalesce(o.queues_behind, false) as queues_behind
        from moved left join lateral (
          select e.id, bool_or(r.after_execution_id is not null and r.status = 'queued') over () as queues_behind
            from executions e join runs r on r.execution_id = e.id
           where e.monitor_id = moved.id and e.finished_at is null
             and (r.status = 'leased' or (r.status = 'queued' and r.valid_until > now()))
           order by e.created_at desc limit 1) o on true
    ), maintained as materialized (
      select * from maintenance_periods p
       where p.behaviour = 'skip' and p.ends_at > (select min(slot_at) from due)
         and p.starts_at <= (select max(slot_at) from due)
    ), weighed as (
      select m.*, exists (
               select 1 from maintained p
                where p.workspace_id = m.workspace_id and p.starts_at <= m.slot_at and p.ends_at > m.slot_at
                  and ${coversMonitor(sql)}) as in_maintenance
        from seen m
    ), judged as materialized (
      select weighed.*, gen_random_uuid() as execution_id,
             case when in_maintenance then 'skipped' when not runs then 'missed'
                  when open_id is null or (overlap_policy = 'queue' and not queues_behind) then 'pending'
                  else 'skipped' end as status
        from weighed
    ), fired as (
      insert into executions (id, monitor_id, trigger, slot_at)
      select execution_id, id, 'scheduled', slot_at from judged where status = 'pending'
          on conflict do nothing returning id
    ), ledger as (
      insert into slots (monitor_id, slot_at, status, reason, collapsed, execution_id, decided_at)
      select j.id, j.slot_at, j.status,
             case when j.in_maintenance then 'maintenance' when j.status = 'skipped' then 'overlap' when j.status = 'missed' or j.collapsed > 0 then 'downtime' end,
             j.collapsed, case when j.status = 'pending' then j.execution_id end,
             case when j.status <> 'pending' then now() end
        from judged j where j.status <> 'pending' or exists (select 1 from fired f where f.id = j.execution_id)
          on conflict do nothing returning monitor_id, slot_at, status
    ), signalled as (
      ${signalMissedSlots(sql, sql`(select l.monitor_id as id, j.workspace_id, l.slot_at from ledger l join judged j on j.id = l.monitor_id where l.status = 'missed') ended`)}
    ), queued as (
      insert into runs (id, execution_id, monitor_id, workspace_id, runner_id, valid_until, after_execution_id)
      select gen_random_uuid(), f.id, j.id, j.workspace_id, d.runner_id,
             now() + make_interval(secs => j.valid_ms / 1000.0), j.open_id
        from fired f join judged j on j.execution_id = f.id left join monitor_runners d on d.monitor_id = j.id
      returning runner_id
    ), woken as materialized (
      select pg_notify('run_queued', w.runner)
        from (select distinct coalesce(runner_id::text, '*') as runner from queued) w
    )
    select (select count(*)::int from ledger) as fired, (select count(*)::int from queued) as "queuedRuns",
           (select count(*) from woken) as woken`;
  return count ?? { fired: 0, queuedRuns: 0 };
}
