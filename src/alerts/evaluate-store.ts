import type postgres from "postgres";

import type { Database } from "../../db/connect.ts";
import type { Outcome } from "../contract/events.ts";
import type { Trigger } from "../runs/run.ts";
import type { AlertCondition, RuleInput } from "./alert.ts";

export type Tx = postgres.TransactionSql;

/** Two 32-bit numbers name an advisory lock; the first says that it is ours. */
export const LOCK_SPACE = 0x5a11_a1e7;
/** Signals of one monitor that one transaction takes. */
const BATCH = 100;

/** Monitors that have signals, those that wait longest first. */
export const listSignalled = async ({ sql }: Database, limit: number): Promise<string[]> =>
  (
    await sql<{ monitorId: string }[]>`
      select monitor_id as "monitorId" from alert_signals group by monitor_id order by min(id) limit ${limit}`
  ).map(({ monitorId }) => monitorId);

/** Until the end of the transaction nobody else evaluates what is called so; false when somebody does. */
export async function lockSubject(tx: Tx, id: string): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(${LOCK_SPACE}, hashtext(${id})) as locked`;
  return row?.locked === true;
}

/** A run of the execution that a signal is about. */
export interface EndedRun {
  id: string;
  outcome: Outcome;
  reason: string | null;
  detail: string | null;
  runnerName: string | null;
  startedAt: string | null;
  durationMs: number | null;
  errors: number;
  assertions: number;
  assertionsFailed: number;
  requests: number;
  responseMs: number;
}

export interface Signal {
  id: string;
  executionId: string | null;
  slotAt: Date | null;
  /** When what it tells of happened. */
  at: Date;
  trigger: Trigger | null;
  /** Empty when nothing was run, or it has been deleted since. */
  runs: EndedRun[];
  /** A later execution had ended before this one: it says nothing about how things are. */
  isStale: boolean;
}

/** Signals of a monitor in the order in which they were written. */
export const readSignals = (tx: Tx, monitorId: string): Promise<Signal[]> => tx<Signal[]>`
  select s.id::text, s.execution_id as "executionId", coalesce(s.slot_at, e.slot_at) as "slotAt", e.trigger,
         coalesce(e.finished_at, s.created_at) as at, coalesce(r.runs, '[]') as runs,
         e.id is not null and exists (
           select 1 from executions newer
            where newer.monitor_id = s.monitor_id and newer.created_at > e.created_at
              and newer.finished_at < e.finished_at) as "isStale"
    from alert_signals s left join executions e on e.id = s.execution_id
    left join lateral (select json_agg(${endedRun(tx)} order by r.queued_at, r.id) as runs
                         from runs r left join runners w on w.id = r.runner_id
                        where r.execution_id = e.id and r.outcome is not null) r on true
   where s.monitor_id = ${monitorId} order by s.id limit ${BATCH}`;

/** Of `runs r left join runners w`. */
const endedRun = (sql: postgres.ISql) => sql`
  json_build_object('id', r.id, 'outcome', r.outcome, 'reason', r.reason, 'detail', r.detail,
    'runnerName', case when r.runner_id is not null then coalesce(w.name, 'deleted runner') end,
    'startedAt', coalesce(r.first_claimed_at, r.claimed_at), 'durationMs', r.duration_ms, 'errors', r.errors_total,
    'assertions', r.assertions_total, 'assertionsFailed', r.assertions_failed, 'requests', r.requests_total,
    'responseMs', r.response_ms_total)`;

/** The newest run of a monitor that did not pass, for reminders. */
export async function findLastBadRun(sql: postgres.ISql, monitorId: string): Promise<EndedRun | undefined> {
  const [found] = await sql<{ run: EndedRun }[]>`
    select ${endedRun(sql)} as run from runs r left join runners w on w.id = r.runner_id
     where r.monitor_id = ${monitorId} and r.outcome in ('failed', 'errored', 'aborted')
     order by r.queued_at desc limit 1`;
  return found?.run;
}

export const deleteSignals = (tx: Tx, ids: readonly string[]) =>
  tx`delete from alert_signals where id = any(${tx.array([...ids])}::bigint[])`;

/** What a message says of a monitor. */
export interface WatchedMonitor {
  id: string;
  name: string;
  ownerId: number;
  ownerName: string;
  active: boolean;
  notifications: { onError: { email: string }[]; onFailure: { email: string }[] };
  notificationLimit: number | null;
  workspaceId: string;
  workspaceName: string;
  collection: { id: string; name: string; ownerId: number };
  environment: { id: string; name: string; ownerId: number } | null;
}

export async function readMonitor(sql: postgres.ISql, id: string): Promise<WatchedMonitor | undefined> {
  const [monitor] = await sql<WatchedMonitor[]>`
    select m.id, m.name, m.owner_id as "ownerId", u.name as "ownerName", m.active, m.notifications,
           m.notification_limit as "notificationLimit", m.workspace_id as "workspaceId", w.name as "workspaceName",
           json_build_object('id', c.id, 'name', c.name, 'ownerId', c.owner_id) as collection,
           case when v.id is not null then json_build_object('id', v.id, 'name', v.name, 'ownerId', v.owner_id) end
             as environment
      from monitors m join workspaces w on w.id = m.workspace_id join users u on u.id = m.owner_id
      join collections c on c.id = m.collection_id left join environments v on v.id = m.environment_id
     where m.id = ${id}`;
  return monitor;
}

/** A rule, and where its messages go. */
export type WatchingRule = Omit<RuleInput, "name" | "active" | "monitorId"> & { id: string };

/**
 * The rules that watch a monitor. Held, so that nobody changes or deletes one before what it leads to is stored: otherwise
 * the state of a deleted rule would stay.
 */
export const readRules = (
  tx: Tx,
  monitor: { id: string; workspaceId: string },
): Promise<WatchingRule[]> => tx<WatchingRule[]>`
  select ${ruleColumns(tx)} from alert_rules r
   where r.active and (r.monitor_id = ${monitor.id} or (r.workspace_id = ${monitor.workspaceId} and r.monitor_id is null))
   order by r.created_at, r.id for share of r`;

export const ruleColumns = (sql: postgres.ISql) => sql`
  r.id, r.on_failure as "onFailure", r.on_error as "onError", r.on_missed as "onMissed", r.on_runner as "onRunner",
  r.on_recovery as "onRecovery", r.every_failure as "everyFailure", r.in_a_row as "inARow", r.quorum,
  r.latency_ms as "latencyMs", r.latency_of as "latencyOf", r.certificate_days as "certificateDays",
  r.notification_limit as "notificationLimit", r.reminder_minutes as "reminderMinutes",
  array(select c.channel_id from alert_rule_channels c where c.rule_id = r.id order by c.channel_id) as "channelIds"`;

/** A row of `alert_states`. */
export interface StateRow {
  ruleId: string;
  condition: AlertCondition;
  subjectId: string;
  workspaceId: string;
  monitorId: string | null;
  runnerId: string | null;
  state: "ok" | "firing";
  since: Date;
  streak: number;
  alertId: string | null;
  openedByRunId: string | null;
  sent: number;
}

/** States of a monitor's own conditions, held until the end of the transaction. */
export const readStates = (tx: Tx, monitorId: string): Promise<StateRow[]> => tx<StateRow[]>`
  select ${stateColumns(tx)} from alert_states s
   where s.monitor_id = ${monitorId} and s.subject_id = ${monitorId} and s.condition <> 'runner' for update`;

export const stateColumns = (sql: postgres.ISql) => sql`
  s.rule_id as "ruleId", s.condition, s.subject_id as "subjectId", s.workspace_id as "workspaceId",
  s.monitor_id as "monitorId", s.runner_id as "runnerId", s.state, s.since, s.streak, s.alert_id as "alertId",
  s.opened_by_run_id as "openedByRunId", s.sent`;

/** `toldNow`: a message was queued, from which reminders are counted; `remindMinutes` null = none. */
export const writeState = (
  tx: Tx,
  state: StateRow,
  { toldNow, remindMinutes }: { toldNow: boolean; remindMinutes: number | null },
) => tx`
  insert into alert_states as s (rule_id, condition, subject_id, workspace_id, monitor_id, runner_id, state, since, streak,
                                 alert_id, opened_by_run_id, sent, last_sent_at, remind_at)
  values (${state.ruleId}, ${state.condition}, ${state.subjectId}, ${state.workspaceId}, ${state.monitorId},
          ${state.runnerId}, ${state.state}, ${state.since}, ${state.streak}, ${state.alertId}, ${state.openedByRunId},
          ${state.sent}, case when ${toldNow} then now() end, now() + make_interval(mins => ${remindMinutes}::int))
  on conflict (rule_id, condition, subject_id) do update set
         state = excluded.state, since = excluded.since, streak = excluded.streak, alert_id = excluded.alert_id,
         opened_by_run_id = excluded.opened_by_run_id, sent = excluded.sent,
         last_sent_at = coalesce(excluded.last_sent_at, s.last_sent_at),
         remind_at = case when excluded.state = 'ok' then null when ${toldNow} then excluded.remind_at else s.remind_at end`;

export const deleteState = (tx: Tx, { ruleId, condition, subjectId }: StateRow) => tx`
  delete from alert_states where rule_id = ${ruleId} and condition = ${condition} and subject_id = ${subjectId}`;
