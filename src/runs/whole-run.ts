import type { Database } from "../../db/connect.ts";
import type { RunEvent, RunSummary } from "../contract/events.ts";
import { signalEnds } from "./alert-signals.ts";
import { addToHours } from "./hours.ts";
import { packEvents } from "./packed-events.ts";
import { contiguousSeq, countSteps, runLimits, streakEffect, verdictOf } from "./run.ts";
import { storableText } from "./storable.ts";

/** A run that reports everything it did in one batch. */
export interface WholeRun {
  runId: string;
  runnerId: string;
  attempt: number;
  events: RunEvent[];
  summary: RunSummary;
}

/** The batch as a whole run: all numbers from 1 to `run_finished`; undefined when it is only a part. */
export function asWholeRun(batch: Omit<WholeRun, "summary">): WholeRun | undefined {
  const { events } = batch;
  const last = events.at(-1);
  if (last?.type !== "run_finished" || last.seq !== events.length) return undefined;
  const seqs = events.map((event) => event.seq);
  return contiguousSeq(0, seqs) === events.length ? { ...batch, summary: last.summary } : undefined;
}

/** Statements at the same time: one computes while the other waits for the disk. */
const LANES = 2;
const MAX_RUNS = 32;
/** A few long runs fill a statement as well. */
const MAX_BYTES = 4 * 1024 * 1024;

interface WaitingRun {
  record: RunRecord;
  settle: PromiseWithResolvers<boolean>;
}

/**
 * Stores whole runs. What arrives while the database is busy goes into one statement with one commit: nobody waits for
 * company, and the busier the server, the less a run costs. Resolves to false, with nothing changed, when the run has
 * to go the long way: other events or runs of its execution exist, another run of its monitor was in the
 * same statement, it failed and may be retried, or its lease is lost.
 */
export function createWholeRunStore(database: Database): (run: WholeRun) => Promise<boolean> {
  const waiting: WaitingRun[] = [];
  let busyLanes = 0;

  const work = async (): Promise<void> => {
    busyLanes++;
    for (let group = takeGroup(waiting); group.length > 0; group = takeGroup(waiting)) {
      await storeGroup(database, group);
    }
    busyLanes--;
  };
  return (run) => {
    const settle = Promise.withResolvers<boolean>();
    waiting.push({ record: toRecord(run), settle });
    if (busyLanes < LANES) void work();
    return settle.promise;
  };
}

function takeGroup(waiting: WaitingRun[]): WaitingRun[] {
  let bytes = 0;
  const end = waiting.findIndex(({ record }, index) => {
    bytes += record.events.length;
    return index === MAX_RUNS || (index > 0 && bytes > MAX_BYTES);
  });
  return waiting.splice(0, end === -1 ? waiting.length : end);
}

/** What one run breaks must not reach the others of its group. Never throws. */
async function storeGroup(database: Database, group: readonly WaitingRun[]): Promise<void> {
  try {
    const stored = await storeWholeRuns(
      database,
      group.map(({ record }) => record),
    );
    for (const { record, settle } of group) settle.resolve(stored.has(record.run_id));
  } catch (error) {
    const [only] = group;
    if (group.length === 1) only?.settle.reject(error);
    else for (const one of group) await storeGroup(database, [one]);
  }
}

/**
 * Stores whole runs in one statement, which is what most runs are: a short batch of a monitor with one runner. Does what
 * `endRun` does with several, for the case that no other event and no other run of the execution exists; tests compare
 * the two. Returns the ids of the runs that it stored.
 *
 * Locks run, execution, monitor as everywhere, each kind in the order of its ids. Of two runs of a monitor only one is
 * taken, because one statement moves a streak only once. `any(array(…))` keeps the planner on the indexes.
 */
