import type { Database } from "../../db/connect.ts";
import type { KeptMessages, MonitorOptions } from "../../db/schema.ts";
import { runLimits } from "./run.ts";

/** A run just claimed, with what its assignment is made of. */
export interface ClaimedRun {
  runId: string;
  executionId: string;
  monitorId: string;
  monitorName: string;
  attempt: number;
  /** The run was queued for this very runner, not for any. */
  pinned: boolean;
  /** Another instance runs it again when this one is lost. */
  rerunsWhenLost: boolean;
  queuedMs: number;
  collectionId: string;
  environmentId: string | null;
  /** Set when the workspace has globals. */
  globalsOf: string | null;
  /** The execution was started with a data row. */
  hasInput: boolean;
  options: MonitorOptions;
  keepRequests: KeptMessages;
  keepResponses: KeptMessages;
}

export interface Claim {
  runnerId: string;
  /** Of the key with which the claim came in: one that has ended since takes nothing. */
  keyHash: string;
  instanceId: string;
  /** Most runs to claim. */
  free: number;
  leaseSeconds?: number | undefined;
}

/**
 * Leases up to `free` queued runs to an instance. Two claims never get the same run (`skip locked`), and no runner
 * ever gets a run of a workspace that it does not see. `any(array(…))` because the planner takes an array for short, and a
 * join for long: it would read all runs that ever were. Ordering by `runner_id`, too, is what lets it see that the index
 * holds that order: it does not conclude so from `is null`.
 */
export const claimRuns = (
  { sql }: Database,
  { runnerId, keyHash, instanceId, free, leaseSeconds = runLimits.leaseSeconds }: Claim,
): Promise<ClaimedRun[]> => sql<ClaimedRun[]>`
  with mine as (
    select q.id from runs q
     where q.status = 'queued' and q.runner_id = ${runnerId} and ${claimable(sql, runnerId, keyHash)}
     order by q.queued_at limit ${free} for no key update skip locked
  ), anybodys as (
    select q.id from runs q
     where q.status = 'queued' and q.runner_id is null and ${claimable(sql, runnerId, keyHash)}
     order by q.runner_id, q.queued_at limit greatest(0, ${free} - (select count(*) from mine))
       for no key update skip locked
  )
  update runs r set status = 'leased', attempt = r.attempt + 1, runner_id = ${runnerId},
         instance_id = ${instanceId}, pinned = r.id in (select id from mine), claimed_at = now(), acknowledged_seq = 0, highest_seq = 0,
         steps_planned = null, requests_total = 0, requests_failed = 0, assertions_total = 0, assertions_failed = 0,
         errors_total = 0, response_ms_total = 0, response_bytes_total = 0,
         lease_expires_at = now() + make_interval(secs => ${leaseSeconds}),
         collection_revision = c.revision, environment_revision = e.revision,
         runner_version = (select i.version from runner_instances i where i.id = ${instanceId})
    from monitors m
         join collections c on c.id = m.collection_id
         left join environments e on e.id = m.environment_id
         left join globals g on g.workspace_id = m.workspace_id
   where r.id = any(array(select id from mine union all select id from anybodys)) and m.id = r.monitor_id
  returning r.id as "runId", r.execution_id as "executionId", r.monitor_id as "monitorId", r.attempt,
            r.pinned, m.rerun_lost as "rerunsWhenLost",
            (extract(epoch from now() - r.queued_at) * 1000)::float8 as "queuedMs",
            m.name as "monitorName", m.collection_id as "collectionId", m.environment_id as "environmentId",
            g.workspace_id as "globalsOf", m.options,
            m.keep_requests as "keepRequests", m.keep_responses as "keepResponses",
            exists (select 1 from execution_inputs i where i.execution_id = r.execution_id) as "hasInput"`;

// The questions about the runner have no part in the row, so they are asked once, and the queue is read in the order of its index.
const claimable = (sql: Database["sql"], runnerId: string, keyHash: string) => sql`
  q.valid_until > now() and ${notBlocked(sql)} and exists (
    select 1 from runners w where w.id = ${runnerId} and (
      w.key_hash = ${keyHash} or (w.previous_key_hash = ${keyHash} and w.previous_key_expires_at > now()))) and (
    (select w.visibility from runners w where w.id = ${runnerId}) = 'all' or exists (
      select 1 from runner_workspaces s where s.runner_id = ${runnerId} and s.workspace_id = q.workspace_id))`;

