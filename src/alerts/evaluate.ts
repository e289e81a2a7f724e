import type { Deps } from "../access/context.ts";
import { newId } from "../lib/ids.ts";
import { composeMessage, type ComposeDeps } from "./compose.ts";
import {
  deleteSignals,
  deleteState,
  type EndedRun,
  listSignalled,
  lockSubject,
  readMonitor,
  readRules,
  readSignals,
  readStates,
  type Signal,
  type StateRow,
  type Tx,
  type WatchedMonitor,
  writeState,
} from "./evaluate-store.ts";
import { advance, judgeExecution, mayTell, observe, type Step } from "./judge.ts";
import { measureCertificates, measureLatency, type Measurement } from "./measure.ts";
import { isMuted, type Silence } from "./mutes.ts";
import { queueMessage } from "./outbox.ts";
import { type Watch, watchesOf } from "./watch.ts";
import { missedSlotSentence } from "./words.ts";

export type EvaluateDeps = ComposeDeps & Pick<Deps, "database">;

/** Monitors that one turn looks at. */
const BATCH = 100;
/** Each takes two connections: one holds the transaction, the other reads what a message is made of. */
const LANES = 2;

/**
 * Evaluates the signals of all monitors that have any, and returns how many monitors it dealt with. `skip` names those that are
 * left alone this time; `failed` is told of one whose evaluation failed, which leaves it as it was.
 */
