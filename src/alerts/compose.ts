import { formatSpan } from "../../web/format.ts";
import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { toUid } from "../lib/ids.ts";
import { causeOf, type Failure, firstFailure } from "../runs/cause.ts";
import { listStepHeads, readStepsOf } from "../runs/step-heads.ts";
import type { AlertCondition } from "./alert.ts";
import type { EndedRun, Signal, WatchedMonitor } from "./evaluate-store.ts";
import { type AlertMessage, asSentence, messageLimits, oneLine, type RunFacts } from "./message.ts";
import { type Event, instantInWords, severityOf, summaryOf, titleOf } from "./words.ts";

export interface ComposeDeps extends Pick<Deps, "database" | "log" | "publicUrl"> {
  /** What is different in a run since the last one that passed, one sentence each, most likely culprit first. */
  changesOf?: ((runId: string) => Promise<string[]>) | undefined;
}

/** What a message about a monitor is made of. */
export interface Occasion {
  event: Event;
  condition: AlertCondition;
  monitor: WatchedMonitor;
  since: Date;
  /** Of a recovery: when what is over began. */
  openedAt?: Date | undefined;
  streak: number;
  /** Which message of its alert. */
  number: number;
  /** The run that shows it best; undefined when nothing was run. */
  run: EndedRun | undefined;
  /** All runs of the execution. */
  runs: readonly EndedRun[];
  trigger: Signal["trigger"];
  /** When it was due; of what was not run. */
  slotAt: Date | null;
  /** What was measured and the limit. */
  measured: string | null;
}

/** Says what happened to a monitor, with everything that whoever is paged needs to find the cause. */
export async function composeMessage(deps: ComposeDeps, occasion: Occasion): Promise<AlertMessage> {
  const { event, condition, monitor, run, runs } = occasion;
  const explained = await explain(deps, occasion);
  const detail = run?.detail ?? null;
  const facts = run && factsOf(deps.publicUrl, occasion, run);
  const monitorLink = {
    id: monitor.id,
    name: oneLine(monitor.name, messageLimits.title),
    url: `${deps.publicUrl}/monitors/${monitor.id}`,
  };
  const runsFailed = runs.filter(({ outcome }) => outcome === "failed").length;
  return {
    event,
    condition,
    state: event === "recovered" ? "ok" : "firing",
    severity: severityOf(event, condition),
    title: oneLine(titleOf(event, condition, oneLine(monitor.name, 150)), messageLimits.title),
    summary: oneLine(
      summaryOf(event, condition, { ...occasion, runs: runs.length, runsFailed, detail }),
      messageLimits.text,
    ),
    since: occasion.since.toISOString(),
    number: occasion.number,
    ...surroundings(deps.publicUrl, monitor),
    monitor: { ...monitorLink, uid: toUid(monitor.ownerId, monitor.id) },
    run: facts ?? null,
    ...explained,
    facts: linesOf(occasion, facts),
    links: [
      ...(facts ? [{ label: "Open the run", url: facts.url }] : []),
      { label: "Open the monitor", url: monitorLink.url },
    ],
  };
}

const named = (thing: { id: string; name: string; ownerId: number }) => ({
  name: oneLine(thing.name, messageLimits.title),
  uid: toUid(thing.ownerId, thing.id),
});

const surroundings = (publicUrl: string, monitor: WatchedMonitor) => ({
  workspace: {
    id: monitor.workspaceId,
    name: oneLine(monitor.workspaceName, messageLimits.title),
    url: `${publicUrl}/workspaces/${monitor.workspaceId}`,
  },
  collection: named(monitor.collection),
  environment: monitor.environment && named(monitor.environment),
  user: { id: monitor.ownerId, name: oneLine(monitor.ownerName, messageLimits.title) },
});

type Explanation = Pick<AlertMessage, "failure" | "cause" | "changes">;

const UNEXPLAINED: Explanation = { failure: null, cause: null, changes: [] };

