import type { Outcome, Step } from "../contract/events.ts";
import { toUid } from "../lib/ids.ts";
import type { ExecutionListing, RunDetail, RunHead, SlotListing } from "./read.ts";

/** Runs, executions and the ledger in the words and shapes of the Postman API; no IO. */

type State = "queued" | "running" | "success" | "failed" | "error" | "aborted";

const states: Record<Outcome | "queued" | "running", State> = {
  queued: "queued",
  running: "running",
  passed: "success",
  failed: "failed",
  errored: "error",
  aborted: "aborted",
};

export interface TriggeredMonitor {
  id: string;
  name: string;
  collectionUid: string;
  environmentUid: string | null;
}

/** `run.info`; the job is the execution. */
export function infoBody(monitor: TriggeredMonitor, execution: ExecutionListing) {
  return {
    jobId: execution.id,
    monitorId: monitor.id,
    name: monitor.name,
    collectionUid: monitor.collectionUid,
    ...(monitor.environmentUid !== null && { environmentUid: monitor.environmentUid }),
    status: states[execution.outcome ?? "running"],
    startedAt: startOf(execution).toISOString(),
    ...(execution.finishedAt && { finishedAt: execution.finishedAt.toISOString() }),
  };
}

const startOf = (execution: ExecutionListing): Date =>
  execution.runs
    .flatMap((run) => run.startedAt ?? [])
    .toSorted((left, right) => left.getTime() - right.getTime())[0] ?? execution.createdAt;

const sum = (runs: readonly RunHead[], pick: (run: RunHead) => number): number =>
  runs.reduce((total, run) => total + pick(run), 0);

const statsBody = (runs: readonly RunHead[]) => ({
  assertions: {
    total: sum(runs, (run) => run.assertionsTotal),
    failed: sum(runs, (run) => run.assertionsFailed),
  },
  requests: {
    total: sum(runs, (run) => run.requestsTotal),
    failed: sum(runs, (run) => run.requestsFailed),
  },
  runCount: runs.length,
  errorCount: sum(
    runs,
    (run) => run.errorsTotal + (run.outcome === "errored" && run.errorsTotal === 0 ? 1 : 0),
  ),
  abortedCount: runs.filter((run) => run.outcome === "aborted").length,
  responseLatency: Math.round(sum(runs, (run) => run.responseMsTotal)),
  responseSize: sum(runs, (run) => run.responseBytesTotal),
});

/** The answer to a run that was waited for. `steps` belong to `execution.runs`, in their order. */
export function resultBody(monitor: TriggeredMonitor, execution: ExecutionListing, steps: readonly Step[][]) {
  const executed = execution.runs.flatMap((run, index) =>
    (steps[index] ?? []).map((step) => ({ step, run, startedAt: run.startedAt ?? execution.createdAt })),
  );
  return {
    info: infoBody(monitor, execution),
    stats: statsBody(execution.runs),
    executions: executed.map(({ step, startedAt }, index) => stepBody(step, index + 1, startedAt)),
    failures: executed.flatMap(({ step }, index) => failuresOf(step, index + 1)),
    runs: execution.runs.map((run) => runBody(run, execution.id)),
  };
}

function stepBody(step: Step, id: number, startedAt: Date) {
  const { request, response } = step;
  return {
    id,
    item: { name: step.name },
    ...(request && {
      request: {
        method: request.method,
        url: request.url,
        headers: headersOf(request.headers),
        body: { contentLength: request.body?.bytes ?? 0 },
        timestamp: new Date(startedAt.getTime() + step.startedMs).toISOString(),
      },
    }),
    ...(response && {
      response: {
        code: response.code,
        body: { contentLength: response.body.bytes },
        responseTime: Math.round(step.timings?.totalMs ?? 0),
        responseSize: response.body.bytes,
        headers: headersOf(response.headers),
      },
    }),
    ...(step.assertions.length > 0 && { assertions: step.assertions }),
    ...(step.errors.length > 0 && { errors: step.errors.map(({ name, message }) => ({ name, message })) }),
  };
}

