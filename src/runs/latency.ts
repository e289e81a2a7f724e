import type { Database } from "../../db/connect.ts";

/** Lists of equal length in order of time. */
export interface LatencySeries {
  at: Date[];
  p50Ms: (number | null)[];
  p95Ms: (number | null)[];
  /** Spans in which runs failed. */
  failed: { from: Date; to: Date }[];
}

const BUCKETS = 120;
/** A month of runs every minute. Asking for the newest in order also keeps Postgres on the index of the monitor. */
const MAX_RUNS = 50_000;

interface Bucket {
  at: Date;
  endsAt: Date;
  p50: number | null;
  p95: number | null;
  failed: number;
}

/** Mean response time of the runs since an instant, in at most 120 buckets; empty buckets are left out. */
export async function latencySeries(
  { sql }: Database,
  monitorId: string,
  since: Date,
): Promise<LatencySeries> {
  const buckets = await sql<Bucket[]>`
    with recent as (
      select queued_at, outcome, requests_total, response_ms_total from runs
       where monitor_id = ${monitorId} and queued_at > ${since} order by queued_at desc limit ${MAX_RUNS}
    ), timed as (
      select r.queued_at, r.outcome, r.response_ms_total / nullif(r.requests_total, 0) as response_ms,
             floor(extract(epoch from r.queued_at - ${since}::timestamptz) / nullif(span.seconds, 0)) as bucket, span.seconds
        from recent r, (select extract(epoch from now() - ${since}::timestamptz) / ${BUCKETS} as seconds) span
       where r.outcome in ('passed', 'failed')
    )
    select min(queued_at) as at, ${since}::timestamptz + make_interval(secs => ((bucket + 1) * seconds)::float8) as "endsAt",
           percentile_disc(0.5) within group (order by response_ms) as p50,
           percentile_disc(0.95) within group (order by response_ms) as p95,
           count(*) filter (where outcome = 'failed')::int as failed
      from timed group by bucket, seconds order by bucket limit ${BUCKETS + 1}`;
  return {
    at: buckets.map((bucket) => bucket.at),
    p50Ms: buckets.map((bucket) => bucket.p50),
    p95Ms: buckets.map((bucket) => bucket.p95),
    failed: failedSpans(buckets),
  };
}

/** Neighbouring buckets with a failure are one span. */
function failedSpans(buckets: readonly Bucket[]): { from: Date; to: Date }[] {
  const spans: { from: Date; to: Date }[] = [];
  let isOpen = false;
  for (const { at, endsAt, failed } of buckets) {
    const last = spans.at(-1);
    if (failed > 0 && isOpen && last) last.to = endsAt;
    else if (failed > 0) spans.push({ from: at, to: endsAt });
    isOpen = failed > 0;
  }
  return spans;
}
