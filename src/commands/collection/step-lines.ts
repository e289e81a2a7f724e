import type { Assertion, Step, StepError } from "../../engine/types.ts";

export interface Glyphs {
  folder: string;
  step: string;
  passed: string;
  failed: string;
  skipped: string;
}

export const unicodeGlyphs: Glyphs = { folder: "❏", step: "↳", passed: "✓", failed: "✗", skipped: "-" };
export const asciiGlyphs: Glyphs = { folder: "*", step: ">", passed: "ok", failed: "FAILED", skipped: "-" };

/** One step for a terminal: what was asked, what came back, and what was checked. */
export function describeStep(step: Step, glyphs: Glyphs): string[] {
  const iteration = step.iteration > 0 ? ` (iteration ${step.iteration + 1})` : "";
  return [
    `${glyphs.step} ${step.name}${iteration}`,
    ...requestLines(step),
    ...step.console.flatMap(({ level, messages }) =>
      level === "clear" ? [] : [`  ${level}: ${messages.join(" ").replaceAll("\n", "\n    ")}`],
    ),
    ...step.assertions.map((assertion) => `  ${assertionLine(assertion, glyphs)}`),
    ...step.errors.map((error) => `  ${glyphs.failed} ${errorLine(error)}`),
  ];
}

function requestLines({ request, response, timings, skipped }: Step): string[] {
  if (skipped) return ["  skipped by its script"];
  if (!request) return [];
  const answer = response
    ? `[${response.code} ${response.status}, ${formatBytes(response.body.bytes)}, ${formatMs(timings?.totalMs ?? 0)}]`
    : "[no answer]";
  return [`  ${request.method} ${request.url} ${answer}`];
}

const assertionLine = ({ name, status, error }: Assertion, glyphs: Glyphs): string =>
  error ? `${glyphs[status]} ${name}\n      ${error.name}: ${error.message}` : `${glyphs[status]} ${name}`;

const errorLine = ({ name, message, code }: StepError): string =>
  `${name}: ${message}${code && !message.includes(code) ? ` (${code})` : ""}`;

/** What went wrong in a step, one line per problem, for the list at the end. */
export function describeProblem(step: Step): string[] {
  const where = [...step.path, step.name].join(" / ");
  const failed = step.assertions.filter(({ status }) => status === "failed");
  return [
    ...failed.map(({ name, error }) => `${where}: ${name}${error ? `: ${error.message}` : ""}`),
    ...step.errors.map((error) => `${where}: ${errorLine(error)}`),
  ];
}

export function formatMs(ms: number): string {
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
