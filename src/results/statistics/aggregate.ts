import type { Database } from "../../../db/connect.ts";
import { samplesOf, type SampleRequest } from "./samples.ts";

/** What runs or steps of one group come to. Times are in ms, and of runs that passed or failed unless a result was asked for. */
export interface Aggregate {
  /** Number of the bucket; 0 without buckets. */
  bucket: number;
  /** What it is about: id of a runner or number of a request; empty when nothing tells groups apart. */
  line: string;
  runs: number;
  passed: number;
  failed: number;
  errored: number;
  aborted: number;
  steps: number;
  stepsFailed: number;
  /** Beginning of the last hour, or instant of the last run. */
  lastAt: Date;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Runs that the sums from here on are of; only with `timings`, beside the bytes. */
  timedRuns: number;
  responses: number;
  responseMs: number;
  fastestMs: number | null;
  slowestMs: number | null;
  dnsMs: number;
  connectMs: number;
  tlsMs: number;
  firstByteMs: number;
  downloadMs: number;
  bytes: number;
}

export interface AggregateRequest extends Omit<SampleRequest, "hours"> {
  /** Absent = one bucket. */
  bucketMs?: number | undefined;
  by?: "runner" | "request" | undefined;
}

const DAY_MS = 24 * 3_600_000;
/** More groups than any page shows. */
const MAX_GROUPS = 5000;

/**
 * Adds samples up by bucket and line, in one statement. A percentile is the lowest time that at least so many of all times do
 * not exceed; out of hourly counts it is the mean of the class in which it lies, off by 19 % at most.
 */
export async function aggregate({ sql }: Database, request: AggregateRequest): Promise<Aggregate[]> {
  const bucket =
    request.bucketMs === undefined
      ? sql`0`
      : sql`greatest(0, floor(extract(epoch from at - ${request.since}::timestamptz) * 1000 / ${request.bucketMs}))::int`;
  const line = { none: sql`''`, runner: sql`runner_id::text`, request: sql`request_id::text` }[
    request.by ?? "none"
  ];
  const { result } = request.filter;
  const hours = request.bucketMs !== undefined && request.bucketMs % DAY_MS > 0;
  const timed = result ? sql`true` : sql`outcome in ('passed', 'failed')`;
  // What nobody asked for is not added up: there may be tens of thousands of rows.
  const sum = (column: string) =>
    sql`coalesce(sum(${sql(column)}) filter (where ${timed}), 0) as ${sql(column)}`;
  const details = [
    "responses",
    "response_ms",
    "dns_ms",
    "connect_ms",
    "tls_ms",
    "first_byte_ms",
    "download_ms",
  ];
  const detailed = request.timings
    ? sql`${details.map((column) => sql`, ${sum(column)}`)}, min(fastest_ms) filter (where ${timed}) as fastest_ms,
          max(slowest_ms) filter (where ${timed}) as slowest_ms`
    : sql`${[...details, "fastest_ms", "slowest_ms"].map((column) => sql`, null::float8 as ${sql(column)}`)}`;
  return sql<Aggregate[]>`
    with samples as (${samplesOf(sql, { ...request, hours })}), classes as (
      select ${bucket} as bucket, ${line} as line, rank, sum(runs)::float8 as runs,
             sum(runs) filter (where outcome = 'passed')::float8 as passed,
             sum(runs) filter (where outcome = 'failed')::float8 as failed,
             sum(runs) filter (where outcome = 'errored')::float8 as errored,
             sum(runs) filter (where outcome = 'aborted')::float8 as aborted, sum(steps)::float8 as steps,
             sum(steps_failed)::float8 as steps_failed, max(at) as last_at,
             sum(times) filter (where ${timed}) as times, sum(ms) filter (where ${timed}) as ms,
             sum(runs) filter (where ${timed}) as timed_runs, ${sum("bytes")} ${detailed}
        from samples group by 1, 2, 3
    ), ranked as (
      select *, sum(times) over (partition by bucket, line) as all_times,
             case when times > 0 then sum(times) over (partition by bucket, line order by rank) end as up_to
        from classes
    )
    select bucket, line, sum(runs) as runs, coalesce(sum(passed), 0) as passed, coalesce(sum(failed), 0) as failed,
           coalesce(sum(errored), 0) as errored, coalesce(sum(aborted), 0) as aborted, sum(steps) as steps,
           sum(steps_failed) as "stepsFailed", max(last_at) as "lastAt",
           (min(ms / times) filter (where up_to >= 0.5 * all_times))::float8 as p50,
           (min(ms / times) filter (where up_to >= 0.95 * all_times))::float8 as p95,
           (min(ms / times) filter (where up_to >= 0.99 * all_times))::float8 as p99,
           coalesce(sum(timed_runs), 0)::float8 as "timedRuns", coalesce(sum(responses), 0)::float8 as responses,
           coalesce(sum(response_ms), 0)::float8 as "responseMs", min(fastest_ms)::float8 as "fastestMs",
           max(slowest_ms)::float8 as "slowestMs", coalesce(sum(dns_ms), 0)::float8 as "dnsMs",
           coalesce(sum(connect_ms), 0)::float8 as "connectMs", coalesce(sum(tls_ms), 0)::float8 as "tlsMs",
           coalesce(sum(first_byte_ms), 0)::float8 as "firstByteMs",
           coalesce(sum(download_ms), 0)::float8 as "downloadMs", coalesce(sum(bytes), 0)::float8 as bytes
      from ranked group by bucket, line order by bucket, line limit ${MAX_GROUPS}`;
}
