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
  /** From each run; otherwise from the hourly counts, whose first hour counts from its beginning. */
  isExact: boolean;
  /** One row for each run, for each step of the filter's request, or for each step. */
  of: "runs" | "request" | "requests";
  /** Phases are added up, which is work. */
  phases: boolean;
}

/** A wrong guess of how many runs a span has must not read them all. */
const MAX_RUNS = 20_000;
const NO_RUNNER = "00000000-0000-0000-0000-000000000000";

/**
 * Rows of one shape, whether they are single times or classes of an hour: at, runner_id, request_id, outcome, rank (what times
 * are sorted by), times, ms, runs, steps, steps_failed, responses, response_ms, fastest_ms, slowest_ms, the five phases and
 * bytes. All but the first five add up.
 */
export function samplesOf(sql: postgres.ISql, request: SampleRequest): postgres.Fragment {
  if (!request.isExact) return fromHours(sql, request);
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
  const phase = (column: string) => (request.phases ? phaseSum(sql, column) : sql`0`);
  return sql`
    select r.queued_at as at, coalesce(r.runner_id, ${NO_RUNNER}) as runner_id, ${WHOLE_RUN}::int as request_id, r.outcome,
           coalesce(r.duration_ms, 0) as rank, (r.duration_ms is not null)::int as times, r.duration_ms as ms, 1 as runs,
           coalesce(cardinality(t.requests), r.requests_total) as steps, r.requests_failed as steps_failed,
           coalesce(t.responses, r.requests_total) as responses, r.response_ms_total as response_ms, t.fastest_ms,
           t.slowest_ms, ${phase("dns_ms")} as dns_ms, ${phase("connect_ms")} as connect_ms, ${phase("tls_ms")} as tls_ms,
           ${phase("first_byte_ms")} as first_byte_ms, ${phase("download_ms")} as download_ms,
           r.response_bytes_total::float8 as bytes
      from (${chosenRuns(sql, request)}) r left join run_timings t on t.run_id = r.id`;
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

const fromHours = (sql: postgres.ISql, { monitorId, since, until, filter, of }: SampleRequest) => sql`
  select h.hour as at, h.runner_id, h.request_id, h.outcome, h.class::float8 as rank, h.times, h.ms_sum as ms, h.runs,
         h.steps, h.steps_failed, h.responses, h.response_ms_sum as response_ms, h.fastest_ms, h.slowest_ms,
         h.dns_ms_sum as dns_ms, h.connect_ms_sum as connect_ms, h.tls_ms_sum as tls_ms,
         h.first_byte_ms_sum as first_byte_ms, h.download_ms_sum as download_ms, h.bytes_sum as bytes
    from step_hours h
   where h.monitor_id = ${monitorId} and h.hour >= date_trunc('hour', ${since}::timestamptz, 'UTC') and h.hour < ${until}
     and ${
       of === "requests"
         ? sql`h.request_id > ${WHOLE_RUN}`
         : sql`h.request_id = ${of === "request" ? (filter.requestId ?? WHOLE_RUN) : WHOLE_RUN}`
     }
     and ${filter.trigger ? sql`h.trigger = ${filter.trigger}` : sql`true`}
     and ${filter.result ? sql`h.outcome = ${filter.result}` : sql`true`}
     and ${filter.runnerId ? sql`h.runner_id = ${filter.runnerId}` : sql`true`}`;
