import type { HeaderList, Step } from "../../../engine/types.ts";
import { countAssertions, countErrors, countRequests, countScripts, responseTimes } from "./figures.ts";
import type { Findings, RunFacts } from "./reporter.ts";

/** The report of Postman's own program, with the outcome added. */
export function toJsonReport(facts: RunFacts, { steps, summary }: Findings): object {
  const times = responseTimes(steps);
  const scripts = countScripts(steps, facts);
  return {
    run: {
      meta: {
        collectionId: facts.collectionId,
        collectionName: facts.collectionName,
        started: facts.startedAt.getTime(),
        duration: summary?.durationMs ?? 0,
      },
      summary: {
        iterations: { executed: summary?.iterations ?? 0, errors: 0 },
        executedRequests: { executed: countRequests(steps), errors: countErrors(steps, "request") },
        prerequestScripts: scripts.prerequest,
        postresponseScripts: scripts.test,
        tests: countAssertions(steps),
        timeStats: {
          responseAverage: times.average,
          responseMin: times.min,
          responseMax: times.max,
          responseStandardDeviation: times.standardDeviation,
        },
      },
      executions: steps.map(toExecution),
      runError:
        summary?.outcome === "errored" || summary?.outcome === "aborted" ? (summary.detail ?? null) : null,
      outcome: summary?.outcome,
      reason: summary?.reason,
    },
  };
}

const toExecution = (step: Step) => ({
  iterationCount: step.iteration + 1,
  requestExecuted: {
    id: step.itemId,
    name: step.name,
    path: step.path,
    ...(step.request && {
      method: step.request.method,
      url: step.request.url,
      headers: toHeaders(step.request.headers),
      ...(step.request.body && { body: step.request.body }),
    }),
  },
  response: step.response
    ? {
        code: step.response.code,
        status: step.response.status,
        headers: toHeaders(step.response.headers),
        ...(step.response.body.text !== undefined && { body: step.response.body.text }),
        responseSize: step.response.body.bytes,
        responseTime: step.timings?.totalMs,
      }
    : null,
  tests: step.assertions.map(({ name, status, error }) => ({ name, status, ...(error && { error }) })),
  errors: step.errors,
});

const toHeaders = (headers: HeaderList) => headers.map(([key, value]) => ({ key, value }));
