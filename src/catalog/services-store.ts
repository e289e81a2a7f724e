import { sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import type { Cursor } from "../lib/cursor.ts";
import { isOfStage } from "./associations-store.ts";
import { cursorAt, isBeyond } from "./paging.ts";
import { isoTime } from "./system-environments-store.ts";

/** A service of the catalog is a workspace, seen from one stage: its runs are those with environments of the stage. */
export type Service = {
  id: string;
  name: string;
  createdAt: string;
  ownerId: number;
  ownerName: string;
  tags: string[];
  at: string;
};

export interface ServiceFilter {
  systemEnvironmentId: string | undefined;
  name?: string | undefined;
  tags?: readonly string[] | undefined;
  limit: number;
  after?: Cursor | undefined;
}

const columns = sql`
  w.id, w.name, ${isoTime(sql`w.created_at`)} as "createdAt", w.created_by as "ownerId", u.name as "ownerName",
  array(select t.slug from element_tags t where t.element_type = 'workspace' and t.element_id = w.id::text
         order by t.slug) as tags,
  ${cursorAt(sql`w.created_at`)} as at`;

/** Those that the actor may see and that have an environment of the stage, oldest first; one more than `limit`. */
export async function listServices(
  { db }: Database,
  actor: Actor,
  filter: ServiceFilter,
): Promise<Service[]> {
  const tags = filter.tags ?? [];
  const rows = await db.execute<Service>(sql`
    select ${columns} from workspaces w join users u on u.id = w.created_by
     where ${isInVisibleWorkspace(actor, sql`w.id`) ?? sql`true`}
       and ${
         filter.systemEnvironmentId === undefined
           ? sql`true`
           : sql`exists (select 1 from environments e where e.workspace_id = w.id
                            and ${isOfStage(sql`e.id`, filter.systemEnvironmentId)})`
       }
       and ${filter.name === undefined ? sql`true` : sql`strpos(lower(w.name), ${filter.name.toLowerCase()}) > 0`}
       and ${
         tags.length === 0
           ? sql`true`
           : sql`exists (select 1 from element_tags t where t.element_type = 'workspace' and t.element_id = w.id::text
                            and t.slug in (${sql.join(
                              tags.map((tag) => sql`${tag}`),
                              sql`, `,
                            )}))`
       }
       and ${isBeyond(sql`(w.created_at, w.id)`, filter.after)}
     order by w.created_at, w.id limit ${filter.limit + 1}`);
  return [...rows];
}

export async function findService({ db }: Database, id: string): Promise<Service | undefined> {
  const [row] = await db.execute<Service>(
    sql`select ${columns} from workspaces w join users u on u.id = w.created_by where w.id = ${id}`,
  );
  return row;
}

export type MonitorFacts = {
  workspaceId: string;
  total: number;
  active: number;
  /** By the outcome of their last execution. */
  passing: number;
  failing: number;
  lastRunAt: string | null;
};

const among = (ids: readonly string[]) =>
  sql`(${sql.join(
    ids.map((id) => sql`${id}::uuid`),
    sql`, `,
  )})`;

/** One row per workspace that has monitors of the stage. */
export async function monitorFacts(
  { db }: Database,
  workspaceIds: readonly string[],
  systemEnvironmentId: string | undefined,
): Promise<MonitorFacts[]> {
  if (workspaceIds.length === 0) return [];
  const rows = await db.execute<MonitorFacts>(sql`
    select m.workspace_id as "workspaceId", count(*)::int as total, (count(*) filter (where m.active))::int as active,
           (count(*) filter (where m.state = 'passed'))::int as passing,
           (count(*) filter (where m.state <> 'passed'))::int as failing, ${isoTime(sql`max(l.at)`)} as "lastRunAt"
      from monitors m
           left join lateral (select max(x.created_at) as at from executions x where x.monitor_id = m.id) l on true
     where m.workspace_id in ${among(workspaceIds)} and ${isOfStage(sql`m.environment_id`, systemEnvironmentId)}
     group by 1`);
  return [...rows];
}

export type RunHours = {
  workspaceId: string;
  /** Of the last seven days, not of the seven before. */
  isCurrent: boolean;
  responseClass: number;
  passed: number;
  failed: number;
  errored: number;
  responseMsSum: number;
};

/** Runs of two weeks, by class of response time. */
export async function runHours(
  { db }: Database,
  workspaceIds: readonly string[],
  systemEnvironmentId: string | undefined,
): Promise<RunHours[]> {
  if (workspaceIds.length === 0) return [];
  const rows = await db.execute<RunHours>(sql`
    select m.workspace_id as "workspaceId", h.hour > now() - interval '7 days' as "isCurrent",
           h.response_class as "responseClass", sum(h.passed)::int as passed, sum(h.failed)::int as failed,
           sum(h.errored)::int as errored, sum(h.response_ms_sum)::float8 as "responseMsSum"
      from run_hours h join monitors m on m.id = h.monitor_id
     where m.workspace_id in ${among(workspaceIds)} and ${isOfStage(sql`m.environment_id`, systemEnvironmentId)}
       and h.hour > now() - interval '14 days'
     group by 1, 2, 3`);
  return [...rows];
}

export type PipelineFacts = {
  workspaceId: string;
  /** A pipeline is a collection in a workflow; it is as its last run of the week. */
  active: number;
  passing: number;
  lastRunAt: string | null;
};

export async function pipelineFacts(
  { db }: Database,
  workspaceIds: readonly string[],
  systemEnvironmentId: string | undefined,
): Promise<PipelineFacts[]> {
  if (workspaceIds.length === 0) return [];
  const rows = await db.execute<PipelineFacts>(sql`
    select workspace_id as "workspaceId", count(*)::int as active,
           (count(*) filter (where status = 'passed'))::int as passing, ${isoTime(sql`max(started_at)`)} as "lastRunAt"
      from (select distinct on (c.workspace_id, c.collection_id, c.ci ->> 'workflowName')
                   c.workspace_id, c.status, c.started_at
              from ci_runs c
             where c.workspace_id in ${among(workspaceIds)} and c.started_at > now() - interval '7 days'
               and ${isOfStage(sql`c.environment_id`, systemEnvironmentId)}
             order by c.workspace_id, c.collection_id, c.ci ->> 'workflowName', c.started_at desc) last
     group by 1`);
  return [...rows];
}

export type RequestTotals = {
  isCurrent: boolean;
  runs: number;
  passed: number;
  requests: number;
  requestsFailed: number;
  assertions: number;
  assertionsFailed: number;
};

/** Of one workspace, for this week and the one before. */
export async function requestTotals(
  { db }: Database,
  workspaceId: string,
  systemEnvironmentId: string | undefined,
): Promise<RequestTotals[]> {
  const rows = await db.execute<RequestTotals>(sql`
    select r.queued_at > now() - interval '7 days' as "isCurrent", count(*)::int as runs,
           (count(*) filter (where r.outcome = 'passed'))::int as passed, sum(r.requests_total)::int as requests,
           sum(r.requests_failed)::int as "requestsFailed", sum(r.assertions_total)::int as assertions,
           sum(r.assertions_failed)::int as "assertionsFailed"
      from runs r join monitors m on m.id = r.monitor_id
     where m.workspace_id = ${workspaceId} and ${isOfStage(sql`m.environment_id`, systemEnvironmentId)}
       and r.queued_at > now() - interval '14 days' and r.outcome in ('passed', 'failed', 'errored')
     group by 1`);
  return [...rows];
}

export type EntityCounts = {
  collections: number;
  specifications: number;
  monitors: number;
  mocks: number;
  environments: number;
  /** Collections that a monitor has run in the last seven days. */
  activeCollections: number;
};

export async function entityCounts({ db }: Database, workspaceId: string): Promise<EntityCounts> {
  const [row] = await db.execute<EntityCounts>(sql`
    select (select count(*)::int from collections where workspace_id = ${workspaceId}) as collections,
           (select count(*)::int from specs where workspace_id = ${workspaceId}) as specifications,
           (select count(*)::int from monitors where workspace_id = ${workspaceId}) as monitors,
           (select count(*)::int from mocks where workspace_id = ${workspaceId}) as mocks,
           (select count(*)::int from environments where workspace_id = ${workspaceId}) as environments,
           (select count(distinct m.collection_id)::int from monitors m
             where m.workspace_id = ${workspaceId} and exists (
                   select 1 from executions x
                    where x.monitor_id = m.id and x.created_at > now() - interval '7 days')) as "activeCollections"`);
  if (!row) throw new Error("a select without a table returned no row");
  return row;
}

/** The last seven days by the clock of the database. */
export async function lastSevenDays({ db }: Database): Promise<{ start: string; end: string }> {
  const [row] = await db.execute<{ start: string; end: string }>(
    sql`select ${isoTime(sql`now() - interval '7 days'`)} as start, ${isoTime(sql`now()`)} as end`,
  );
  if (!row) throw new Error("a select without a table returned no row");
  return row;
}

/** The id when there is such an environment in the workspace. */
export async function findEnvironmentIn(
  { db }: Database,
  workspaceId: string,
  id: string | undefined,
): Promise<string | undefined> {
  if (id === undefined) return undefined;
  const [row] = await db.execute<{ id: string }>(
    sql`select id from environments where id = ${id} and workspace_id = ${workspaceId}`,
  );
  return row?.id;
}
