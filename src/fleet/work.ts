import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { inVisibleWorkspace } from "../access/workspace-rights.ts";

const LIMIT = 1000;
/** The rest of a long queue is a number. */
const MAX_WAITING = 50;

export interface RunOfRunner {
  id: string;
  monitorId: string;
  monitorName: string;
  workspaceId: string;
  since: Date;
  cancelRequested: boolean;
}

/** What a runner is for, what it does now, and what waits for it, as far as the actor may see it. */
export interface RunnerWork {
  monitors: { id: string; name: string }[];
  /** By the time that they have taken, longest first. */
  currentRuns: RunOfRunner[];
  /** The first that it would take, at most 50. */
  waitingRuns: RunOfRunner[];
}

export async function listRunnerWork({ sql }: Database, actor: Actor, runnerId: string): Promise<RunnerWork> {
  const visible = (column: string) => inVisibleWorkspace(sql, actor, column);
  const [monitors, currentRuns, waitingRuns] = await Promise.all([
    sql<RunnerWork["monitors"]>`
      select m.id, m.name from monitor_runners d join monitors m on m.id = d.monitor_id
       where d.runner_id = ${runnerId} and ${visible("m.workspace_id")}
       order by m.name, m.id limit ${LIMIT}`,
    sql<RunOfRunner[]>`
      select r.id, m.id as "monitorId", m.name as "monitorName", m.workspace_id as "workspaceId",
             coalesce(r.claimed_at, r.queued_at) as since, r.cancel_requested_at is not null as "cancelRequested"
        from runs r join monitors m on m.id = r.monitor_id
       where r.status = 'leased' and r.runner_id = ${runnerId} and ${visible("m.workspace_id")}
       order by r.claimed_at limit ${LIMIT}`,
    sql<RunOfRunner[]>`
      select r.id, m.id as "monitorId", m.name as "monitorName", m.workspace_id as "workspaceId",
             r.queued_at as since, r.cancel_requested_at is not null as "cancelRequested"
        from runs r join monitors m on m.id = r.monitor_id join runners w on w.id = ${runnerId}
       where r.status = 'queued' and r.valid_until > now() and (r.runner_id = w.id or r.runner_id is null)
         and (w.visibility = 'all' or r.workspace_id in
               (select workspace_id from runner_workspaces s where s.runner_id = w.id))
         and ${visible("m.workspace_id")}
       order by r.queued_at limit ${MAX_WAITING}`,
  ]);
  return { monitors: [...monitors], currentRuns: [...currentRuns], waitingRuns: [...waitingRuns] };
}
