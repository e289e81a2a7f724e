import { unreachable } from "../../src/lib/errors.ts";
import { plural } from "../format.ts";
import { ActionButton } from "./form.tsx";
import type { ScriptPlaceProps } from "./script-place.tsx";
import { type Status, StatusMark, toneOf } from "./status-mark.tsx";
import { Failure } from "./step-tests.tsx";

export type RunStatus = "queued" | "running" | "passed" | "failed" | "errored" | "aborted";

export interface RunVerdictFacts {
  id: string;
  status: RunStatus;
  /** Outcome reason, e.g. `dns`. */
  reason: string | null;
  detail: string | null;
  attempt: number;
  stepsPlanned: number | null;
  requestsTotal: number;
  assertionsTotal: number;
  assertionsFailed: number;
  cancelRequested: boolean;
}

/** What the steps tell for the verdict. */
export interface StepTally {
  done: number;
  /** Name of the first step with a failed assertion. */
  firstFailed?: string | undefined;
  /** Steps with a failed assertion. */
  failed: number;
}

/** What went wrong first, and where that is on the page. */
export interface FirstFailure {
  position: number;
  stepName: string;
  href: string;
  /** Of the assertion; absent when it was an error. */
  assertion?: string | undefined;
  error?: { name: string; message: string } | undefined;
  /** In the scripts; absent when that is not known. */
  place?: ScriptPlaceProps | undefined;
}

export interface Cause {
  side: "target" | "script" | "runner" | "policy" | "unknown";
  sentence: string;
  whatToDo: string;
}

interface VerdictProps {
  csrfToken: string;
  run: RunVerdictFacts;
  monitorId: string;
  tally: StepTally;
  runner: { id: string; name: string } | null;
  waitsAgain: boolean;
  /** It has runs on other runners, so that running it on this one alone is a choice. */
  hasSiblings: boolean;
  isReadOnly: boolean;
}

export const isLive = (status: RunStatus): boolean => status === "queued" || status === "running";

/** How the run ended, in a sentence, and what can be done with it. */
export function Verdict({ run, tally, runner, waitsAgain, ...props }: VerdictProps) {
  return (
    <div class={`verdict-line ${toneOf(run.status)}`} aria-live="polite">
      <StatusMark status={run.status} />
      <h1>
        {waitsAgain
          ? `Waiting to be run again, after attempt ${run.attempt}`
          : verdictSentence(run, tally, runner?.name)}
      </h1>
      {!props.isReadOnly && <Actions {...{ run, runner }} {...props} />}
    </div>
  );
}

type ActionsProps = Pick<VerdictProps, "run" | "csrfToken" | "monitorId" | "runner" | "hasSiblings">;

function Actions({ run, csrfToken, monitorId, runner, hasSiblings }: ActionsProps) {
  if (isLive(run.status)) {
    return (
      <div class="actions">
        <ActionButton
          action={`/runs/${run.id}/cancel`}
          csrfToken={csrfToken}
          label={run.cancelRequested ? "Cancelling…" : "Cancel"}
          disabled={run.cancelRequested}
        />
      </div>
    );
  }
  return (
    <div class="actions">
      <ActionButton action={`/monitors/${monitorId}/run`} csrfToken={csrfToken} label="Run again" />
      {runner && hasSiblings && (
        <ActionButton
          action={`/runs/${run.id}/again`}
          csrfToken={csrfToken}
          label={`Only on ${runner.name}`}
        />
      )}
    </div>
  );
}

/** The one sentence that a reader came for. */
export function verdictSentence(run: RunVerdictFacts, tally: StepTally, runnerName?: string): string {
  switch (run.status) {
    case "queued":
      return `Waiting for ${runnerName ?? "a runner"}`;
    case "running":
      return run.stepsPlanned === null
        ? `Running: ${plural(tally.done, "step")} done`
        : `Running: ${tally.done} of ${plural(run.stepsPlanned, "step")} done`;
    case "passed":
      return run.assertionsTotal === 0
        ? `${plural(run.requestsTotal, "request")} answered; nothing was asserted`
        : `All ${plural(run.assertionsTotal, "assertion")} passed`;
    case "failed":
      return failedSentence(run, tally);
    case "errored":
    case "aborted":
      return run.detail ?? `The run was ${run.status}`;
    default:
      return unreachable(run.status);
  }
}

function failedSentence(run: RunVerdictFacts, { firstFailed, failed }: StepTally): string {
  if (run.reason !== "assertion_failed" && run.detail !== null) return run.detail;
  const assertions = plural(run.assertionsTotal, "assertion");
  if (firstFailed === undefined) return `${run.assertionsFailed} of ${assertions} failed`;
  return failed > 1
    ? `${run.assertionsFailed} of ${assertions} failed in ${firstFailed} and ${plural(failed - 1, "other step")}`
    : `${run.assertionsFailed} of ${assertions} failed in ${firstFailed}`;
}

const sides: Record<Cause["side"], { label: string; tone: Status }> = {
  target: { label: "The API under test", tone: "failed" },
  script: { label: "The collection or a script", tone: "errored" },
  runner: { label: "The runner or its network", tone: "errored" },
  policy: { label: "A rule, a limit or a person", tone: "aborted" },
  unknown: { label: "Nobody knows yet", tone: "unknown" },
};

/** Whose fault it most likely is, why that is thought, what to do, and the evidence. */
export function LikelyCause({ cause, failure }: { cause: Cause; failure?: FirstFailure | undefined }) {
  const { label, tone } = sides[cause.side];
  return (
    <section class="cause" aria-labelledby="cause-heading">
      <h2 id="cause-heading">
        Whose fault: <StatusMark status={tone} word={label} />
      </h2>
      <p class="why">{cause.sentence}</p>
      <p class="dim">{cause.whatToDo}</p>
      {failure && <Evidence failure={failure} />}
    </section>
  );
}

function Evidence({ failure }: { failure: FirstFailure }) {
  return (
    <div class="evidence">
      <p>
        <a href={failure.href} class="jump">
          Go to the failure: step {failure.position}, {failure.stepName}
        </a>
      </p>
      {failure.assertion !== undefined && (
        <p class="assertion">
          <StatusMark status="failed" /> {failure.assertion}
        </p>
      )}
      {failure.error && <Failure error={failure.error} place={failure.place} />}
    </div>
  );
}
