import type postgres from "postgres";

import type { Outcome } from "../contract/events.ts";
import { signalEnds } from "./alert-signals.ts";
import { addToHours } from "./hours.ts";
import {
  type Counts,
  type EndedRun,
  type Repeats,
  type RunStatus,
  type SlotEnd,
  slotEnd,
  slotStart,
  streakEffect,
  type Trigger,
  type Verdict,
  worstOutcome,
} from "./run.ts";

/** A connection inside a transaction. */
export type Tx = postgres.TransactionSql;

/** A run that this transaction has locked, with what its end needs to know of its execution. */
export interface LockedRun extends Repeats {
  id: string;
  status: RunStatus;
  attempt: number;
  runnerId: string | null;
  reason: string | null;
  /** Of this attempt, or of the first one when that was retried. */
  startedAt: Date | null;
  /** It was queued for its runner alone. */
  pinned: boolean;
  acknowledgedSeq: number;
  highestSeq: number;
  assertionsFailed: number;
  executionId: string;
  monitorId: string;
  slotAt: Date | null;
  trigger: Trigger;
  siblings: number;
}

/**
 * Locks a run and its execution: two last runs of it that end at once must see each other.
 * Order of locks everywhere: run, execution, monitor.
 */
export async function lockRun(tx: Tx, runId: string): Promise<LockedRun | undefined> {
  const [row] = await tx<LockedRun[]>`
    select r.id, r.status, r.attempt, r.runner_id as "runnerId", r.reason,
           coalesce(r.first_claimed_at, r.claimed_at) as "startedAt", r.pinned,
           r.cancel_requested_at as "cancelRequestedAt", r.acknowledged_seq as "acknowledgedSeq",
           r.highest_seq as "highestSeq", r.assertions_failed as "assertionsFailed",
           e.id as "executionId", e.monitor_id as "monitorId", e.slot_at as "slotAt", e.trigger,
           (select count(*)::int - 1 from runs s where s.execution_id = e.id) as siblings,
           m.retry_attempts as "retryAttempts", m.rerun_lost as "rerunLost",
           (select count(*)::int from run_attempts a where a.run_id = r.id and a.outcome <> 'lost') as retried,
           (select count(*)::int from run_attempts a where a.run_id = r.id and a.outcome = 'lost') as lost
      from runs r join executions e on e.id = r.execution_id join monitors m on m.id = r.monitor_id
     where r.id = ${runId}
       for no key update of r, e`;
  return row;
}

export interface Ending extends Verdict {
  /** Null for a run that never started. */
  durationMs: number | null;
  /** Events that came with the end. */
  progress?: Progress;
}

/** What a batch of events adds to its run. */
export interface Progress {
  acknowledgedSeq: number;
  highestSeq: number;
  stepsPlanned: number | null;
  counts: Counts;
}

/**
 * Ends a run that the caller has locked together with its execution, found unfinished, and may end. The last run
 * of an execution ends the execution, which moves the monitor's streak and closes the slot: once, in this transaction.
 */
export async function endRun(tx: Tx, run: LockedRun, ending: Ending): Promise<void> {
  const self: EndedRun = { outcome: ending.outcome, reason: ending.reason, startedAt: run.startedAt };
  const others: Sibling[] = run.siblings > 0 ? await listSiblings(tx, run) : [];
  const endedRuns = others.every(isEnded) ? [self, ...others] : undefined;
  await writeEnd(tx, run, ending, endedRuns);
}

type Sibling = Omit<EndedRun, "outcome"> & { outcome: Outcome | null };
const isEnded = (run: Sibling): run is EndedRun => run.outcome !== null;

// A statement of its own: only one that begins after the lock is held sees what the other holders committed.
const listSiblings = (tx: Tx, run: LockedRun) => tx<Sibling[]>`
  select outcome, reason, coalesce(first_claimed_at, claimed_at) as "startedAt"
    from runs where execution_id = ${run.executionId} and id <> ${run.id}`;

