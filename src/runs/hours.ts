import type postgres from "postgres";

/** Stands for a run that no runner took: a primary key holds no null. */
const NO_RUNNER = "00000000-0000-0000-0000-000000000000";

/**
 * Adds finished runs to the hourly counts. `ended` names the rows: monitor_id, runner_id, queued_at, outcome,
 * requests_total and response_ms_total. Ordered, and behind the lock of the monitor, so that ends at the same time wait
 * for each other in one order.
 */
export const addToHours = (sql: postgres.ISql, ended: postgres.Fragment) => sql`
  insert into run_hours as h (monitor_id, hour, runner_id, response_class, passed, failed, errored, aborted, response_ms_sum)
  select monitor_id, date_trunc('hour', queued_at, 'UTC'), coalesce(runner_id, ${NO_RUNNER}::uuid), c.class,
         (count(*) filter (where outcome = 'passed'))::int, (count(*) filter (where outcome = 'failed'))::int,
         (count(*) filter (where outcome = 'errored'))::int, (count(*) filter (where outcome = 'aborted'))::int,
         coalesce(sum(m.response_ms) filter (where outcome in ('passed', 'failed')), 0)
    from ${ended},
         lateral (select response_ms_total / nullif(requests_total, 0) as response_ms) m,
         -- Four steps double the time; the first holds everything up to 0.1 ms.
         lateral (select coalesce(1 + floor(4 * ln(greatest(m.response_ms, 0.1) / 0.1) / ln(2.0::float8)), 0)::int as class) c
   group by 1, 2, 3, 4 order by 1, 2, 3, 4
      on conflict (monitor_id, hour, runner_id, response_class) do update set
         passed = h.passed + excluded.passed, failed = h.failed + excluded.failed,
         errored = h.errored + excluded.errored, aborted = h.aborted + excluded.aborted,
         response_ms_sum = h.response_ms_sum + excluded.response_ms_sum`;
