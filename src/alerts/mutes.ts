import type postgres from "postgres";

import { coversMonitor } from "../schedules/maintenance/read.ts";

/** Why nobody is told now. */
export interface Silence {
  /** `mute`: somebody asked for it. `maintenance`: a window is open, whatever its behaviour. */
  kind: "mute" | "maintenance";
  id: string;
  /** What the person gave as the reason, or the name of the window. */
  reason: string;
  /** Name of who asked for it. */
  by: string;
  since: Date;
  /** Null = until the monitor passes. */
  until: Date | null;
}

type Client = postgres.Sql | postgres.TransactionSql;

/** A message that a rule would send about a monitor; a rule of a whole workspace may be about no single one. */
interface Subject {
  monitorId: string | null;
  ruleId?: string | null;
}

/**
 * Whether a message about a monitor, sent by a rule, would be muted now; undefined when it is to be sent. A message that
 * is muted is logged and not sent. By the clock of the database; works inside a transaction.
 */
export async function isMuted(sql: Client, subject: Subject): Promise<Silence | undefined> {
  const found = await silenceOf(sql, [subject]);
  return found.get(keyOf(subject));
}

const keyOf = ({ monitorId, ruleId }: Subject): string => `${monitorId} ${ruleId ?? null}`;

/** The same for many messages at once, by `<monitorId> <ruleId>`; of several silences the one that lasts longest. */
export async function silenceOf(
  sql: Client,
  subjects: readonly Subject[],
): Promise<ReadonlyMap<string, Silence>> {
  if (subjects.length === 0) return new Map();
  const asked = subjects.map(({ monitorId, ruleId }) => ({ monitor_id: monitorId, rule_id: ruleId ?? null }));
  const rows = await sql<(Silence & Required<Subject>)[]>`
    with asked as (
      select distinct monitor_id, rule_id
        from json_to_recordset(${JSON.stringify(asked)}::text::json) as a(monitor_id uuid, rule_id uuid)
    ), silent as (
      select a.monitor_id, a.rule_id, 'maintenance' as kind, p.id, w.name as reason, u.name as by,
             p.starts_at as since, p.ends_at as until
        from asked a join monitors m on m.id = a.monitor_id
        join maintenance_periods p on p.workspace_id = m.workspace_id and ${coversMonitor(sql)}
        join maintenance_windows w on w.id = p.window_id join users u on u.id = w.created_by
       where p.starts_at <= now() and p.ends_at > now()
      union all
      select a.monitor_id, a.rule_id, 'mute', x.id, x.reason, u.name, x.created_at, x.until_at
        from asked a join alert_mutes x on x.monitor_id = a.monitor_id or x.rule_id = a.rule_id
        join users u on u.id = x.muted_by
       where ${isInForce(sql, sql`a.monitor_id`)}
    )
    select distinct on (monitor_id, rule_id) monitor_id as "monitorId", rule_id as "ruleId", kind, id, reason, by, since,
           until
      from silent order by monitor_id, rule_id, until desc nulls first`;
  return new Map(rows.map(({ monitorId, ruleId, ...silence }) => [keyOf({ monitorId, ruleId }), silence]));
}

/** Whether the mute `x` is in force for a monitor; one until it passes is over with the first execution since that passed. */
export const isInForce = (sql: Client, monitorId: postgres.Fragment) => sql`
  (x.ended_at is null and (x.until_at is null or x.until_at > now())
   and not (x.until_passes and exists (
     select 1 from executions e
      where e.monitor_id = ${monitorId} and e.created_at >= x.created_at and e.outcome = 'passed')))`;
