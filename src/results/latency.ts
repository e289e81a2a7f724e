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
const HOUR_MS = 60 * 60 * 1000;
/** A day of runs every two seconds. Asking for the newest in order also keeps Postgres on the index of the monitor. */
const MAX_RUNS = 50_000;
/** A longer chart is drawn from hourly counts: a month can be a hundred thousand runs. */
const LONGEST_OF_RUNS_MS = 25 * HOUR_MS;

interface Bucket {
  at: Date;
  endsAt: Date;
  p50: number | null;
  p95: number | null;
  failed: number;
}

/** Mean response time of the runs between two instants, in at most 121 buckets; empty buckets are left out. */
export async function latencySeries(
  database: Database,
  monitorId: string,
  { since, until }: { since: Date; until: Date },
): Promise<LatencySeries> {
  const spanMs = until.getTime() - since.getTime();
  const buckets =
    spanMs <= LONGEST_OF_RUNS_MS
      ? await bucketsOfRuns(database, monitorId, since)
      : await bucketsOfHours(database, { monitorId, since, hours: Math.ceil(spanMs / HOUR_MS / BUCKETS) });
  return {
    at: buckets.map((bucket) => bucket.at),
    p50Ms: buckets.map((bucket) => bucket.p50),
    p95Ms: buckets.map((bucket) => bucket.p95),
    failed: failedSpans(buckets),
  };
}

const bucketsOfRuns = ({ sql }: Database, monitorId: string, since: Date) => sql<Bucket[]>`
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

interface HoursRequest {
  monitorId: string;
  since: Date;
  /** Of one bucket. */
  hours: number;
}

/** A percentile is the mean of the class of response times in which it lies: off by less than a tenth, usually far less. */
const bucketsOfHours = ({ sql }: Database, { monitorId, since, hours }: HoursRequest) => sql<Bucket[]>`
  with classes as (
    select floor(extract(epoch from hour) / ${hours * 3600}) as bucket, response_class, min(hour) as at,
           sum(passed + failed) as runs, sum(failed) as failed, sum(response_ms_sum) as ms
      from run_hours
     where monitor_id = ${monitorId} and hour >= date_trunc('hour', ${since}::timestamptz, 'UTC')
     group by 1, 2 having sum(passed + failed) > 0
  ), ranked as (
    select *, sum(runs) filter (where response_class > 0) over (partition by bucket) as timed,
           case when response_class > 0
                then sum(runs) filter (where response_class > 0) over (partition by bucket order by response_class)
           end as up_to
      from classes
  )
  select min(at) as at, least(now(), to_timestamp(((bucket + 1) * ${hours * 3600})::float8)) as "endsAt",
         (min(ms / runs) filter (where up_to >= 0.5 * timed))::float8 as p50,
         (min(ms / runs) filter (where up_to >= 0.95 * timed))::float8 as p95, sum(failed)::int as failed
    from ranked group by bucket order by bucket limit ${BUCKETS + 1}`;

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
