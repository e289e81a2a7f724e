import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";

import type { Database } from "../../db/connect.ts";
import { alertMutes, monitors } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { conflicting, missing, wrongField } from "../access/fields.ts";
import { inVisibleWorkspace, requireWorkspaceRole } from "../access/workspace-rights.ts";
import { isUuid, newId } from "../lib/ids.ts";
import { findRule } from "./rules-store.ts";

/** A year: whoever wants to hear nothing for longer deletes the rule. */
const MAX_MINUTES = 366 * 24 * 60;
const MAX_LISTED = 500;

const id = z.string().refine(isUuid, "must be an id").toLowerCase();

/** Body of a mute: what, and until when; exactly one of each. */
export const muteFields = z.object({
  monitor: id.optional(),
  rule: id.optional(),
  minutes: z.int().min(1).max(MAX_MINUTES).optional(),
  until: z.iso
    .datetime({ offset: true })
    .transform((value) => new Date(value))
    .optional(),
  untilPasses: z.literal(true).optional(),
  reason: z
    .string()
    .trim()
    .max(500)
    .regex(/^[^\0]*$/, "must not hold a NUL character")
    .default(""),
});
export type MuteInput = z.infer<typeof muteFields>;

/** A mute that is in force. */
export interface Mute {
  id: string;
  workspaceId: string;
  monitorId: string | null;
  monitorName: string | null;
  ruleId: string | null;
  ruleName: string | null;
  reason: string;
  mutedById: number;
  mutedByName: string;
  createdAt: Date;
  /** Null = until the monitor passes. */
  untilAt: Date | null;
  untilPasses: boolean;
}

/** Those in force in workspaces that the actor sees, newest first, at most 500. */
export const listMutes = (
  { sql: query }: Pick<Database, "sql">,
  actor: Actor,
  filter: { workspaceId?: string | undefined; monitorId?: string | undefined; id?: string | undefined } = {},
): Promise<Mute[]> => query<Mute[]>`
  select x.id, x.workspace_id as "workspaceId", x.monitor_id as "monitorId", m.name as "monitorName",
         x.rule_id as "ruleId", r.name as "ruleName", x.reason, x.muted_by as "mutedById", u.name as "mutedByName",
         x.created_at as "createdAt", x.until_at as "untilAt", x.until_passes as "untilPasses"
    from alert_mutes x join users u on u.id = x.muted_by
    left join alert_rules r on r.id = x.rule_id left join monitors m on m.id = coalesce(x.monitor_id, r.monitor_id)
   where x.ended_at is null and (x.until_at is null or x.until_at > now())
     and not (x.until_passes and exists (
       select 1 from executions e where e.monitor_id = m.id and e.created_at >= x.created_at and e.outcome = 'passed'))
     and ${inVisibleWorkspace(query, actor, "x.workspace_id")}
     ${filter.workspaceId === undefined ? query`` : query`and x.workspace_id = ${filter.workspaceId}`}
     ${
       filter.monitorId === undefined
         ? query``
         : query`and (coalesce(x.monitor_id, r.monitor_id) = ${filter.monitorId}
       or (r.monitor_id is null and r.workspace_id = (select workspace_id from monitors where id = ${filter.monitorId})))`
     }
     ${filter.id === undefined ? query`` : query`and x.id = ${filter.id}`}
   order by x.created_at desc limit ${MAX_LISTED}`;

/**
 * Mutes a monitor or a rule; what was muted before ends with it, so that the newest word holds. 400 without a subject or an
 * end, 404 for what is not there, 403 for whoever is no editor, 409 for a monitor that passes and is muted until it does.
 */
