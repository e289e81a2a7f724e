import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { inVisibleWorkspace } from "../access/workspace-rights.ts";
import type { Outcome } from "../contract/events.ts";
import { shownStatus } from "../runs/shown-status.ts";

/** How a monitor stands, in the words that a person sees. */
export type MonitorStanding = "passing" | "failing" | "error" | "aborted" | "paused" | "none";

/** One run of the strip of last runs. */
export interface RecentRun {
  id: string;
  status: "queued" | "running" | Outcome;
  queuedAt: Date;
  durationMs: number | null;
}

export interface MonitorOverview {
  id: string;
  name: string;
  workspaceId: string;
  collectionName: string;
  environmentName: string | null;
  active: boolean;
  standing: MonitorStanding;
  stateSince: Date | null;
  /** Oldest first, at most 30. */
  runs: RecentRun[];
  /** Of the last 24 hours, between 0 and 1: passed / (passed + failed); null without either. */
  uptime24h: number | null;
  /** 95th percentile of the duration of runs that passed or failed in the last 24 hours. */
  p95Ms: number | null;
  lastRunAt: Date | null;
  nextRunAt: Date | null;
  /** Names; empty = any runner. */
  runners: string[];
}

export interface OverviewRequest {
  /** Absent = all workspaces that the actor sees. */
  workspaceId?: string | undefined;
  search?: string | undefined;
  standings?: readonly MonitorStanding[] | undefined;
  limit?: number | undefined;
  offset?: number | undefined;
}

export interface OverviewPage {
  rows: MonitorOverview[];
  hasMore: boolean;
  /** Of all monitors of the workspace, whatever the other filters. */
  counts: Record<MonitorStanding, number>;
}

const BARS = 30;
const PAGE = 100;

/**
 * Of workspaces that the actor sees: failing first, then by name; two statements, whatever the number of monitors and
 * runs.
 */
export async function listMonitorsOverview(
  database: Database,
  actor: Actor,
  request: OverviewRequest = {},
): Promise<OverviewPage> {
  const limit = request.limit ?? PAGE;
  const [found, counts] = await Promise.all([
    listRows(database, actor, { ...request, limit: limit + 1 }),
    countStandings(database, actor, request.workspaceId),
  ]);
  return { rows: found.slice(0, limit).map(toOverview), hasMore: found.length > limit, counts };
}

const standing = (sql: Database["sql"]) => sql`
  case when not m.active then 'paused' when m.state is null then 'none' when m.state = 'passed' then 'passing'
       when m.state = 'failed' then 'failing' when m.state = 'errored' then 'error' else 'aborted' end`;

type OverviewRecord = Omit<MonitorOverview, "runs"> & { runs: (RunRecord & { queuedAt: string })[] | null };
type RunRecord = Omit<RecentRun, "queuedAt">;

const listRows = (
  { sql }: Database,
  actor: Actor,
  { limit, ...request }: OverviewRequest & { limit: number },
) => sql<OverviewRecord[]>`
  with chosen as (
    select m.*, ${standing(sql)} as standing from monitors m
     where ${request.workspaceId ? sql`m.workspace_id = ${request.workspaceId}` : sql`true`}
       and ${inVisibleWorkspace(sql, actor, "m.workspace_id")}
       and ${request.search ? sql`position(lower(${request.search}) in lower(m.name)) > 0` : sql`true`}
       and ${request.standings ? sql`${standing(sql)} = any(${sql.array([...request.standings])}::text[])` : sql`true`}
     order by array_position(array['failing', 'error', 'aborted', 'passing', 'none', 'paused'], ${standing(sql)}),
              m.name, m.id
     limit ${limit} offset ${request.offset ?? 0}
  )
  select m.id, m.name, m.workspace_id as "workspaceId", c.name as "collectionName", e.name as "environmentName",
         m.active, m.standing, m.state_since as "stateSince", m.next_run_at as "nextRunAt",
         bars.runs, bars.last_run_at as "lastRunAt", day.uptime as "uptime24h", day.p95 as "p95Ms",
         array(select coalesce(w.name, 'deleted runner') from monitor_runners d left join runners w on w.id = d.runner_id
                where d.monitor_id = m.id order by 1) as runners
    from chosen m
    join collections c on c.id = m.collection_id
    left join environments e on e.id = m.environment_id
    left join lateral (
      select json_agg(json_build_object('id', r.id, 'status', ${shownStatus(sql)}, 'queuedAt', r.queued_at,
                                        'durationMs', r.duration_ms) order by r.queued_at) as runs,
             max(r.queued_at) as last_run_at
        from (select * from runs where monitor_id = m.id order by queued_at desc limit ${BARS}) r) bars on true
    left join lateral (
      select ${uptime(sql)} as uptime, percentile_disc(0.95) within group (order by r.duration_ms) as p95
        from runs r
       where r.monitor_id = m.id and r.queued_at > now() - interval '1 day' and r.outcome in ('passed', 'failed')) day on true
   order by array_position(array['failing', 'error', 'aborted', 'passing', 'none', 'paused'], m.standing), m.name, m.id`;

