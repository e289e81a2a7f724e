import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import type { RunSummary, Step } from "../../engine/types.ts";
import { countAssertions, responseTimes, type Reporter } from "./report.ts";

export interface JsonReportOptions {
  collectionId: string;
  startedAt: Date;
  /** Where the report goes. */
  write: (report: string) => Promise<void>;
}

/** The report of Postman's own program, with the outcome added. */
export function createJsonReporter(options: JsonReportOptions): Reporter {
  const steps: Step[] = [];
  let collectionName = "";
  let summary: RunSummary | undefined;
  return {
    event: (event) => {
      if (event.type === "run_started") collectionName = event.collectionName;
      if (event.type === "step_finished") steps.push(event.step);
      if (event.type === "run_finished") summary = event.summary;
    },
    end: () =>
      options.write(JSON.stringify(toReport({ ...options, collectionName, steps, summary }), null, 2)),
  };
}

/** Writes a report and the folders around it. */
export async function writeReport(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${text}\n`);
}

interface Findings {
  collectionId: string;
  collectionName: string;
  startedAt: Date;
  steps: Step[];
  summary: RunSummary | undefined;
}

function toReport({ collectionId, collectionName, startedAt, steps, summary }: Findings) {
  const times = responseTimes(steps);
  const errorsIn = (phase: string) =>
    steps.flatMap((step) => step.errors).filter((error) => error.phase === phase).length;
  return {
    run: {
      meta: {
        collectionId,
        collectionName,
        started: startedAt.getTime(),
        duration: summary?.durationMs ?? 0,
      },
      summary: {
        iterations: { executed: summary?.iterations ?? 0, errors: 0 },
        executedRequests: { executed: summary?.requestsTotal ?? 0, errors: errorsIn("request") },
        prerequestScripts: { errors: errorsIn("prerequest") },
        postresponseScripts: { errors: errorsIn("test") },
        tests: countAssertions(steps),
        timeStats: {
          responseAverage: times.average,
          responseMin: times.min,
          responseMax: times.max,
          responseStandardDeviation: times.standardDeviation,
        },
      },
      executions: steps.map(toExecution),
      runError: summary?.detail ?? null,
      outcome: summary?.outcome,
      reason: summary?.reason,
    },
  };
}

const toExecution = (step: Step) => ({
  iterationCount: step.iteration + 1,
  requestExecuted: { id: step.itemId, name: step.name, path: step.path, ...step.request },
  response: step.response && {
    code: step.response.code,
    status: step.response.status,
    headers: step.response.headers,
    body: step.response.body.text,
    responseSize: step.response.body.bytes,
    responseTime: step.timings?.totalMs,
  },
  tests: step.assertions.map(({ name, status, error }) => ({ name, status, ...(error && { error }) })),
  errors: step.errors,
});