export async function createMute(database: Database, actor: Actor, input: MuteInput): Promise<string> {
  requireOneEnd(input);
  const subject = await subjectOf(database, actor, input);
  await requireWorkspaceRole(database, actor, subject.workspaceId, "editor");
  if (input.untilPasses && subject.state === "passed") {
    throw conflicting("This monitor passes, so there is nothing to wait for: mute it for a time.");
  }
  return await database.db.transaction(async (tx) => {
    await tx
      .update(alertMutes)
      .set({ endedAt: sql`now()` })
      .where(and(isNull(alertMutes.endedAt), isSubject(subject)));
    const minutes = input.minutes ?? null;
    const until = input.until ?? null;
    const [created] = await tx
      .insert(alertMutes)
      .values({
        id: newId(),
        workspaceId: subject.workspaceId,
        monitorId: subject.monitorId,
        ruleId: subject.ruleId,
        reason: input.reason,
        mutedBy: actor.userId,
        untilPasses: input.untilPasses ?? false,
        untilAt: until ?? (minutes === null ? null : sql`now() + make_interval(mins => ${minutes})`),
      })
      .returning();
    if (!created) throw new Error("insert of a mute returned no row");
    if (created.untilAt && created.untilAt <= created.createdAt) {
      throw wrongField("until", "A mute must end after it begins: choose a later end.");
    }
    const { reason, untilAt, untilPasses } = created;
    await record(tx, actor, subject, { verb: "muted", change: { reason, untilAt, untilPasses } });
    return created.id;
  });
}

function requireOneEnd({ minutes, until, untilPasses }: MuteInput): void {
  if ([minutes, until, untilPasses].filter((given) => given !== undefined).length === 1) return;
  throw wrongField("until", 'Say until when: send "minutes", "until" or "untilPasses".');
}

interface Subject {
  workspaceId: string;
  monitorId: string | null;
  ruleId: string | null;
  /** Of the monitor; null for a rule of a whole workspace, and for a monitor that never ended a run. */
  state: string | null;
}

async function subjectOf(database: Database, actor: Actor, { monitor, rule }: MuteInput): Promise<Subject> {
  if ((monitor === undefined) === (rule === undefined)) {
    throw wrongField("monitor", 'A mute is about one thing: send "monitor" or "rule".');
  }
  const found = rule === undefined ? undefined : await findRule(database, actor, rule);
  if (rule !== undefined && !found) throw missing("There is no such alert rule; it may have been deleted.");
  const monitorId = monitor ?? found?.monitorId ?? undefined;
  const watched = monitorId === undefined ? undefined : await findWatched(database, monitorId);
  if (found)
    return {
      workspaceId: found.workspaceId,
      monitorId: null,
      ruleId: found.id,
      state: watched?.state ?? null,
    };
  if (!watched) throw missing("There is no such monitor; it may have been deleted.");
  return { workspaceId: watched.workspaceId, monitorId: watched.id, ruleId: null, state: watched.state };
}

async function findWatched({ db }: Pick<Database, "db">, monitorId: string) {
  const [found] = await db
    .select({ id: monitors.id, workspaceId: monitors.workspaceId, state: monitors.state })
    .from(monitors)
    .where(eq(monitors.id, monitorId));
  return found;
}

const isSubject = ({ monitorId, ruleId }: Pick<Subject, "monitorId" | "ruleId">) =>
  monitorId === null ? eq(alertMutes.ruleId, ruleId ?? "") : eq(alertMutes.monitorId, monitorId);

/** Lifts a mute before its time. False when it is not there or over already. 403 for whoever is no editor. */
export async function endMute(database: Database, actor: Actor, muteId: string): Promise<boolean> {
  const [found] = await database.db.select().from(alertMutes).where(eq(alertMutes.id, muteId));
  if (!found) return false;
  await requireWorkspaceRole(database, actor, found.workspaceId, "editor");
  return await database.db.transaction(async (tx) => {
    const [ended] = await tx
      .update(alertMutes)
      .set({ endedAt: sql`now()` })
      .where(and(eq(alertMutes.id, muteId), isNull(alertMutes.endedAt)))
      .returning();
    if (!ended) return false;
    await record(tx, actor, ended, { verb: "unmuted", change: { reason: ended.reason } });
    return true;
  });
}

const record = (
  tx: Tx,
  actor: Actor,
  { workspaceId, monitorId, ruleId }: Pick<Subject, "workspaceId" | "monitorId" | "ruleId">,
  { verb, change }: { verb: string; change: Record<string, unknown> },
) =>
  recordAudit(tx, actor, {
    action: monitorId === null ? `alert_rule.${verb}` : `monitor.${verb}`,
    subjectType: monitorId === null ? "alert_rule" : "monitor",
    subjectId: monitorId ?? ruleId ?? "",
    workspaceId,
    change,
  });
