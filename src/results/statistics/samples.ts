import type postgres from "postgres";

import type { Outcome } from "../../contract/events.ts";
import type { Trigger } from "../../runs/run.ts";
import { WHOLE_RUN } from "./cells.ts";

/** Which runs are looked at; what is absent is not asked. */
export interface RunFilter {
  /** Of `monitor_requests`. */
  requestId?: number | undefined;
  trigger?: Trigger | undefined;
  /** Of the run; where one request is asked for, of that: passed or failed. */
  result?: Outcome | undefined;
  runnerId?: string | undefined;
}

export interface SampleRequest {
  monitorId: string;
  since: Date;
  until: Date;
  filter: RunFilter;
  /** From each run; otherwise from the counts of hours and days, whose first hour counts from its beginning. */
  isExact: boolean;
  /** Hours are to be told apart; otherwise whole days are read as such. */
  hours: boolean;
  /** One row for each run, for each step of the filter's request, or for each step. */
  of: "runs" | "request" | "requests";
  /** The fastest and slowest response, responses and phases are asked for, which is work. */
  timings: boolean;
}

/** A wrong guess of how many runs a span has must not read them all. */
const MAX_RUNS = 20_000;
const DAY_MS = 24 * 3_600_000;
const NO_RUNNER = "00000000-0000-0000-0000-000000000000";

/**
 * Rows of one shape, whether they are single times or classes of an hour: at, runner_id, request_id, outcome, rank (what times
 * are sorted by), times, ms, runs, steps, steps_failed, responses, response_ms, fastest_ms, slowest_ms, the five phases and
 * bytes. All but the first five add up.
 */
export function samplesOf(sql: postgres.ISql, request: SampleRequest): postgres.Fragment {
  if (!request.isExact) return fromCounts(sql, request);
  return request.of === "runs" ? fromRuns(sql, request) : fromSteps(sql, request);
}

const chosenRuns = (sql: postgres.ISql, { monitorId, since, until, filter, of }: SampleRequest) => sql`
  select r.* from runs r ${filter.trigger ? sql`join executions e on e.id = r.execution_id` : sql``}
   where r.monitor_id = ${monitorId} and r.queued_at >= ${since} and r.queued_at < ${until} and r.outcome is not null
     and ${filter.trigger ? sql`e.trigger = ${filter.trigger}` : sql`true`}
     and ${filter.result && of === "runs" ? sql`r.outcome = ${filter.result}` : sql`true`}
     and ${filter.runnerId ? sql`r.runner_id = ${filter.runnerId}` : sql`true`}
   order by r.queued_at desc limit ${MAX_RUNS}`;

const phaseSum = (sql: postgres.ISql, column: string) =>
  sql`(select sum(ms) from unnest(t.${sql(column)}) ms)`;

const fromRuns = (sql: postgres.ISql, request: SampleRequest) => {
  const timings = request.timings
    ? sql`coalesce(t.responses, r.requests_total) as responses, t.fastest_ms, t.slowest_ms,
          ${phaseSum(sql, "dns_ms")} as dns_ms, ${phaseSum(sql, "connect_ms")} as connect_ms,
          ${phaseSum(sql, "tls_ms")} as tls_ms, ${phaseSum(sql, "first_byte_ms")} as first_byte_ms,
          ${phaseSum(sql, "download_ms")} as download_ms`
    : sql`r.requests_total as responses, null::float8 as fastest_ms, null::float8 as slowest_ms, 0 as dns_ms,
          0 as connect_ms, 0 as tls_ms, 0 as first_byte_ms, 0 as download_ms`;
  return sql`
    select r.queued_at as at, coalesce(r.runner_id, ${NO_RUNNER}) as runner_id, ${WHOLE_RUN}::int as request_id, r.outcome,
           coalesce(r.duration_ms, 0) as rank, (r.duration_ms is not null)::int as times, r.duration_ms as ms, 1 as runs,
           r.requests_total as steps, r.requests_failed as steps_failed, r.response_ms_total as response_ms,
           r.response_bytes_total::float8 as bytes, ${timings}
      from (${chosenRuns(sql, request)}) r ${request.timings ? sql`left join run_timings t on t.run_id = r.id` : sql``}`;
};

