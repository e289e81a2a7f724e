import type { Fragment } from "postgres";

import type { Database } from "../../../db/connect.ts";
import type { Actor } from "../../access/context.ts";
import { inVisibleWorkspace } from "../../access/workspace-rights.ts";
import { shownStatus } from "../../runs/shown-status.ts";
import { type MonitorStanding, type RecentRun, standing, uptime } from "../standing.ts";

export interface MonitorOverview {
  id: string;
  name: string;
  workspaceId: string;
  workspaceName: string;
  /** Empty = none. */
  folder: string;
  tags: string[];
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

export const groupings = ["workspace", "folder", "tag"] as const;
/** What monitors can be grouped by. */
export type Grouping = (typeof groupings)[number];

/** Which monitors are in view, whatever their state. */
export interface OverviewPlace {
  /** Absent = all workspaces that the actor sees. */
  workspaceId?: string | undefined;
  /** With all folders below it; empty = those in none. */
  folder?: string | undefined;
  /** Empty = those without any. */
  tag?: string | undefined;
}

export interface OverviewRequest extends OverviewPlace {
  /** In the name, the folder or a tag. */
  search?: string | undefined;
  standings?: readonly MonitorStanding[] | undefined;
}

interface Slice {
  limit?: number | undefined;
  offset?: number | undefined;
}

interface GroupSlice {
  by: Grouping;
  /** Groups. */
  limit: number;
  offset: number;
  /** Of each group. */
  rows: number;
}

export type StandingCounts = Record<MonitorStanding, number>;

export interface OverviewPage {
  rows: MonitorOverview[];
  hasMore: boolean;
}

export interface OverviewGroup {
  /** Id of the workspace, the folder or the tag; empty = in no folder, without a tag. */
  key: string;
  name: string;
  counts: StandingCounts;
  /** The first of them. */
  rows: MonitorOverview[];
}

const BARS = 30;
const PAGE = 100;
/** Failing first: who looks at an overview looks for these. */
const order: readonly MonitorStanding[] = ["failing", "error", "aborted", "passing", "none", "paused"];

/** Of workspaces that the actor sees: failing first, then by name; one statement, whatever their number. */
export async function listMonitorsOverview(
  database: Database,
  actor: Actor,
  { limit = PAGE, offset = 0, ...request }: OverviewRequest & Slice = {},
): Promise<OverviewPage> {
  const { sql } = database;
  const found = await listRows(
    database,
    sql`select m.*, ${standing(sql)} as standing, '' as group_key from monitors m
         where ${inView(sql, actor, request)}
         order by ${rank(sql, standing(sql))}, m.name, m.id limit ${limit + 1} offset ${offset}`,
  );
  return { rows: found.slice(0, limit).map(toOverview), hasMore: found.length > limit };
}

/** How many monitors of a place are in which state. */
export async function countStandings(
  { sql }: Database,
  actor: Actor,
  place: OverviewPlace = {},
): Promise<StandingCounts> {
  const rows = await sql<{ standing: MonitorStanding; monitors: number }[]>`
    select ${standing(sql)} as standing, count(*)::int as monitors from monitors m
     where ${inView(sql, actor, place)} group by 1`;
  return countsOf(rows.map((row) => [row.standing, row.monitors]));
}

/**
 * The same monitors in groups, those with something failing first, with the first rows of each; a monitor with several
 * tags is in several groups. Two statements.
 */
export async function listGroups(
  database: Database,
  actor: Actor,
  { by, limit, offset, rows, ...request }: OverviewRequest & GroupSlice,
): Promise<{ groups: OverviewGroup[]; hasMore: boolean }> {
  const { sql } = database;
  const keyed = sql`
    select m.*, ${standing(sql)} as standing, ${keyOf(sql, by)} as group_key
      from monitors m ${by === "tag" ? sql`left join unnest(m.tags) tag on true` : sql``}
     where ${inView(sql, actor, request)}`;
  const found = await sql<{ key: string; name: string; counts: StandingPairs }[]>`
    with keyed as (${keyed}),
    counted as (select group_key, standing, count(*)::int as monitors from keyed group by 1, 2)
    select c.group_key as key, ${by === "workspace" ? sql`min(w.name)` : sql`c.group_key`} as name,
           json_agg(json_build_array(c.standing, c.monitors)) as counts
      from counted c ${by === "workspace" ? sql`join workspaces w on w.id::text = c.group_key` : sql``}
     group by c.group_key
     order by min(${rank(sql, sql`c.standing`)}) filter (where c.standing in ('failing', 'error', 'aborted')) nulls last,
              c.group_key = '', 2 limit ${limit + 1} offset ${offset}`;
  const groups = found.slice(0, limit);
  const members = await listRows(
    database,
    sql`select ranked.* from (
          select keyed.*, row_number() over (partition by group_key order by ${rank(sql, sql`standing`)}, name, id) as place
            from (${keyed}) keyed
           where group_key = any(${sql.array(groups.map((group) => group.key))}::text[])) ranked
         where place <= ${rows}`,
  );
  const byKey = Map.groupBy(members, (row) => row.groupKey);
  return {
    groups: groups.map(({ key, name, counts }) => ({
      key,
      name,
      counts: countsOf(counts),
      rows: (byKey.get(key) ?? []).map(toOverview),
    })),
    hasMore: found.length > limit,
  };
}

type StandingPairs = [MonitorStanding, number][];

function countsOf(pairs: StandingPairs): StandingCounts {
  const counts = { passing: 0, failing: 0, error: 0, aborted: 0, paused: 0, none: 0 };
  for (const [name, monitors] of pairs) counts[name] = monitors;
  return counts;
}

const rank = (sql: Database["sql"], of: Fragment) =>
  sql`array_position(${sql.array([...order])}::text[], ${of})`;

const keyOf = (sql: Database["sql"], by: Grouping) =>
  ({ workspace: sql`m.workspace_id::text`, folder: sql`m.folder`, tag: sql`coalesce(tag, '')` })[by];

const inView = (
  sql: Database["sql"],
  actor: Actor,
  { workspaceId, folder, tag, search, standings }: OverviewRequest,
) => sql`
  ${inVisibleWorkspace(sql, actor, "m.workspace_id")}
   ${workspaceId ? sql`and m.workspace_id = ${workspaceId}` : sql``}
   ${folder === undefined ? sql`` : folder === "" ? sql`and m.folder = ''` : sql`and (m.folder = ${folder} or starts_with(m.folder, ${`${folder}/`}))`}
   ${tag === undefined ? sql`` : tag === "" ? sql`and m.tags = '{}'` : sql`and ${tag} = any(m.tags)`}
   ${search ? sql`and position(lower(${search}) in lower(concat_ws(' ', m.name, m.folder, array_to_string(m.tags, ' ')))) > 0` : sql``}
   ${standings ? sql`and ${standing(sql)} = any(${sql.array([...standings])}::text[])` : sql``}`;

type RunRecord = Omit<RecentRun, "queuedAt"> & { queuedAt: string };
type OverviewRecord = Omit<MonitorOverview, "runs"> & { runs: RunRecord[] | null; groupKey: string };

/** Rows of monitors that a statement has chosen, with how their last runs went. */
const listRows = ({ sql }: Database, chosen: Fragment) => sql<OverviewRecord[]>`
  with chosen as (${chosen})
  select m.group_key as "groupKey", m.id, m.name, m.workspace_id as "workspaceId", w.name as "workspaceName", m.folder,
         m.tags, c.name as "collectionName", e.name as "environmentName",
         m.active, m.standing, m.state_since as "stateSince", m.next_run_at as "nextRunAt",
         bars.runs, bars.last_run_at as "lastRunAt", day.uptime as "uptime24h", day.p95 as "p95Ms",
         array(select coalesce(w.name, 'deleted runner') from monitor_runners d left join runners w on w.id = d.runner_id
                where d.monitor_id = m.id order by 1) as runners
    from chosen m
    join workspaces w on w.id = m.workspace_id
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
   order by m.group_key, ${rank(sql, sql`m.standing`)}, m.name, m.id`;

const toOverview = ({ runs, groupKey: _key, ...row }: OverviewRecord): MonitorOverview => ({
  ...row,
  runs: (runs ?? []).map((run) => ({ ...run, queuedAt: new Date(run.queuedAt) })),
});
