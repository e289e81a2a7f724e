import type { Database } from "../../db/connect.ts";
import { type MonitorStanding, standing, uptime } from "./standing.ts";

export interface MonitorDetail {
  id: string;
  name: string;
  ownerId: number;
  workspaceId: string;
  workspaceName: string;
  collection: { id: string; name: string };
  environment: { id: string; name: string } | null;
  active: boolean;
  standing: MonitorStanding;
  stateSince: Date | null;
  failureStreak: number;
  cron: string | null;
  timezone: string;
  nextRunAt: Date | null;
  /** Empty = any runner. */
  runners: { id: string; name: string }[];
  retryAttempts: number | null;
  rerunLost: boolean;
  lastRunAt: Date | null;
  isRunning: boolean;
  /** Between 0 and 1; null without runs that passed or failed. */
  uptime: { day: number | null; week: number | null; month: number | null; quarter: number | null };
  /** Duration of runs of the last 24 hours. */
  latency: { p50Ms: number | null; p95Ms: number | null; p99Ms: number | null };
  /** The newest run that waits or goes on. */
  openRunId: string | null;
}

/** From whole hours: the first one counts from its beginning. */
const uptimeOfHours = (sql: Database["sql"], span: "7 days" | "30 days" | "90 days") => sql`
  select sum(h.passed)::float8 / nullif(sum(h.passed + h.failed), 0) as uptime from run_hours h
   where h.monitor_id = m.id and h.hour >= date_trunc('hour', now() - ${span}::interval, 'UTC')`;

/** A monitor with its figures; undefined when there is none. */
export async function getMonitorDetail(
  { sql }: Database,
  monitorId: string,
): Promise<MonitorDetail | undefined> {
  const [row] = await sql<MonitorDetail[]>`
    select m.id, m.name, m.owner_id as "ownerId", m.workspace_id as "workspaceId", w.name as "workspaceName",
           json_build_object('id', c.id, 'name', c.name) as collection,
           case when e.id is not null then json_build_object('id', e.id, 'name', e.name) end as environment,
           m.active, ${standing(sql)} as standing, m.state_since as "stateSince",
           m.failure_streak as "failureStreak", m.retry_attempts as "retryAttempts", m.rerun_lost as "rerunLost", m.cron, m.timezone, m.next_run_at as "nextRunAt",
           (select coalesce(json_agg(json_build_object('id', d.runner_id, 'name', coalesce(f.name, 'deleted runner'))
                                     order by f.name), '[]')
              from monitor_runners d left join runners f on f.id = d.runner_id where d.monitor_id = m.id) as runners,
           (select max(queued_at) from runs where monitor_id = m.id) as "lastRunAt",
           exists (select 1 from executions x where x.monitor_id = m.id and x.finished_at is null) as "isRunning",
           (select r.id from executions x join runs r on r.execution_id = x.id and r.outcome is null
             where x.monitor_id = m.id and x.finished_at is null order by r.queued_at desc limit 1) as "openRunId",
           json_build_object('day', day.uptime, 'week', week.uptime, 'month', month.uptime, 'quarter', quarter.uptime) as uptime,
           json_build_object('p50Ms', day.p50, 'p95Ms', day.p95, 'p99Ms', day.p99) as latency
      from monitors m
      join workspaces w on w.id = m.workspace_id
      join collections c on c.id = m.collection_id
      left join environments e on e.id = m.environment_id
      left join lateral (
        select ${uptime(sql)} as uptime, percentile_disc(0.5) within group (order by r.duration_ms) as p50,
               percentile_disc(0.95) within group (order by r.duration_ms) as p95,
               percentile_disc(0.99) within group (order by r.duration_ms) as p99
          from runs r where r.monitor_id = m.id and r.queued_at > now() - interval '1 day'
           and r.outcome in ('passed', 'failed')) day on true
      left join lateral (${uptimeOfHours(sql, "7 days")}) week on true
      left join lateral (${uptimeOfHours(sql, "30 days")}) month on true
      left join lateral (${uptimeOfHours(sql, "90 days")}) quarter on true
     where m.id = ${monitorId}`;
  return row;
}
