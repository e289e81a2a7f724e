import type { Child } from "hono/jsx";

import type { Step } from "../../src/contract/events.ts";
import { unreachable } from "../../src/lib/errors.ts";
import { formatDuration, plural } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { Attempts, type AttemptRow } from "../parts/attempts.tsx";
import { ActionButton } from "../parts/form.tsx";
import { StatusMark, toneOf, type Status } from "../parts/status-mark.tsx";
import { StepRow } from "../parts/step-row.tsx";
import { Time } from "../parts/time.tsx";

export type RunStatus = "queued" | "running" | "passed" | "failed" | "errored" | "aborted";

export interface RunProps {
  shell: Shell;
  run: {
    id: string;
    status: RunStatus;
    /** Outcome reason, e.g. `dns`. */
    reason: string | null;
    detail: string | null;
    attempt: number;
    queuedAt: Date;
    claimedAt: Date | null;
    finishedAt: Date | null;
    durationMs: number | null;
    stepsPlanned: number | null;
    requestsTotal: number;
    requestsFailed: number;
    assertionsTotal: number;
    assertionsFailed: number;
    cancelRequested: boolean;
  };
  monitor: { id: string; name: string };
  collectionName: string;
  environmentName?: string | undefined;
  runner: { id: string; name: string; hostname?: string | undefined } | null;
  trigger: string;
  slotAt: Date | null;
  /** Other runs of the same execution. */
  siblings: { id: string; runnerName: string; status: Status }[];
  /** Attempts that were not the end of the run, oldest first. */
  attempts: AttemptRow[];
  /** The earlier attempt whose steps these are; absent = the last one. */
  shownAttempt?: number | undefined;
  steps: Step[];
  /** Steps beyond what one page holds. */
  hiddenSteps: number;
  /** The person may look and change nothing. */
  isReadOnly?: boolean;
}

export const runPage = (props: RunProps) => page(<RunPage {...props} />);

export const isLive = (status: RunStatus): boolean => status === "queued" || status === "running";

function RunPage(props: RunProps) {
  const { shell, monitor } = props;
  return (
    <Layout title={`Run of ${monitor.name}`} shell={shell} section="monitors">
      <p class="crumbs">
        <a href="/">Monitors</a> / <a href={`/monitors/${monitor.id}`}>{monitor.name}</a> / Run
      </p>
      <RunRegion {...props} />
    </Layout>
  );
}

/** The run as far as it is known. A finished one carries no trigger, so the refreshing ends by itself. */
export function RunRegion(props: RunProps) {
  const { run, steps } = props;
  // An earlier attempt does not change any more.
  const refreshing =
    isLive(run.status) && props.shownAttempt === undefined
      ? { "hx-get": `/runs/${run.id}`, "hx-trigger": "every 2s", "hx-swap": "outerMorph" }
      : {};
  const runMs = run.durationMs ?? Math.max(0, ...steps.map((step) => step.startedMs + step.durationMs));
  return (
    <div id="run" {...refreshing}>
      <Verdict {...props} />
      <Facts {...props} />
      <Siblings siblings={props.siblings} />
      <Attempts run={run} attempts={props.attempts} shown={props.shownAttempt} now={props.shell.now} />
      <Progress {...props} />
      {steps.length > 0 && (
        <section aria-labelledby="steps-heading">
          <h2 id="steps-heading">
            {props.attempts.length > 0 ? `Steps of attempt ${props.shownAttempt ?? run.attempt}` : "Steps"}
          </h2>
          <ol class="steps">
            {steps.map((step) => (
              <StepRow step={step} runMs={runMs} />
            ))}
          </ol>
          {props.hiddenSteps > 0 && (
            <p class="dim">{plural(props.hiddenSteps, "more step")} not shown here.</p>
          )}
        </section>
      )}
    </div>
  );
}

function Verdict({ shell, run, monitor, steps, runner, attempts, isReadOnly }: RunProps) {
  const waitsAgain = run.status === "queued" && attempts.length > 0;
  return (
    <div class={`verdict-line ${toneOf(run.status)}`} aria-live="polite">
      <StatusMark status={run.status} />
      <h1>
        {waitsAgain
          ? `Waiting to be run again, after attempt ${run.attempt}`
          : verdictSentence(run, steps, runner?.name)}
      </h1>
      {!isReadOnly && (
        <div class="actions">
          {isLive(run.status) ? (
            <ActionButton
              action={`/runs/${run.id}/cancel`}
              csrfToken={shell.csrfToken}
              label={run.cancelRequested ? "Cancelling…" : "Cancel"}
              disabled={run.cancelRequested}
            />
          ) : (
            <ActionButton
              action={`/monitors/${monitor.id}/run`}
              csrfToken={shell.csrfToken}
              label="Run again"
            />
          )}
        </div>
      )}
    </div>
  );
}

/** The one sentence that a reader came for. */
export function verdictSentence(run: RunProps["run"], steps: Step[], runnerName?: string): string {
  switch (run.status) {
    case "queued":
      return `Waiting for ${runnerName ?? "a runner"}`;
    case "running":
      return `Running: ${steps.length}${run.stepsPlanned === null ? "" : ` of ${run.stepsPlanned}`} steps done`;
    case "passed":
      return run.assertionsTotal === 0
        ? `${plural(run.requestsTotal, "request")} answered; nothing was asserted`
        : `All ${plural(run.assertionsTotal, "assertion")} passed`;
    case "failed":
      return failedSentence(run, steps);
    case "errored":
    case "aborted":
      return run.detail ?? explanations[run.reason ?? ""] ?? `The run was ${run.status}`;
    default:
      return unreachable(run.status);
  }
}

