import type { Database } from "../../db/connect.ts";
import type { RunEvent, RunSummary } from "../contract/events.ts";
import { contiguousSeq, countSteps, runLimits, streakEffect, verdictOf } from "./run.ts";
import { storableJson, storableText } from "./storable.ts";

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

/**
 * Stores a whole run in one statement, which is what most runs are: a short batch of a monitor with one runner. Does
 * what `endRun` does with several, for the case that no other event and no other run of the execution exists; tests
 * compare the two. Returns false, and changes nothing, when the case is another one, or the lease is lost.
 */
export async function storeWholeRun({ sql }: Database, whole: WholeRun): Promise<boolean> {
  const { runId, runnerId, attempt, events, summary } = whole;
  const counts = countSteps(events.flatMap((event) => (event.type === "step_finished" ? [event.step] : [])));
  const started = events.find((event) => event.type === "run_started");
  const stepsPlanned = started?.type === "run_started" ? started.stepsPlanned : null;
  const { outcome, reason, detail } = verdictOf(summary, counts.assertionsFailed);
  const effect = streakEffect([{ outcome, reason, startedAt: null }]);
  const rows = await sql`
    with run as (
      update runs r
         set status = 'finished', outcome = ${outcome}, reason = ${reason},
             detail = ${detail && storableText(detail)}, duration_ms = ${summary.durationMs}, finished_at = now(),
             lease_expires_at = null, acknowledged_seq = ${events.length}, highest_seq = ${events.length},
             steps_planned = least(greatest(${stepsPlanned}::float8, 0), 2147483647)::int,
             requests_total = ${counts.requestsTotal}, requests_failed = ${counts.requestsFailed},
             assertions_total = ${counts.assertionsTotal}, assertions_failed = ${counts.assertionsFailed},
             errors_total = ${counts.errorsTotal}, response_ms_total = ${counts.responseMsTotal},
             response_bytes_total = round(${counts.responseBytesTotal}::float8)::bigint
        from executions e
       where r.id = ${runId} and r.runner_id = ${runnerId} and r.attempt = ${attempt} and r.status = 'leased'
         and r.highest_seq = 0 and e.id = r.execution_id
         and not exists (select 1 from runs s where s.execution_id = r.execution_id and s.id <> r.id)
      returning r.execution_id, r.monitor_id, r.claimed_at, e.slot_at, e.trigger
    ), stored as (
      insert into run_events (run_id, attempt, seq, type, event)
      select ${runId}, ${attempt}, (event ->> 'seq')::int, event ->> 'type', event
        from run, jsonb_array_elements(${storableJson(events)}::text::jsonb) as event
    ), closed as (
      update executions e set finished_at = now(), outcome = ${outcome}
        from run where e.id = run.execution_id and e.finished_at is null returning e.monitor_id
    ), scored as (
      update monitors m set
             failure_streak = case ${effect}::text when 'reset' then 0 when 'advance' then failure_streak + 1
                                            else failure_streak end,
             state_since = case when state is distinct from ${outcome} then now() else state_since end,
             state = ${outcome}
        from closed where m.id = closed.monitor_id returning m.overlap_policy
    ), ledger as (
      update slots s
         set status = case when d.ms > ${runLimits.lateMs} then 'late' else 'ran' end, delay_ms = d.ms, decided_at = now()
        from run, lateral (select (extract(epoch from run.claimed_at - run.slot_at) * 1000)::bigint as ms) d
       where s.monitor_id = run.monitor_id and s.slot_at = run.slot_at
    )
    select case when run.trigger <> 'scheduled' then pg_notify('execution_finished', run.execution_id::text) end,
           case when scored.overlap_policy = 'queue' then pg_notify('run_queued', '*') end
      from run left join scored on true`;
  return rows.length > 0;
}
