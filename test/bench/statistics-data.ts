import type { Database } from "../../db/connect.ts";

const REQUESTS = 10;

/** The statistics of the finished runs of a monitor as if each had sent ten requests, without the events that tell them. */
export async function fillStatistics({ sql }: Database, monitorId: string): Promise<void> {
  await sql`
    insert into monitor_requests (monitor_id, item_id, name, folder)
    select ${monitorId}, 'item-' || n, 'Request ' || n, 'Folder' from generate_series(1, ${REQUESTS}) n`;
  await sql`
    insert into run_timings (run_id, responses, fastest_ms, slowest_ms, requests, failed, total_ms, dns_ms, connect_ms, tls_ms,
                             first_byte_ms, download_ms, bytes)
    select r.id, ${REQUESTS}, 20, 220, q.ids, q.failed, q.total, q.some, q.some, q.some, q.total, q.some, q.bytes
      from runs r, lateral (
        select array_agg(m.id) as ids, array_agg(r.outcome = 'failed' and random() < 0.3 and m.id > 0) as failed,
               array_agg((20 + random() * 200)::real) as total, array_agg((random() * 9)::real) as some,
               array_agg(2000::bigint) as bytes
          from monitor_requests m where m.monitor_id = r.monitor_id and r.id is not null) q
     where r.monitor_id = ${monitorId}`;
  await sql`
    insert into step_hours (monitor_id, request_id, hour, runner_id, trigger, outcome, class, times, ms_sum, runs, steps,
                            steps_failed, responses, response_ms_sum, fastest_ms, slowest_ms, first_byte_ms_sum)
    select r.monitor_id, 0, date_trunc('hour', r.queued_at, 'UTC'), coalesce(r.runner_id, '00000000-0000-0000-0000-000000000000'),
           'scheduled', r.outcome, 1 + floor(4 * ln(r.duration_ms / 0.1) / ln(2.0::float8)), count(*), sum(r.duration_ms),
           count(*), ${REQUESTS} * count(*), 0, ${REQUESTS} * count(*), sum(r.response_ms_total), 20, 220, 100
      from runs r where r.monitor_id = ${monitorId} group by 1, 2, 3, 4, 5, 6, 7`;
  await sql`
    insert into step_hours (monitor_id, request_id, hour, runner_id, trigger, outcome, class, times, ms_sum, runs, steps,
                            steps_failed, responses, response_ms_sum, fastest_ms, slowest_ms, first_byte_ms_sum)
    select r.monitor_id, u.request_id, date_trunc('hour', r.queued_at, 'UTC'),
           coalesce(r.runner_id, '00000000-0000-0000-0000-000000000000'), 'scheduled',
           case when u.failed then 'failed' else 'passed' end, 1 + floor(4 * ln(u.ms / 0.1) / ln(2.0::float8)), count(*),
           sum(u.ms), count(*), count(*), count(*) filter (where u.failed), count(*), sum(u.ms), min(u.ms), max(u.ms), sum(u.ms)
      from runs r join run_timings t on t.run_id = r.id, unnest(t.requests, t.failed, t.total_ms) u(request_id, failed, ms)
     where r.monitor_id = ${monitorId} group by 1, 2, 3, 4, 5, 6, 7`;
  await sql`
    insert into step_days (monitor_id, request_id, day, runner_id, trigger, outcome, class, times, ms_sum, runs, steps,
                           steps_failed, responses, response_ms_sum, fastest_ms, slowest_ms, first_byte_ms_sum)
    select monitor_id, request_id, date_trunc('day', hour, 'UTC'), runner_id, trigger, outcome, class, sum(times), sum(ms_sum),
           sum(runs), sum(steps), sum(steps_failed), sum(responses), sum(response_ms_sum), min(fastest_ms), max(slowest_ms),
           sum(first_byte_ms_sum)
      from step_hours group by 1, 2, 3, 4, 5, 6, 7`;
  await sql`truncate uncounted_runs`;
}
