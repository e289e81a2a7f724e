import { eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { alertDeliveries } from "../../db/schema.ts";
import { recordAudit } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { conflicting, missing } from "../access/fields.ts";
import { requireAdmin } from "../access/rights.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";

/**
 * Sends a message of the log again, as a message of its own, whatever became of it. Returns the id of the new line of the
 * log. 404, 403; 409 while it is still on its way, and when its channel is switched off.
 */
export async function resendDelivery(
  { db }: Pick<Database, "db">,
  actor: Actor,
  id: string,
): Promise<string> {
  const [found] = await db.select().from(alertDeliveries).where(eq(alertDeliveries.id, id));
  if (!found) throw missing("There is no such message; it may have left the log.");
  if (found.workspaceId === null) requireAdmin(actor);
  else await requireWorkspaceRole({ db }, actor, found.workspaceId, "editor");
  if (found.status === "pending" || found.status === "sending") {
    throw conflicting("This message is still on its way; it is tried again by itself.");
  }
  return await db.transaction(async (tx) => {
    const [made] = await tx.execute<{ id: string }>(sql`
      insert into alert_deliveries (id, workspace_id, kind, alert_id, condition, rule_id, monitor_id, run_id, channel_id,
                                    recipients, message)
      select gen_random_uuid(), d.workspace_id, d.kind, d.alert_id, d.condition, d.rule_id, d.monitor_id, d.run_id,
             d.channel_id, d.recipients, d.message
        from alert_deliveries d left join alert_channels c on c.id = d.channel_id
       where d.id = ${id}::uuid and (c.active or d.channel_id is null and not d.message ? 'through')
      returning id`);
    if (!made)
      throw conflicting("Its channel is switched off or deleted: switch it on, or make another one.");
    await recordAudit(tx, actor, {
      action: "alert_delivery.resent",
      subjectType: "alert_delivery",
      subjectId: made.id,
      change: { of: id },
      ...(found.workspaceId !== null && { workspaceId: found.workspaceId }),
    });
    return made.id;
  });
}
