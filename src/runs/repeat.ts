import { type Ending, type LockedRun, type Progress, setProgress, startSlot, type Tx } from "./finish.ts";
import { runLimits, type Verdict } from "./run.ts";

export interface EndedAttempt extends Omit<Verdict, "outcome"> {
  /** `lost`: its instance died. The others are results that are not final. */
  outcome: "failed" | "errored" | "lost";
  durationMs: number | null;
  /** Events that came with the end. */
  progress?: Progress;
}

/**
 * Ends an attempt without ending its run: the attempt goes on record, and the run back into the queue, where its next claim
 * gets the next number. From here on nothing that the old attempt sends is accepted. The caller has locked the run together
 * with its execution, and found that it may be run again.
 *
 * It stays claimable for as long as it was at first, counted from now. Until it is claimed it keeps what the attempt has
 * counted: should nobody take it, that is its result. Its slot has started with a failed attempt, but not with a lost one.
 */
export async function repeatRun(tx: Tx, run: LockedRun, ended: EndedAttempt): Promise<void> {
  const isLost = ended.outcome === "lost";
  if (!isLost) await startSlot(tx, run);
  if (ended.progress) await tx`update runs set ${setProgress(tx, ended.progress)} where id = ${run.id}`;
  await tx`
    insert into run_attempts (run_id, attempt, outcome, reason, detail, runner_id, instance_id, claimed_at, duration_ms,
                              requests_total, requests_failed, assertions_total, assertions_failed)
    select id, attempt, ${ended.outcome}, ${ended.reason}, ${ended.detail}, runner_id, instance_id, claimed_at,
           ${ended.durationMs}, requests_total, requests_failed, assertions_total, assertions_failed
      from runs where id = ${run.id}`;
  await tx`
    update runs
       set status = 'queued', runner_id = case when pinned then runner_id end, instance_id = null,
           lease_expires_at = null, claimed_at = null,
           first_claimed_at = ${isLost ? tx`first_claimed_at` : tx`coalesce(first_claimed_at, claimed_at)`},
           valid_until = now() + least(greatest(valid_until - queued_at, ${runLimits.minValidMs} * interval '1 ms'),
                                       ${runLimits.maxValidMs} * interval '1 ms')
     where id = ${run.id}
    returning pg_notify('run_queued', coalesce(case when pinned then runner_id::text end, '*'))`;
}

interface LastAttempt extends Omit<EndedAttempt, "progress"> {
  claimedAt: Date | null;
}

/**
 * The end of a run that went back into the queue and was not taken again: that of its last attempt, which becomes the run's
 * once more. Undefined when there was no attempt.
 */
export async function endOfLastAttempt(tx: Tx, run: LockedRun): Promise<Ending | undefined> {
  const [last] = await tx<LastAttempt[]>`
    with last as (
      select * from run_attempts where run_id = ${run.id} order by attempt desc limit 1
    ), restored as (
      update runs r set runner_id = last.runner_id, instance_id = last.instance_id, claimed_at = last.claimed_at
        from last where r.id = last.run_id
    )
    select outcome, reason, detail, duration_ms as "durationMs", claimed_at as "claimedAt" from last`;
  if (!last) return undefined;
  const { outcome, reason, durationMs } = last;
  const detail = `${last.detail ?? "The run did not pass."} It was to be run again, but no runner took it in time.`;
  return { outcome: outcome === "lost" ? "errored" : outcome, reason, detail, durationMs };
}
