import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { AppError } from "../lib/errors.ts";
import { newId } from "../lib/ids.ts";
import { endRun, lockRun } from "./finish.ts";
import { runLimits, type Trigger } from "./run.ts";

export interface Execution {
  id: string;
  monitorId: string;
  trigger: Trigger;
  createdAt: Date;
  runIds: string[];
}

export interface TriggerRequest {
  monitorId: string;
  trigger: Exclude<Trigger, "scheduled">;
  /** User id; null for webhooks and the like. */
  triggeredBy: number | null;
  /** Of its runners only this one; absent = all of them. */
  runnerId?: string;
  /** Of `sealInput`: the data row that its runs see. */
  sealedInput?: string;
}

/**
 * Fires a monitor now, beside whatever runs already and even when it is paused: one run per chosen runner, or one
 * for any runner that its workspace sees. Errors: 404 when there is no such monitor, 409 when it does not run on the one
 * runner that was asked for.
 */
export async function triggerExecution(
  { database: { sql } }: Pick<Deps, "database">,
  { monitorId, trigger, triggeredBy, runnerId, sealedInput = "" }: TriggerRequest,
): Promise<Execution> {
  const only = runnerId ?? null;
  const [row] = await sql<{ id: string; createdAt: Date; runIds: string[] }[]>`
    with execution as (
      insert into executions (id, monitor_id, trigger, triggered_by)
      select ${newId()}, m.id, ${trigger}, ${triggeredBy} from monitors m
       where m.id = ${monitorId}
         and (${only}::uuid is null
              or exists (select 1 from monitor_runners d where d.monitor_id = m.id and d.runner_id = ${only}::uuid))
      returning id, monitor_id, created_at
    ), input as (
      insert into execution_inputs (execution_id, sealed)
      select id, ${sealedInput} from execution where ${sealedInput} <> ''
    ), queued as (
      insert into runs (id, execution_id, monitor_id, workspace_id, runner_id, valid_until)
      select gen_random_uuid(), e.id, m.id, m.workspace_id, d.runner_id,
             now() + make_interval(secs => ${runLimits.maxValidMs / 1000})
        from execution e join monitors m on m.id = e.monitor_id
             left join monitor_runners d on d.monitor_id = m.id
                                        and (${only}::uuid is null or d.runner_id = ${only}::uuid)
      returning id, runner_id
    ), woken as materialized (
      select pg_notify('run_queued', w.runner) from (select distinct coalesce(runner_id::text, '*') as runner from queued) w
    )
    select e.id, e.created_at as "createdAt", (select array_agg(id) from queued) as "runIds"
      from execution e, (select count(*) from woken) as notified`;
  if (!row && runnerId !== undefined) {
    throw new AppError(
      "conflict",
      "The monitor does not run on that runner any more; run it on all of its runners.",
    );
  }
  if (!row) {
    throw new AppError("not_found", "The specified monitor does not exist.", {
      name: "instanceNotFoundError",
    });
  }
  return { ...row, monitorId, trigger };
}

/**
 * Cancels the runs of an execution: queued ones end at once, running ones are reported to their instances with the
 * next answer to a heartbeat or a batch of events. Returns false when it had ended already.
 */
export async function cancelExecution(
  { database }: Pick<Deps, "database">,
  executionId: string,
): Promise<boolean> {
  const open = await listOpenRuns(database, executionId);
  for (const { id } of open) await cancelRun(database, id);
  return open.length > 0;
}

const listOpenRuns = ({ sql }: Database, executionId: string) => sql<{ id: string }[]>`
  select id from runs where execution_id = ${executionId} and status <> 'finished' order by id limit 1000`;

const cancelRun = ({ sql }: Database, runId: string) =>
  sql.begin(async (tx) => {
    const run = await lockRun(tx, runId);
    if (run?.status === "leased") {
      await tx`update runs set cancel_requested_at = coalesce(cancel_requested_at, now()) where id = ${runId}`;
    }
    if (run?.status !== "queued") return;
    const detail = `Cancelled before a runner took it${run.attempt > 0 ? " again" : ""}.`;
    await endRun(tx, run, { outcome: "aborted", reason: "cancelled", detail, durationMs: null });
  });
