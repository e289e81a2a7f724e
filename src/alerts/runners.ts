import type { Deps } from "../access/context.ts";
import { newId } from "../lib/ids.ts";
import { lockSubject, type StateRow, type Tx, writeState } from "./evaluate-store.ts";
import { silenceSentence } from "./evaluate.ts";
import { advance, policyOf } from "./judge.ts";
import { type AlertMessage, messageLimits, oneLine, aboutNoMonitor } from "./message.ts";
import { isMuted, type Silence } from "./mutes.ts";
import { queueMessage } from "./outbox.ts";
import { listChangedRunners, type WatchedRunner } from "./runners-store.ts";
import { closeUnwatched } from "./unwatched.ts";
import { type Event, fleetTitles, runnerTitle, silenceOfRunners, titleOf } from "./words.ts";

type RunnerDeps = Pick<Deps, "database" | "publicUrl">;

/**
 * Tells of runners that went silent or came back, each change once, whichever server sees it. Returns how many changes it
 * dealt with. Whoever calls it knows that runners could be heard of lately.
 */
export async function sweepRunners(deps: RunnerDeps): Promise<number> {
  const { sql } = deps.database;
  let changed = 0;
  for (const { ruleId, subjectId } of await listChangedRunners(sql)) {
    if (await tellOfRunner(deps, { ruleId, subjectId })) changed++;
  }
  await closeUnwatched(deps);
  return changed;
}

/** Judged again behind the lock: another server may have told of it, or the runner may be back. */
const tellOfRunner = (deps: RunnerDeps, only: { ruleId: string; subjectId: string }): Promise<boolean> =>
  deps.database.sql.begin(async (tx) => {
    if (!(await lockSubject(tx, `${only.ruleId} ${only.subjectId}`))) return false;
    const [rule] = await tx`select 1 from alert_rules where id = ${only.ruleId} for share`;
    const [watched] = rule ? await listChangedRunners(tx, only) : [];
    if (!watched) return false;
    await change(deps, tx, watched);
    return true;
  });

async function change(deps: RunnerDeps, tx: Tx, watched: WatchedRunner): Promise<void> {
  const { rule } = watched;
  const now = await readNow(tx);
  const before = watched.state ?? restingState(watched, now);
  const step = advance(before, policyOf(rule, "runner"), watched.isSilent ? "holds" : "gone");
  const opens = step.changed && step.state === "firing";
  const state: StateRow = {
    ...before,
    state: step.state,
    streak: step.streak,
    since: now,
    ...(opens && { alertId: newId(), sent: 0 }),
  };
  const isTold = step.tell !== undefined && (await send(deps, tx, { watched, state, event: step.tell }));
  if (isTold && step.tell !== "recovered") state.sent++;
  const remindMinutes = null;
  await writeState(tx, state, { toldNow: isTold, remindMinutes });
}

async function readNow(tx: Tx): Promise<Date> {
  const [row] = await tx<{ now: Date }[]>`select now() as now`;
  if (!row) throw new Error("select now() returned no row");
  return row.now;
}

const restingState = (watched: WatchedRunner, now: Date): StateRow => ({
  ruleId: watched.ruleId,
  condition: "runner",
  subjectId: watched.subjectId,
  workspaceId: watched.workspaceId,
  monitorId: watched.monitorId,
  runnerId: watched.runnerId,
  state: "ok",
  since: now,
  streak: 0,
  alertId: null,
  openedByRunId: null,
  sent: 0,
});

interface RunnerOccasion {
  watched: WatchedRunner;
  state: StateRow;
  event: Event;
}

async function send(deps: RunnerDeps, tx: Tx, occasion: RunnerOccasion): Promise<boolean> {
  const { watched, state, event } = occasion;
  if (state.alertId === null) return false;
  const silence = event === "recovered" ? undefined : await findSilence(tx, watched);
  await queueMessage(tx, {
    message: composeRunnerMessage(deps.publicUrl, occasion),
    workspaceId: watched.workspaceId,
    alertId: state.alertId,
    condition: "runner",
    ruleId: watched.ruleId,
    monitorId: watched.monitorId,
    channelIds: watched.rule.channelIds,
    ...(silence && { muted: silenceSentence(silence) }),
  });
  return silence === undefined;
}

/** A rule of a whole workspace is muted by its own mute; by a monitor's or its maintenance only a rule of that monitor is. */
const findSilence = (tx: Tx, { monitorId, ruleId }: WatchedRunner): Promise<Silence | undefined> =>
  isMuted(tx, { monitorId, ruleId });

function composeRunnerMessage(publicUrl: string, { watched, state, event }: RunnerOccasion): AlertMessage {
  const isFleet = watched.runnerId === null;
  const name = oneLine(watched.name ?? watched.subjectId, 150);
  const title = isFleet ? fleetTitles[event](name) : titleOf(event, "runner", runnerTitle(name));
  const path = isFleet ? "/runners" : `/runners/${watched.subjectId}`;
  return {
    event,
    condition: "runner",
    state: state.state,
    severity: event === "recovered" ? "info" : "warning",
    title: oneLine(title, messageLimits.title),
    summary: silenceOfRunners(event, watched.lastSeenAt),
    since: state.since.toISOString(),
    number: state.sent + 1,
    workspace: null,
    ...aboutNoMonitor,
    facts: [],
    links: [
      { label: isFleet ? "Open the runners" : "Open the runner", url: `${publicUrl}${path}` },
      ...(watched.monitorId === null
        ? []
        : [{ label: "Open the monitor", url: `${publicUrl}/monitors/${watched.monitorId}` }]),
    ],
  };
}
