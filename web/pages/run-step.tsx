import type { Step } from "../../src/contract/events.ts";
import type { StepHead } from "../../src/contract/step-head.ts";
import { formatDuration } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { StepDetail } from "../parts/step-detail.tsx";
import type { StepSetting } from "../parts/step-part.tsx";

export interface RunStepProps {
  shell: Shell;
  monitor: { id: string; name: string };
  /** Address of the page of the run, with this step in sight. */
  runHref: string;
  head: StepHead;
  step: Step;
  setting: StepSetting;
  previous: StepHead | undefined;
  next: StepHead | undefined;
  /** The next one in which something went wrong. */
  nextFailed: StepHead | undefined;
}

export const runStepPage = (props: RunStepProps) => page(<RunStepPage {...props} />);

/** One step with everything that was kept of it. */
function RunStepPage({ shell, monitor, runHref, head, step, setting, ...around }: RunStepProps) {
  return (
    <Layout title={`Step ${head.position} of a run of ${monitor.name}`} shell={shell} section="monitors">
      <p class="crumbs">
        <a href="/">Monitors</a> / <a href={`/monitors/${monitor.id}`}>{monitor.name}</a> /{" "}
        <a href={runHref}>Run</a> / Step {head.position}
      </p>
      <div class="step-title">
        <StatusMark status={head.status} />
        <h1>
          Step {head.position}: {head.name}
        </h1>
      </div>
      <p class="dim">
        {head.path.length > 0 && `${head.path.join(" / ")} · `}
        {head.iteration > 0 && `iteration ${head.iteration + 1} · `}
        {`started after ${formatDuration(head.startedMs)}, took ${formatDuration(head.durationMs)}`}
      </p>
      <StepLinks setting={setting} {...around} />
      <h2>What happened</h2>
      <div class={`panel step-detail step ${head.status}`}>
        <StepDetail step={step} setting={setting} />
      </div>
    </Layout>
  );
}

type StepLinksProps = Pick<RunStepProps, "setting" | "previous" | "next" | "nextFailed">;

function StepLinks({ setting, previous, next, nextFailed }: StepLinksProps) {
  return (
    <nav class="siblings" aria-label="Other steps">
      {previous && (
        <a href={setting.hrefOf(previous.position)} rel="prev">
          ← {previous.name}
        </a>
      )}
      {next && (
        <a href={setting.hrefOf(next.position)} rel="next">
          {next.name} →
        </a>
      )}
      {nextFailed && nextFailed !== next && (
        <a href={setting.hrefOf(nextFailed.position)}>Next failed step: {nextFailed.name}</a>
      )}
    </nav>
  );
}
