import { composeMessage } from "./compose.ts";
import {
  findLastBadRun,
  readMonitor,
  ruleColumns,
  stateColumns,
  type StateRow,
  type Tx,
  type WatchingRule,
  writeState,
} from "./evaluate-store.ts";
import { type EvaluateDeps, silenceSentence } from "./evaluate.ts";
import { mayTell, policyOf } from "./judge.ts";
import { isMuted } from "./mutes.ts";
import { queueMessage } from "./outbox.ts";

/** Reminds of alerts that are still open, each once per its time, whichever server does it. Returns how many were dealt with. */
export async function sendReminders(deps: EvaluateDeps): Promise<number> {
  let reminded = 0;
  while (await remindOne(deps)) reminded++;
  return reminded;
}

const remindOne = (deps: EvaluateDeps): Promise<boolean> =>
  deps.database.sql.begin(async (tx) => {
    const [state] = await tx<StateRow[]>`
      select ${stateColumns(tx)} from alert_states s
       where s.remind_at <= now() and s.state = 'firing' order by s.remind_at limit 1 for update skip locked`;
    if (!state) return false;
    const [rule] = await tx<WatchingRule[]>`
      select ${ruleColumns(tx)} from alert_rules r where r.id = ${state.ruleId} and r.active`;
    const isSent = rule !== undefined && (await remind(deps, tx, { state, rule }));
    const sent = state.sent + (isSent ? 1 : 0);
    const goesOn = rule !== undefined && mayTell({ sent }, policyOf(rule, state.condition));
    const remindMinutes = goesOn ? rule.reminderMinutes : null;
    await writeState(tx, { ...state, sent }, { toldNow: true, remindMinutes });
    return true;
  });

/** Whether a reminder was queued. Nobody is reminded of a monitor that is paused: it stays as it is until it runs again. */
async function remind(
  deps: EvaluateDeps,
  tx: Tx,
  { state, rule }: { state: StateRow; rule: WatchingRule },
): Promise<boolean> {
  const { monitorId, condition } = state;
  const monitor = monitorId === null ? undefined : await readMonitor(tx, monitorId);
  if (!monitor?.active || state.alertId === null || state.sent === 0) return false;
  const silence = await isMuted(tx, { monitorId: monitor.id, ruleId: rule.id });
  if (silence) {
    deps.log.debug("reminder left out", { ruleId: rule.id, why: silenceSentence(silence) });
    return false;
  }
  const run =
    condition === "failure" || condition === "error" ? await findLastBadRun(tx, monitor.id) : undefined;
  const message = await composeMessage(deps, {
    event: "reminder",
    condition,
    monitor,
    since: state.since,
    streak: state.streak,
    number: state.sent + 1,
    run,
    runs: run ? [run] : [],
    trigger: null,
    slotAt: null,
    measured: null,
  });
  await queueMessage(tx, {
    message,
    workspaceId: state.workspaceId,
    alertId: state.alertId,
    condition,
    ruleId: rule.id,
    monitorId: monitor.id,
    runId: run?.id ?? null,
    channelIds: rule.channelIds,
  });
  return true;
}
