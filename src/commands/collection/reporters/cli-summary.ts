import type { Step } from "../../../engine/types.ts";
import { formatTable } from "../../client/table.ts";
import type { CliOptions } from "./cli.ts";
import {
  countAssertions,
  countErrors,
  countRequests,
  countScripts,
  fullNameOf,
  responseTimes,
} from "./figures.ts";
import { formatBytes, formatMs, forTerminal, placeLines } from "./format.ts";
import type { Findings, RunFacts } from "./reporter.ts";

/** What was executed and what failed, and how long it took. */
export function summaryTable(
  facts: RunFacts,
  { steps, summary }: Findings,
  { glyphs }: CliOptions,
): string[] {
  const times = responseTimes(steps);
  const scripts = countScripts(steps, facts);
  const assertions = countAssertions(steps);
  const rows: [string, number, number][] = [
    ["iterations", summary?.iterations ?? 0, 0],
    ["requests", countRequests(steps), countErrors(steps, "request")],
    ["test-scripts", scripts.test.executed, scripts.test.errors],
    ["prerequest-scripts", scripts.prerequest.executed, scripts.prerequest.errors],
    ["assertions", assertions.executed, assertions.failed],
  ];
  const range = `min: ${formatMs(times.min)}, max: ${formatMs(times.max)}, s.d.: ${formatMs(times.standardDeviation)}`;
  const figures = [
    `total run duration: ${formatMs(summary?.durationMs ?? 0)}`,
    `total data received: ${formatBytes(summary?.responseBytesTotal ?? 0)} (approx)`,
    `average response time: ${formatMs(times.average)} [${range}]`,
    ...(assertions.skipped > 0 ? [`skipped assertions: ${assertions.skipped}`] : []),
  ];
  return ["", ...(glyphs.boxTop ? boxed(rows, figures) : plain(rows, figures))];
}

const NAME_WIDTH = 24;
const NUMBER_WIDTH = 10;

function boxed(rows: [string, number, number][], figures: string[]): string[] {
  const line = (left: string, middle: string, right: string) =>
    `${left}${"─".repeat(NAME_WIDTH + 2)}${middle}${"─".repeat(NUMBER_WIDTH + 2)}${middle}${"─".repeat(NUMBER_WIDTH + 2)}${right}`;
  const row = (name: string, executed: string, failed: string) =>
    `│ ${name.padStart(NAME_WIDTH)} │ ${executed.padStart(NUMBER_WIDTH)} │ ${failed.padStart(NUMBER_WIDTH)} │`;
  const width = Math.max(NAME_WIDTH + 2 * NUMBER_WIDTH + 6, ...figures.map(({ length }) => length));
  const wide = (left: string, right: string) => `${left}${"─".repeat(width + 2)}${right}`;
  return [
    line("┌", "┬", "┐"),
    row("", "executed", "failed"),
    ...rows.flatMap(([name, executed, failed]) => [
      line("├", "┼", "┤"),
      row(name, `${executed}`, `${failed}`),
    ]),
    line("└", "┴", "┘"),
    wide("┌", "┐"),
    ...figures.map((figure) => `│ ${figure.padEnd(width)} │`),
    wide("└", "┘"),
  ];
}

const plain = (rows: [string, number, number][], figures: string[]): string[] => [
  formatTable([
    ["", "executed", "failed"],
    ...rows.map(([name, ...counts]) => [name, ...counts.map(String)]),
  ]),
  "",
  ...figures,
];

/** Each failed assertion and each error with where it happened. */
export function failuresTable({ iterationCount }: RunFacts, steps: Step[], { paint }: CliOptions): string[] {
  const problems = steps.flatMap(problemsOf);
  if (problems.length === 0) return [];
  const width = String(problems.length).length;
  const indent = " ".repeat(width + 4);
  const lines = problems.flatMap(({ title, name, detail, step }, index) => {
    const iteration = iterationCount > 1 ? `, iteration ${step.iteration + 1}` : "";
    return [
      "",
      ` ${String(index + 1).padStart(width)}. ${paint.red(`${title}${name ? `  ${forTerminal(name)}` : ""}`)}`,
      ...forTerminal(detail)
        .split("\n")
        .map((line) => `${indent}${line}`),
      `${indent}${paint.dim(`inside "${forTerminal(fullNameOf(step))}"${iteration}`)}`,
    ];
  });
  return ["", paint.bold(`${" ".repeat(width)}#  failure  detail`), ...lines];
}

interface Problem {
  title: string;
  name?: string;
  detail: string;
  step: Step;
}

/** In the order in which the numbers beside the steps count them. */
function problemsOf(step: Step): Problem[] {
  const indexes = { prerequest: 0, test: 0 };
  const failed = step.assertions.flatMap(({ name, status, source, error }): Problem[] => {
    const index = indexes[source]++;
    if (status !== "failed") return [];
    const at = `at assertion:${index} in ${source}-script`;
    const detail = `${error?.message ?? ""}\n${at}${placeLines(error?.location, source)}`;
    return [{ title: error?.name ?? "AssertionError", name, detail, step }];
  });
  const errors = step.errors.map(({ name, message, code, phase, location }): Problem => {
    const known = code && !message.includes(code) ? ` (${code})` : "";
    return {
      title: name,
      detail: `${message}${known}\nat ${phase === "request" ? "request" : `${phase}-script${placeLines(location, phase)}`}`,
      step,
    };
  });
  return [...failed, ...errors];
}
