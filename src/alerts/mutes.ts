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

/**
 * Whether a message about a monitor, sent by a rule, would be muted now; undefined when it is to be sent. A message that
 * is muted is logged and not sent. By the clock of the database; works inside a transaction.
 */
export async function isMuted(
  sql: Client,
  { monitorId, ruleId }: { monitorId: string; ruleId?: string | null },
): Promise<Silence | undefined> {
  const [found] = await sql<Silence[]>`
    select 'maintenance' as kind, p.id, w.name as reason, u.name as by, p.starts_at as since, p.ends_at as until
      from monitors m
      join maintenance_periods p on p.workspace_id = m.workspace_id and ${coversMonitor(sql)}
      join maintenance_windows w on w.id = p.window_id join users u on u.id = w.created_by
     where m.id = ${monitorId} and p.starts_at <= now() and p.ends_at > now()
    union all
    select 'mute', x.id, x.reason, u.name, x.created_at, x.until_at
      from alert_mutes x join users u on u.id = x.muted_by
     where (x.monitor_id = ${monitorId} or x.rule_id = ${ruleId ?? null}) and ${isInForce(sql, monitorId)}
     order by until desc nulls first limit 1`;
  return found;
}

/** Whether the mute `x` is in force; one until it passes is over with the first execution since that passed. */
const isInForce = (sql: Client, monitorId: string) => sql`
  x.ended_at is null and (x.until_at is null or x.until_at > now())
  and not (x.until_passes and exists (
    select 1 from executions e where e.monitor_id = ${monitorId} and e.created_at >= x.created_at and e.outcome = 'passed'))`;
