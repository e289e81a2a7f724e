import type { Step } from "../../src/contract/events.ts";
import { comparisonOf } from "../comparison.ts";
import { plural } from "../format.ts";
import { ScriptPlace, type ScriptPlaceProps } from "./script-place.tsx";
import { StatusMark } from "./status-mark.tsx";
import { Part, type StepSetting } from "./step-part.tsx";

type Assertion = Step["assertions"][number];
type StepError = Step["errors"][number];

const phaseNames = { prerequest: "pre-request script", request: "request", test: "test script" };

/** Why a step could not do its work. */
export function Errors({ step, setting }: { step: Step; setting: StepSetting }) {
  if (step.errors.length === 0) return null;
  return (
    <Part title="Errors">
      <ul class="plain">
        {step.errors.map((error) => (
          <li class="error-line">
            <b>{error.name}</b> in the {phaseNames[error.phase]}
            {error.code && <code>{error.code}</code>}
            <pre>{error.message}</pre>
            <PlaceIfKnown place={placeOfError(error, setting.scriptHrefOf)} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** What was asserted, by result; many that passed wait behind their number. */
export function Tests({ step, setting }: { step: Step; setting: StepSetting }) {
  if (step.assertions.length === 0) return null;
  const of = (status: Assertion["status"]) =>
    step.assertions.filter((assertion) => assertion.status === status);
  return (
    <Part title="Tests">
      <TestGroup assertions={of("failed")} title="failed" setting={setting} />
      <TestGroup assertions={of("skipped")} title="skipped" setting={setting} />
      <TestGroup assertions={of("passed")} title="passed" setting={setting} />
    </Part>
  );
}

const MANY = 12;

interface TestGroupProps {
  assertions: Assertion[];
  title: Assertion["status"];
  setting: StepSetting;
}

function TestGroup({ assertions, title, setting }: TestGroupProps) {
  if (assertions.length === 0) return null;
  const list = (
    <ul class="plain assertions">
      {assertions.map((assertion) => (
        <li>
          <StatusMark status={assertion.status} /> <span>{assertion.name}</span>
          {assertion.source === "prerequest" && <span class="dim">in the pre-request script</span>}
          {assertion.error && (
            <Failure error={assertion.error} place={placeOf(assertion, setting.scriptHrefOf)} />
          )}
        </li>
      ))}
    </ul>
  );
  if (title === "failed" || assertions.length <= MANY) return list;
  return (
    <details class="many-tests">
      <summary>{plural(assertions.length, `test ${title}`, `tests ${title}`)}</summary>
      {list}
    </details>
  );
}

/** Where a test failed; undefined when its runner did not tell. */
export function placeOf(
  { error, source }: Pick<Assertion, "error" | "source">,
  scriptHrefOf: StepSetting["scriptHrefOf"],
): ScriptPlaceProps | undefined {
  const location = error?.location;
  return location && { location, script: source, href: scriptHrefOf(location, source) };
}

/** The same of an error. */
export function placeOfError(
  { location, phase }: Pick<StepError, "location" | "phase">,
  scriptHrefOf: StepSetting["scriptHrefOf"],
): ScriptPlaceProps | undefined {
  if (!location || phase === "request") return undefined;
  return { location, script: phase, href: scriptHrefOf(location, phase) };
}

const PlaceIfKnown = ({ place }: { place: ScriptPlaceProps | undefined }) =>
  place ? <ScriptPlace {...place} /> : null;

interface FailureProps {
  error: { name: string; message: string };
  place: ScriptPlaceProps | undefined;
}

/** What a test wanted and found, where its message tells; the message and its place in any case. */
export function Failure({ error, place }: FailureProps) {
  const comparison = comparisonOf(error.message);
  return (
    <div class="failure">
      {comparison && (
        <dl class="comparison">
          <div>
            <dt>Expected</dt>
            <dd>{comparison.expected}</dd>
          </div>
          <div>
            <dt>Got</dt>
            <dd>{comparison.got}</dd>
          </div>
        </dl>
      )}
      <pre>{`${error.name}: ${error.message}`}</pre>
      <PlaceIfKnown place={place} />
    </div>
  );
}