function failedSentence(run: RunProps["run"], steps: Step[]): string {
  if (run.reason !== "assertion_failed" && run.detail !== null) return run.detail;
  const failing = steps.filter((step) => step.assertions.some((assertion) => assertion.status === "failed"));
  const [first] = failing;
  const count = `${run.assertionsFailed} of ${plural(run.assertionsTotal, "assertion")} failed`;
  if (first === undefined) return count;
  const others = failing.length > 1 ? ` and ${plural(failing.length - 1, "other step")}` : "";
  return `${count} in ${first.name}${others}`;
}

/** Whose side it was, and what to do, by reason. */
const explanations: Record<string, string> = {
  target_unreachable: "The API could not be reached. It counts as down: check that it runs, and its address.",
  dns: "The runner could not resolve the name. This is on the runner's network, not on the API: check its name server.",
  proxy: "The runner's proxy refused or did not answer. The API itself was not asked.",
  egress_denied:
    "The runner's rules, or its authorization service, did not let a request leave. The step says which.",
  request_invalid: "A request could not be built: a variable may be missing. The step names the part.",
  too_large: "A response was larger than what a runner reads.",
  script_error: "A script threw outside a test. The step shows the error; the API may be fine.",
  script_timeout: "A script took longer than its limit.",
  script_memory: "A script used more memory than it may.",
  collection_invalid: "The collection cannot be run as it is.",
  run_timeout: "The run reached its time limit. Raise the limit, or make the collection shorter.",
  cancelled: "Somebody cancelled the run.",
  runner_lost: "The runner stopped reporting. What it sent until then is below; the API is not judged.",
  no_runner: "No runner took the run while it was due. Start one, or pick another for this monitor.",
  internal: "Something went wrong in the runner itself. Its log has the details.",
};

function Explanation({ run, runner }: Pick<RunProps, "run" | "runner">) {
  const explanation = run.reason === null ? undefined : explanations[run.reason];
  if (explanation !== undefined && run.detail !== null) return <p class="explain">{explanation}</p>;
  if (run.status !== "queued") return null;
  return (
    <p class="explain">
      It begins as soon as a runner that may take it asks for work. If it stays here, look whether the{" "}
      <a href={runner ? `/runners/${runner.id}` : "/runners"}>
        {runner ? "runner is" : "runners are"} healthy
      </a>
      .
    </p>
  );
}

function Facts({ shell, run, ...props }: RunProps) {
  const queueMs =
    run.claimedAt === null ? null : run.claimedAt.getTime() - (props.slotAt ?? run.queuedAt).getTime();
  return (
    <>
      <Explanation run={run} runner={props.runner} />
      <dl class="facts">
        <Fact name={props.slotAt ? "Scheduled for" : "Started"}>
          <Time at={props.slotAt ?? run.queuedAt} now={shell.now} show="both" />
        </Fact>
        <Fact name="Trigger">{props.trigger}</Fact>
        <Fact name="Waited">{queueMs === null ? "–" : formatDuration(Math.max(0, queueMs))}</Fact>
        <Fact name="Duration">{formatDuration(run.durationMs)}</Fact>
        <Fact name="Runner">
          {props.runner ? (
            <>
              <a href={`/runners/${props.runner.id}`}>{props.runner.name}</a>
              {props.runner.hostname && <span class="dim"> on {props.runner.hostname}</span>}
            </>
          ) : (
            <span class="dim">none yet</span>
          )}
        </Fact>
        {run.attempt > 1 && props.attempts.length === 0 && <Fact name="Attempt">{String(run.attempt)}</Fact>}
        <Fact name="Collection">
          {props.collectionName}
          {props.environmentName && <span class="dim"> with {props.environmentName}</span>}
        </Fact>
        <Fact name="Requests">
          {run.requestsFailed > 0
            ? `${run.requestsTotal} (${run.requestsFailed} failed)`
            : String(run.requestsTotal)}
        </Fact>
        <Fact name="Assertions">
          {`${run.assertionsTotal - run.assertionsFailed}/${run.assertionsTotal} passed`}
        </Fact>
      </dl>
    </>
  );
}

function Fact({ name, children }: { name: string; children: Child }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Siblings({ siblings }: { siblings: RunProps["siblings"] }) {
  if (siblings.length === 0) return null;
  return (
    <p class="siblings">
      <span class="dim">The same execution elsewhere: </span>
      {siblings.map((sibling) => (
        <a href={`/runs/${sibling.id}`}>
          {sibling.runnerName} <StatusMark status={sibling.status} />
        </a>
      ))}
    </p>
  );
}

function Progress({ run, steps }: RunProps) {
  if (!isLive(run.status)) return null;
  return (
    <p class="progress">
      <progress
        max={run.stepsPlanned ?? undefined}
        value={run.status === "running" && run.stepsPlanned !== null ? steps.length : undefined}
        aria-label="Steps done"
      />
    </p>
  );
}