const fromSteps = (sql: postgres.ISql, request: SampleRequest) => {
  const { filter } = request;
  return sql`
  select r.queued_at as at, coalesce(r.runner_id, ${NO_RUNNER}) as runner_id, u.request_id, s.outcome,
         coalesce(u.total_ms, 0) as rank, (u.total_ms is not null)::int as times, u.total_ms as ms,
         -- A request that is sent several times in a run makes it no more than one run.
         (array_position(t.requests, u.request_id) = u.place)::int as runs, 1 as steps, u.failed::int as steps_failed,
         (u.total_ms is not null)::int as responses, coalesce(u.total_ms, 0) as response_ms, u.total_ms as fastest_ms,
         u.total_ms as slowest_ms, u.dns_ms, u.connect_ms, u.tls_ms, u.first_byte_ms, u.download_ms, u.bytes
    from (${chosenRuns(sql, request)}) r join run_timings t on t.run_id = r.id,
         unnest(t.requests, t.failed, t.total_ms, t.dns_ms, t.connect_ms, t.tls_ms, t.first_byte_ms, t.download_ms, t.bytes)
           with ordinality as u(request_id, failed, total_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, download_ms, bytes,
                                place),
         lateral (select case when u.failed then 'failed' else 'passed' end as outcome) s
   where ${filter.result ? sql`s.outcome = ${filter.result}` : sql`true`} and ${request.of === "request" ? sql`u.request_id = ${filter.requestId ?? WHOLE_RUN}` : sql`true`}`;
};

/** Whole days of the span from the days, the rest from the hours. */
const fromCounts = (sql: postgres.ISql, request: SampleRequest) => {
  const firstDay = Math.ceil(request.since.getTime() / DAY_MS) * DAY_MS;
  const endOfDays = Math.floor(request.until.getTime() / DAY_MS) * DAY_MS;
  const hour = sql`h.hour >= date_trunc('hour', ${request.since}::timestamptz, 'UTC') and h.hour < ${request.until}`;
  if (request.hours || firstDay >= endOfDays) return cells(sql, request, "hour", hour);
  const days = { from: new Date(firstDay), to: new Date(endOfDays) };
  return sql`
    ${cells(sql, request, "day", sql`h.day >= ${days.from} and h.day < ${days.to}`)}
    union all ${cells(sql, request, "hour", sql`${hour} and h.hour < ${days.from}`)}
    union all ${cells(sql, request, "hour", sql`${hour} and h.hour >= ${days.to}`)}`;
};

const cells = (
  sql: postgres.ISql,
  { filter, monitorId, of }: SampleRequest,
  unit: "hour" | "day",
  inTime: postgres.Fragment,
) => sql`
  select h.${sql(unit)} as at, h.runner_id, h.request_id, h.outcome, h.class::float8 as rank, h.times, h.ms_sum as ms, h.runs,
         h.steps, h.steps_failed, h.response_ms_sum as response_ms, h.bytes_sum as bytes, h.responses, h.fastest_ms,
         h.slowest_ms, h.dns_ms_sum as dns_ms, h.connect_ms_sum as connect_ms, h.tls_ms_sum as tls_ms,
         h.first_byte_ms_sum as first_byte_ms, h.download_ms_sum as download_ms
    from ${unit === "hour" ? sql`step_hours` : sql`step_days`} h
   where h.monitor_id = ${monitorId} and ${inTime}
     and ${
       of === "requests"
         ? sql`h.request_id > ${WHOLE_RUN}`
         : sql`h.request_id = ${of === "request" ? (filter.requestId ?? WHOLE_RUN) : WHOLE_RUN}`
     }
     and ${filter.trigger ? sql`h.trigger = ${filter.trigger}` : sql`true`}
     and ${filter.result ? sql`h.outcome = ${filter.result}` : sql`true`}
     and ${filter.runnerId ? sql`h.runner_id = ${filter.runnerId}` : sql`true`}`;