/** Postman sends an object; a header that comes twice is one with a comma, as HTTP allows. */
function headersOf(list: readonly [string, string][]): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of list) {
    const known = headers.get(name);
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  return Object.fromEntries(headers);
}

const failuresOf = (step: Step, executionId: number) =>
  step.assertions
    .filter((assertion) => assertion.status === "failed")
    .map((assertion) => ({
      executionId,
      name: assertion.error?.name ?? "AssertionError",
      message: assertion.error?.message ?? assertion.name,
      assertion: { [assertion.name]: false },
    }));

export const executionBody = (execution: ExecutionListing) => ({
  id: execution.id,
  monitorId: execution.monitorId,
  state: states[execution.outcome ?? (execution.runs.some((run) => run.startedAt) ? "running" : "queued")],
  trigger: execution.trigger,
  results: statsBody(execution.runs),
  startedAt: startOf(execution).toISOString(),
  finishedAt: execution.finishedAt?.toISOString() ?? null,
  ...(execution.slot && { slot: slotBody(execution.slot) }),
});

export const runBody = (run: RunHead, executionId: string) => ({
  id: run.id,
  executionId,
  /** Postman's name for where a run took place. */
  region: run.runnerName,
  runner: run.runnerId,
  state: states[run.status],
  outcome: run.outcome,
  reason: run.reason,
  detail: run.detail,
  results: statsBody([run]),
  startedAt: run.startedAt?.toISOString() ?? null,
  finishedAt: run.finishedAt?.toISOString() ?? null,
  durationMs: run.durationMs,
});

/** The run's log cut down to items and assertions. */
export const resultsBody = (run: RunDetail, steps: readonly Step[]) => ({
  ...runBody(run, run.executionId),
  monitorId: run.monitor.id,
  events: steps.flatMap((step) => {
    const item = { id: step.itemId, name: step.name };
    const cursor = { position: step.position, iteration: step.iteration };
    return [
      { event: "beforeItem", item, cursor },
      ...step.assertions.map((assertion) => ({ event: "assertion", item, cursor, assertion })),
    ];
  }),
});

/** Everything that is known of a run. */
export const fullRunBody = (run: RunDetail, steps: readonly Step[], hiddenSteps: number) => ({
  ...runBody(run, run.executionId),
  monitor: { id: run.monitor.id, uid: toUid(run.monitor.ownerId, run.monitor.id), name: run.monitor.name },
  collection: { uid: toUid(run.collection.ownerId, run.collection.id), name: run.collection.name },
  environment: run.environment && {
    uid: toUid(run.environment.ownerId, run.environment.id),
    name: run.environment.name,
  },
  trigger: run.trigger,
  slotAt: run.slotAt?.toISOString() ?? null,
  attempt: run.attempt,
  earlierAttempts: run.earlierAttempts.map((earlier) => ({
    attempt: earlier.attempt,
    outcome: earlier.outcome,
    reason: earlier.reason,
    detail: earlier.detail,
    runner: earlier.runnerId,
    hostname: earlier.hostname,
    startedAt: earlier.startedAt?.toISOString() ?? null,
    finishedAt: earlier.endedAt.toISOString(),
    durationMs: earlier.durationMs,
  })),
  hostname: run.hostname,
  queuedAt: run.queuedAt.toISOString(),
  cancelRequested: run.cancelRequested,
  collectionRevision: run.collectionRevision,
  environmentRevision: run.environmentRevision,
  runnerVersion: run.runnerVersion,
  kept: run.kept,
  stepsPlanned: run.stepsPlanned,
  steps,
  hiddenSteps,
});

export const slotBody = (slot: Omit<SlotListing, "executionId" | "decidedAt">) => ({
  slotAt: slot.slotAt.toISOString(),
  status: slot.status,
  reason: slot.reason,
  collapsed: slot.collapsed,
  delayMs: slot.delayMs,
});
