import type { Database } from "../../db/connect.ts";

/** An attempt that was not the end of its run: it failed and was retried, or was lost and run again. */
export interface EarlierAttempt {
  attempt: number;
  outcome: "failed" | "errored" | "lost";
  reason: string | null;
  detail: string | null;
  runnerId: string | null;
  runnerName: string | null;
  hostname: string | null;
  startedAt: Date | null;
  endedAt: Date;
  durationMs: number | null;
  requestsTotal: number;
  requestsFailed: number;
  assertionsTotal: number;
  assertionsFailed: number;
}

/** The attempts before the last, oldest first. */
export const listEarlierAttempts = ({ sql }: Database, runId: string): Promise<EarlierAttempt[]> => sql<
  EarlierAttempt[]
>`
  select a.attempt, a.outcome, a.reason, a.detail, a.runner_id as "runnerId", w.name as "runnerName", i.hostname,
         a.claimed_at as "startedAt", a.ended_at as "endedAt", a.duration_ms as "durationMs",
         a.requests_total as "requestsTotal", a.requests_failed as "requestsFailed",
         a.assertions_total as "assertionsTotal", a.assertions_failed as "assertionsFailed"
    from run_attempts a left join runners w on w.id = a.runner_id left join runner_instances i on i.id = a.instance_id
   where a.run_id = ${runId} order by a.attempt limit 100`;
