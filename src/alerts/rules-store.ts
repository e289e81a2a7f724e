import { and, asc, eq, inArray, isNull, or, type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { alertChannels, alertRuleChannels, alertRules, alertStates, monitors } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import { changeOf, updateOf } from "../access/audit/change.ts";
import type { Actor } from "../access/context.ts";
import { isInVisibleWorkspace, requireWorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { newId } from "../lib/ids.ts";
import { noSuch, type Rule, type RuleInput } from "./alert.ts";

const MAX_LISTED = 1000;

const columns = {
  id: alertRules.id,
  workspaceId: alertRules.workspaceId,
  monitorId: alertRules.monitorId,
  name: alertRules.name,
  active: alertRules.active,
  onFailure: alertRules.onFailure,
  onError: alertRules.onError,
  onMissed: alertRules.onMissed,
  onRunner: alertRules.onRunner,
  onRecovery: alertRules.onRecovery,
  everyFailure: alertRules.everyFailure,
  inARow: alertRules.inARow,
  quorum: alertRules.quorum,
  latencyMs: alertRules.latencyMs,
  latencyOf: alertRules.latencyOf,
  certificateDays: alertRules.certificateDays,
  notificationLimit: alertRules.notificationLimit,
  reminderMinutes: alertRules.reminderMinutes,
  createdBy: alertRules.createdBy,
  createdAt: alertRules.createdAt,
  updatedAt: alertRules.updatedAt,
  channelIds: sql<string[]>`array(
    select c.channel_id from alert_rule_channels c where c.rule_id = ${sql.raw("alert_rules.id")} order by c.channel_id)`,
};

const select = (db: Database["db"] | Tx, where: SQL | undefined): Promise<Rule[]> =>
  db
    .select(columns)
    .from(alertRules)
    .where(where)
    .orderBy(asc(alertRules.createdAt), asc(alertRules.id))
    .limit(MAX_LISTED);

/**
 * Rules of workspaces that the actor sees, oldest first. With `monitorId` those that watch it: its own and those of its
 * whole workspace.
 */
export const listRules = (
  { db }: Database,
  actor: Actor,
  filter: { workspaceId?: string; monitorId?: string } = {},
): Promise<Rule[]> =>
  select(
    db,
    and(
      isInVisibleWorkspace(actor, alertRules.workspaceId),
      filter.workspaceId === undefined ? undefined : eq(alertRules.workspaceId, filter.workspaceId),
      filter.monitorId === undefined ? undefined : watching(db, filter.monitorId),
    ),
  );

const watching = (db: Database["db"], monitorId: string) =>
  or(
    eq(alertRules.monitorId, monitorId),
    and(
      isNull(alertRules.monitorId),
      inArray(
        alertRules.workspaceId,
        db.select({ id: monitors.workspaceId }).from(monitors).where(eq(monitors.id, monitorId)),
      ),
    ),
  );

/** Undefined when there is none that the actor sees. */
export async function findRule({ db }: Database, actor: Actor, id: string): Promise<Rule | undefined> {
  const [found] = await select(
    db,
    and(eq(alertRules.id, id), isInVisibleWorkspace(actor, alertRules.workspaceId)),
  );
  return found;
}

/** 403 for whoever is no editor of the workspace; 400 when the monitor or a channel is not in reach of it. */
export async function createRule(
  { db }: Database,
  actor: Actor,
  workspaceId: string,
  input: RuleInput,
): Promise<Rule> {
  return await db.transaction(async (tx) => {
    await requireWorkspaceRole({ db: tx }, actor, workspaceId, "editor");
    const { channelIds, ...values } = input;
    await requireReach(tx, workspaceId, input);
    const id = newId();
    await tx.insert(alertRules).values({ ...values, id, workspaceId, createdBy: actor.userId });
    await setChannels(tx, id, channelIds);
    const created = await read(tx, id);
    await recordAudit(tx, actor, {
      action: "alert_rule.created",
      subjectType: "alert_rule",
      subjectId: id,
      change: changeOf(undefined, input),
      workspaceId,
    });
    return created;
  });
}

/**
 * Changes what is given; absent fields stay. Alerts of conditions that it does not watch any more are over without a
 * message. 404, 403, 400.
 */
export async function updateRule(
  { db }: Database,
  actor: Actor,
  id: string,
  input: Partial<RuleInput>,
): Promise<Rule> {
  return await db.transaction(async (tx) => {
    const before = await lockRule(tx, actor, id);
    const { channelIds, ...values } = input;
    await requireReach(tx, before.workspaceId, input);
    await tx
      .update(alertRules)
      .set({ ...values, updatedAt: sql`now()` })
      .where(eq(alertRules.id, id));
    if (channelIds) await setChannels(tx, id, channelIds);
    const updated = await read(tx, id);
    await forgetStates(tx, updated, before);
    await recordAudit(tx, actor, {
      action: "alert_rule.updated",
      subjectType: "alert_rule",
      subjectId: id,
      change: updateOf(before, input),
      workspaceId: before.workspaceId,
    });
    return updated;
  });
}

/** Its alerts are over without a message; the log of what it sent stays. 404, 403. */
export async function deleteRule({ db }: Database, actor: Actor, id: string): Promise<Rule> {
  return await db.transaction(async (tx) => {
    const before = await lockRule(tx, actor, id);
    await tx.delete(alertRules).where(eq(alertRules.id, id));
    await tx.delete(alertStates).where(eq(alertStates.ruleId, id));
    await recordAudit(tx, actor, {
      action: "alert_rule.deleted",
      subjectType: "alert_rule",
      subjectId: id,
      change: changeOf(before, undefined),
      workspaceId: before.workspaceId,
    });
    return before;
  });
}

async function lockRule(tx: Tx, actor: Actor, id: string): Promise<Rule> {
  const [locked] = await tx
    .select({ workspaceId: alertRules.workspaceId })
    .from(alertRules)
    .where(and(eq(alertRules.id, id), isInVisibleWorkspace(actor, alertRules.workspaceId)))
    .for("update");
  if (!locked) throw noSuch("alert rule", id);
  await requireWorkspaceRole({ db: tx }, actor, locked.workspaceId, "editor");
  return await read(tx, id);
}

async function read(tx: Tx, id: string): Promise<Rule> {
  const [rule] = await select(tx, eq(alertRules.id, id));
  if (!rule) throw noSuch("alert rule", id);
  return rule;
}

async function setChannels(tx: Tx, ruleId: string, channelIds: readonly string[]): Promise<void> {
  await tx.delete(alertRuleChannels).where(eq(alertRuleChannels.ruleId, ruleId));
  if (channelIds.length === 0) return;
  await tx.insert(alertRuleChannels).values(channelIds.map((channelId) => ({ ruleId, channelId })));
}

async function requireReach(
  tx: Tx,
  workspaceId: string,
  { monitorId, channelIds }: Partial<RuleInput>,
): Promise<void> {
  if (monitorId) {
    const [monitor] = await tx
      .select({ id: monitors.id })
      .from(monitors)
      .where(and(eq(monitors.id, monitorId), eq(monitors.workspaceId, workspaceId)));
    if (!monitor) throw notInReach("monitor", monitorId);
  }
  if (!channelIds || channelIds.length === 0) return;
  const found = await tx
    .select({ id: alertChannels.id })
    .from(alertChannels)
    .where(
      and(
        inArray(alertChannels.id, channelIds),
        or(isNull(alertChannels.workspaceId), eq(alertChannels.workspaceId, workspaceId)),
      ),
    );
  const missing = channelIds.find((id) => !found.some((channel) => channel.id === id.toLowerCase()));
  if (missing !== undefined) throw notInReach("alert channel", missing);
}

const notInReach = (what: string, id: string) =>
  new AppError("bad_request", `There is no ${what} ${id} in this workspace; choose one that is.`);

/** A rule that watches something else than before starts afresh. */
async function forgetStates(tx: Tx, rule: Rule, before: Rule): Promise<void> {
  const gone = goneConditions(rule);
  const isElsewhere = rule.monitorId !== before.monitorId;
  if (!isElsewhere && gone.length === 0) return;
  await tx
    .delete(alertStates)
    .where(
      and(eq(alertStates.ruleId, rule.id), isElsewhere ? undefined : inArray(alertStates.condition, gone)),
    );
}

const goneConditions = (rule: Rule) => [
  ...(rule.onFailure && rule.active ? [] : (["failure"] as const)),
  ...(rule.onError && rule.active ? [] : (["error"] as const)),
  ...(rule.onMissed && rule.active ? [] : (["missed"] as const)),
  ...(rule.onRunner && rule.active ? [] : (["runner"] as const)),
  ...(rule.latencyMs !== null && rule.active ? [] : (["latency"] as const)),
  ...(rule.certificateDays !== null && rule.active ? [] : (["certificate"] as const)),
];