const notBlocked = (sql: Database["sql"]) => sql`
  (q.after_execution_id is null or not exists (
    select 1 from executions b where b.id = q.after_execution_id and b.finished_at is null))`;

/** Puts claimed runs back that never reached their instance. */
export const releaseRuns = ({ sql }: Database, runs: readonly ClaimedRun[]) => sql`
  with released as (
    update runs r set status = 'queued', lease_expires_at = null, instance_id = null, claimed_at = null,
           runner_id = case when c.pinned then r.runner_id end
      from unnest(${sql.array(runs.map((run) => run.runId))}::uuid[],
                  ${sql.array(runs.map((run) => run.attempt))}::int[],
                  ${sql.array(runs.map((run) => run.pinned))}::bool[]) as c(run_id, attempt, pinned)
     where r.id = c.run_id and r.attempt = c.attempt and r.status = 'leased' returning r.id
  )
  select pg_notify('run_queued', '*') from released limit 1`;

/**
 * Puts back what was leased to an instance and has not come there. Nobody has begun with it: the instance names all runs that
 * did come, and would not take the answer of an earlier claim any more.
 */
export const releaseUnheard = (
  { sql }: Database,
  { runnerId, instanceId, arrived }: { runnerId: string; instanceId: string; arrived: readonly HeldRun[] },
) => sql`
  with unheard as (
    select r.id from runs r
     where r.status = 'leased' and r.runner_id = ${runnerId} and r.instance_id = ${instanceId} and r.highest_seq = 0
       and not exists (
         select 1 from unnest(${sql.array(arrived.map((run) => run.runId))}::uuid[],
                              ${sql.array(arrived.map((run) => run.attempt))}::bigint[]) as a(run_id, attempt)
          where a.run_id = r.id and a.attempt = r.attempt)
     order by r.id for no key update of r
  ), released as (
    update runs r set status = 'queued', lease_expires_at = null, instance_id = null, claimed_at = null,
           runner_id = case when r.pinned then r.runner_id end
      from unheard where r.id = unheard.id returning r.id
  )
  select pg_notify('run_queued', '*') from released limit 1`;

/** What waits in the queue: for one runner, or for any runner that sees the workspace. */
export interface QueuedWork {
  runnerId: string | null;
  workspaceId: string;
  runs: number;
}

/** The claimable part of the queue in short; cheap while the queue is empty. */
export const summarizeQueue = ({ sql }: Database): Promise<QueuedWork[]> => sql<QueuedWork[]>`
  select q.runner_id as "runnerId", q.workspace_id as "workspaceId", count(*)::int as runs
    from runs q
   where q.status = 'queued' and q.valid_until > now() and ${notBlocked(sql)}
   group by 1, 2 limit 10000`;

export interface HeldRun {
  runId: string;
  attempt: number;
}

export interface RenewedRun extends HeldRun {
  cancelRequested: boolean;
}

/**
 * Renews the leases that a runner still holds and returns them; whatever is missing in the answer is lost. Locks in
 * the order of the ids, so that two heartbeats at once cannot block each other.
 */
export const renewLeases = (
  { sql }: Database,
  runnerId: string,
  held: readonly HeldRun[],
  leaseSeconds: number = runLimits.leaseSeconds,
): Promise<RenewedRun[]> => sql<RenewedRun[]>`
  with mine as (
    select r.id from runs r
      join unnest(${sql.array(held.map((run) => run.runId))}::uuid[],
                  ${sql.array(held.map((run) => run.attempt))}::bigint[]) as h(run_id, attempt)
        on r.id = h.run_id and r.attempt = h.attempt
     where r.runner_id = ${runnerId} and r.status = 'leased'
     order by r.id for no key update of r
  )
  update runs r set lease_expires_at = now() + make_interval(secs => ${leaseSeconds})
    from mine where r.id = mine.id
  returning r.id as "runId", r.attempt, r.cancel_requested_at is not null as "cancelRequested"`;
