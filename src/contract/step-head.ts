import type { Step } from "./events.ts";

/** `errored`: an error that is not the target's leaves open whether the API is well. */
export type StepStatus = "passed" | "failed" | "errored" | "skipped";

/** What a step tells at a glance, without what was sent, received and printed. */
export interface StepHead {
  position: number;
  /** 0-based. */
  iteration: number;
  name: string;
  path: string[];
  status: StepStatus;
  /** ms since the start of the run. */
  startedMs: number;
  durationMs: number;
  timings?: Step["timings"];
  method?: string | undefined;
  /** Of the response. */
  code?: number | undefined;
  /** Of the response's body. */
  bytes?: number | undefined;
  assertions: { passed: number; failed: number; skipped: number };
  /** Lines of each level that were printed; levels without a line are left out. */
  lines: Partial<Record<ConsoleLevel, number>>;
  /** Characters of everything that a page would show of the step: how heavy it is to read. */
  weight: number;
}

export type ConsoleLevel = Exclude<Step["console"][number]["level"], "clear">;

/** How one step went. */
export function stepStatus(step: Pick<Step, "errors" | "assertions" | "skipped">): StepStatus {
  if (step.errors.some(({ kind }) => kind !== "target")) return "errored";
  if (step.errors.length > 0 || step.assertions.some(({ status }) => status === "failed")) return "failed";
  return step.skipped ? "skipped" : "passed";
}

/** The head of a step. */
export function headOf(step: Step): StepHead {
  const { position, iteration, name, path, startedMs, durationMs, timings, request, response } = step;
  return {
    position,
    iteration,
    name,
    path,
    status: stepStatus(step),
    startedMs,
    durationMs,
    ...(timings && { timings }),
    ...(request && { method: request.method }),
    ...(response && { code: response.code, bytes: response.body.bytes }),
    assertions: countAssertions(step),
    lines: countLines(step),
    weight: weightOf(step),
  };
}

function countAssertions({ assertions }: Step): StepHead["assertions"] {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { status } of assertions) counts[status]++;
  return counts;
}

function countLines(step: Step): StepHead["lines"] {
  const counts: StepHead["lines"] = {};
  for (const { level } of step.console) if (level !== "clear") counts[level] = (counts[level] ?? 0) + 1;
  return counts;
}

const sum = <T>(items: readonly T[], charsOf: (item: T) => number): number =>
  items.reduce((total, item) => total + charsOf(item), 0);

const headerChars = (headers: readonly [string, string][]): number =>
  sum(headers, ([name, value]) => name.length + value.length);

function weightOf({ request, response, console, assertions, errors }: Step): number {
  return (
    (request ? request.url.length + headerChars(request.headers) + (request.body?.text?.length ?? 0) : 0) +
    (response ? headerChars(response.headers) + (response.body.text?.length ?? 0) : 0) +
    sum(console, ({ messages }) => sum(messages, (message) => message.length)) +
    sum(assertions, ({ name, error }) => name.length + (error?.message.length ?? 0)) +
    sum(errors, ({ message }) => message.length)
  );
}
