import type postgres from "postgres";

import type { Database } from "../../../db/connect.ts";
import { WHOLE_RUN } from "./cells.ts";
import type { Span } from "./plan.ts";
import type { RunFilter } from "./samples.ts";

export interface MatchRequest {
  monitorId: string;
  filter: RunFilter;
  /** Absent = the newest, however old. */
  span?: Span | undefined;
  /** Only what was queued before. */
  before?: Date | undefined;
  limit: number;
}

export interface Match {
  runId: string;
  executionId: string;
  queuedAt: Date;
}

export interface Matches {
  /** Newest first. */
  runs: Match[];
  /** There may be older ones before this; null when there are none. */
  continueBefore: Date | null;
}

export const hasFilter = (filter: RunFilter): boolean =>
  Object.values(filter).some((value) => value !== undefined);

/**
 * Runs of a filter, newest first, unfinished ones too. Rare ones are found through the hourly statistics, which know the hours
 * that hold some: reading a hundred thousand runs for three of them would take a second.
 */
export async function listMatches({ sql }: Database, request: MatchRequest): Promise<Matches> {
  const { limit, filter } = request;
  const hours = hasFilter(filter) ? await hoursWith(sql, request) : undefined;
  const runs = await sql<Match[]>`
    select r.id as "runId", r.execution_id as "executionId", r.queued_at as "queuedAt"
      from ${
        hours
          ? sql`unnest(${sql.array(hours.list)}::text[]) h(hour), lateral (
              select * from runs r where ${inSpan(sql, request)} and r.queued_at >= h.hour::timestamptz
                 and r.queued_at < h.hour::timestamptz + interval '1 hour' and ${matching(sql, filter)}
               order by r.queued_at desc limit ${limit}) r`
          : sql`runs r where ${inSpan(sql, request)}`
      }
     order by r.queued_at desc limit ${limit}`;
  const last = runs.at(-1);
  if (runs.length === limit && last) return { runs, continueBefore: last.queuedAt };
  return { runs, continueBefore: hours?.continueBefore ?? null };
}

const inSpan = (sql: postgres.ISql, { monitorId, span, before }: MatchRequest) => sql`
  r.monitor_id = ${monitorId} and ${span ? sql`r.queued_at >= ${span.since} and r.queued_at < ${span.until}` : sql`true`}
  and ${before ? sql`r.queued_at < ${before}` : sql`true`}`;

const matching = (sql: postgres.ISql, filter: RunFilter) => sql`
  ${filter.trigger ? sql`exists (select 1 from executions e where e.id = r.execution_id and e.trigger = ${filter.trigger})` : sql`true`}
  and ${filter.runnerId ? sql`r.runner_id = ${filter.runnerId}` : sql`true`}
  and ${
    filter.requestId === undefined
      ? filter.result
        ? sql`r.outcome = ${filter.result}`
        : sql`true`
      : sql`exists (select 1 from run_timings t, unnest(t.requests, t.failed) u(request_id, failed)
                     where t.run_id = r.id and u.request_id = ${filter.requestId} and ${ofResult(sql, filter)})`
  }`;

/** Of one request: it failed, or it did not. */
const ofResult = (sql: postgres.ISql, { result }: RunFilter) => {
  if (result === undefined) return sql`true`;
  return result === "failed" ? sql`u.failed` : sql`not u.failed and ${result === "passed"}`;
};

/** Hours that hold at least `limit` matching runs together, or all; the last two always, for what is not counted yet. */
async function hoursWith(
  sql: Database["sql"],
  { monitorId, filter, span, before, limit }: MatchRequest,
): Promise<{ list: string[]; continueBefore: Date | null }> {
  const rows = await sql<{ hour: Date; isFirst: boolean }[]>`
    with found as (
      select hour, sum(greatest(runs, 1)) as runs from step_hours
       where monitor_id = ${monitorId} and request_id = ${filter.requestId ?? WHOLE_RUN}
         and ${filter.trigger ? sql`trigger = ${filter.trigger}` : sql`true`}
         and ${filter.runnerId ? sql`runner_id = ${filter.runnerId}` : sql`true`}
         and ${filter.result ? sql`outcome = ${filter.result}` : sql`true`}
         and ${span ? sql`hour >= date_trunc('hour', ${span.since}::timestamptz, 'UTC') and hour < ${span.until}` : sql`true`}
         and ${before ? sql`hour < ${before}` : sql`true`}
       group by hour
    ), summed as (
      select hour, runs, sum(runs) over (order by hour desc) as up_to, min(hour) over () as first from found
    )
    select hour, hour = first as "isFirst" from summed where up_to - runs < ${limit}
    union
    select date_trunc('hour', now(), 'UTC') - n * interval '1 hour', null from generate_series(0, 1) n`;
  const list = [...new Set(rows.map(({ hour }) => hour.toISOString()))];
  const counted = rows.filter(({ isFirst }) => isFirst !== null);
  const isComplete = counted.length === 0 || counted.some(({ isFirst }) => isFirst);
  const oldest = Math.min(...counted.map(({ hour }) => hour.getTime()));
  return { list, continueBefore: isComplete ? null : new Date(oldest) };
}
