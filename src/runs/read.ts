import type { Database } from "../../db/connect.ts";
import type { Outcome, RunEvent, Step } from "../contract/events.ts";
import { type EarlierAttempt, listEarlierAttempts } from "./attempts.ts";
import { type KeptOfRun, keptOfRun } from "./keeping.ts";
import { unpackEvents } from "./packed-events.ts";
import type { SlotStatus, Trigger } from "./run.ts";
import { shownStatus } from "./shown-status.ts";

export interface RunHead {
  id: string;
  runnerId: string | null;
  /** Null while no runner has it; `deleted runner` when it is gone. */
  runnerName: string | null;
  status: "queued" | "running" | Outcome;
  outcome: Outcome | null;
  reason: string | null;
  detail: string | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  durationMs: number | null;
  requestsTotal: number;
  requestsFailed: number;
  assertionsTotal: number;
  assertionsFailed: number;
  errorsTotal: number;
  responseMsTotal: number;
  responseBytesTotal: number;
}

export interface ExecutionListing {
  id: string;
  monitorId: string;
  trigger: Trigger;
  triggeredBy: number | null;
  createdAt: Date;
  finishedAt: Date | null;
  outcome: Outcome | null;
  slot: {
    slotAt: Date;
    status: SlotStatus;
    reason: string | null;
    collapsed: number;
    delayMs: number | null;
  } | null;
  runs: RunHead[];
}

/** `nextCursor` is null on the last page. */
export interface Listing<T> {
  rows: T[];
  nextCursor: string | null;
}

export interface PageRequest {
  cursor?: string | undefined;
  limit?: number | undefined;
}

const PAGE = 25;

/** A cursor is the sort key of the last row, in microseconds: instants have no finer grain. */
const cursorPattern = /^\d{1,17}$/;
export const isCursor = (text: string): boolean => cursorPattern.test(text);

const before = (sql: Database["sql"], cursor: string | undefined) =>
  cursor ? sql`to_timestamp(0) + ${cursor}::bigint * interval '1 microsecond'` : sql`'infinity'::timestamptz`;

function toListing<T extends { cursor: string }>(
  found: readonly T[],
  limit: number,
): Listing<Omit<T, "cursor">> {
  const rows = found.slice(0, limit).map(({ cursor: _cursor, ...row }) => row);
  const nextCursor = found.length > limit ? (found[limit - 1]?.cursor ?? null) : null;
  return { rows, nextCursor };
}

/** Executions of a monitor with their slots and runs, newest first. */
export async function listExecutions(
  database: Database,
  monitorId: string,
  { cursor, limit = PAGE }: PageRequest = {},
): Promise<Listing<ExecutionListing>> {
  const { sql } = database;
  const found = await sql<(ExecutionRecord & { cursor: string })[]>`
    select ${executionColumns(sql)},
           (extract(epoch from e.created_at) * 1000000)::bigint::text as cursor
      from executions e left join slots s on s.execution_id = e.id and s.monitor_id = e.monitor_id
                                         and s.slot_at = e.slot_at
     where e.monitor_id = ${monitorId} and e.created_at < ${before(sql, cursor)}
     order by e.created_at desc limit ${limit + 1}`;
  const { rows, nextCursor } = toListing(found, limit);
  return { rows: await withRuns(database, rows), nextCursor };
}

/** The executions of the ids with their slots and runs, newest first. */
export async function listExecutionsOf(
  database: Database,
  executionIds: readonly string[],
): Promise<ExecutionListing[]> {
  const { sql } = database;
  const rows = await sql<ExecutionRecord[]>`
    select ${executionColumns(sql)}
      from executions e left join slots s on s.monitor_id = e.monitor_id and s.slot_at = e.slot_at
     where e.id = any(${sql.array([...executionIds])}::uuid[]) order by e.created_at desc`;
  return withRuns(database, rows);
}

/** One execution; undefined when the monitor has no such one. */
export async function findExecution(
  database: Database,
  monitorId: string,
  executionId: string,
): Promise<ExecutionListing | undefined> {
  const { sql } = database;
  const rows = await sql<ExecutionRecord[]>`
    select ${executionColumns(sql)}
      from executions e left join slots s on s.monitor_id = e.monitor_id and s.slot_at = e.slot_at
     where e.id = ${executionId} and e.monitor_id = ${monitorId}`;
  const [execution] = await withRuns(database, rows);
  return execution;
}

