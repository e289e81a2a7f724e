import type { Database } from "../../../db/connect.ts";
import type { Outcome } from "../../contract/events.ts";
import { shownStatus } from "../../runs/shown-status.ts";

/** A run as a bar shows it. */
export interface BarRun {
  runId: string;
  status: "queued" | "running" | Outcome;
  queuedAt: Date;
  durationMs: number | null;
  runnerName: string | null;
  /** It began more than a minute after it was due. */
  isLate: boolean;
}

/** The runs of the ids, oldest first. Where a request is named: how that went in them, and how long its slowest answer took. */
export function listBarRuns(
  { sql }: Database,
  runIds: readonly string[],
  requestId: number | undefined,
): Promise<BarRun[]> {
  const ofRequest =
    requestId === undefined
      ? sql`(select ${shownStatus(sql)} as status, r.duration_ms as duration_ms)`
      : sql`(select case when bool_or(u.failed) then 'failed' else 'passed' end as status, max(u.total_ms)::float8 as duration_ms
               from run_timings t, unnest(t.requests, t.failed, t.total_ms) u(request_id, failed, total_ms)
              where t.run_id = r.id and u.request_id = ${requestId})`;
  return sql<BarRun[]>`
    select r.id as "runId", shown.status, r.queued_at as "queuedAt", shown.duration_ms as "durationMs", w.name as "runnerName",
           coalesce(s.status = 'late', false) as "isLate"
      from runs r
      join executions e on e.id = r.execution_id
      left join slots s on s.monitor_id = e.monitor_id and s.slot_at = e.slot_at
      left join runners w on w.id = r.runner_id,
           lateral ${ofRequest} shown
     where r.id = any(${sql.array([...runIds])}::uuid[])
     order by r.queued_at, r.id`;
}

/** A slot that led to no run. */
export interface BarGap {
  slotAt: Date;
  status: "skipped" | "missed" | "lost";
  reason: string | null;
  collapsed: number;
}

/** Slots without a run between two instants, oldest first, the newest `limit`. Those that were lost have a run. */
export async function listBarGaps(
  { sql }: Database,
  monitorId: string,
  { since, until, limit }: { since: Date; until: Date; limit: number },
): Promise<BarGap[]> {
  const gaps = await sql<BarGap[]>`
    select s.slot_at as "slotAt", s.status, s.reason, s.collapsed from slots s
     where s.monitor_id = ${monitorId} and s.slot_at >= ${since} and s.slot_at < ${until}
       and (s.status = 'skipped' or s.status = 'missed'
            and not exists (select 1 from runs r where r.execution_id = s.execution_id))
     order by s.slot_at desc limit ${limit}`;
  return gaps.toReversed();
}
