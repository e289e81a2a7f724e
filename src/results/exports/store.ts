import type { Database } from "../../../db/connect.ts";
import type { Outcome, Step } from "../../contract/events.ts";
import { unpackEvents } from "../../runs/packed-events.ts";
import type { Trigger } from "../../runs/run.ts";
import type { Span } from "../statistics/plan.ts";

/** Which runs of a monitor are wanted. */
export interface ExportRequest {
  monitorId: string;
  /** Undefined = everything that is kept. */
  span?: Span | undefined;
  trigger?: string | undefined;
  result?: string | undefined;
  runnerId?: string | undefined;
  /** Number of a request: only runs that sent it, and of their steps only those. */
  requestId?: number | undefined;
}

export interface ExportedRun {
  id: string;
  executionId: string;
  trigger: Trigger;
  slotAt: Date | null;
  queuedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  runnerId: string | null;
  runnerName: string | null;
  runnerVersion: string | null;
  attempt: number;
  outcome: Outcome;
  reason: string | null;
  detail: string | null;
  durationMs: number | null;
  requestsTotal: number;
  requestsFailed: number;
  assertionsTotal: number;
  assertionsFailed: number;
  errorsTotal: number;
  responseMsTotal: number;
  responseBytesTotal: number;
  collectionRevision: number | null;
  environmentRevision: number | null;
  /** Where the next page begins. */
  cursor: string;
}

/** Finished runs, oldest first, `limit` of them after a place. A slow reader holds no connection in between. */
export const listExportedRuns = (
  { sql }: Database,
  request: ExportRequest,
  { after, limit }: { after: Pick<ExportedRun, "cursor" | "id"> | undefined; limit: number },
) => sql<ExportedRun[]>`
  select r.id, r.execution_id as "executionId", e.trigger, e.slot_at as "slotAt", r.queued_at as "queuedAt",
         r.claimed_at as "startedAt", r.finished_at as "finishedAt", r.runner_id as "runnerId",
         case when r.runner_id is not null then coalesce(w.name, 'deleted runner') end as "runnerName",
         r.runner_version as "runnerVersion", r.attempt, r.outcome, r.reason, r.detail,
         r.duration_ms as "durationMs", r.requests_total as "requestsTotal", r.requests_failed as "requestsFailed",
         r.assertions_total as "assertionsTotal", r.assertions_failed as "assertionsFailed",
         r.errors_total as "errorsTotal", r.response_ms_total as "responseMsTotal",
         r.response_bytes_total::float8 as "responseBytesTotal", r.collection_revision as "collectionRevision",
         r.environment_revision as "environmentRevision",
         (extract(epoch from r.queued_at) * 1000000)::bigint::text as cursor
    from runs r join executions e on e.id = r.execution_id left join runners w on w.id = r.runner_id
   where r.monitor_id = ${request.monitorId} and r.outcome is not null
     and ${request.span ? sql`r.queued_at >= ${request.span.since} and r.queued_at < ${request.span.until}` : sql`true`}
     and ${request.trigger ? sql`e.trigger = ${request.trigger}` : sql`true`}
     and ${request.result ? sql`r.outcome = ${request.result}` : sql`true`}
     and ${request.runnerId ? sql`r.runner_id = ${request.runnerId}` : sql`true`}
     and ${
       request.requestId === undefined
         ? sql`true`
         : sql`exists (select 1 from run_timings t where t.run_id = r.id and ${request.requestId}::int = any(t.requests))`
     }
     and ${
       after
         ? sql`(r.queued_at, r.id) > (to_timestamp(0) + ${after.cursor}::bigint * interval '1 microsecond', ${after.id}::uuid)`
         : sql`true`
     }
   order by r.queued_at, r.id limit ${limit}`;

/** Steps of the last attempts of runs, in order, without headers and bodies; of runs whose steps are deleted, none. */
export async function listExportedSteps(
  { sql }: Database,
  runs: readonly Pick<ExportedRun, "id" | "attempt">[],
): Promise<Map<string, Step[]>> {
  if (runs.length === 0) return new Map();
  const batches = await sql<{ runId: string; events: Uint8Array }[]>`
    select v.run_id as "runId", v.events from run_events v
      join unnest(${sql.array(runs.map(({ id }) => id))}::uuid[], ${sql.array(runs.map(({ attempt }) => attempt))}::int[])
        wanted(id, attempt) on wanted.id = v.run_id and wanted.attempt = v.attempt
     order by v.run_id, v.first_seq`;
  const steps = new Map<string, Step[]>();
  for (const { runId, events } of batches) {
    const found = unpackEvents(events).flatMap((event) =>
      event.type === "step_finished" ? [event.step] : [],
    );
    steps.set(runId, [...(steps.get(runId) ?? []), ...found]);
  }
  return steps;
}

/** What a request is called in collections, by its number; undefined when the monitor never sent it. */
export async function findRequestItem(
  { sql }: Database,
  monitorId: string,
  requestId: number,
): Promise<string | undefined> {
  const [row] = await sql<{ itemId: string }[]>`
    select item_id as "itemId" from monitor_requests where monitor_id = ${monitorId} and id = ${requestId}`;
  return row?.itemId;
}
