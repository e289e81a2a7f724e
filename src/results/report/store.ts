import type { Database } from "../../../db/connect.ts";
import type { Span } from "../statistics/plan.ts";
import type { StateChange } from "./downtime.ts";

/** A span of a monitor that is counted by itself. */
export interface Bucket extends Span {
  monitorId: string;
  key: string;
}

export interface RunCounts {
  passed: number;
  failed: number;
  /** Errored or aborted. */
  untold: number;
  /** 95th percentile of the duration of runs that passed or failed, in ms. */
  p95Ms: number | null;
}

/** A time of a monitor that does not count. */
export interface Exclusion extends Span {
  monitorId: string;
}

const idOf = (bucket: { monitorId: string; key: string }): string => `${bucket.monitorId} ${bucket.key}`;

/** The key of what all buckets of a monitor hold together. */
export const TOTAL = "total";

/**
 * Of each bucket by `monitor key`, and of all buckets of a monitor by `monitor total`: runs that were queued in it and not in
 * a time that is excluded. Read once, from the index alone: without `offset 0` Postgres joins all runs with all buckets.
 */
export async function countRuns(
  { sql }: Database,
  buckets: readonly Bucket[],
  exclusions: readonly Exclusion[],
): Promise<ReadonlyMap<string, RunCounts>> {
  // One bucket for each monitor is the whole of it.
  const isWhole = buckets.every(({ key }) => key === TOTAL);
  const rows = await sql<(RunCounts & { monitorId: string; key: string })[]>`
    with ${bucketRows(sql, buckets)}, outside as (${spanRows(sql, exclusions)})
    select b.monitor_id as "monitorId", ${isWhole ? sql`${TOTAL}::text` : sql`coalesce(b.key, ${TOTAL})`} as key,
           (count(*) filter (where r.outcome = 'passed'))::int as passed,
           (count(*) filter (where r.outcome = 'failed'))::int as failed,
           (count(*) filter (where r.outcome in ('errored', 'aborted')))::int as untold,
           percentile_disc(0.95) within group (order by r.duration_ms)
             filter (where r.outcome in ('passed', 'failed')) as "p95Ms"
      from buckets b
      left join lateral (
        select outcome, duration_ms from runs
         where monitor_id = b.monitor_id and queued_at >= b.since and queued_at < b.until
           and not exists (select 1 from outside o where o.monitor_id = b.monitor_id
                              and queued_at >= o.since and queued_at < o.until)
        offset 0) r on true
     group by ${isWhole ? sql`b.monitor_id` : sql`grouping sets ((b.monitor_id, b.key), (b.monitor_id))`}`;
  return new Map(rows.map(({ monitorId, key, ...counts }) => [idOf({ monitorId, key }), counts]));
}

/** The same from hourly counts, for runs that are deleted already: without durations, and an hour is excluded as a whole. */
export async function countHours(
  { sql }: Database,
  buckets: readonly Bucket[],
  exclusions: readonly Exclusion[],
): Promise<ReadonlyMap<string, RunCounts>> {
  const rows = await sql<(RunCounts & { monitorId: string; key: string })[]>`
    with ${bucketRows(sql, buckets)}, outside as (${spanRows(sql, exclusions)})
    select b.monitor_id as "monitorId", b.key, coalesce(sum(h.passed), 0)::int as passed,
           coalesce(sum(h.failed), 0)::int as failed, coalesce(sum(h.errored + h.aborted), 0)::int as untold,
           null as "p95Ms"
      from buckets b
      left join run_hours h on h.monitor_id = b.monitor_id and h.hour >= b.since and h.hour < b.until
            and not exists (select 1 from outside o where o.monitor_id = b.monitor_id
                               and h.hour < o.until and h.hour + interval '1 hour' > o.since)
     group by b.monitor_id, b.key`;
  return new Map(rows.map(({ monitorId, key, ...counts }) => [idOf({ monitorId, key }), counts]));
}

export interface SlotCounts {
  /** Slots of the schedule, without those that were pending, paused or in maintenance; folded ones are counted. */
  due: number;
  /** Of those: led to a run, in time or late. */
  reported: number;
  late: number;
  missed: number;
  lost: number;
  overlap: number;
  /** In a maintenance window that skips. */
  inMaintenance: number;
}

