import type { RunSummary, Step } from "../../engine/types.ts";
import { formatTable } from "../client/table.ts";
import { responseTimes, type Reporter } from "./report.ts";
import { describeProblem, describeStep, formatMs, formatBytes, type Glyphs } from "./step-lines.ts";

/** Steps as they come, then a summary and all failures once more. */
export function createCliReporter(options: { print: (line: string) => void; glyphs: Glyphs }): Reporter {
  const { print, glyphs } = options;
  const steps: Step[] = [];
  let shownPath = "";

  const showStep = (step: Step) => {
    steps.push(step);
    const path = step.path.join(" / ");
    if (path !== shownPath) {
      shownPath = path;
      if (path) print(`\n${glyphs.folder} ${path}`);
    }
    print("");
    for (const line of describeStep(step, glyphs)) print(line);
  };
  return {
    event: (event) => {
      if (event.type === "run_started") print(event.collectionName);
      if (event.type === "step_finished") showStep(event.step);
      if (event.type === "run_finished") for (const line of summarize(event.summary, steps)) print(line);
    },
    end: () => Promise.resolve(),
  };
}

function summarize(summary: RunSummary, steps: Step[]): string[] {
  const times = responseTimes(steps);
  const table = formatTable([
    ["", "executed", "failed"],
    ["iterations", String(summary.iterations), ""],
    ["requests", String(summary.requestsTotal), String(summary.requestsFailed)],
    ["assertions", String(summary.assertionsTotal), String(summary.assertionsFailed)],
    ["errors", String(summary.errorsTotal), ""],
  ]);
  const figures = [
    `total run duration: ${formatMs(summary.durationMs)}`,
    `total data received: ${formatBytes(summary.responseBytesTotal)}`,
    `response time: average ${formatMs(times.average)}, min ${formatMs(times.min)}, max ${formatMs(times.max)}, s.d. ${formatMs(times.standardDeviation)}`,
  ];
  const problems = steps.flatMap(describeProblem).map((line, index) => `${index + 1}. ${line}`);
  const failures = problems.length > 0 ? ["", "Failures", "", ...problems] : [];
  const verdict = summary.detail ? `${summary.outcome}: ${summary.detail}` : summary.outcome;
  return ["", table, "", ...figures, ...failures, "", verdict];
}
