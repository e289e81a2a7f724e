import { and, asc, eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { collections, monitors, webhooks } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import { hashSecret, newId, newToken } from "../lib/ids.ts";
import { createMonitor } from "../monitors/store.ts";
import type { NewWebhook } from "./webhook.ts";

const MAX_LISTED = 10_000;

/** A webhook with what it points at; its token is not stored. */
export interface Webhook {
  id: string;
  workspaceId: string;
  ownerId: number;
  name: string;
  monitorId: string;
  monitorOwnerId: number;
  collectionId: string;
  collectionOwnerId: number;
  createdAt: Date;
  updatedAt: Date;
  lastCalledAt: Date | null;
}

const selectWebhooks = (db: Database["db"] | Tx) =>
  db
    .select({
      id: webhooks.id,
      workspaceId: webhooks.workspaceId,
      ownerId: webhooks.ownerId,
      name: webhooks.name,
      monitorId: webhooks.monitorId,
      monitorOwnerId: monitors.ownerId,
      collectionId: monitors.collectionId,
      collectionOwnerId: collections.ownerId,
      createdAt: webhooks.createdAt,
      updatedAt: webhooks.updatedAt,
      lastCalledAt: webhooks.lastCalledAt,
    })
    .from(webhooks)
    .innerJoin(monitors, eq(monitors.id, webhooks.monitorId))
    .innerJoin(collections, eq(collections.id, monitors.collectionId));

/** Those that the actor sees, oldest first. */
export const listWebhooks = (
  { db }: Database,
  actor: Actor,
  filter: { workspaceId?: string } = {},
): Promise<Webhook[]> =>
  selectWebhooks(db)
    .where(
      and(
        filter.workspaceId === undefined ? undefined : eq(webhooks.workspaceId, filter.workspaceId),
        isInVisibleWorkspace(actor, webhooks.workspaceId),
      ),
    )
    .orderBy(asc(webhooks.createdAt), asc(webhooks.id))
    .limit(MAX_LISTED);

export async function findWebhook(
  { db }: { db: Database["db"] | Tx },
  id: string,
): Promise<Webhook | undefined> {
  const [found] = await selectWebhooks(db).where(eq(webhooks.id, id));
  return found;
}

/**
 * A webhook and the monitor of its name that it starts, which has no schedule. `token` is returned here and never again.
 * Throws 400 when what it points at is not in the workspace, 403 without the right.
 */
export async function createWebhook(
  database: Database,
  actor: Actor,
  input: NewWebhook & { workspaceId?: string },
): Promise<{ webhook: Webhook; token: string }> {
  const token = newToken();
  const webhook = await database.db.transaction(async (tx) => {
    // A transaction inside of another is a savepoint.
    const within: Database = { ...database, db: tx };
    const monitor = await createMonitor(within, actor, { ...input, schedule: null });
    const id = newId();
    await tx.insert(webhooks).values({
      id,
      workspaceId: monitor.workspaceId,
      ownerId: actor.userId,
      name: input.name,
      monitorId: monitor.id,
      tokenHash: hashSecret(token),
    });
    const created = await findWebhook({ db: tx }, id);
    if (!created) throw new Error("insert of a webhook returned no row");
    await audit(tx, actor, "created", created);
    return created;
  });
  return { webhook, token };
}

/** Another token; calls with the old one are refused from now on. Undefined when there is no such webhook. */
export async function renewToken({ db }: Database, actor: Actor, id: string): Promise<string | undefined> {
  const token = newToken();
  return await db.transaction(async (tx) => {
    const [renewed] = await tx
      .update(webhooks)
      .set({ tokenHash: hashSecret(token), updatedAt: sql`now()` })
      .where(eq(webhooks.id, id))
      .returning({ id: webhooks.id, name: webhooks.name, monitorId: webhooks.monitorId });
    if (!renewed) return undefined;
    await audit(tx, actor, "token_renewed", renewed);
    return token;
  });
}

/** The monitor stays, because its runs are. Undefined when there was no such webhook. */
export async function deleteWebhook(
  { db }: Database,
  actor: Actor,
  id: string,
): Promise<{ id: string; ownerId: number } | undefined> {
  return await db.transaction(async (tx) => {
    const [deleted] = await tx.delete(webhooks).where(eq(webhooks.id, id)).returning({
      id: webhooks.id,
      name: webhooks.name,
      monitorId: webhooks.monitorId,
      ownerId: webhooks.ownerId,
    });
    if (!deleted) return undefined;
    await audit(tx, actor, "deleted", deleted);
    return deleted;
  });
}

const audit = (
  tx: Tx,
  actor: Actor,
  verb: string,
  { id, name, monitorId }: Pick<Webhook, "id" | "name" | "monitorId">,
) =>
  recordAudit(tx, actor, {
    action: `webhook.${verb}`,
    subjectType: "webhook",
    subjectId: id,
    change: { name, monitorId },
  });

/** The webhook of a token; undefined for a wrong or revoked one. Notes the call at most once a minute. */
export async function findCalledWebhook(
  { sql: query }: Database,
  token: string,
): Promise<{ id: string; monitorId: string } | undefined> {
  const [found] = await query<{ id: string; monitorId: string }[]>`
    with found as (
      select id, monitor_id, last_called_at from webhooks where token_hash = ${hashSecret(token)}
    ), noted as (
      update webhooks set last_called_at = now() from found
       where webhooks.id = found.id
         and (found.last_called_at is null or found.last_called_at < now() - interval '1 minute')
    )
    select id, monitor_id as "monitorId" from found`;
  return found;
}
