import type { Step } from "../../src/contract/events.ts";
import { comparisonOf } from "../comparison.ts";
import { plural } from "../format.ts";
import { StatusMark } from "./status-mark.tsx";
import { Part } from "./step-part.tsx";

type Assertion = Step["assertions"][number];

const phaseNames = { prerequest: "pre-request script", request: "request", test: "test script" };

/** Why a step could not do its work. */
export function Errors({ step }: { step: Step }) {
  if (step.errors.length === 0) return null;
  return (
    <Part title="Errors">
      <ul class="plain">
        {step.errors.map((error) => (
          <li class="error-line">
            <b>{error.name}</b> in the {phaseNames[error.phase]}
            {error.code && <code>{error.code}</code>}
            <pre>{error.message}</pre>
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** What was asserted, by result; many that passed wait behind their number. */
export function Tests({ step }: { step: Step }) {
  if (step.assertions.length === 0) return null;
  const of = (status: Assertion["status"]) =>
    step.assertions.filter((assertion) => assertion.status === status);
  return (
    <Part title="Tests">
      <TestGroup assertions={of("failed")} title="failed" />
      <TestGroup assertions={of("skipped")} title="skipped" />
      <TestGroup assertions={of("passed")} title="passed" />
    </Part>
  );
}

const MANY = 12;

function TestGroup({ assertions, title }: { assertions: Assertion[]; title: Assertion["status"] }) {
  if (assertions.length === 0) return null;
  const list = (
    <ul class="plain assertions">
      {assertions.map((assertion) => (
        <li>
          <StatusMark status={assertion.status} /> <span>{assertion.name}</span>
          {assertion.source === "prerequest" && <span class="dim">in the pre-request script</span>}
          {assertion.error && <Failure error={assertion.error} />}
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

/** What a test wanted and found, where its message tells; the message in any case. */
export function Failure({ error }: { error: NonNullable<Assertion["error"]> }) {
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
    </div>
  );
}
