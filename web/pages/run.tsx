import { plural } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { Attempts, type AttemptRow } from "../parts/attempts.tsx";
import { Changes, type ChangesProps } from "../parts/changes.tsx";
import { RunFacts, type RunFactsProps, RunsAround } from "../parts/run-facts.tsx";
import { RunTake } from "../parts/run-take.tsx";
import {
  type Cause,
  type FirstFailure,
  isLive,
  LikelyCause,
  type RunVerdictFacts,
  type StepTally,
  Verdict,
} from "../parts/run-verdict.tsx";
import type { Status } from "../parts/status-mark.tsx";
import { StepList, type StepListProps } from "../parts/step-list.tsx";
import type { StepSetting } from "../parts/step-part.tsx";
import type { ListedStep } from "../parts/step-row.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { type Telling, TellingNotice } from "../parts/telling.tsx";

export interface RunProps {
  shell: Shell;
  run: RunVerdictFacts & RunFactsProps["run"] & { finishedAt: Date | null };
  monitor: { id: string; name: string };
  collectionName: string;
  environmentName?: string | undefined;
  runner: { id: string; name: string; hostname?: string | undefined } | null;
  trigger: string;
  slotAt: Date | null;
  /** Other runs of the same execution. */
  siblings: { id: string; runnerName: string; status: Status }[];
  around: Pick<Parameters<typeof RunsAround>[0], "previous" | "next" | "lastPassed">;
  /** Attempts that were not the end of the run, oldest first. */
  attempts: AttemptRow[];
  /** The earlier attempt whose steps these are; absent = the last one. */
  shownAttempt?: number | undefined;
  /** Of a run that did not pass. */
  cause?: Cause | undefined;
  failure?: FirstFailure | undefined;
  telling?: Telling | undefined;
  changes?: ChangesProps["changes"] | undefined;
  tally: StepTally;
  filter: StepListProps["filter"];
  counts: StepListProps["counts"];
  page: number;
  pages: number;
  steps: ListedStep[];
  /** Steps beyond what can be listed. */
  hiddenSteps: number;
  setting: StepSetting;
  /** How long the monitor keeps steps, and whether those of this run are deleted. */
  kept: { days: number; stepsDeleted: boolean };
  /** Lines that scripts printed. */
  consoleLines: number;
  /** Address of this page for others. */
  shareUrl: string;
  /** Path and query string of what is shown, for refreshing it. */
  href: string;
  /** The person may look and change nothing. */
  isReadOnly?: boolean;
}

export const runPage = (props: RunProps) => page(<RunPage {...props} />);

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
  const { run, shell, shownAttempt, attempts, siblings } = props;
  // An earlier attempt does not change any more.
  const refreshing =
    isLive(run.status) && shownAttempt === undefined
      ? { "hx-get": props.href, "hx-trigger": "every 2s", "hx-swap": "outerMorph" }
      : {};
  return (
    <div id="run" {...refreshing}>
      <Verdict
        csrfToken={shell.csrfToken}
        run={run}
        monitorId={props.monitor.id}
        tally={props.tally}
        runner={props.runner}
        waitsAgain={run.status === "queued" && attempts.length > 0}
        hasSiblings={siblings.length > 0}
        isReadOnly={props.isReadOnly === true}
      />
      {props.cause && <LikelyCause cause={props.cause} failure={props.failure} />}
      <Heard {...props} />
      <Waiting {...props} />
      <RunFacts {...props} now={shell.now} hasAttempts={attempts.length > 0} />
      <RunsAround now={shell.now} siblings={siblings} {...props.around} hasPassed={run.status === "passed"} />
      {props.changes && <Changes changes={props.changes} now={shell.now} place="run" />}
      <Attempts run={run} attempts={attempts} shown={shownAttempt} now={shell.now} />
      <Progress {...props} />
      <RunTake
        shareUrl={props.shareUrl}
        runId={run.id}
        environmentName={props.environmentName}
        attempt={shownAttempt}
      />
      <Views {...props} />
      <Steps {...props} />
    </div>
  );
}

/** Who looks at a failure should know whether others were told of it. */
function Heard({ telling, run, monitor, shell, isReadOnly = false }: RunProps) {
  if (!telling) return null;
  const state = run.status === "failed" || run.status === "errored" ? run.status : undefined;
  return <TellingNotice {...{ telling, state, isReadOnly }} monitorId={monitor.id} now={shell.now} />;
}

function Waiting({ run, runner }: RunProps) {
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

function Views({ run, shownAttempt, consoleLines }: RunProps) {
  if (consoleLines === 0) return null;
  return <RunTabs runId={run.id} attempt={shownAttempt} consoleLines={consoleLines} current="steps" />;
}

interface RunTabsProps {
  runId: string;
  attempt: number | undefined;
  consoleLines: number;
  current: "steps" | "console";
}

/** The two ways to look at what a run did. */
export function RunTabs({ runId, attempt, consoleLines, current }: RunTabsProps) {
  const query = attempt === undefined ? "" : `?attempt=${attempt}`;
  return (
    <Tabs
      label="What the run did"
      tabs={[
        { href: `/runs/${runId}${query}`, label: "Steps", current: current === "steps" },
        {
          href: `/runs/${runId}/console${query}`,
          label: `Console (${consoleLines})`,
          current: current === "console",
        },
      ]}
    />
  );
}

function Steps(props: RunProps) {
  const { run, counts, filter, attempts, shownAttempt, kept } = props;
  if (counts.all === 0 && filter.search === "") {
    return kept.stepsDeleted || (!isLive(run.status) && run.requestsTotal > 0) ? (
      <p class="explain">
        {`The steps of this run are deleted: this monitor keeps them for ${plural(kept.days, "day")}.`}
      </p>
    ) : null;
  }
  const title = attempts.length > 0 ? `Steps of attempt ${shownAttempt ?? run.attempt}` : "Steps";
  return <StepList {...props} path={`/runs/${run.id}`} attempt={shownAttempt} title={title} />;
}

function Progress({ run, tally }: RunProps) {
  if (!isLive(run.status)) return null;
  return (
    <p class="progress">
      <progress
        max={run.stepsPlanned ?? undefined}
        value={run.status === "running" && run.stepsPlanned !== null ? tally.done : undefined}
        aria-label="Steps done"
      />
    </p>
  );
}
