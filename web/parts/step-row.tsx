import type { Step } from "../../src/contract/events.ts";
import { formatBytes, formatDuration } from "../format.ts";
import { StatusMark, type Status } from "./status-mark.tsx";
import { StepDetail } from "./step-detail.tsx";
import { Waterfall } from "./waterfall.tsx";

const failedAssertions = (step: Step) => step.assertions.filter((assertion) => assertion.status === "failed");

/** How one step went: an error that is not the target's leaves open whether the API is well. */
export function stepStatus(step: Step): Status {
  if (step.errors.some((error) => error.kind !== "target")) return "errored";
  if (step.errors.length > 0 || failedAssertions(step).length > 0) return "failed";
  return step.skipped ? "skipped" : "passed";
}

/** One request of a run as a row that opens; what did not pass is open from the start. */
export function StepRow({ step, runMs }: { step: Step; runMs: number }) {
  const status = stepStatus(step);
  const passed = step.assertions.filter((assertion) => assertion.status === "passed").length;
  return (
    <li>
      <details
        id={`step-${step.position}`}
        class={`step ${status}`}
        open={status === "failed" || status === "errored"}
      >
        <summary>
          <StatusMark status={status} />
          <span class="what">
            {step.request && (
              <span class={`method ${step.request.method.toLowerCase()}`}>{step.request.method}</span>
            )}
            <span class="name">{step.name}</span>
            {step.path.length > 0 && <span class="sub">{step.path.join(" / ")}</span>}
          </span>
          <Waterfall
            startedMs={step.startedMs}
            durationMs={step.durationMs}
            runMs={runMs}
            timings={step.timings}
          />
          <span class="code">{step.response ? step.response.code : "–"}</span>
          <span class="number">{formatDuration(step.timings?.totalMs ?? step.durationMs)}</span>
          <span class="number size">{formatBytes(step.response?.body.bytes)}</span>
          <span class="number asserted" title="assertions passed">
            {step.assertions.length === 0 ? "–" : `${passed}/${step.assertions.length}`}
          </span>
        </summary>
        <StepDetail step={step} />
      </details>
    </li>
  );
}
