import type { Outcome, Step } from "../contract/events.ts";
import { causeByAssertion } from "./cause-assertion.ts";
import { causeByError } from "./cause-error.ts";

/**
 * On whose side the cause of a run that did not pass most likely is. `target`: the API under test. `script`: the collection,
 * its requests and scripts. `runner`: the runner, its machine and its network. `policy`: a rule, a limit or a person stopped
 * the run. `unknown`: the facts fit more than one of them.
 */
export type Side = "target" | "script" | "runner" | "policy" | "unknown";

export interface Cause {
  side: Side;
  /** What most likely happened, as one sentence for a person. Plain text, at most 500 characters. */
  sentence: string;
  /** What to look at first, as one or two sentences. Plain text. */
  whatToDo: string;
}

/** The verdict of a run, as it is stored. */
export interface RunVerdict {
  /** Null while it goes on. */
  outcome: Outcome | null;
  /** `OutcomeReason` of the engine, or the server's own; unknown words are allowed. */
  reason: string | null;
  detail: string | null;
}

type Assertion = Step["assertions"][number];
type StepError = Step["errors"][number];

export type Failure = { step: Step } & ({ assertion: Assertion } | { error: StepError });

/** Whether something went wrong in a step: an error, or a failed assertion. */
export const hasFailed = (step: Step): boolean =>
  step.errors.length > 0 || step.assertions.some(({ status }) => status === "failed");

/**
 * What went wrong first in a run, by the order of its steps; within a step an error comes before the assertions that fail
 * because of it. Undefined when nothing did.
 */
export function firstFailure(steps: readonly Step[]): Failure | undefined {
  const step = steps.filter(hasFailed).toSorted((left, right) => left.position - right.position)[0];
  return step && failureOf(step);
}

function failureOf(step: Step): Failure | undefined {
  const [error] = step.errors;
  if (error) return { step, error };
  const assertion = step.assertions.find(({ status }) => status === "failed");
  return assertion && { step, assertion };
}

/**
 * The likely cause of a run that has ended and did not pass; undefined for any other. `failedSteps` are its steps in which
 * something went wrong, or as many of them as are known: without any, the reason alone decides.
 */
export function causeOf(run: RunVerdict, failedSteps: readonly Step[]): Cause | undefined {
  if (run.outcome === null || run.outcome === "passed") return undefined;
  const failure = decisiveFailure(run.reason, failedSteps);
  const known = run.reason === null ? undefined : byReason[run.reason];
  const cause = known ?? (failure && causeOfFailure(failure)) ?? unexplained(run);
  return { ...cause, sentence: capped(cause.sentence) };
}

const MAX_SENTENCE = 500;
const capped = (text: string): string =>
  text.length > MAX_SENTENCE ? `${text.slice(0, MAX_SENTENCE - 1)}…` : text;

/**
 * The failure that the verdict is about, by the reason of the run: in a run that failed, an error of ours beside it is not.
 * The first failure when none is of that reason.
 */
export function decisiveFailure(reason: string | null, steps: readonly Step[]): Failure | undefined {
  const ordered = steps.filter(hasFailed).toSorted((left, right) => left.position - right.position);
  for (const step of ordered) {
    const error = step.errors.find(({ kind }) => reasonOf(kind) === reason);
    if (error) return { step, error };
    const assertion = step.assertions.find(({ status }) => status === "failed");
    if (reason === "assertion_failed" && assertion) return { step, assertion };
  }
  return firstFailure(ordered);
}

const reasonsByKind: Record<string, string> = {
  target: "target_unreachable",
  request: "request_invalid",
  script: "script_error",
};
const reasonOf = (kind: string): string => reasonsByKind[kind] ?? kind;

const causeOfFailure = (failure: Failure): Cause =>
  "error" in failure
    ? causeByError(failure.error, failure.step)
    : causeByAssertion(failure.assertion, failure.step);

/** Reasons that explain a run by themselves, whatever its steps did. */
const byReason: Record<string, Cause> = {
  runner_lost: {
    side: "runner",
    sentence: "The runner stopped reporting before the run had ended.",
    whatToDo: "Look whether its process and its machine are alive, and whether it reaches this server.",
  },
  no_runner: {
    side: "runner",
    sentence: "No runner took the run while it was due.",
    whatToDo: "Start a runner that this monitor may use, or choose another one for it.",
  },
  internal: {
    side: "runner",
    sentence: "The runner met an error of its own.",
    whatToDo: "Its log has the details. Run it again; if it happens each time, report it.",
  },
  cancelled: {
    side: "policy",
    sentence: "Somebody cancelled the run.",
    whatToDo: "Nothing is known about the API. Run it again if the result is wanted.",
  },
  run_timeout: {
    side: "policy",
    sentence: "The run reached its time limit.",
    whatToDo:
      "Look in the waterfall which request took the time. Raise the limit of the monitor, or make the collection shorter.",
  },
  collection_invalid: {
    side: "script",
    sentence: "The collection cannot be run as it is.",
    whatToDo: "Look at what was changed last in the collection.",
  },
};

/** What a reason says when no step is there to ask: they were not kept, or never came. */
const withoutSteps: Record<string, Side> = {
  assertion_failed: "target",
  target_unreachable: "target",
  dns: "runner",
  proxy: "runner",
  egress_denied: "policy",
  too_large: "policy",
  request_invalid: "script",
  script_error: "script",
  script_timeout: "script",
  script_memory: "script",
};

const unexplained = ({ reason, detail }: RunVerdict): Cause => ({
  side: withoutSteps[reason ?? ""] ?? "unknown",
  sentence: detail ?? "The run did not pass, and it is not known why.",
  whatToDo: "The steps that would tell more are not there. Run it again to see them.",
});
