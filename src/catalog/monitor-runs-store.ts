import { type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import type { Step } from "../contract/events.ts";
import { unpackEvents } from "../runs/packed-events.ts";
import { isOfStage } from "./associations-store.ts";
import { isoTime } from "./system-environments-store.ts";

export type MonitorRun = {
  id: string;
  monitorId: string;
  outcome: "passed" | "failed" | "errored";
  timestamp: string;
  collectionId: string;
  collectionOwnerId: number;
  collectionName: string;
  environmentId: string | null;
  environmentOwnerId: number | null;
  environmentName: string | null;
  durationMs: number | null;
  requestsTotal: number;
  requestsFailed: number;
  assertionsTotal: number;
  assertionsFailed: number;
};

export interface MonitorRunFilter {
  workspaceId: string;
  systemEnvironmentId: string | undefined;
  collectionId?: string | undefined;
  environmentId?: string | undefined;
  status?: "passed" | "failed" | undefined;
  order: SQL;
  limit: number;
  offset: number;
}

/** Runs of the last seven days that we could tell something of: errored ones count as failed, aborted ones not at all. */
export async function listMonitorRuns(
  { db }: Database,
  filter: MonitorRunFilter,
): Promise<{ rows: MonitorRun[]; total: number; passed: number }> {
  const outcomes = { passed: sql`('passed')`, failed: sql`('failed', 'errored')` };
  const from = sql`
    runs r join monitors m on m.id = r.monitor_id
     where m.workspace_id = ${filter.workspaceId} and r.queued_at > now() - interval '7 days'
       and r.outcome in ${filter.status === undefined ? sql`('passed', 'failed', 'errored')` : outcomes[filter.status]}
       and ${isOfStage(sql`m.environment_id`, filter.systemEnvironmentId)}
       and ${filter.collectionId === undefined ? sql`true` : sql`m.collection_id = ${filter.collectionId}`}
       and ${filter.environmentId === undefined ? sql`true` : sql`m.environment_id = ${filter.environmentId}`}`;
  const [rows, totals] = await Promise.all([
    db.execute<MonitorRun>(sql`
      with page as (
        select r.*, m.collection_id, m.environment_id from ${from}
         order by ${filter.order}, r.id limit ${filter.limit + 1} offset ${filter.offset})
      select r.id, r.monitor_id as "monitorId", r.outcome, ${isoTime(sql`r.queued_at`)} as timestamp,
             c.id as "collectionId", c.owner_id as "collectionOwnerId", c.name as "collectionName",
             e.id as "environmentId", e.owner_id as "environmentOwnerId", e.name as "environmentName",
             r.duration_ms as "durationMs", r.requests_total as "requestsTotal", r.requests_failed as "requestsFailed",
             r.assertions_total as "assertionsTotal", r.assertions_failed as "assertionsFailed"
        from page r join collections c on c.id = r.collection_id left join environments e on e.id = r.environment_id
       order by ${filter.order}, r.id`),
    db.execute<{ total: number; passed: number }>(sql`
      select count(*)::int as total, (count(*) filter (where r.outcome = 'passed'))::int as passed from ${from}`),
  ]);
  return { rows: [...rows], total: totals[0]?.total ?? 0, passed: totals[0]?.passed ?? 0 };
}

/** Newest first. */
export async function listRunIds(
  { db }: Database,
  workspaceId: string,
  systemEnvironmentId: string | undefined,
  limit: number,
): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select r.id from runs r join monitors m on m.id = r.monitor_id
     where m.workspace_id = ${workspaceId} and r.queued_at > now() - interval '7 days' and r.outcome is not null
       and ${isOfStage(sql`m.environment_id`, systemEnvironmentId)}
     order by r.queued_at desc limit ${limit}`);
  return rows.map(({ id }) => id);
}

/** Steps of the last attempts of runs, by run. */
export async function loadSteps(
  { sql: query }: Database,
  runIds: readonly string[],
): Promise<Map<string, Step[]>> {
  if (runIds.length === 0) return new Map();
  const batches = await query<{ runId: string; events: Uint8Array }[]>`
    select v.run_id as "runId", v.events from run_events v join runs r on r.id = v.run_id and r.attempt = v.attempt
     where v.run_id = any(${query.array([...runIds])}::uuid[]) and v.steps > 0`;
  const byRun = Map.groupBy(batches, (batch) => batch.runId);
  return new Map(
    [...byRun].map(([runId, parts]) => [
      runId,
      parts
        .flatMap(({ events }) => unpackEvents(events))
        .flatMap((event) => (event.type === "step_finished" ? [event.step] : [])),
    ]),
  );
}
