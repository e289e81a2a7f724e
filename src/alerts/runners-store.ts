import type postgres from "postgres";

import { HEALTHY_SECONDS } from "../fleet/runner.ts";
import { ruleColumns, stateColumns, type StateRow, type WatchingRule } from "./evaluate-store.ts";

/** A runner that a rule watches, or the fleet where a monitor takes any runner. */
export interface WatchedRunner {
  ruleId: string;
  workspaceId: string;
  /** Of a rule of one monitor. */
  monitorId: string | null;
  /** The runner; of a fleet the monitor, or the workspace. */
  subjectId: string;
  /** Null for a fleet. */
  runnerId: string | null;
  /** Of the runner, the monitor or the workspace; null = it has been deleted. */
  name: string | null;
  lastSeenAt: Date | null;
  isSilent: boolean;
  rule: WatchingRule;
  state: StateRow | null;
}

/** So many changes are told of in one turn. */
const BATCH = 500;

/**
 * Runners whose state is not what it was when somebody was told last, of one rule and subject if given. A runner that was never
 * seen is not silent: it has not begun.
 */
export const listChangedRunners = (
  sql: postgres.ISql,
  only?: { ruleId: string; subjectId: string },
): Promise<WatchedRunner[]> => sql<WatchedRunner[]>`
  with rules as materialized (
    select * from alert_rules r where r.active and r.on_runner ${only ? sql`and r.id = ${only.ruleId}` : sql``}
  ), watching as materialized (
    select r.id as rule_id, r.workspace_id, r.monitor_id as of_monitor, m.id as monitor_id
      from rules r join monitors m on m.workspace_id = r.workspace_id and (r.monitor_id is null or m.id = r.monitor_id)
     where m.active
  ), watched as materialized (
    select distinct w.rule_id, w.workspace_id, w.of_monitor, d.runner_id as subject_id, d.runner_id
      from watching w join monitor_runners d on d.monitor_id = w.monitor_id
    union all
    select distinct w.rule_id, w.workspace_id, w.of_monitor, coalesce(w.of_monitor, w.workspace_id), null::uuid
      from watching w where not exists (select 1 from monitor_runners d where d.monitor_id = w.monitor_id)
  ), judged as (
    select w.*, coalesce(x.name, m.name, s.name) as name, coalesce(x.last_pinged_at, fleet.last_pinged_at) as last_seen_at,
           case when w.runner_id is null then fleet.last_pinged_at else x.last_pinged_at end
             <= now() - make_interval(secs => ${HEALTHY_SECONDS}) as is_silent
      from watched w
      left join runners x on x.id = w.runner_id
      left join monitors m on w.runner_id is null and m.id = w.subject_id
      left join workspaces s on w.runner_id is null and w.of_monitor is null and s.id = w.workspace_id
      left join lateral (
        select max(f.last_pinged_at) as last_pinged_at from runners f
         where w.runner_id is null
           and (f.visibility = 'all' or exists (select 1 from runner_workspaces v
                                                 where v.runner_id = f.id and v.workspace_id = w.workspace_id))) fleet on true
     ${only ? sql`where w.subject_id = ${only.subjectId}` : sql``}
  )
  select j.rule_id as "ruleId", j.workspace_id as "workspaceId", j.of_monitor as "monitorId", j.subject_id as "subjectId",
         j.runner_id as "runnerId", j.name, j.last_seen_at as "lastSeenAt", j.is_silent as "isSilent",
         (select row_to_json(x) from (select ${ruleColumns(sql)}) x) as rule,
         (select row_to_json(x) from (select ${stateColumns(sql)}) x where s.rule_id is not null) as state
    from judged j join rules r on r.id = j.rule_id
    left join alert_states s on s.rule_id = j.rule_id and s.condition = 'runner' and s.subject_id = j.subject_id
   where j.is_silent is not null and j.is_silent <> (s.state is not distinct from 'firing')
   order by j.rule_id, j.subject_id limit ${BATCH}`;
