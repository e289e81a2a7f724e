import type { Step, StepError } from "../../../engine/types.ts";
import { failuresTable, summaryTable } from "./cli-summary.ts";
import { verboseLines } from "./cli-verbose.ts";
import { formatBytes, formatMs, forTerminal } from "./format.ts";
import type { Glyphs, Paint } from "./paint.ts";
import type { Reporter, RunFacts } from "./reporter.ts";

export interface CliOptions {
  print: (line: string) => void;
  glyphs: Glyphs;
  paint: Paint;
  isVerbose: boolean;
  noSummary: boolean;
  noFailures: boolean;
  noAssertions: boolean;
  noSuccessAssertions: boolean;
  noConsole: boolean;
  noBanner: boolean;
  /** The time of day before each request; undefined = not shown. */
  timeOfDay: (() => string) | undefined;
  /** Shows what is going on until the next line is printed; undefined = not on a terminal. */
  progress: { show: (text: string) => void; clear: () => void } | undefined;
}

/** Folders, requests and assertions as they come, then a summary and all failures once more. */
export function createCliReporter(facts: RunFacts, options: CliOptions): Reporter {
  const { print, glyphs, paint, progress } = options;
  const steps: Step[] = [];
  let problemCount = 0;
  const shown = { path: "", iteration: -1 };
  let planned = 0;

  const showPlace = ({ path, iteration, name }: Step) => {
    if (iteration !== shown.iteration) {
      shown.iteration = iteration;
      shown.path = "";
      if (facts.iterationCount > 1)
        print(`\n${paint.dim(`Iteration ${iteration + 1}/${facts.iterationCount}`)}`);
    }
    const folder = path.join(" / ");
    const isNewFolder = folder !== shown.path && folder !== "";
    if (isNewFolder) print(`\n${glyphs.folder} ${paint.bold(forTerminal(folder))}`);
    shown.path = folder;
    print(`${isNewFolder ? "" : "\n"}${folder ? glyphs.sub : glyphs.root} ${forTerminal(name)}`);
  };
  const showStep = (step: Step) => {
    steps.push(step);
    progress?.clear();
    showPlace(step);
    for (const line of describeStep(step, options, problemCount)) print(line);
    problemCount += problemsIn(step);
  };
  return {
    event: (event) => {
      if (event.type === "run_started") {
        planned = event.stepsPlanned;
        if (!options.noBanner) print(paint.bold(forTerminal(event.collectionName)));
      }
      if (event.type === "step_started")
        progress?.show(`${event.position}/${Math.max(planned, event.position)} ${forTerminal(event.name)}`);
      if (event.type === "step_finished") showStep(event.step);
      if (event.type === "run_finished") {
        progress?.clear();
        const { summary } = event;
        if (!options.noSummary)
          for (const line of summaryTable(facts, { steps, summary }, options)) print(line);
        if (!options.noFailures) for (const line of failuresTable(facts, steps, options)) print(line);
        const verdict = summary.detail
          ? `${summary.outcome}: ${forTerminal(summary.detail)}`
          : summary.outcome;
        print(`\n${summary.outcome === "passed" ? paint.green(verdict) : paint.red(verdict)}`);
      }
    },
    end: () => Promise.resolve(),
  };
}

/**
 * One step for a terminal: what was asked, what came back, and what was checked. Failures carry the number under which
 * the list at the end explains them; `before` of them have been shown already.
 */
function describeStep(step: Step, options: CliOptions, before: number): string[] {
  const { paint, glyphs } = options;
  const failed = step.assertions.filter(({ status }) => status === "failed").length;
  return [
    ...requestLines(step, options),
    ...(options.isVerbose ? verboseLines(step, options) : []),
    ...(options.noConsole ? [] : consoleLines(step, options)),
    ...(options.noAssertions ? [] : assertionLines(step, options, before)),
    ...step.errors.map((error, index) => {
      const text = `${glyphs.failed} ${before + failed + index + 1}. ${forTerminal(errorText(error))}`;
      return `  ${paint.red(text)}`;
    }),
  ];
}

/** With the code of the operating system, unless the message has it. */
export const errorText = ({ name, message, code }: StepError): string =>
  `${name}: ${message}${code && !message.includes(code) ? ` (${code})` : ""}`;

function requestLines(step: Step, { paint, timeOfDay }: CliOptions): string[] {
  const { request, response, timings, skipped } = step;
  if (skipped) return [`  ${paint.dim("skipped by its script")}`];
  if (!request) return [];
  const time = timeOfDay ? paint.dim(`[${timeOfDay()}] `) : "";
  const answer = response
    ? paint.dim(
        `[${response.code} ${forTerminal(response.status)}, ${formatBytes(response.wireBytes || response.body.bytes)}, ${formatMs(timings?.totalMs ?? 0)}]`,
      )
    : paint.red("[errored]");
  return [`  ${time}${paint.dim(`${request.method} ${forTerminal(request.url)}`)} ${answer}`];
}

function consoleLines(step: Step, { paint, glyphs }: CliOptions): string[] {
  const entries = step.console.filter(({ level }) => level !== "clear");
  if (entries.length === 0) return [];
  const colours = {
    error: paint.red,
    warn: paint.yellow,
    info: paint.cyan,
    log: paint.dim,
    debug: paint.dim,
  };
  const lines = entries.flatMap(({ level, messages }) => {
    if (level === "clear") return [];
    const label = level === "log" ? "" : `${level}: `;
    const text = forTerminal(`${label}${messages.join(" ")}`);
    return text.split("\n").map((line) => `  ${glyphs.boxSide} ${colours[level](line)}`);
  });
  const top = glyphs.boxTop ? [`  ${glyphs.boxTop}`] : [];
  const bottom = glyphs.boxBottom ? [`  ${glyphs.boxBottom}`] : [];
  return [...top, ...lines, ...bottom];
}

function assertionLines(
  step: Step,
  { paint, glyphs, noSuccessAssertions }: CliOptions,
  before: number,
): string[] {
  let number = before;
  return step.assertions.flatMap(({ name, status }) => {
    if (status === "failed") {
      number++;
      return [`  ${paint.red(`${glyphs.failed} ${number}. ${forTerminal(name)}`)}`];
    }
    if (noSuccessAssertions) return [];
    if (status === "skipped") return [`  ${paint.cyan(`- [skipped] ${forTerminal(name)}`)}`];
    return [`  ${paint.green(glyphs.passed)} ${forTerminal(name)}`];
  });
}

const problemsIn = ({ assertions, errors }: Step): number =>
  errors.length + assertions.filter(({ status }) => status === "failed").length;
