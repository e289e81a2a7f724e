import { and, asc, eq, isNull, or, type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { alertChannels } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import { changeOf } from "../access/audit/change.ts";
import type { Actor, Deps } from "../access/context.ts";
import { requireAdmin } from "../access/rights.ts";
import { isInVisibleWorkspace, requireWorkspaceRole } from "../access/workspace-rights.ts";
import { newId } from "../lib/ids.ts";
import { noSuch } from "./alert.ts";
import {
  type Channel,
  type ChannelConfig,
  channelConfig,
  type ChannelInput,
  shownTarget,
} from "./channel.ts";
import { carryChannels, closeAlerts } from "./closing-store.ts";

const MAX_LISTED = 1000;

/** Everything of a channel but its secrets. */
const shown = {
  id: alertChannels.id,
  workspaceId: alertChannels.workspaceId,
  kind: alertChannels.kind,
  name: alertChannels.name,
  shownTarget: alertChannels.shownTarget,
  active: alertChannels.active,
  createdBy: alertChannels.createdBy,
  createdAt: alertChannels.createdAt,
  updatedAt: alertChannels.updatedAt,
};

/** Those that everybody has and those of workspaces that the actor sees, or of one of them; by name. */
export const listChannels = (
  { db }: Database,
  actor: Actor,
  filter: { workspaceId?: string } = {},
): Promise<Channel[]> =>
  db
    .select(shown)
    .from(alertChannels)
    .where(
      and(
        visibleTo(actor),
        filter.workspaceId === undefined
          ? undefined
          : or(isNull(alertChannels.workspaceId), eq(alertChannels.workspaceId, filter.workspaceId)),
      ),
    )
    .orderBy(asc(alertChannels.name), asc(alertChannels.id))
    .limit(MAX_LISTED);

/** Undefined when there is none that the actor sees. */
export async function findChannel({ db }: Database, actor: Actor, id: string): Promise<Channel | undefined> {
  const [found] = await db
    .select(shown)
    .from(alertChannels)
    .where(and(eq(alertChannels.id, id), visibleTo(actor)));
  return found;
}

const visibleTo = (actor: Actor): SQL | undefined => {
  const isVisible = isInVisibleWorkspace(actor, alertChannels.workspaceId);
  return isVisible && or(isNull(alertChannels.workspaceId), isVisible);
};

/** `workspaceId` null: for every workspace. 403 for whoever is no editor of the workspace, or no admin of the team. */
export async function createChannel(
  { database, secretBox }: Pick<Deps, "database" | "secretBox">,
  actor: Actor,
  input: ChannelInput & { workspaceId: string | null },
): Promise<Channel> {
  return await database.db.transaction(async (tx) => {
    await requireChange(tx, actor, input.workspaceId);
    const [created] = await tx
      .insert(alertChannels)
      .values({
        id: newId(),
        workspaceId: input.workspaceId,
        kind: input.config.kind,
        name: input.name,
        active: input.active,
        sealedConfig: secretBox.seal(JSON.stringify(input.config)),
        shownTarget: shownTarget(input.config),
        createdBy: actor.userId,
      })
      .returning(shown);
    if (!created) throw new Error("insert of an alert channel returned no row");
    await audit(tx, actor, "created", undefined, created);
    return created;
  });
}

/**
 * Changes what is given; a configuration is replaced as a whole, and may be of another kind. 404, 403. Messages that wait for
 * the channel go out with what it is then; those that end alerts are sent although it is switched off.
 */
export async function updateChannel(
  { database, secretBox, publicUrl }: Pick<Deps, "database" | "secretBox" | "publicUrl">,
  actor: Actor,
  id: string,
  input: Partial<ChannelInput>,
): Promise<Channel> {
  return await database.db.transaction(async (tx) => {
    const before = await lockChannel(tx, actor, id);
    const { name, active, config } = input;
    if (before.active && active === false) {
      const ending = { why: "channel_off", by: actor.name } as const;
      await closeAlerts(tx, publicUrl, { where: sql`c.id = ${id}`, ending, takesWaiting: true });
      await carryChannels(tx, sql`c.id = ${id}`);
    }
    const [updated] = await tx
      .update(alertChannels)
      .set({
        ...(name !== undefined && { name }),
        ...(active !== undefined && { active }),
        ...(config && {
          kind: config.kind,
          sealedConfig: secretBox.seal(JSON.stringify(config)),
          shownTarget: shownTarget(config),
        }),
        updatedAt: sql`now()`,
      })
      .where(eq(alertChannels.id, id))
      .returning(shown);
    if (!updated) throw noSuch("alert channel", id);
    await audit(tx, actor, "updated", before, updated);
    return updated;
  });
}

/**
 * Its rules stay, without it; what waits to be sent through it is dropped with its log, except for what ends an alert, which is
 * sent all the same. 404, 403.
 */
export async function deleteChannel(
  { database: { db }, publicUrl }: Pick<Deps, "database" | "publicUrl">,
  actor: Actor,
  id: string,
): Promise<Channel> {
  return await db.transaction(async (tx) => {
    const before = await lockChannel(tx, actor, id);
    const ending = { why: "channel_deleted", by: actor.name } as const;
    await closeAlerts(tx, publicUrl, { where: sql`c.id = ${id}`, ending, takesWaiting: true });
    await carryChannels(tx, sql`c.id = ${id}`);
    await tx.delete(alertChannels).where(eq(alertChannels.id, id));
    await audit(tx, actor, "deleted", before, undefined);
    return before;
  });
}

async function lockChannel(tx: Tx, actor: Actor, id: string): Promise<Channel> {
  const [found] = await tx
    .select(shown)
    .from(alertChannels)
    .where(and(eq(alertChannels.id, id), visibleTo(actor)))
    .for("update");
  if (!found) throw noSuch("alert channel", id);
  await requireChange(tx, actor, found.workspaceId);
  return found;
}

async function requireChange(tx: Tx, actor: Actor, workspaceId: string | null): Promise<void> {
  if (workspaceId === null) requireAdmin(actor);
  else await requireWorkspaceRole({ db: tx }, actor, workspaceId, "editor");
}

const audit = (tx: Tx, actor: Actor, verb: string, before?: Channel, after?: Channel) =>
  recordAudit(tx, actor, {
    action: `alert_channel.${verb}`,
    subjectType: "alert_channel",
    subjectId: after?.id ?? before?.id ?? "",
    change: changeOf(before && named(before), after && named(after)),
    ...((after ?? before)?.workspaceId && { workspaceId: (after ?? before)?.workspaceId ?? "" }),
  });

/** The host only: paths of webhooks are secrets. */
const named = ({ name, kind, shownTarget: target, active }: Channel) => ({ name, kind, target, active });

/** The configuration, for whoever sends. Undefined when there is no such channel. */
export async function readChannelConfig(
  { database, secretBox }: Pick<Deps, "database" | "secretBox">,
  id: string,
): Promise<(ChannelConfig & { active: boolean }) | undefined> {
  const [found] = await database.db
    .select({ sealed: alertChannels.sealedConfig, active: alertChannels.active })
    .from(alertChannels)
    .where(eq(alertChannels.id, id));
  if (!found) return undefined;
  return { ...channelConfig.parse(JSON.parse(secretBox.open(found.sealed))), active: found.active };
}
