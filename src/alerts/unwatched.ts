import { sql } from "drizzle-orm";

import type { Deps } from "../access/context.ts";
import { closeAlerts } from "./closing-store.ts";

/** So many are closed in one turn. */
const BATCH = 500;

/**
 * Closes alerts that no rule watches any more although nobody changed the rule: a monitor was moved to another workspace, a
 * runner was deleted, or no monitor uses it now. Each once, whichever server does it.
 */
export const closeUnwatched = ({
  database,
  publicUrl,
}: Pick<Deps, "database" | "publicUrl">): Promise<void> =>
  database.db.transaction(async (tx) => {
    const gone = await tx.execute<{ key: string }>(sql`
      select ${keyOfState} as key from alert_states s
       where s.state = 'firing'
         and case when s.condition = 'runner' then not ${isRunnerWatched}
                  -- The addresses of a monitor have its id.
                  else s.rule_id <> s.monitor_id and not ${isMonitorWatched} end
       limit ${BATCH} for update of s skip locked`);
    if (gone.length === 0) return;
    const those = sql`${keyOfState} in (select jsonb_array_elements_text(${JSON.stringify(gone.map(({ key }) => key))}::text::jsonb))
                      and s.state = 'firing'`;
    await closeAlerts(tx, publicUrl, { where: those, ending: { why: "unwatched" } });
    await tx.execute(sql`delete from alert_states s where ${those}`);
  });

const keyOfState = sql`(s.rule_id || ' ' || s.condition || ' ' || s.subject_id)`;

const isMonitorWatched = sql`exists (
  select 1 from alert_rules r join monitors m on m.id = s.monitor_id
   where r.id = s.rule_id and r.active
     and (r.monitor_id = m.id or (r.monitor_id is null and r.workspace_id = m.workspace_id)))`;

const isRunnerWatched = sql`exists (
  select 1 from alert_rules r
    join monitors m on m.workspace_id = r.workspace_id and (r.monitor_id is null or m.id = r.monitor_id)
   where r.id = s.rule_id and r.active and r.on_runner and m.active
     and case when s.runner_id is null
              then not exists (select 1 from monitor_runners d where d.monitor_id = m.id)
              else exists (select 1 from monitor_runners d join runners x on x.id = d.runner_id
                            where d.monitor_id = m.id and d.runner_id = s.runner_id) end)`;
