import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { inVisibleWorkspace } from "../access/workspace-rights.ts";
import type { AlertDeliveryStatus, AlertState, Delivery } from "./alert.ts";

export interface DeliveryFilter {
  workspaceId?: string;
  monitorId?: string;
  ruleId?: string;
  channelId?: string;
  status?: AlertDeliveryStatus;
  /** `position` of the last one of the page before. */
  before?: number;
  /** At most 200; default 50. */
  limit?: number;
}

export interface DeliveryPage {
  deliveries: (Delivery & { position: number })[];
  /** `before` of the next page; undefined on the last. */
  next: number | undefined;
}

/** What was sent or is to be, newest first, of workspaces that the actor sees. Tests of channels of the team: admins only. */
export async function listDeliveries(
  { sql }: Database,
  actor: Actor,
  filter: DeliveryFilter = {},
): Promise<DeliveryPage> {
  const limit = Math.min(filter.limit ?? 50, 200);
  const wanted = (column: string, value: string | undefined) =>
    value === undefined ? sql`` : sql`and ${sql(column)} = ${value}`;
  const rows = await sql<(Delivery & { position: number })[]>`
    select d.id, d.kind, d.alert_id as "alertId", d.condition, d.rule_id as "ruleId", d.monitor_id as "monitorId",
           m.name as "monitorName", d.run_id as "runId", d.channel_id as "channelId",
           coalesce(c.name, d.message -> 'through' ->> 'name') as "channelName",
           coalesce(c.kind, d.message -> 'through' ->> 'kind', 'email') as "channelKind",
           coalesce(c.shown_target, d.message -> 'through' ->> 'target', array_to_string(d.recipients, ', ')) as target,
           d.message ? 'through' as "isCarried", d.message - 'through' as message, d.status, d.attempt, case when d.status = 'pending' then d.next_attempt_at end as "nextAttemptAt",
           d.response_status as "responseStatus", d.response, d.created_at as "createdAt", d.ended_at as "endedAt",
           d.position::float8 as position
      from alert_deliveries d left join alert_channels c on c.id = d.channel_id left join monitors m on m.id = d.monitor_id
     where ${inVisibleWorkspace(sql, actor, "d.workspace_id")} ${wanted("d.workspace_id", filter.workspaceId)}
           ${wanted("d.monitor_id", filter.monitorId)} ${wanted("d.rule_id", filter.ruleId)}
           ${wanted("d.channel_id", filter.channelId)} ${wanted("d.status", filter.status)}
           ${filter.before === undefined ? sql`` : sql`and d.position < ${filter.before}`}
     order by d.position desc limit ${limit + 1}`;
  const deliveries = rows.slice(0, limit);
  return { deliveries, next: rows.length > limit ? deliveries.at(-1)?.position : undefined };
}

/** Alerts that are open (or, with `all`, every state there is), longest first, of workspaces that the actor sees. */
export const listAlertStates = (
  { sql }: Database,
  actor: Actor,
  filter: { workspaceId?: string; monitorId?: string; all?: boolean; limit?: number } = {},
): Promise<AlertState[]> => sql<AlertState[]>`
  select s.rule_id as "ruleId", s.condition, s.workspace_id as "workspaceId", s.monitor_id as "monitorId",
         m.name as "monitorName", s.runner_id as "runnerId", s.state, s.since, s.streak, s.alert_id as "alertId",
         s.opened_by_run_id as "openedByRunId", s.sent, s.last_sent_at as "lastSentAt"
    from alert_states s left join monitors m on m.id = s.monitor_id
   where ${inVisibleWorkspace(sql, actor, "s.workspace_id")}
         ${filter.workspaceId === undefined ? sql`` : sql`and s.workspace_id = ${filter.workspaceId}`}
         ${filter.monitorId === undefined ? sql`` : sql`and s.monitor_id = ${filter.monitorId}`}
         ${filter.all ? sql`` : sql`and s.state = 'firing'`}
   order by s.since, s.rule_id limit ${Math.min(filter.limit ?? 200, 1000)}`;