async function writeEnd(tx: Tx, run: LockedRun, ending: Ending, endedRuns: EndedRun[] | undefined) {
  const runUpdate = updateRun(tx, run, ending);
  const counted = addToHours(tx, tx`(select * from runs where id = ${run.id}) ended`);
  if (!endedRuns) {
    await Promise.all([runUpdate, counted]);
    return;
  }
  const outcome = worstOutcome(endedRuns.map((ended) => ended.outcome));
  const slot = run.slotAt && slotEnd(run.slotAt, endedRuns);
  await Promise.all([
    runUpdate,
    closeExecution(tx, run, outcome, streakEffect(endedRuns)),
    slot && closeSlot(tx, run, slot),
    counted,
  ]);
}

const updateRun = (tx: Tx, run: LockedRun, ending: Ending) => {
  const { progress } = ending;
  return tx`
    update runs set status = 'finished', outcome = ${ending.outcome}, reason = ${ending.reason},
           detail = ${ending.detail}, duration_ms = ${ending.durationMs}, finished_at = now(),
           lease_expires_at = null ${progress ? tx`, ${setProgress(tx, progress)}` : tx``}
     where id = ${run.id} and status <> 'finished' and attempt = ${run.attempt}`;
};

/** Decides a slot with the first sign of work on its run. */
export function startSlot(tx: Tx, run: LockedRun) {
  if (run.highestSeq > 0 || !run.slotAt || !run.startedAt) return undefined;
  const slot = slotStart(run.slotAt, run.startedAt);
  return tx`
    update slots set status = ${slot.status}, delay_ms = ${slot.delayMs}, decided_at = now()
     where monitor_id = ${run.monitorId} and slot_at = ${run.slotAt} and status = 'pending'`;
}

/** Assignments that add a batch of events to a run. */
export const setProgress = (tx: Tx, progress: Progress) => {
  const { counts } = progress;
  return tx`
    acknowledged_seq = ${progress.acknowledgedSeq}, highest_seq = ${progress.highestSeq},
    steps_planned = coalesce(${progress.stepsPlanned}, steps_planned),
    requests_total = requests_total + ${counts.requestsTotal},
    requests_failed = requests_failed + ${counts.requestsFailed},
    assertions_total = assertions_total + ${counts.assertionsTotal},
    assertions_failed = assertions_failed + ${counts.assertionsFailed},
    errors_total = errors_total + ${counts.errorsTotal},
    response_ms_total = response_ms_total + ${counts.responseMsTotal}::float8,
    response_bytes_total = response_bytes_total + round(${counts.responseBytesTotal}::float8)::bigint`;
};

/**
 * Ends the execution and moves the streak only if it was still open. Wakes who may wait for it: somebody who
 * triggered it, or the next slot of a monitor that queues. Scheduled ends notify nobody, because `notify` makes
 * commits queue up behind each other.
 */
const closeExecution = (tx: Tx, run: LockedRun, outcome: Outcome, effect: string) => tx`
  with closed as (
    update executions set finished_at = now(), outcome = ${outcome}
     where id = ${run.executionId} and finished_at is null returning monitor_id
  ), scored as (
    update monitors m set
           failure_streak = case ${effect}::text when 'reset' then 0 when 'advance' then failure_streak + 1
                                          else failure_streak end,
           state_since = case when state is distinct from ${outcome} then now() else state_since end,
           state = ${outcome}
      from closed where m.id = closed.monitor_id
    returning m.id, m.workspace_id, m.overlap_policy, m.state_since, m.notifications
  ), signalled as (
    ${signalEnds(tx, tx`(select scored.*, ${run.executionId}::uuid as execution_id, ${outcome}::text as outcome from scored) ended`)}
  )
  select case when ${run.trigger !== "scheduled"} then pg_notify('execution_finished', ${run.executionId}) end,
         case when overlap_policy = 'queue' then pg_notify('run_queued', '*') end
    from scored`;

const closeSlot = (tx: Tx, run: LockedRun, slot: SlotEnd) => tx`
  update slots set status = ${slot.status}, reason = coalesce(${slot.reason}, reason), delay_ms = ${slot.delayMs},
         decided_at = now()
   where monitor_id = ${run.monitorId} and slot_at = ${run.slotAt}`;
