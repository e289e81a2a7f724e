import type { Step, StepError } from "../../engine/types.ts";
import { formatBytes, formatMs, forTerminal } from "../collection/reporters/format.ts";

const glyphs = { step: "↳", passed: "✓", failed: "✗", skipped: "-" };

/** One step for a terminal: what was asked, what came back, and what was checked. */
export function describeStep(step: Step): string[] {
  const iteration = step.iteration > 0 ? ` (iteration ${step.iteration + 1})` : "";
  return [
    `${glyphs.step} ${[...step.path, step.name].join(" / ")}${iteration}`,
    ...requestLines(step),
    ...step.console.flatMap(({ level, messages }) =>
      level === "clear" ? [] : [`  ${level}: ${messages.join(" ").replaceAll("\n", "\n    ")}`],
    ),
    ...step.assertions.map(
      ({ name, status, error }) =>
        `  ${glyphs[status]} ${name}${error ? `\n      ${error.name}: ${error.message}` : ""}`,
    ),
    ...step.errors.map((error) => `  ${glyphs.failed} ${errorLine(error)}`),
  ].map(forTerminal);
}

function requestLines({ request, response, timings, skipped }: Step): string[] {
  if (skipped) return ["  skipped by its script"];
  if (!request) return [];
  const answer = response
    ? `[${response.code} ${response.status}, ${formatBytes(response.body.bytes)}, ${formatMs(timings?.totalMs ?? 0)}]`
    : "[no answer]";
  return [`  ${request.method} ${request.url} ${answer}`];
}

const errorLine = ({ name, message, code }: StepError): string =>
  `${name}: ${message}${code && !message.includes(code) ? ` (${code})` : ""}`;
