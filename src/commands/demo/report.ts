/** One request of the first run, as far as it is printed. */
export interface StepLine {
  name: string;
  /** HTTP status; absent when there was no answer. */
  status?: number;
  ms?: number;
  assertions: { name: string; passed: boolean; message?: string }[];
  errors: string[];
}

export interface RunReport {
  monitorName: string;
  runnerName: string;
  outcome: string;
  steps: StepLine[];
}

/** The first run as a person reads it: one line per request, and below it whatever went wrong. */
export function formatRun({ monitorName, runnerName, outcome, steps }: RunReport): string[] {
  const width = Math.max(0, ...steps.map(({ name }) => name.length));
  return [
    `First run of "${monitorName}" on "${runnerName}": ${outcome}`,
    "",
    ...steps.flatMap((step) => formatStep(step, width)),
  ];
}

function formatStep({ name, status, ms, assertions, errors }: StepLine, width: number): string[] {
  const failed = assertions.filter(({ passed }) => !passed);
  const mark = failed.length + errors.length === 0 ? "✓" : "✗";
  const answer =
    status === undefined ? "no answer" : `${status} ${String(Math.round(ms ?? 0)).padStart(5)} ms`;
  const count = `${assertions.length - failed.length} of ${assertions.length} assertions`;
  return [
    `  ${mark} ${name.padEnd(width)}  ${answer}  ${count}`,
    ...failed.map((assertion) => `      ✗ ${assertion.name}: ${assertion.message ?? "failed"}`),
    ...errors.map((error) => `      ✗ ${error}`),
  ];
}