/** Only what is wrong needs a cause. A message without one is better than none, so trouble here stops nothing. */
async function explain(deps: ComposeDeps, { event, condition, run }: Occasion): Promise<Explanation> {
  if (event === "recovered" || !run || !["failure", "error", "missed"].includes(condition))
    return UNEXPLAINED;
  try {
    const steps = await readFailedSteps(deps, run.id);
    const first = firstFailure(steps);
    const cause = causeOf(run, steps);
    const changes = condition === "missed" ? [] : ((await deps.changesOf?.(run.id)) ?? []);
    return {
      failure: first ? failureLine(first) : null,
      cause: cause
        ? {
            fault: cause.side,
            sentence: asSentence(oneLine(cause.sentence)),
            advice: asSentence(oneLine(cause.whatToDo)),
          }
        : null,
      changes: changes.slice(0, messageLimits.changes).map((change) => oneLine(change)),
    };
  } catch (error) {
    deps.log.error("an alert could not be explained", { runId: run.id, error: toError(error).message });
    return UNEXPLAINED;
  }
}

/** The first failure explains; the others usually follow from it. */
const MAX_FAILED_STEPS = 5;

async function readFailedSteps({ database }: ComposeDeps, runId: string) {
  const { heads } = await listStepHeads(database, { runId });
  const failed = heads.filter(({ status }) => status === "failed" || status === "errored");
  const steps = await readStepsOf(database, { runId }, failed.slice(0, MAX_FAILED_STEPS));
  return [...steps.values()];
}

function failureLine(failure: Failure): NonNullable<AlertMessage["failure"]> {
  const step = oneLine([...failure.step.path, failure.step.name].join(" / "));
  if ("assertion" in failure) {
    const { name, error } = failure.assertion;
    return { step, assertion: oneLine(name), message: oneLine(error?.message ?? "It failed.") };
  }
  return { step, assertion: null, message: oneLine(failure.error.message) };
}

/** Counts are those of the whole execution, as in Postman's webhooks. */
function factsOf(publicUrl: string, { runs, trigger }: Occasion, run: EndedRun): RunFacts {
  const all = runs.length > 0 ? runs : [run];
  const sum = (pick: (one: EndedRun) => number) => all.reduce((total, one) => total + pick(one), 0);
  return {
    id: run.id,
    url: `${publicUrl}/runs/${run.id}`,
    outcome: run.outcome,
    reason: run.reason,
    trigger: trigger ?? "scheduled",
    runner: run.runnerName === null ? null : oneLine(run.runnerName, messageLimits.title),
    startedAt: run.startedAt === null ? null : new Date(run.startedAt).toISOString(),
    durationMs: run.durationMs,
    runs: all.length,
    runsFailed: all.filter(({ outcome }) => outcome === "failed").length,
    errors: sum(({ errors }) => errors),
    failedTests: sum(({ assertionsFailed }) => assertionsFailed),
    passedTests: sum(({ assertions, assertionsFailed }) => assertions - assertionsFailed),
    requests: sum(({ requests }) => requests),
    totalLatencyMs: Math.round(sum(({ responseMs }) => responseMs)),
  };
}

function linesOf(occasion: Occasion, run: RunFacts | undefined): AlertMessage["facts"] {
  const { monitor, streak, event, since, openedAt, condition, slotAt } = occasion;
  const isOver = event === "recovered";
  return [
    { label: "Workspace", value: oneLine(monitor.workspaceName, messageLimits.title) },
    ...(monitor.environment
      ? [{ label: "Environment", value: oneLine(monitor.environment.name, messageLimits.title) }]
      : []),
    ...(condition === "missed" && !isOver && slotAt ? [{ label: "Due", value: instantInWords(slotAt) }] : []),
    ...placesOf(occasion, run),
    ...(openedAt ? [{ label: "Lasted", value: formatSpan(since.getTime() - openedAt.getTime()) }] : []),
    ...(!isOver && streak > 1 ? [{ label: "In a row", value: String(streak) }] : []),
  ];
}

/** Where it ran; of what failed in some of several places, in which. */
function placesOf({ event, runs }: Occasion, run: RunFacts | undefined): AlertMessage["facts"] {
  const failed = runs.filter(({ outcome }) => outcome === "failed");
  if (event !== "recovered" && runs.length > 1 && failed.length > 0) {
    const names = [...new Set(failed.flatMap(({ runnerName }) => runnerName ?? []))].join(", ");
    return [
      { label: "Runs that failed", value: `${failed.length} of ${runs.length}` },
      ...(names === "" ? [] : [{ label: "Failed on", value: oneLine(names, messageLimits.title) }]),
    ];
  }
  return run?.runner ? [{ label: "Runner", value: run.runner }] : [];
}
