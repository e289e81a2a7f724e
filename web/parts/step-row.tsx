import type { Step } from "../../src/contract/events.ts";
import type { StepHead } from "../../src/contract/step-head.ts";
import { formatBytes, formatDuration } from "../format.ts";
import { StatusMark } from "./status-mark.tsx";
import { StepDetail } from "./step-detail.tsx";
import type { StepSetting } from "./step-part.tsx";
import { type TimeWindow, Waterfall } from "./waterfall.tsx";

/** A step of a list; `step` is absent when its contents are fetched only when it is opened. */
export interface ListedStep {
  head: StepHead;
  step?: Step | undefined;
}

interface StepRowProps extends ListedStep {
  window: TimeWindow;
  setting: StepSetting;
}

/**
 * One request of a run as a row that opens; what did not pass is open from the start. The anchor is inside of what opens:
 * browsers open it for whoever follows a link to it.
 */
export function StepRow({ head, step, window, setting }: StepRowProps) {
  const { position, status } = head;
  const anchor = `step-${position}`;
  const href = setting.hrefOf(position);
  const fetching = step
    ? {}
    : { "hx-get": href, "hx-trigger": "toggle once", "hx-target": `#${anchor}`, "hx-swap": "innerHTML" };
  return (
    <li>
      <details
        id={`row-${position}`}
        class={`step ${status}`}
        open={step !== undefined && (status === "failed" || status === "errored")}
        {...fetching}
      >
        <StepSummary head={head} window={window} />
        <div id={anchor} class="step-detail" {...(step ? {} : { "data-keep": "" })}>
          {step ? (
            <StepDetail step={step} setting={setting} />
          ) : (
            <p>
              <a href={href}>Request, response, tests and console of step {position}</a>
            </p>
          )}
        </div>
      </details>
    </li>
  );
}

function StepSummary({ head, window }: { head: StepHead; window: TimeWindow }) {
  const { passed, failed, skipped } = head.assertions;
  const asserted = passed + failed + skipped;
  return (
    <summary>
      <StatusMark status={head.status} />
      <span class="what">
        {head.method !== undefined && <span class={`method ${methodClass(head.method)}`}>{head.method}</span>}
        <span class="name">{head.name}</span>
        {head.path.length > 0 && <span class="sub">{head.path.join(" / ")}</span>}
      </span>
      <Waterfall
        startedMs={head.startedMs}
        durationMs={head.durationMs}
        window={window}
        timings={head.timings}
      />
      <span class="code">{head.code ?? "–"}</span>
      <span class="number">{formatDuration(head.timings?.totalMs ?? head.durationMs)}</span>
      <span class="number size">{formatBytes(head.bytes)}</span>
      <span class="number asserted" title="assertions passed">
        {asserted === 0 ? "–" : `${passed}/${asserted}`}
      </span>
    </summary>
  );
}

const methodClass = (method: string): string => (/^[A-Za-z]+$/.test(method) ? method.toLowerCase() : "other");
