import type postgres from "postgres";

import { newId } from "../lib/ids.ts";
import type { AlertCondition } from "./alert.ts";
import type { AlertMessage } from "./message.ts";

/** A message on its way into the outbox. `message.event` is the kind of the deliveries. */
export interface Outgoing {
  message: AlertMessage;
  /** Null: of no workspace, such as the test of a channel of the whole team. */
  workspaceId: string | null;
  /** One for everything that belongs together: of one alert and channel, messages are sent in the order of their queueing. */
  alertId: string;
  condition?: AlertCondition | null;
  ruleId?: string | null;
  monitorId?: string | null;
  runId?: string | null;
  channelIds: readonly string[];
  /** E-mail addresses without a channel. */
  recipients?: readonly string[];
  /** Why it is only noted, not sent; one sentence. */
  muted?: string;
}

/**
 * Queues a message: one delivery per channel that is active, and one for the addresses. In the caller's transaction, so that
 * it is sent if, and only if, what it tells of was stored. Returns the ids of the deliveries.
 */
export async function queueMessage(tx: postgres.ISql, outgoing: Outgoing): Promise<string[]> {
  const { message, channelIds, recipients = [], muted } = outgoing;
  const targets = [
    ...channelIds.map((channelId) => ({ id: newId(), channel_id: channelId, recipients: null })),
    ...(recipients.length > 0 ? [{ id: newId(), channel_id: null, recipients: [...recipients] }] : []),
  ];
  if (targets.length === 0) return [];
  const rows = await tx<{ id: string }[]>`
    insert into alert_deliveries (id, workspace_id, kind, alert_id, condition, rule_id, monitor_id, run_id, channel_id,
                                  recipients, message, status, response, ended_at)
    select t.id, ${outgoing.workspaceId}::uuid, ${message.event}, ${outgoing.alertId}::uuid, ${outgoing.condition ?? null},
           ${outgoing.ruleId ?? null}::uuid, ${outgoing.monitorId ?? null}::uuid, ${outgoing.runId ?? null}::uuid,
           t.channel_id, t.recipients, ${JSON.stringify(message)}::text::jsonb,
           ${muted === undefined ? "pending" : "muted"}, ${muted ?? null}, case when ${muted !== undefined} then now() end
      from json_to_recordset(${JSON.stringify(targets)}::text::json) as t(id uuid, channel_id uuid, recipients text[])
     where t.channel_id is null or exists (select 1 from alert_channels c where c.id = t.channel_id and c.active)
    returning id`;
  return rows.map(({ id }) => id);
}
