import type { Step } from "../../src/contract/events.ts";
import { toCurl } from "../curl.ts";
import { ConsoleLines } from "./console-lines.tsx";
import { CopyBox } from "./copy-box.tsx";
import { RequestSide, ResponseSide } from "./step-exchange.tsx";
import { Part, type StepSetting } from "./step-part.tsx";
import { Errors, Tests } from "./step-tests.tsx";
import { PhaseLegend } from "./waterfall.tsx";

/** Everything that is kept of one step: what went wrong first, then what was sent, received and printed. */
export function StepDetail({ step, setting }: { step: Step; setting: StepSetting }) {
  return (
    <>
      <Errors step={step} setting={setting} />
      <Tests step={step} setting={setting} />
      {step.timings && <PhaseLegend timings={step.timings} />}
      <Redirects step={step} />
      <div class="exchange">
        <RequestSide step={step} setting={setting} />
        <ResponseSide step={step} setting={setting} />
      </div>
      <Console step={step} setting={setting} />
      <Curl step={step} setting={setting} />
      <p>
        <a href={setting.itemHrefOf(step.itemId)}>Request and scripts in the collection</a>
      </p>
    </>
  );
}

function Redirects({ step }: { step: Step }) {
  if (step.redirects.length === 0) return null;
  return (
    <Part title="Redirects">
      <ol class="plain">
        {step.redirects.map((hop) => (
          <li>
            <span class="code">{hop.code}</span> {hop.method} <code>{hop.url}</code>
          </li>
        ))}
      </ol>
    </Part>
  );
}

/** Nobody searches in fewer. */
const FEW_LINES = 20;

function Console({ step, setting }: { step: Step; setting: StepSetting }) {
  const lines = step.console.filter((entry) => entry.level !== "clear");
  if (lines.length === 0) return null;
  const hidden = lines.length - setting.consoleLines;
  return (
    <Part title="Console">
      <ConsoleLines lines={lines.slice(0, setting.consoleLines)} />
      {lines.length > FEW_LINES && (
        <p class="dim">
          {hidden > 0 && `The first ${setting.consoleLines} of ${lines.length} lines. `}
          <a href={setting.consoleHrefOf(step.position)}>Search the console of this step</a>
        </p>
      )}
    </Part>
  );
}

/** A copy of a long body would make the page as heavy again. */
const MAX_INLINE_CURL = 4_000;

function Curl({ step, setting }: { step: Step; setting: StepSetting }) {
  if (!step.request) return null;
  const { command, notes } = toCurl(step.request);
  if (command.length > Math.max(MAX_INLINE_CURL, setting.bodyChars * 2)) {
    return (
      <p>
        <a href={`${setting.hrefOf(step.position)}#curl-text-${step.position}`}>Copy as cURL</a>
      </p>
    );
  }
  return (
    <details class="curl" id={`curl-${step.position}`}>
      <summary>Copy as cURL</summary>
      <CopyBox id={`curl-text-${step.position}`} text={command} label="The request as a curl command" />
      {notes.map((note) => (
        <p class="dim">{note}</p>
      ))}
    </details>
  );
}
