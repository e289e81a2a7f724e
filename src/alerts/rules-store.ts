import { and, asc, eq, inArray, isNull, or, type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { alertChannels, alertRuleChannels, alertRules, alertStates, monitors } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import { changeOf, updateOf } from "../access/audit/change.ts";
import type { Actor, Deps } from "../access/context.ts";
import { isInVisibleWorkspace, requireWorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { newId } from "../lib/ids.ts";
import { noSuch, type Rule, type RuleInput } from "./alert.ts";
import { closeAlerts } from "./closing-store.ts";

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

type RuleDeps = Pick<Deps, "database" | "publicUrl">;

/**
 * Changes what is given; absent fields stay. Open alerts of what it does not watch any more are closed, and those that were told
 * through channels that it loses are closed there. 404, 403, 400.
 */
export async function updateRule(
  { database: { db }, publicUrl }: RuleDeps,
  actor: Actor,
  id: string,
  input: Partial<RuleInput>,
): Promise<Rule> {
  return await db.transaction(async (tx) => {
    const before = await lockRule(tx, actor, id);
    const { channelIds, ...values } = input;
    await requireReach(tx, before.workspaceId, input);
    const after = { ...before, ...input };
    await closeLost(tx, publicUrl, { before, after, by: actor.name });
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

/** Its open alerts are closed; the log of what it sent stays. 404, 403. */
export async function deleteRule(
  { database: { db }, publicUrl }: RuleDeps,
  actor: Actor,
  id: string,
): Promise<Rule> {
  return await db.transaction(async (tx) => {
    const before = await lockRule(tx, actor, id);
    const ending = { why: "rule_deleted", by: actor.name } as const;
    await closeAlerts(tx, publicUrl, { where: sql`s.rule_id = ${id}`, ending });
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

/** Tells of the end of what the rule does not watch any more, everywhere; of everything else where it loses a channel. */
async function closeLost(
  tx: Tx,
  publicUrl: string,
  { before, after, by }: { before: Rule; after: Rule; by: string },
): Promise<void> {
  const ofRule = sql`s.rule_id = ${before.id}`;
  const where = sql`${ofRule} and ${isGone(after, before)}`;
  const why = after.active ? "rule_changed" : "rule_off";
  await closeAlerts(tx, publicUrl, { where, ending: { why, by } });
  const lost = before.channelIds.filter((id) => !after.channelIds.includes(id));
  if (lost.length === 0) return;
  await closeAlerts(tx, publicUrl, {
    where: sql`${ofRule} and not ${isGone(after, before)} and ${inArray(sql`c.id`, lost)}`,
    ending: { why: "channel_removed", by },
  });
}

/** A rule that watches something else than before starts afresh. */
const forgetStates = (tx: Tx, rule: Rule, before: Rule) =>
  tx.execute(sql`delete from alert_states s where s.rule_id = ${rule.id} and ${isGone(rule, before)}`);

/** Of a state `s` of the rule: whether the rule does not watch it any more. */
function isGone(rule: Rule, before: Rule): SQL {
  if (rule.monitorId !== before.monitorId || !rule.active) return sql`true`;
  const gone = goneConditions(rule);
  return gone.length === 0 ? sql`false` : inArray(sql`s.condition`, gone);
}

const goneConditions = (rule: Rule) => [
  ...(rule.onFailure ? [] : (["failure"] as const)),
  ...(rule.onError ? [] : (["error"] as const)),
  ...(rule.onMissed ? [] : (["missed"] as const)),
  ...(rule.onRunner ? [] : (["runner"] as const)),
  ...(rule.latencyMs !== null ? [] : (["latency"] as const)),
  ...(rule.certificateDays !== null ? [] : (["certificate"] as const)),
];
