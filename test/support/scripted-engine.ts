import type { RunEvent, RunInput, RunSummary } from "../../src/engine/types.ts";
import type { RunEngine } from "../../src/runner/execute.ts";

export const passedSummary: RunSummary = {
  outcome: "passed",
  iterations: 1,
  requestsTotal: 1,
  requestsFailed: 0,
  assertionsTotal: 0,
  assertionsFailed: 0,
  errorsTotal: 0,
  responseMsTotal: 1,
  responseBytesTotal: 1,
  durationMs: 1,
};

export const startedEvent: RunEvent = {
  seq: 1,
  type: "run_started",
  collectionName: "collection",
  stepsPlanned: 1,
};
export const stepStarted = (seq: number, name = "step"): RunEvent => ({
  seq,
  type: "step_started",
  position: seq - 1,
  iteration: 0,
  itemId: "item",
  name,
  path: [],
});
export const stepFinished = (seq: number, responseText: string): RunEvent => ({
  seq,
  type: "step_finished",
  step: {
    position: seq - 1,
    iteration: 0,
    itemId: "item",
    name: "step",
    path: [],
    startedMs: 0,
    durationMs: 1,
    skipped: false,
    redirects: [],
    response: {
      code: 200,
      status: "OK",
      headers: [["x-long", responseText]],
      body: { bytes: responseText.length, text: responseText },
      wireBytes: responseText.length,
      httpVersion: "1.1",
    },
    assertions: [{ name: "ok", status: "passed", source: "test" }],
    console: [{ level: "log", atMs: 0, messages: [responseText] }],
    errors: [],
  },
});
export const passedEvent = (seq: number): RunEvent => ({ seq, type: "run_finished", summary: passedSummary });
export const abortedEvent = (seq: number): RunEvent => ({
  seq,
  type: "run_finished",
  summary: { ...passedSummary, outcome: "aborted", reason: "cancelled" },
});

/** Yields what a test says, at the pace that the test says: the runner is the subject, not what it executes. */
export const scriptedEngine = (
  play: (input: RunInput, signal: AbortSignal) => AsyncIterable<RunEvent>,
): RunEngine => ({ run: (input, { signal }) => play(input, signal) });

/** A run of `steps` steps that passes at once. */
export async function* quickRun(steps = 1): AsyncIterable<RunEvent> {
  yield startedEvent;
  for (let seq = 2; seq < steps + 2; seq++) yield stepStarted(seq);
  yield passedEvent(steps + 2);
}

/** A run that goes on until it is aborted, and says so. */
export async function* endlessRun(signal: AbortSignal): AsyncIterable<RunEvent> {
  yield startedEvent;
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  yield abortedEvent(2);
}

/** The first events of a run. */
export async function* startOf<T>(events: AsyncIterable<T>, count: number): AsyncIterable<T> {
  let seen = 0;
  for await (const event of events) if (seen++ < count) yield event;
}

/** What comes after them. */
export async function* restOf<T>(events: AsyncIterable<T>, count: number): AsyncIterable<T> {
  let seen = 0;
  for await (const event of events) if (seen++ >= count) yield event;
}