/** Only passed and failed enter uptime: of the others nobody knows how the API was. */
export const uptime = (sql: Database["sql"]) => sql`
  (count(*) filter (where r.outcome = 'passed'))::float8
    / nullif(count(*) filter (where r.outcome in ('passed', 'failed')), 0)`;

/** From whole hours: the first one counts from its beginning. */
const uptimeOfHours = (sql: Database["sql"], span: "7 days" | "30 days") => sql`
  select sum(h.passed)::float8 / nullif(sum(h.passed + h.failed), 0) as uptime from run_hours h
   where h.monitor_id = m.id and h.hour >= date_trunc('hour', now() - ${span}::interval, 'UTC')`;

const toOverview = ({ runs, ...row }: OverviewRecord): MonitorOverview => ({
  ...row,
  runs: (runs ?? []).map((run) => ({ ...run, queuedAt: new Date(run.queuedAt) })),
});

async function countStandings({ sql }: Database, actor: Actor, workspaceId: string | undefined) {
  const rows = await sql<{ standing: MonitorStanding; monitors: number }[]>`
    select ${standing(sql)} as standing, count(*)::int as monitors from monitors m
     where ${workspaceId ? sql`m.workspace_id = ${workspaceId}` : sql`true`}
       and ${inVisibleWorkspace(sql, actor, "m.workspace_id")} group by 1`;
  const counts = { passing: 0, failing: 0, error: 0, aborted: 0, paused: 0, none: 0 };
  for (const row of rows) counts[row.standing] = row.monitors;
  return counts;
}

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
  uptime: { day: number | null; week: number | null; month: number | null };
  /** Duration of runs of the last 24 hours. */
  latency: { p50Ms: number | null; p95Ms: number | null };
}

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
           json_build_object('day', day.uptime, 'week', week.uptime, 'month', month.uptime) as uptime,
           json_build_object('p50Ms', day.p50, 'p95Ms', day.p95) as latency
      from monitors m
      join workspaces w on w.id = m.workspace_id
      join collections c on c.id = m.collection_id
      left join environments e on e.id = m.environment_id
      left join lateral (
        select ${uptime(sql)} as uptime, percentile_disc(0.5) within group (order by r.duration_ms) as p50,
               percentile_disc(0.95) within group (order by r.duration_ms) as p95
          from runs r where r.monitor_id = m.id and r.queued_at > now() - interval '1 day'
           and r.outcome in ('passed', 'failed')) day on true
      left join lateral (${uptimeOfHours(sql, "7 days")}) week on true
      left join lateral (${uptimeOfHours(sql, "30 days")}) month on true
     where m.id = ${monitorId}`;
  return row;
}

/** The last runs of a monitor, oldest first. */
export async function listRecentRuns(
  { sql }: Database,
  monitorId: string,
  limit: number,
): Promise<RecentRun[]> {
  const rows = await sql<RecentRun[]>`
    select r.id, ${shownStatus(sql)} as status, r.queued_at as "queuedAt", r.duration_ms as "durationMs"
      from runs r where r.monitor_id = ${monitorId} order by r.queued_at desc limit ${limit}`;
  return rows.toReversed();
}
