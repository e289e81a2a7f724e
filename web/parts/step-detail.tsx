import type { Child } from "hono/jsx";

import type { Step } from "../../src/contract/events.ts";
import { formatBytes, formatDuration, plural } from "../format.ts";
import { StatusMark } from "./status-mark.tsx";
import { PhaseLegend } from "./waterfall.tsx";

/** Everything that is kept of one step: what went wrong first, then what was sent, received and printed. */
export function StepDetail({ step }: { step: Step }) {
  return (
    <div class="step-detail">
      <Errors step={step} />
      <Assertions step={step} />
      {step.timings && <PhaseLegend timings={step.timings} />}
      {step.redirects.length > 0 && (
        <Part title="Redirects">
          <ol class="plain">
            {step.redirects.map((hop) => (
              <li>
                <span class="code">{hop.code}</span> {hop.method} <code>{hop.url}</code>
              </li>
            ))}
          </ol>
        </Part>
      )}
      <div class="exchange">
        <Request step={step} />
        <Response step={step} />
      </div>
      <Console step={step} />
    </div>
  );
}

function Part({ title, children }: { title: string; children: Child }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

const phaseNames = { prerequest: "pre-request script", request: "request", test: "test script" };

function Errors({ step }: { step: Step }) {
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

const rank = { failed: 0, skipped: 1, passed: 2 };

function Assertions({ step }: { step: Step }) {
  if (step.assertions.length === 0) return null;
  const ordered = step.assertions.toSorted((a, b) => rank[a.status] - rank[b.status]);
  return (
    <Part title="Assertions">
      <ul class="plain assertions">
        {ordered.map((assertion) => (
          <li>
            <StatusMark status={assertion.status} /> <span>{assertion.name}</span>
            {assertion.error && (
              <pre>
                {assertion.error.name}: {assertion.error.message}
              </pre>
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Request({ step }: { step: Step }) {
  const { request } = step;
  if (!request) return step.skipped ? <p class="dim">A script skipped this request.</p> : null;
  return (
    <Part title="Request">
      <p class="line">
        <b>{request.method}</b> <code>{request.url}</code>
      </p>
      <Headers headers={request.headers} />
      {request.body && <Body body={request.body} />}
    </Part>
  );
}

function Response({ step }: { step: Step }) {
  const { response } = step;
  if (!response) return null;
  return (
    <Part title="Response">
      <p class="line">
        <b>{response.code}</b> {response.status}
        <span class="dim">
          {` · HTTP/${response.httpVersion} · ${formatBytes(response.wireBytes)}`}
          {step.timings && ` · ${formatDuration(step.timings.totalMs)}`}
          {response.remoteAddress && ` · ${response.remoteAddress}`}
        </span>
      </p>
      <Headers headers={response.headers} />
      <Body body={response.body} />
    </Part>
  );
}

function Headers({ headers }: { headers: [string, string][] }) {
  if (headers.length === 0) return null;
  return (
    <details class="headers">
      <summary>{plural(headers.length, "header")}</summary>
      <table>
        <tbody>
          {headers.map(([name, value]) => (
            <tr>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Body({
  body,
}: {
  body: { bytes: number; text?: string | undefined; truncated?: boolean | undefined };
}) {
  if (body.bytes === 0) return <p class="dim">Empty body</p>;
  const text = pretty(body.text ?? "");
  const isCut = text.length > SHOWN_CHARACTERS;
  if (body.text === undefined) return <p class="dim">{formatBytes(body.bytes)}, not kept</p>;
  return (
    <>
      <pre class="body" tabindex={0}>
        {isCut ? text.slice(0, SHOWN_CHARACTERS) : text}
      </pre>
      {(body.truncated || isCut) && <p class="dim">The beginning of {formatBytes(body.bytes)}</p>}
    </>
  );
}

/** A page shows hundreds of steps; what is kept beyond this is in the API. */
const SHOWN_CHARACTERS = 10_000;

/** Whole JSON is indented; anything else stays as it was received. */
function pretty(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Console({ step }: { step: Step }) {
  const lines = step.console.filter((entry) => entry.level !== "clear");
  if (lines.length === 0) return null;
  return (
    <Part title="Console">
      <ol class="console">
        {lines.map((entry) => (
          <li class={entry.level}>
            <span class="level">{entry.level}</span>
            <span>{entry.messages.join(" ")}</span>
          </li>
        ))}
      </ol>
    </Part>
  );
}
