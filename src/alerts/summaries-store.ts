import { and, eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { summaries } from "../../db/schema.ts";
import { recordAudit } from "../access/audit/audit.ts";
import type { Actor, Deps } from "../access/context.ts";
import { missing, wrongField } from "../access/fields.ts";
import { inVisibleWorkspace, requireWorkspaceRole } from "../access/workspace-rights.ts";
import { toError } from "../lib/errors.ts";
import { newId } from "../lib/ids.ts";
import { findWorkspace } from "../workspaces/store.ts";
import type { AlertChannelKind } from "./alert.ts";
import { listChannels } from "./channels-store.ts";
import { queueMessage } from "./outbox.ts";
import { composeSummary } from "./summary-content.ts";
import { nextSummaryAt, periodOf, type SummaryInput, type SummarySchedule } from "./summary.ts";

export type Summary = typeof summaries.$inferSelect;

export interface ListedSummary extends Summary {
  workspaceName: string;
  channelName: string;
  channelKind: AlertChannelKind;
}

/** Services that open incidents have no place for a summary. */
export const takesSummaries = (kind: AlertChannelKind): boolean =>
  kind !== "pagerduty" && kind !== "opsgenie";

/** Those of workspaces that the actor sees, at most 500. */
export const listSummaries = (
  { sql: query }: Pick<Database, "sql">,
  actor: Actor,
  filter: { workspaceId?: string | undefined } = {},
): Promise<ListedSummary[]> => query<ListedSummary[]>`
  select s.id, s.workspace_id as "workspaceId", s.channel_id as "channelId", s.period, s.hour, s.weekday, s.timezone,
         s.next_at as "nextAt", s.last_sent_at as "lastSentAt", s.created_by as "createdBy", s.created_at as "createdAt",
         w.name as "workspaceName", c.name as "channelName", c.kind as "channelKind"
    from summaries s join workspaces w on w.id = s.workspace_id join alert_channels c on c.id = s.channel_id
   where ${inVisibleWorkspace(query, actor, "s.workspace_id")}
     ${filter.workspaceId === undefined ? query`` : query`and s.workspace_id = ${filter.workspaceId}`}
   order by w.name, c.name, s.period limit 500`;

/**
 * Subscribes a channel; the one that it has for this workspace and period is replaced. 404 for no workspace, 403 for whoever
 * is no editor, 400 for a channel that is out of reach or takes no summaries.
 */
export async function createSummary(database: Database, actor: Actor, input: SummaryInput): Promise<Summary> {
  const { workspace: workspaceId, channel: channelId, period, hour, timezone } = input;
  if (!(await findWorkspace(database, workspaceId))) throw missing("There is no such workspace.");
  await requireWorkspaceRole(database, actor, workspaceId, "editor");
  const channel = (await listChannels(database, actor, { workspaceId })).find(({ id }) => id === channelId);
  if (!channel)
    throw wrongField("channel", "There is no such channel in this workspace; choose one that is.");
  if (!takesSummaries(channel.kind)) {
    throw wrongField("channel", "This service takes alerts only: choose e-mail, a chat or a webhook.");
  }
  const schedule: SummarySchedule = {
    period,
    hour,
    weekday: period === "weekly" ? input.weekday : null,
    timezone,
  };
  return await database.db.transaction(async (tx) => {
    const [row] = await tx.execute<{ now: Date }>(sql`select now() as now`);
    const values = { ...schedule, nextAt: nextSummaryAt(schedule, new Date(row?.now ?? 0)) };
    const [created] = await tx
      .insert(summaries)
      .values({ id: newId(), workspaceId, channelId, createdBy: actor.userId, ...values })
      .onConflictDoUpdate({
        target: [summaries.workspaceId, summaries.channelId, summaries.period],
        set: values,
      })
      .returning();
    if (!created) throw new Error("insert of a summary returned no row");
    await record(tx, actor, created, "created");
    return created;
  });
}

/** Undefined when there is none. 403 for whoever is no editor. */
export async function deleteSummary(
  database: Database,
  actor: Actor,
  id: string,
): Promise<Summary | undefined> {
  const found = await reachSummary(database, actor, id);
  if (!found) return undefined;
  return await database.db.transaction(async (tx) => {
    const [deleted] = await tx.delete(summaries).where(eq(summaries.id, id)).returning();
    if (deleted) await record(tx, actor, deleted, "deleted");
    return deleted;
  });
}

async function reachSummary(database: Database, actor: Actor, id: string): Promise<Summary | undefined> {
  const [found] = await database.db
    .select()
    .from(summaries)
    .where(and(eq(summaries.id, id)));
  if (found) await requireWorkspaceRole(database, actor, found.workspaceId, "editor");
  return found;
}

const record = (
  tx: Parameters<typeof recordAudit>[0],
  actor: Actor,
  { id, workspaceId, channelId, period, hour, weekday, timezone }: Summary,
  verb: string,
) =>
  recordAudit(tx, actor, {
    action: `alert_summary.${verb}`,
    subjectType: "alert_summary",
    subjectId: id,
    workspaceId,
    change: { channelId, period, hour, weekday, timezone },
  });

type SendDeps = Pick<Deps, "database" | "publicUrl">;

/** Sends one now, about the time up to now, beside those that come by themselves. False when there is none. 403. */
export async function sendSummaryNow(
  deps: SendDeps & Pick<Deps, "clock">,
  actor: Actor,
  id: string,
): Promise<boolean> {
  const found = await reachSummary(deps.database, actor, id);
  if (!found) return false;
  const now = deps.clock.now();
  const { from } = periodOf(found, { dueAt: now, now });
  const message = await composeSummary(deps, found.workspaceId, { from, to: now, kind: found.period });
  if (!message) return false;
  await deps.database.sql.begin((tx) =>
    queueMessage(tx, {
      message,
      workspaceId: found.workspaceId,
      alertId: newId(),
      channelIds: [found.channelId],
    }),
  );
  return true;
}

/**
 * Queues one summary that is due: its place in time moves in the transaction that queues it, so that each period is told
 * once, whichever server does it. False when none is due.
 */
export async function queueDueSummary(deps: SendDeps & Pick<Deps, "log">): Promise<boolean> {
  const { database, publicUrl, log } = deps;
  return await database.sql.begin(async (tx) => {
    const [due] = await tx<(Summary & { now: Date })[]>`
      select id, workspace_id as "workspaceId", channel_id as "channelId", period, hour, weekday, timezone,
             next_at as "nextAt", clock_timestamp() as now
        from summaries where next_at <= now() order by next_at limit 1 for update skip locked`;
    if (!due) return false;
    const { from, to, nextAt } = periodOf(due, { dueAt: due.nextAt, now: due.now });
    const { workspaceId, channelId } = due;
    const message = await composeSummary({ database, publicUrl }, workspaceId, {
      from,
      to,
      kind: due.period,
    }).catch((error: unknown) => toError(error));
    if (message instanceof Error) {
      // One that cannot be made must not hold up the others.
      log.error("summary not made", { summaryId: due.id, error: message.message });
      await tx`update summaries set next_at = now() + interval '10 minutes' where id = ${due.id}`;
      return true;
    }
    if (message) await queueMessage(tx, { message, workspaceId, alertId: newId(), channelIds: [channelId] });
    await tx`update summaries set next_at = ${nextAt}, last_sent_at = now() where id = ${due.id}`;
    return true;
  });
}