/** Of each bucket by `monitor key`: how the due times of the schedule ended; as few texts as can be are compared. */
export async function countSlots(
  { sql }: Database,
  buckets: readonly Bucket[],
): Promise<ReadonlyMap<string, SlotCounts>> {
  const rows = await sql<(SlotCounts & { monitorId: string; key: string })[]>`
    with ${bucketRows(sql, buckets)}, ended as (
      select b.monitor_id, b.key, n.status, coalesce(n.reason, '') as reason, n.slots, n.folded
        from buckets b left join lateral (
          select status, reason, count(*) as slots, sum(collapsed) as folded from slots
           where monitor_id = b.monitor_id and slot_at >= b.since and slot_at < b.until
           group by status, reason) n on true)
    select monitor_id as "monitorId", key,
           coalesce(sum(slots + folded) filter (
             where status <> 'pending' and not (status = 'skipped' and reason in ('paused', 'maintenance'))), 0)::int as due,
           coalesce(sum(slots) filter (where status in ('ran', 'late')), 0)::int as reported,
           coalesce(sum(slots) filter (where status = 'late'), 0)::int as late,
           (coalesce(sum(slots) filter (where status = 'missed'), 0) + coalesce(sum(folded), 0))::int as missed,
           coalesce(sum(slots) filter (where status = 'lost'), 0)::int as lost,
           coalesce(sum(slots) filter (where status = 'skipped' and reason = 'overlap'), 0)::int as overlap,
           coalesce(sum(slots) filter (where status = 'skipped' and reason = 'maintenance'), 0)::int as "inMaintenance"
      from ended group by monitor_id, key`;
  return new Map(rows.map(({ monitorId, key, ...counts }) => [idOf({ monitorId, key }), counts]));
}

/** Of each monitor: how its state changed in its span, beginning with the last change before it. */
export async function listStates(
  { sql }: Database,
  spans: readonly Exclusion[],
): Promise<ReadonlyMap<string, StateChange[]>> {
  const rows = await sql<(StateChange & { monitorId: string })[]>`
    with wanted as (${spanRows(sql, spans)})
    select w.monitor_id as "monitorId", s.at, s.state from wanted w, lateral (
      (select at, state from monitor_states where monitor_id = w.monitor_id and at < w.since order by at desc limit 1)
      union all
      select at, state from monitor_states where monitor_id = w.monitor_id and at >= w.since and at < w.until) s
     order by s.at`;
  return groupByMonitor(rows);
}

/** Of each monitor: when it was switched off and on before the end of its span; all of it, because one may have begun long ago. */
export async function listSwitches(
  { sql }: Database,
  spans: readonly Exclusion[],
): Promise<ReadonlyMap<string, { at: Date; active: boolean }[]>> {
  const rows = await sql<{ monitorId: string; at: Date; active: boolean }[]>`
    with wanted as (${spanRows(sql, spans)})
    select w.monitor_id as "monitorId", r.at, coalesce((r.change -> 'after' ->> 'active')::boolean,
                                                       r.action = 'monitor.resumed') as active
      from wanted w join audit_records r on r.subject_type = 'monitor' and r.subject_id = w.monitor_id::text
     where r.at < w.until
       and (r.action in ('monitor.paused', 'monitor.resumed') or jsonb_typeof(r.change -> 'after' -> 'active') = 'boolean')
     order by r.id`;
  return groupByMonitor(rows);
}

export interface FailedRun {
  id: string;
  reason: string | null;
  detail: string | null;
}

/** The run with which each time of being down began, by the instant in ms; one that is deleted is missing. */
export async function listFirstFailures(
  { sql }: Database,
  monitorId: string,
  instants: readonly Date[],
): Promise<ReadonlyMap<number, FailedRun>> {
  const rows = await sql<(FailedRun & { at: Date })[]>`
    select i.at, r.id, r.reason, r.detail
      from unnest(${sql.array(instants.map((at) => at.toISOString()))}::timestamptz[]) i(at),
           lateral (select id from executions
                     where monitor_id = ${monitorId} and created_at <= i.at + interval '1 millisecond' and outcome = 'failed'
                     order by created_at desc limit 1) e,
           lateral (select id, reason, detail from runs where execution_id = e.id and outcome = 'failed'
                     order by queued_at, id limit 1) r`;
  return new Map(rows.map(({ at, ...run }) => [at.getTime(), run]));
}

function groupByMonitor<T extends { monitorId: string }>(
  rows: readonly T[],
): ReadonlyMap<string, Omit<T, "monitorId">[]> {
  const groups = Map.groupBy(rows, ({ monitorId }) => monitorId);
  return new Map(
    [...groups].map(([id, found]) => [id, found.map(({ monitorId: _monitorId, ...row }) => row)]),
  );
}

const bucketRows = (sql: Database["sql"], buckets: readonly Bucket[]) => sql`
  buckets as materialized (select * from unnest(
    ${list(sql, buckets, ({ monitorId }) => monitorId)}::uuid[], ${list(sql, buckets, ({ key }) => key)}::text[],
    ${list(sql, buckets, ({ since }) => since.toISOString())}::timestamptz[],
    ${list(sql, buckets, ({ until }) => until.toISOString())}::timestamptz[]) as b(monitor_id, key, since, until))`;

const spanRows = (sql: Database["sql"], spans: readonly Exclusion[]) => sql`
  select * from unnest(
    ${list(sql, spans, ({ monitorId }) => monitorId)}::uuid[],
    ${list(sql, spans, ({ since }) => since.toISOString())}::timestamptz[],
    ${list(sql, spans, ({ until }) => until.toISOString())}::timestamptz[]) as w(monitor_id, since, until)`;

/** `text[]`: the driver cannot tell the type of an empty list. */
const TEXT_LIST = 1009;
const list = <T>(sql: Database["sql"], rows: readonly T[], pick: (row: T) => string) =>
  sql.array(rows.map(pick), TEXT_LIST);