type ExecutionRecord = Omit<ExecutionListing, "slot" | "runs"> & {
  slotAt: Date | null;
  slotStatus: SlotStatus | null;
  slotReason: string | null;
  collapsed: number | null;
  delayMs: number | null;
};

const executionColumns = (sql: Database["sql"]) => sql`
  e.id, e.monitor_id as "monitorId", e.trigger, e.triggered_by as "triggeredBy", e.created_at as "createdAt",
  e.finished_at as "finishedAt", e.outcome, s.slot_at as "slotAt", s.status as "slotStatus", s.reason as "slotReason",
  s.collapsed, s.delay_ms::float8 as "delayMs"`;

async function withRuns(
  database: Database,
  records: readonly ExecutionRecord[],
): Promise<ExecutionListing[]> {
  const runs = await listRunsOf(
    database,
    records.map((record) => record.id),
  );
  const byExecution = Map.groupBy(runs, (run) => run.executionId);
  return records.map(({ slotAt, slotStatus, slotReason, collapsed, delayMs, ...execution }) => ({
    ...execution,
    slot:
      slotAt && slotStatus
        ? { slotAt, status: slotStatus, reason: slotReason, collapsed: collapsed ?? 0, delayMs }
        : null,
    runs: (byExecution.get(execution.id) ?? []).map(({ executionId: _executionId, ...run }) => run),
  }));
}

const listRunsOf = ({ sql }: Database, executionIds: readonly string[]) => sql<
  (RunHead & { executionId: string })[]
>`
  select r.execution_id as "executionId", ${runHeadColumns(sql)}
    from runs r left join runners w on w.id = r.runner_id
   where r.execution_id = any(${sql.array([...executionIds])}::uuid[])
   order by r.queued_at, r.id limit 10000`;

/** Columns of `RunHead`; of `runs r left join runners w`. */
export const runHeadColumns = (sql: Database["sql"]) => sql`
  r.id, r.runner_id as "runnerId",
  case when r.runner_id is not null then coalesce(w.name, 'deleted runner') end as "runnerName",
  ${shownStatus(sql)} as status, r.outcome, r.reason, r.detail, r.claimed_at as "startedAt",
  r.finished_at as "finishedAt", r.duration_ms as "durationMs", r.requests_total as "requestsTotal",
  r.requests_failed as "requestsFailed", r.assertions_total as "assertionsTotal",
  r.assertions_failed as "assertionsFailed", r.errors_total as "errorsTotal",
  r.response_ms_total as "responseMsTotal", r.response_bytes_total::float8 as "responseBytesTotal"`;

export interface SlotListing {
  slotAt: Date;
  status: SlotStatus;
  reason: string | null;
  collapsed: number;
  executionId: string | null;
  delayMs: number | null;
  decidedAt: Date | null;
}

/** The ledger of a monitor, newest first; `gaps` leaves out what ran. */
export async function listSlots(
  { sql }: Database,
  monitorId: string,
  { cursor, limit = PAGE, gaps = false }: PageRequest & { gaps?: boolean } = {},
): Promise<Listing<SlotListing>> {
  const found = await sql<(SlotListing & { cursor: string })[]>`
    select slot_at as "slotAt", status, reason, collapsed, execution_id as "executionId", delay_ms::float8 as "delayMs",
           decided_at as "decidedAt", (extract(epoch from slot_at) * 1000000)::bigint::text as cursor
      from slots
     where monitor_id = ${monitorId} and slot_at < ${before(sql, cursor)}
       and ${gaps ? sql`status in ('skipped', 'missed', 'lost')` : sql`true`}
     order by slot_at desc limit ${limit + 1}`;
  return toListing(found, limit);
}

export interface RunDetail extends RunHead {
  executionId: string;
  attempt: number;
  queuedAt: Date;
  validUntil: Date;
  cancelRequested: boolean;
  stepsPlanned: number | null;
  collectionRevision: number | null;
  environmentRevision: number | null;
  /** Of the instance, when it claimed the run. */
  runnerVersion: string | null;
  kept: KeptOfRun;
  /** Where its monitor is now. */
  workspaceId: string;
  /** Of the instance that has or had it. */
  hostname: string | null;
  monitor: { id: string; name: string; ownerId: number };
  collection: { id: string; name: string; ownerId: number };
  environment: { id: string; name: string; ownerId: number } | null;
  trigger: Trigger;
  slotAt: Date | null;
  /** Other runs of the same execution. */
  siblings: RunHead[];
  /** Attempts before the one that the rest is about, oldest first. */
  earlierAttempts: EarlierAttempt[];
}

