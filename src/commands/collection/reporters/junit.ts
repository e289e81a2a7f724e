import type { Step } from "../../../engine/types.ts";
import { fullNameOf } from "./figures.ts";
import type { Findings, RunFacts } from "./reporter.ts";
import { attributes, cdata, escapeXml } from "./xml.ts";

/**
 * JUnit's XML: a test suite per request, a test case per assertion, all iterations together. What went wrong outside
 * of assertions is a test case with an error, so that no reader takes the request for passed.
 */
export function toJunitReport(facts: RunFacts, { steps, summary }: Findings): string {
  const suites = groupByItem(steps).map((group) => toSuite(group, facts));
  if (suites.length === 0 && summary && summary.outcome !== "passed")
    suites.push(brokenRun(facts, summary.detail ?? summary.outcome));
  const sum = (pick: (suite: Suite) => number) => suites.reduce((total, suite) => total + pick(suite), 0);
  const root = attributes({
    name: facts.collectionName,
    tests: sum(({ cases }) => cases.length),
    failures: sum(({ failures }) => failures),
    errors: sum(({ errors }) => errors),
    time: seconds(sum(({ timeMs }) => timeMs)),
  });
  const lines = [`<?xml version="1.0" encoding="UTF-8"?>`, `<testsuites${root}>`, ...suites.flatMap(toLines)];
  return [...lines, "</testsuites>"].join("\n");
}

interface Case {
  name: string;
  timeMs: number;
  /** Lines of XML inside. */
  content: string[];
}

interface Suite {
  attributes: Record<string, string | number>;
  cases: Case[];
  failures: number;
  errors: number;
  skipped: number;
  timeMs: number;
  output: string;
}

/** Steps of the same request, in the order in which requests first ran. */
function groupByItem(steps: Step[]): [Step, ...Step[]][] {
  const groups = new Map<string, [Step, ...Step[]]>();
  for (const step of steps) {
    const group = groups.get(step.itemId);
    if (group) group.push(step);
    else groups.set(step.itemId, [step]);
  }
  return [...groups.values()];
}

function toSuite(steps: [Step, ...Step[]], facts: RunFacts): Suite {
  const [first] = steps;
  const times = steps.map((step) => step.timings?.totalMs ?? 0);
  const timeMs = times.reduce((sum, time) => sum + time, 0);
  const assertions = toAssertionCases(steps, facts);
  const errors = toErrorCases(steps, facts);
  return {
    attributes: {
      name: fullNameOf(first),
      id: first.itemId,
      timestamp: facts.startedAt.toISOString().slice(0, 19),
      hostname: "localhost",
      package: facts.collectionName,
    },
    cases: [...assertions.cases, ...errors],
    failures: assertions.failures,
    errors: errors.length,
    skipped: assertions.skipped,
    timeMs,
    output: steps.flatMap(consoleLines).join("\n"),
  };
}

function toAssertionCases(steps: Step[], facts: RunFacts) {
  const byName = new Map<string, { messages: string[]; isSkipped: boolean; timeMs: number }>();
  for (const step of steps) {
    for (const { name, status, error } of step.assertions) {
      const found = byName.get(name) ?? { messages: [], isSkipped: true, timeMs: 0 };
      found.timeMs = step.timings?.totalMs ?? 0;
      if (status !== "skipped") found.isSkipped = false;
      if (status === "failed") found.messages.push(error?.message ?? "failed");
      byName.set(name, found);
    }
  }
  const cases = [...byName].map(([name, { messages, isSkipped, timeMs }]) => ({
    name,
    timeMs,
    content: isSkipped ? ["<skipped/>"] : toFailure(name, messages, steps, facts),
  }));
  const results = [...byName.values()];
  return {
    cases,
    failures: results.filter(({ messages }) => messages.length > 0).length,
    skipped: results.filter(({ isSkipped }) => isSkipped).length,
  };
}

function toFailure(name: string, messages: string[], [step]: Step[], facts: RunFacts): string[] {
  const [message] = messages;
  if (message === undefined || !step) return [];
  const lines = [
    `Failed ${messages.length} ${messages.length === 1 ? "time" : "times"}.`,
    ...(facts.collectionId ? [`Collection JSON ID: ${facts.collectionId}.`] : []),
    `Collection name: ${facts.collectionName}.`,
    `Request name: ${fullNameOf(step)}.`,
    `Test description: ${name}.`,
    ...[...new Set(messages)].map((text) => `Error message: ${text}.`),
  ];
  const open = `<failure${attributes({ type: "AssertionFailure", message })}>`;
  return [open, ...lines.map(cdata), "</failure>"];
}

function toErrorCases(steps: Step[], { iterationCount }: RunFacts): Case[] {
  return steps.flatMap((step) =>
    step.errors.map(({ phase, name, message }) => ({
      name: `${phase === "request" ? "request" : `${phase}-script`}${iterationCount > 1 ? `, iteration ${step.iteration + 1}` : ""}`,
      timeMs: step.timings?.totalMs ?? 0,
      content: [`<error${attributes({ type: name, message })}>${cdata(`${name}: ${message}`)}</error>`],
    })),
  );
}

/** A run that ended before its first request must not look like one without tests. */
const brokenRun = ({ collectionName }: RunFacts, detail: string): Suite => ({
  attributes: { name: collectionName },
  cases: [
    { name: "run", timeMs: 0, content: [`<error${attributes({ type: "RunError", message: detail })}/>`] },
  ],
  failures: 0,
  errors: 1,
  skipped: 0,
  timeMs: 0,
  output: "",
});

const consoleLines = (step: Step): string[] =>
  step.console.flatMap(({ level, messages }) =>
    level === "clear" ? [] : [`${level}: ${messages.join(" ")}`],
  );

function toLines({ attributes: own, cases, failures, errors, skipped, timeMs, output }: Suite): string[] {
  const figures = { tests: cases.length, failures, errors, skipped, time: seconds(timeMs) };
  return [
    `  <testsuite${attributes({ ...own, ...figures })}>`,
    ...cases.flatMap((one) => toCaseLines(one, String(own["name"]))),
    ...(output === "" ? [] : [`    <system-out>${escapeXml(output)}</system-out>`]),
    "  </testsuite>",
  ];
}

function toCaseLines({ name, timeMs, content }: Case, suite: string): string[] {
  const open = `    <testcase${attributes({ name, classname: suite, time: seconds(timeMs) })}`;
  if (content.length === 0) return [`${open}/>`];
  return [`${open}>`, ...content.map((line) => `      ${line}`), "    </testcase>"];
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
