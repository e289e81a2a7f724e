import type { Database } from "../../db/connect.ts";

/** How an outcome is called in Postman's bodies. */
export const statusWords = {
  passed: "success",
  failed: "failed",
  errored: "error",
  aborted: "aborted",
} as const;

interface LastRunRow {
  execution_id: string;
  outcome: keyof typeof statusWords;
  started_at: Date;
  finished_at: Date;
  assertions: number;
  assertions_failed: number;
  requests: number;
  requests_failed: number;
  runs: number;
  errors: number;
  aborted: number;
  latency_ms: number;
  bytes: number;
}

/** `lastRun` of a monitor: its latest execution that has ended, summed over its runs; undefined before the first. */
export async function findLastRun({ sql }: Database, monitorId: string) {
  const [row] = await sql<LastRunRow[]>`
    with last as (
      select id, outcome, created_at, finished_at from executions
      where monitor_id = ${monitorId} and finished_at is not null and outcome is not null
      order by created_at desc limit 1
    )
    select
      last.id as execution_id, last.outcome, last.finished_at,
      coalesce(min(runs.claimed_at), last.created_at) as started_at,
      coalesce(sum(assertions_total), 0)::int as assertions,
      coalesce(sum(assertions_failed), 0)::int as assertions_failed,
      coalesce(sum(requests_total), 0)::int as requests,
      coalesce(sum(requests_failed), 0)::int as requests_failed,
      count(runs.id)::int as runs,
      coalesce(sum(errors_total), 0)::int as errors,
      count(*) filter (where runs.outcome = 'aborted')::int as aborted,
      coalesce(sum(response_ms_total), 0)::float8 as latency_ms,
      coalesce(sum(response_bytes_total), 0)::float8 as bytes
    from last left join runs on runs.execution_id = last.id
    group by last.id, last.outcome, last.created_at, last.finished_at`;
  return (
    row && {
      status: statusWords[row.outcome],
      startedAt: row.started_at.toISOString(),
      finishedAt: row.finished_at.toISOString(),
      jobId: row.execution_id,
      stats: {
        assertions: { total: row.assertions, failed: row.assertions_failed },
        requests: { total: row.requests, failed: row.requests_failed },
        runCount: row.runs,
        errorCount: row.errors,
        abortedCount: row.aborted,
        responseLatency: Math.round(row.latency_ms),
        responseSize: row.bytes,
      },
    }
  );
}
