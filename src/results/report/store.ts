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

/**
 * Of each bucket by `monitor key`: runs that were queued in it and not in a time that is excluded. Each bucket is read from
 * the index alone and counted by itself: in groups of one large result Postgres would sort them all, on the disk.
 */
export async function countRuns(
  { sql }: Database,
  buckets: readonly Bucket[],
  exclusions: readonly Exclusion[],
): Promise<ReadonlyMap<string, RunCounts>> {
  const isOutside =
    exclusions.length === 0
      ? sql`false`
      : sql`exists (select 1 from outside o where o.monitor_id = b.monitor_id and r.queued_at >= o.since and r.queued_at < o.until)`;
  const rows = await sql<(RunCounts & { monitorId: string; key: string })[]>`
    with ${bucketRows(sql, buckets)}, outside as (${spanRows(sql, exclusions)})
    select b.monitor_id as "monitorId", b.key, n.passed, n.failed, n.ended - n.passed - n.failed as untold, n."p95Ms"
      from buckets b, lateral (
        select count(r.outcome)::int as ended, (count(*) filter (where r.outcome = 'passed'))::int as passed,
               (count(*) filter (where r.outcome = 'failed'))::int as failed,
               percentile_disc(0.95) within group (order by r.duration_ms)
                 filter (where r.outcome = 'passed' or r.outcome = 'failed') as "p95Ms"
          from runs r
         where r.monitor_id = b.monitor_id and r.queued_at >= b.since and r.queued_at < b.until and not ${isOutside}) n`;
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

/**
 * Of each bucket by `monitor key`: how the due times of the schedule ended. Most slots ran, and those that did not have an
 * index of their own; so only two texts of each slot are compared.
 */
export async function countSlots(
  { sql }: Database,
  buckets: readonly Bucket[],
): Promise<ReadonlyMap<string, SlotCounts>> {
  const isOutside = sql`status = 'skipped' and reason in ('paused', 'maintenance')`;
  const rows = await sql<(SlotCounts & { monitorId: string; key: string })[]>`
    with ${bucketRows(sql, buckets)}
    select b.monitor_id as "monitorId", b.key, a.ran + a.late as reported, a.late, g.missed + a.folded as missed, g.lost,
           g.overlap, g."inMaintenance", a.slots + a.folded - a.undecided - g.outside as due
      from buckets b, lateral (
        select count(*)::int as slots, coalesce(sum(collapsed), 0)::int as folded,
               (count(*) filter (where status = 'ran'))::int as ran, (count(*) filter (where status = 'late'))::int as late,
               coalesce(sum(1 + collapsed) filter (where status = 'pending'), 0)::int as undecided
          from slots where monitor_id = b.monitor_id and slot_at >= b.since and slot_at < b.until) a, lateral (
        select (count(*) filter (where status = 'missed'))::int as missed, (count(*) filter (where status = 'lost'))::int as lost,
               (count(*) filter (where status = 'skipped' and reason = 'overlap'))::int as overlap,
               (count(*) filter (where status = 'skipped' and reason = 'maintenance'))::int as "inMaintenance",
               coalesce(sum(1 + collapsed) filter (where ${isOutside}), 0)::int as outside
          from slots
         where monitor_id = b.monitor_id and slot_at >= b.since and slot_at < b.until
           and status in ('skipped', 'missed', 'lost')) g`;
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
