import type postgres from "postgres";

/**
 * Leaves a signal for whoever evaluates alerts, for each execution that ended and that a rule, or an address in its monitor,
 * may have to know of: one that did not pass, one after which the monitor's state is another, and one that passed while
 * something of the monitor is open or every execution is watched. Everything else costs two looks into small indexes.
 *
 * `ended` names the rows: execution_id, outcome, and of the monitor id, workspace_id, state_since and notifications. The
 * statement holds the monitor's row, so that the signals of one monitor are in the order in which its executions ended.
 */
export const signalEnds = (sql: postgres.ISql, ended: postgres.Fragment) => sql`
  insert into alert_signals (monitor_id, execution_id)
  select id, execution_id from ${ended}
   where case when outcome <> 'passed' or state_since = now()
              then notifications <> '{"onError": [], "onFailure": []}'::jsonb or ${hasRule(sql, sql`true`)} or ${isOpen(sql)}
              else ${isOpen(sql)} or ${hasRule(sql, sql`(r.latency_ms is not null or r.certificate_days is not null)`)} end
   order by id`;

/** Slots that were missed without an execution; `missed` has of the monitor id, workspace_id and slot_at. */
export const signalMissedSlots = (sql: postgres.ISql, missed: postgres.Fragment) => sql`
  insert into alert_signals (monitor_id, slot_at)
  select id, slot_at from ${missed}
   where (select notifications <> '{"onError": [], "onFailure": []}'::jsonb from monitors m where m.id = ended.id)
      or ${hasRule(sql, sql`r.on_missed`)}`;

const isOpen = (sql: postgres.ISql) => sql`
  coalesce((select true from alert_states a
             where a.monitor_id = ended.id and (a.state = 'firing' or a.streak > 0) limit 1), false)`;

/** `limit` keeps the planner from reading all rules for a few monitors. */
const hasRule = (sql: postgres.ISql, wanted: postgres.Fragment) => sql`
  coalesce((select true from alert_rules r where r.monitor_id = ended.id and r.active and ${wanted} limit 1),
           (select true from alert_rules r
             where r.workspace_id = ended.workspace_id and r.monitor_id is null and r.active and ${wanted} limit 1),
           false)`;
