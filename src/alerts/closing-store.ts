import { type SQL, sql } from "drizzle-orm";

import type { Tx } from "../access/audit/audit.ts";
import { newId, toUid } from "../lib/ids.ts";
import type { AlertCondition } from "./alert.ts";
import { composeClosing, type Ending, type OpenAlert } from "./closing.ts";

/** Which open alerts lose which receivers. */
export interface Closing {
  /** Of `alert_states s`, `alert_rules r` and `alert_channels c`. */
  where: SQL;
  ending: Ending;
  /** What waits for these receivers goes with what is deleted or switched off: only what was tried has been heard of. */
  takesWaiting?: boolean;
}

interface Row {
  ruleId: string;
  alertId: string;
  condition: AlertCondition;
  since: string;
  channelId: string;
  monitorId: string | null;
  runnerId: string | null;
  workspaceId: string;
  rule: OpenAlert["rule"];
  monitor: { id: string; name: string; ownerId: number } | null;
  runnerName: string | null;
  /** Of a runner that is deleted, whose name nothing else knows. */
  toldAs: string | null;
  workspaceName: string;
}

/**
 * Queues the last message of open alerts, for every channel that has heard of them; of rules that tell of recovery only. In the
 * transaction that ends the watch, so that it is told exactly once, and only if the watch has ended. It comes before what is
 * deleted is.
 */
export async function closeAlerts(tx: Tx, publicUrl: string, closing: Closing): Promise<void> {
  const rows = await listLosing(tx, closing);
  if (rows.length === 0) return;
  const deliveries = rows.map((row) => ({
    id: newId(),
    workspace_id: row.workspaceId,
    alert_id: row.alertId,
    condition: row.condition,
    rule_id: row.ruleId,
    monitor_id: row.monitorId,
    channel_id: row.channelId,
    message: composeClosing(publicUrl, toOpenAlert(row), closing.ending),
  }));
  // Nothing keeps a message behind one that is being sent and has left the queue: it waits for the end of its lease.
  await tx.execute(sql`
    insert into alert_deliveries (id, workspace_id, kind, alert_id, condition, rule_id, monitor_id, channel_id, message,
                                  next_attempt_at)
    select t.id, t.workspace_id, 'closed', t.alert_id, t.condition, t.rule_id, t.monitor_id, t.channel_id, t.message,
           greatest(now(), leases.ends_at)
      from json_to_recordset(${JSON.stringify(deliveries)}::text::json)
        as t(id uuid, workspace_id uuid, alert_id uuid, condition text, rule_id uuid, monitor_id uuid, channel_id uuid,
             message jsonb)
      left join (select alert_id, channel_id, max(next_attempt_at) as ends_at from alert_deliveries
                  where ${closing.takesWaiting ?? false} and status = 'sending' group by alert_id, channel_id) leases
        on leases.alert_id = t.alert_id and leases.channel_id = t.channel_id`);
}

const listLosing = (tx: Tx, { where, takesWaiting = false }: Closing) =>
  tx.execute<Row & Record<string, unknown>>(sql`
    select s.rule_id as "ruleId", s.alert_id as "alertId", s.condition, s.since, c.id as "channelId",
           s.monitor_id as "monitorId", s.runner_id as "runnerId", s.workspace_id as "workspaceId",
           json_build_object('name', r.name, 'everyFailure', r.every_failure, 'inARow', r.in_a_row,
                             'onFailure', r.on_failure) as rule,
           case when m.id is not null
                then json_build_object('id', m.id, 'name', m.name, 'ownerId', m.owner_id) end as monitor,
           x.name as "runnerName", w.name as "workspaceName",
           case when s.runner_id is not null and x.id is null
                then (select d.message ->> 'title' from alert_deliveries d
                       where d.alert_id = s.alert_id and d.channel_id = c.id order by d.position limit 1) end as "toldAs"
      from alert_states s join alert_rules r on r.id = s.rule_id
      join alert_rule_channels rc on rc.rule_id = r.id join alert_channels c on c.id = rc.channel_id
      join workspaces w on w.id = s.workspace_id
      left join monitors m on m.id = s.monitor_id left join runners x on x.id = s.runner_id
     where s.state = 'firing' and s.sent > 0 and s.alert_id is not null and r.on_recovery and c.active and ${where}
       and case when s.monitor_id is null then exists (${heard(takesWaiting)} and d.monitor_id is null)
                else exists (${heard(takesWaiting)} and d.monitor_id = s.monitor_id) end
     order by s.since, s.rule_id, c.id`);

/** A message of the alert that the channel has got, or will; found by its monitor, because alerts have no index. */
const heard = (takesWaiting: boolean) => sql`
  select 1 from alert_deliveries d
   where d.alert_id = s.alert_id and d.channel_id = c.id and d.kind in ('firing', 'again', 'reminder')
     and (d.status in ('sent', 'sending') or (d.status = 'pending' and (d.attempt > 0 or not ${takesWaiting})))`;

const toOpenAlert = ({ monitor, runnerId, workspaceId, ...row }: Row): OpenAlert => ({
  condition: row.condition,
  since: new Date(row.since),
  rule: row.rule,
  monitor: monitor && { id: monitor.id, name: monitor.name, uid: toUid(monitor.ownerId, monitor.id) },
  runner: runnerId === null ? null : { name: row.runnerName },
  toldAs: row.toldAs,
  workspace: { id: workspaceId, name: row.workspaceName },
});

/**
 * Lets the last messages that wait for channels outlive them: each carries what it is sent with, sealed, until it is sent.
 * `where` is of `alert_deliveries d` and `alert_channels c`.
 */
export const carryChannels = (tx: Tx, where: SQL) =>
  // Recipients tell receivers apart, as a channel does.
  tx.execute(sql`
    update alert_deliveries d
       set channel_id = null, recipients = array[c.id::text],
           message = d.message || jsonb_build_object('through', jsonb_build_object(
             'sealedConfig', c.sealed_config, 'kind', c.kind, 'name', c.name, 'target', c.shown_target))
      from alert_channels c where c.id = d.channel_id and ${isEnding} and ${where}`);

/** Lets the last messages that wait outlive monitors, and the workspace if it goes, too. `where` is of `alert_deliveries d`. */
export const outliveMonitors = (tx: Tx, where: SQL, { workspaceGoes = false } = {}) =>
  tx.execute(sql`
    update alert_deliveries d set monitor_id = null ${workspaceGoes ? sql`, workspace_id = null` : sql``}
     where ${isEnding} and ${where}`);

const isEnding = sql`d.status in ('pending', 'sending') and d.kind in ('recovered', 'closed')`;