async function storeWholeRuns({ sql }: Database, runs: readonly RunRecord[]): Promise<Set<string>> {
  const rows = await sql<{ runId: string }[]>`
    with given as materialized (
      select * from json_to_recordset(${JSON.stringify(runs)}::text::json) as g(
        run_id uuid, runner_id uuid, attempt bigint, seqs int, steps int, outcome text, reason text, detail text, effect text,
        duration_ms float8, steps_planned float8, requests_total int, requests_failed int, assertions_total int,
        assertions_failed int, errors_total int, response_ms_total float8, response_bytes_total float8, events text, heads text)
    ), held as materialized (
      select r.id, r.monitor_id from runs r join given g on g.run_id = r.id
       where r.id = any(array(select run_id from given)) and r.runner_id = g.runner_id and r.attempt = g.attempt
         and r.status = 'leased' and r.highest_seq = 0
         and (g.outcome in ('passed', 'aborted')
              or not exists (select 1 from monitors m where m.id = r.monitor_id and m.retry_attempts > 0))
         and not exists (select 1 from runs s where s.execution_id = r.execution_id and s.id <> r.id)
       order by r.id for no key update of r
    ), chosen as materialized (
      select distinct on (monitor_id) id from held
    ), run as (
      update runs r
         set status = 'finished', outcome = g.outcome, reason = g.reason, detail = g.detail,
             duration_ms = g.duration_ms, finished_at = now(), lease_expires_at = null, acknowledged_seq = g.seqs,
             highest_seq = g.seqs, steps_planned = least(greatest(g.steps_planned, 0), 2147483647)::int,
             requests_total = g.requests_total, requests_failed = g.requests_failed,
             assertions_total = g.assertions_total, assertions_failed = g.assertions_failed,
             errors_total = g.errors_total, response_ms_total = g.response_ms_total,
             response_bytes_total = round(g.response_bytes_total)::bigint
        from given g
       where r.id = any(array(select id from chosen)) and g.run_id = r.id
      returning r.id, r.execution_id, r.monitor_id, r.runner_id, r.queued_at,
                coalesce(r.first_claimed_at, r.claimed_at) as started_at, r.outcome, r.requests_total,
                r.response_ms_total, g.effect, r.attempt, g.seqs, g.steps, g.events, g.heads
    ), stored as (
      insert into run_events (run_id, attempt, first_seq, last_seq, steps, events, heads)
      select id, attempt, 1, seqs, steps, decode(events, 'base64'), decode(heads, 'base64') from run
    ), closed as (
      update executions e set finished_at = now(), outcome = run.outcome
        from run
       where e.id = any(array(select execution_id from run)) and e.id = run.execution_id and e.finished_at is null
      returning e.id, e.monitor_id, e.slot_at, e.trigger, run.outcome, run.effect, run.started_at
    ), owners as materialized (
      select id from monitors where id = any(array(select monitor_id from closed)) order by id for no key update
    ), scored as (
      update monitors m set
             failure_streak = case closed.effect when 'reset' then 0 when 'advance' then failure_streak + 1
                                                 else failure_streak end,
             state_since = case when state is distinct from closed.outcome then now() else state_since end,
             state = closed.outcome
        from closed where m.id = any(array(select id from owners)) and m.id = closed.monitor_id
      returning m.id, m.workspace_id, m.overlap_policy, m.state_since, m.notifications
    ), signalled as (
      ${signalEnds(sql, sql`(select scored.*, closed.id as execution_id, closed.outcome from scored join closed on closed.monitor_id = scored.id) ended`)}
    ), counted as (
      ${addToHours(sql, sql`(select run.* from run join scored on scored.id = run.monitor_id) ended`)}
    ), ledger as (
      update slots s
         set status = case when d.ms > ${runLimits.lateMs} then 'late' else 'ran' end, delay_ms = d.ms, decided_at = now()
        from closed, lateral (select (extract(epoch from closed.started_at - closed.slot_at) * 1000)::bigint as ms) d
       where s.monitor_id = closed.monitor_id and s.slot_at = closed.slot_at
    )
    select run.id as "runId",
           case when closed.trigger <> 'scheduled' then pg_notify('execution_finished', closed.id::text) end,
           case when scored.overlap_policy = 'queue' then pg_notify('run_queued', '*') end
      from run left join closed on closed.id = run.execution_id left join scored on scored.id = run.monitor_id`;
  return new Set(rows.map((row) => row.runId));
}

type RunRecord = ReturnType<typeof toRecord>;

/** A whole run as the statement reads it: the names are those of its columns. */
function toRecord({ runId, runnerId, attempt, events, summary }: WholeRun) {
  const packed = packEvents(events);
  const counts = countSteps(events.flatMap((event) => (event.type === "step_finished" ? [event.step] : [])));
  const started = events.find((event) => event.type === "run_started");
  const verdict = verdictOf(summary, counts.assertionsFailed);
  return {
    run_id: runId.toLowerCase(),
    runner_id: runnerId,
    attempt,
    seqs: packed.lastSeq,
    steps: packed.steps,
    outcome: verdict.outcome,
    reason: verdict.reason,
    detail: verdict.detail && storableText(verdict.detail),
    effect: streakEffect([{ ...verdict, startedAt: null }]),
    duration_ms: summary.durationMs,
    steps_planned: started?.type === "run_started" ? started.stepsPlanned : null,
    requests_total: counts.requestsTotal,
    requests_failed: counts.requestsFailed,
    assertions_total: counts.assertionsTotal,
    assertions_failed: counts.assertionsFailed,
    errors_total: counts.errorsTotal,
    response_ms_total: counts.responseMsTotal,
    response_bytes_total: counts.responseBytesTotal,
    events: packed.events.toString("base64"),
    heads: packed.heads && packed.heads.toString("base64"),
  };
}
