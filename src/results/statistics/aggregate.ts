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

const counted = ["times", "ms", "runs", "steps", "steps_failed", "bytes"];
/** What nobody asked for is not added up: there may be tens of thousands of rows. */
const details = [
  "responses",
  "response_ms",
  "dns_ms",
  "connect_ms",
  "tls_ms",
  "first_byte_ms",
  "download_ms",
];

/**
 * Adds samples up by bucket and line, in one statement. A percentile is the lowest time that at least so many of all times do
 * not exceed; out of hourly counts it is the mean of the class in which it lies, off by 19 % at most.
 */
export async function aggregate({ sql }: Database, request: AggregateRequest): Promise<Aggregate[]> {
  const bucket =
    request.bucketMs === undefined
      ? sql`0`
      : sql`greatest(0, floor(date_part('epoch', at - ${request.since}::timestamptz) * 1000 / ${request.bucketMs}::float8))::int`;
  const line = { none: sql`0`, runner: sql`runner_id`, request: sql`request_id` }[request.by ?? "none"];
  const { result } = request.filter;
  const hours = request.bucketMs !== undefined && request.bucketMs % DAY_MS > 0;
  const timed = result ? sql`true` : sql`outcome in ('passed', 'failed')`;
  const wanted = request.timings ? details : [];
  const sums = [...counted, ...wanted].map((column) => sql`, sum(${sql(column)})::float8 as ${sql(column)}`);
  // Hardly two single times are the same, so there is nothing to add up before they are ranked.
  const classes = request.isExact
    ? sql`select ${bucket} as bucket, ${line} as line, rank, outcome, at as last_at, fastest_ms, slowest_ms
                 ${[...counted, ...wanted].map((column) => sql`, ${sql(column)}::float8`)} from samples`
    : sql`select ${bucket} as bucket, ${line} as line, rank, outcome, max(at) as last_at,
                 min(fastest_ms) as fastest_ms, max(slowest_ms) as slowest_ms ${sums}
            from samples group by 1, 2, 3, 4`;
  const total = (column: string, isAsked = true) =>
    isAsked ? sql`coalesce(sum(${sql(column)}) filter (where ${timed}), 0)` : sql`0`;
  const percentile = (part: number) =>
    sql`min(ms / times) filter (where up_to >= ${part}::float8 * all_times)`;
  const runsThat = (outcome: string) => sql`coalesce(sum(runs) filter (where outcome = ${outcome}), 0)`;
  return sql<Aggregate[]>`
    with samples as (${samplesOf(sql, { ...request, hours })}), classes as (${classes}), ranked as (
      select *, sum(times) filter (where ${timed}) over (partition by bucket, line) as all_times,
             case when times > 0 and ${timed}
                  then sum(times) filter (where ${timed}) over (partition by bucket, line order by rank) end as up_to
        from classes
    )
    select bucket, ${request.by ? sql`line::text` : sql`''`} as line, sum(runs) as runs,
           ${runsThat("passed")} as passed, ${runsThat("failed")} as failed, ${runsThat("errored")} as errored,
           ${runsThat("aborted")} as aborted, sum(steps) as steps, sum(steps_failed) as "stepsFailed",
           max(last_at) as "lastAt", ${percentile(0.5)} as p50, ${percentile(0.95)} as p95, ${percentile(0.99)} as p99,
           ${total("runs")} as "timedRuns", ${total("bytes")} as bytes,
           ${total("responses", request.timings)} as responses, ${total("response_ms", request.timings)} as "responseMs",
           min(fastest_ms) filter (where ${timed}) as "fastestMs", max(slowest_ms) filter (where ${timed}) as "slowestMs",
           ${total("dns_ms", request.timings)} as "dnsMs", ${total("connect_ms", request.timings)} as "connectMs",
           ${total("tls_ms", request.timings)} as "tlsMs", ${total("first_byte_ms", request.timings)} as "firstByteMs",
           ${total("download_ms", request.timings)} as "downloadMs"
      from ranked group by bucket, ranked.line order by bucket, ranked.line limit ${MAX_GROUPS}`;
}