/** A run with everything around it; undefined when there is none. */
export async function getRun(database: Database, runId: string): Promise<RunDetail | undefined> {
  const { sql } = database;
  const [row] = await sql<Omit<RunDetail, "siblings" | "earlierAttempts">[]>`
    select ${runHeadColumns(sql)}, r.execution_id as "executionId", r.attempt, r.queued_at as "queuedAt",
           r.valid_until as "validUntil", r.cancel_requested_at is not null and r.status <> 'finished' as "cancelRequested",
           r.steps_planned as "stepsPlanned", r.collection_revision as "collectionRevision",
           r.environment_revision as "environmentRevision", r.runner_version as "runnerVersion",
           ${keptOfRun(sql)} as kept,
           m.workspace_id as "workspaceId", i.hostname,
           json_build_object('id', m.id, 'name', m.name, 'ownerId', m.owner_id) as monitor,
           json_build_object('id', c.id, 'name', c.name, 'ownerId', c.owner_id) as collection,
           case when v.id is not null then json_build_object('id', v.id, 'name', v.name, 'ownerId', v.owner_id) end
             as environment,
           e.trigger, e.slot_at as "slotAt"
      from runs r
      join executions e on e.id = r.execution_id
      join monitors m on m.id = r.monitor_id
      join collections c on c.id = m.collection_id
      left join environments v on v.id = m.environment_id
      left join runners w on w.id = r.runner_id
      left join runner_instances i on i.id = r.instance_id
     where r.id = ${runId}`;
  if (!row) return undefined;
  const [family, earlierAttempts] = await Promise.all([
    listRunsOf(database, [row.executionId]),
    row.attempt > 0 ? listEarlierAttempts(database, runId) : [],
  ]);
  return { ...row, siblings: family.filter((run) => run.id !== runId), earlierAttempts };
}

/** Steps that an attempt of a run has finished, the last if none is named; `hidden` counts those beyond the limit. */
export async function listSteps(
  { sql }: Database,
  runId: string,
  { limit = 500, attempt }: { limit?: number; attempt?: number | undefined } = {},
): Promise<{ steps: Step[]; hidden: number }> {
  const batches = await sql<{ events: Uint8Array; total: number }[]>`
    select events, total from (
      select v.events, v.first_seq, (sum(v.steps) over ())::int as total,
             sum(v.steps) over (order by v.first_seq) - v.steps as before
        from run_events v join runs r on r.id = v.run_id and v.attempt = coalesce(${attempt ?? null}::int, r.attempt)
       where v.run_id = ${runId}) batches
     where before < ${limit} order by first_seq`;
  const steps = batches
    .flatMap((batch) => unpackEvents(batch.events))
    .flatMap((event) => (event.type === "step_finished" ? [{ seq: event.seq, step: event.step }] : []))
    .toSorted((left, right) => left.seq - right.seq)
    .slice(0, limit)
    .map(({ step }) => step);
  return { steps, hidden: Math.max(0, (batches[0]?.total ?? 0) - limit) };
}

/** Events of the last attempt above `after`, in order. */
export async function listEvents(
  { sql }: Database,
  runId: string,
  { after = 0, limit = 500 }: { after?: number; limit?: number } = {},
): Promise<RunEvent[]> {
  const batches = await sql<{ events: Uint8Array; acknowledgedSeq: number }[]>`
    select v.events, r.acknowledged_seq as "acknowledgedSeq"
      from run_events v join runs r on r.id = v.run_id and r.attempt = v.attempt
     where v.run_id = ${runId} and v.last_seq > ${after} and v.first_seq <= least(r.acknowledged_seq, ${after + limit})
     order by v.first_seq`;
  const lastSeq = Math.min(batches[0]?.acknowledgedSeq ?? 0, after + limit);
  return batches
    .flatMap((batch) => unpackEvents(batch.events))
    .filter((event) => event.seq > after && event.seq <= lastSeq)
    .toSorted((left, right) => left.seq - right.seq);
}
