import type { Database } from "../../../db/connect.ts";
import { unpackUpTo } from "../../runs/packed-events.ts";
import { type RunFacts, factsOfStep } from "./facts.ts";

/** A finished run as far as comparing needs it. */
export interface RunHead {
  id: string;
  monitorId: string;
  outcome: "passed" | "failed" | "errored" | "aborted";
  reason: string | null;
  attempt: number;
  queuedAt: Date;
  /** When its documents were read; null = nobody took it. */
  claimedAt: Date | null;
  runnerId: string | null;
  runnerName: string | null;
  runnerVersion: string | null;
  hostname: string | null;
  collectionRevision: number | null;
  environmentRevision: number | null;
  requestsTotal: number;
}

const headColumns = (sql: Database["sql"]) => sql`
  r.id, r.monitor_id as "monitorId", r.outcome, r.reason, r.attempt, r.queued_at as "queuedAt",
  r.claimed_at as "claimedAt", r.runner_id as "runnerId",
  case when r.runner_id is not null then coalesce(w.name, 'deleted runner') end as "runnerName",
  coalesce(r.runner_version, i.version) as "runnerVersion", i.hostname,
  r.collection_revision as "collectionRevision", r.environment_revision as "environmentRevision",
  r.requests_total as "requestsTotal"`;

/** Undefined when there is none, or it has not finished. */
export async function findRun({ sql }: Database, runId: string): Promise<RunHead | undefined> {
  const [run] = await sql<RunHead[]>`
    select ${headColumns(sql)} from runs r
      left join runners w on w.id = r.runner_id left join runner_instances i on i.id = r.instance_id
     where r.id = ${runId} and r.outcome is not null`;
  return run;
}

/** The newest run of a monitor that did not pass. */
export async function findLastFailed({ sql }: Database, monitorId: string): Promise<RunHead | undefined> {
  const [run] = await sql<RunHead[]>`
    select ${headColumns(sql)} from (
      select * from runs where monitor_id = ${monitorId} and outcome in ('failed', 'errored', 'aborted')
       order by queued_at desc limit 1) r
      left join runners w on w.id = r.runner_id left join runner_instances i on i.id = r.instance_id`;
  return run;
}

/** So many are looked through for one on the same runner; more would be too old to be a good comparison. */
const PASSED_LOOKED_AT = 100;

/** The last run before another one that passed: on the same runner if one of the last 100 was there. */
export async function findLastPassed({ sql }: Database, run: RunHead): Promise<RunHead | undefined> {
  const [found] = await sql<RunHead[]>`
    select ${headColumns(sql)} from (
      select * from (select * from runs
         where monitor_id = ${run.monitorId} and queued_at < ${run.queuedAt} and outcome = 'passed'
         order by queued_at desc limit ${PASSED_LOOKED_AT}) passed
       order by (runner_id is not distinct from ${run.runnerId}::uuid) desc, queued_at desc limit 1) r
      left join runners w on w.id = r.runner_id left join runner_instances i on i.id = r.instance_id`;
  return found;
}

/**
 * The first run after one that passed that did not, on the runner of `run`; that may be `run` itself, which a Date names
 * to the millisecond only.
 */
export async function findFirstFailed(
  { sql }: Database,
  passed: RunHead,
  run: RunHead,
): Promise<RunHead | undefined> {
  const [found] = await sql<RunHead[]>`
    select ${headColumns(sql)} from (
      select * from runs
       where monitor_id = ${run.monitorId} and queued_at > ${passed.queuedAt} and queued_at < ${run.queuedAt}::timestamptz + interval '1 millisecond'
         and outcome in ('failed', 'errored', 'aborted')
         and runner_id is not distinct from ${run.runnerId}::uuid
       order by queued_at limit 1) r
      left join runners w on w.id = r.runner_id left join runner_instances i on i.id = r.instance_id`;
  return found;
}

/** Runs of the same execution that passed: on other runners. */
export const listPassedSiblings = ({ sql }: Database, runId: string) => sql<
  { id: string; runnerName: string | null }[]
>`
  select s.id, coalesce(w.name, 'deleted runner') as "runnerName"
    from runs r join runs s on s.execution_id = r.execution_id and s.id <> r.id
    left join runners w on w.id = s.runner_id
   where r.id = ${runId} and s.outcome = 'passed' order by 2 limit 100`;

/** Packed; some ten times of it as JSON. Usual runs have a few kilobytes, those with kept bodies a megabyte. */
const MAX_EVENT_BYTES = 512 * 1024;
/** Unpacked. */
const MAX_EVENT_CHARS = 4 * 1024 * 1024;

/** What is compared of a run; of a very large one the beginning. */
export async function loadFacts({ sql }: Database, run: RunHead): Promise<RunFacts> {
  const batches = await sql<{ events: Uint8Array; batches: number }[]>`
    select events, batches from (
      select events, first_seq, (count(*) over ())::int as batches,
             sum(octet_length(events)) over (order by first_seq) as bytes, row_number() over (order by first_seq) as place
        from run_events where run_id = ${run.id} and attempt = ${run.attempt}) b
     where bytes <= ${MAX_EVENT_BYTES} or place = 1 order by first_seq`;
  const unpacked = unpackUpTo(
    batches.map(({ events }) => events),
    MAX_EVENT_CHARS,
  );
  const steps = unpacked.events
    .flatMap((event) => (event.type === "step_finished" ? [{ seq: event.seq, step: event.step }] : []))
    .toSorted((left, right) => left.seq - right.seq)
    .map(({ step }) => factsOfStep(step));
  return {
    id: run.id,
    at: run.queuedAt,
    reason: run.reason,
    runner: run.runnerId === null ? null : { id: run.runnerId, name: run.runnerName ?? "" },
    runnerVersion: run.runnerVersion,
    hostname: run.hostname,
    collectionRevision: run.collectionRevision,
    environmentRevision: run.environmentRevision,
    steps,
    isPartial: unpacked.batches < (batches[0]?.batches ?? 0),
  };
}