export async function evaluateSignals(
  deps: EvaluateDeps,
  {
    skip,
    failed,
  }: { skip: (monitorId: string) => boolean; failed: (monitorId: string, error: unknown) => void },
): Promise<number> {
  const waiting = await listSignalled(deps.database, BATCH);
  let done = 0;
  const work = async (): Promise<void> => {
    for (let monitorId = waiting.shift(); monitorId !== undefined; monitorId = waiting.shift()) {
      if (skip(monitorId)) continue;
      try {
        if (await evaluateMonitor(deps, monitorId)) done++;
      } catch (error) {
        failed(monitorId, error);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, work));
  return done;
}

/**
 * Evaluates the signals of a monitor in their order: one transaction changes the states, queues the messages and removes the
 * signals, so that each change is told exactly once, whichever server does it and wherever it dies. False when another server
 * is at it, or there was nothing.
 */
export const evaluateMonitor = (deps: EvaluateDeps, monitorId: string): Promise<boolean> =>
  deps.database.sql.begin(async (tx) => {
    if (!(await lockSubject(tx, monitorId))) return false;
    const signals = await readSignals(tx, monitorId);
    const monitor = signals.length > 0 ? await readMonitor(tx, monitorId) : undefined;
    if (!monitor) return false;
    const watches = watchesOf(monitor, await readRules(tx, monitor));
    const states = new Map((await readStates(tx, monitorId)).map((state) => [keyOf(state), state]));
    for (const signal of signals) {
      if (signal.isStale || (signal.executionId !== null && signal.runs.length === 0)) continue;
      for (const watch of watches) await evaluateWatch({ deps, tx, monitor, states, signal }, watch);
    }
    await forgetUnwatched(tx, states, watches);
    await deleteSignals(
      tx,
      signals.map(({ id }) => id),
    );
    return true;
  });

const keyOf = ({ ruleId, condition }: Pick<StateRow, "ruleId" | "condition">) => `${ruleId} ${condition}`;

/**
 * Somebody took an address out of the monitor: what was open of it is over without a message. What was open of a rule has been
 * closed by whoever changed it, or is by the sweep.
 */
async function forgetUnwatched(
  tx: Tx,
  states: ReadonlyMap<string, StateRow>,
  watches: readonly Watch[],
): Promise<void> {
  const watched = new Set(watches.map(keyOf));
  for (const [key, state] of states) {
    const isClosedElsewhere = state.state === "firing" && state.ruleId !== state.monitorId;
    if (!watched.has(key) && !isClosedElsewhere) await deleteState(tx, state);
  }
}

interface Evaluation {
  deps: EvaluateDeps;
  tx: Tx;
  monitor: WatchedMonitor;
  states: Map<string, StateRow>;
  signal: Signal;
}

async function evaluateWatch(evaluation: Evaluation, watch: Watch): Promise<void> {
  const { states, monitor, signal } = evaluation;
  const before = states.get(keyOf(watch)) ?? restingState(monitor, watch, signal.at);
  const measured = await measure(evaluation, watch);
  const step = advance(before, watch.policy, measured.observation);
  if (!step.changed && step.tell === undefined && step.streak === before.streak) return;
  const told = await tell(evaluation, watch, { before, step, measured });
  states.set(keyOf(watch), told);
}

const restingState = (monitor: WatchedMonitor, watch: Watch, at: Date): StateRow => ({
  ruleId: watch.ruleId,
  condition: watch.condition,
  subjectId: monitor.id,
  workspaceId: monitor.workspaceId,
  monitorId: monitor.id,
  runnerId: null,
  state: "ok",
  since: at,
  streak: 0,
  alertId: null,
  openedByRunId: null,
  sent: 0,
});

async function measure({ deps, signal }: Evaluation, watch: Watch): Promise<Measurement> {
  const { runs } = signal;
  if (watch.condition === "latency") {
    if (!watch.latency) return nothing;
    return await measureLatency(deps.database, runs, watch.latency);
  }
  if (watch.condition === "certificate") {
    const { certificateDays: days } = watch;
    return days === undefined
      ? nothing
      : await measureCertificates(deps.database, runs, { days, at: signal.at });
  }
  const verdict = signal.executionId === null ? "missed" : judgeExecution(runs, watch.quorum);
  return {
    observation: observe(verdict, watch.condition),
    run: culprit(runs, verdict === "passed" ? "passed" : undefined),
    sentence: signal.executionId === null ? missedSlotSentence(signal.slotAt) : null,
  };
}

const nothing: Measurement = { observation: "nothing", run: undefined, sentence: null };

/** The run that shows best what happened: a failed one before one that could not tell. */
const culprit = (runs: readonly EndedRun[], wanted: "passed" | undefined): EndedRun | undefined => {
  const order = wanted === "passed" ? ["passed"] : ["failed", "errored", "aborted"];
  return order.flatMap((outcome) => runs.filter((run) => run.outcome === outcome))[0] ?? runs[0];
};

interface Change {
  before: StateRow;
  step: Step;
  measured: Measurement;
}

/** Stores the state and queues the message that it calls for. */
async function tell(evaluation: Evaluation, watch: Watch, change: Change): Promise<StateRow> {
  const { tx, signal } = evaluation;
  const { before, step, measured } = change;
  const opens = step.changed && step.state === "firing";
  const state: StateRow = {
    ...before,
    state: step.state,
    streak: step.streak,
    since: step.changed ? signal.at : before.since,
    ...(opens && { alertId: newId(), openedByRunId: measured.run?.id ?? null, sent: 0 }),
  };
  const isTold = step.tell !== undefined && (await send(evaluation, watch, { ...change, state }));
  if (isTold && step.tell !== "recovered") state.sent++;
  const remindMinutes = state.state === "firing" && mayTell(state, watch.policy) ? watch.remindMinutes : null;
  await writeState(tx, state, { toldNow: isTold, remindMinutes });
  return state;
}

/** Whether the message was queued to be sent. What was heard of is always ended, even while it is muted. */
async function send(
  { deps, tx, monitor, signal }: Evaluation,
  watch: Watch,
  { before, state, step, measured }: Change & { state: StateRow },
): Promise<boolean> {
  const { tell: event } = step;
  if (event === undefined || state.alertId === null) return false;
  const silence =
    event === "recovered" ? undefined : await isMuted(tx, { monitorId: monitor.id, ruleId: watch.ruleId });
  // Noted once, with the change that would have been told.
  if (silence && !step.changed) return false;
  const message = await composeMessage(deps, {
    event,
    condition: watch.condition,
    monitor,
    since: state.since,
    ...(event === "recovered" && { openedAt: before.since }),
    streak: state.streak,
    number: state.sent + 1,
    run: measured.run,
    runs: signal.runs,
    trigger: signal.trigger,
    slotAt: signal.slotAt,
    measured: measured.sentence,
  });
  await queueMessage(tx, {
    message,
    workspaceId: monitor.workspaceId,
    alertId: state.alertId,
    condition: watch.condition,
    ruleId: watch.ruleId,
    monitorId: monitor.id,
    runId: measured.run?.id ?? null,
    ...watch.targets,
    ...(silence && { muted: silenceSentence(silence) }),
  });
  return silence === undefined;
}

export const silenceSentence = ({ kind, by, reason }: Silence): string => {
  if (kind === "maintenance") return `Not sent: the maintenance "${reason}" is going on.`;
  return reason === "" ? `Not sent: muted by ${by}.` : `Not sent: muted by ${by}, who says: ${reason}`;
};
