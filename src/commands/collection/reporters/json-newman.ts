import type { Assertion, HeaderList, Step, StepError } from "../../../engine/types.ts";
import {
  countAssertions,
  countErrors,
  countRequests,
  countScripts,
  describeTimes,
  responseTimes,
} from "./figures.ts";
import type { Findings, RunFacts } from "./reporter.ts";

/** The report that newman writes, for programs that read it. */
export function toNewmanReport(facts: RunFacts, findings: Findings): object {
  const { steps, summary } = findings;
  return {
    collection: facts.collection,
    environment: { values: [], ...facts.environment, _postman_variable_scope: "environment" },
    globals: { values: [], ...facts.globals, _postman_variable_scope: "globals" },
    run: {
      stats: toStats(facts, findings),
      timings: toTimings(facts, findings),
      executions: steps.map((step) => toExecution(step, facts)),
      transfers: { responseTotal: summary?.responseBytesTotal ?? 0 },
      failures: steps.flatMap((step) => toFailures(step, facts)),
      error: null,
    },
  };
}

function toStats(facts: RunFacts, { steps, summary }: Findings) {
  const { prerequest, test } = countScripts(steps, facts);
  const assertions = countAssertions(steps);
  return {
    iterations: count(summary?.iterations ?? 0, 0),
    items: count(steps.length, 0),
    scripts: count(prerequest.executed + test.executed, prerequest.errors + test.errors),
    prerequests: count(steps.length, 0),
    requests: count(countRequests(steps), countErrors(steps, "request")),
    tests: count(steps.length, 0),
    assertions: { total: assertions.executed, pending: assertions.skipped, failed: assertions.failed },
    testScripts: count(test.executed, test.errors),
    prerequestScripts: count(prerequest.executed, prerequest.errors),
  };
}

const count = (total: number, failed: number) => ({ total, pending: 0, failed });

function toTimings({ startedAt }: RunFacts, { steps, summary }: Findings) {
  const answered = steps.flatMap((step) => (step.response && step.timings ? [step.timings] : []));
  return {
    ...named("response", responseTimes(steps)),
    ...named("dns", describeTimes(answered.map(({ dnsMs }) => dnsMs))),
    ...named("firstByte", describeTimes(answered.map(({ firstByteMs }) => firstByteMs))),
    started: startedAt.getTime(),
    completed: startedAt.getTime() + (summary?.durationMs ?? 0),
  };
}

const named = (name: string, times: ReturnType<typeof describeTimes>) => ({
  [`${name}Average`]: times.average,
  [`${name}Min`]: times.min,
  [`${name}Max`]: times.max,
  [`${name}Sd`]: times.standardDeviation,
});

const cursorOf = (step: Step, { iterationCount, planned }: RunFacts) => ({
  position: planned.get(step.itemId)?.position ?? step.position - 1,
  length: planned.size,
  iteration: step.iteration,
  cycles: iterationCount,
});

function toExecution(step: Step, facts: RunFacts) {
  const error = step.errors.find(({ phase }) => phase === "request");
  const scriptErrors = (phase: "prerequest" | "test") =>
    step.errors.filter((one) => one.phase === phase).map((one) => ({ error: toError(one) }));
  return {
    cursor: cursorOf(step, facts),
    item: { id: step.itemId, name: step.name },
    ...(step.request && { request: toRequest(step.request) }),
    ...(step.response && { response: toResponse(step) }),
    id: step.itemId,
    assertions: step.assertions.map((assertion, index) => ({
      assertion: assertion.name,
      skipped: assertion.status === "skipped",
      ...(assertion.error && { error: toAssertionError(assertion, index) }),
    })),
    ...(error && { requestError: toError(error) }),
    ...nonEmpty("prerequestScript", scriptErrors("prerequest")),
    ...nonEmpty("testScript", scriptErrors("test")),
  };
}

const nonEmpty = <T>(name: string, list: T[]) => (list.length > 0 ? { [name]: list } : {});

const toRequest = ({ method, url, headers, body }: NonNullable<Step["request"]>) => ({
  method,
  url: toUrl(url),
  header: toHeaders(headers),
  ...(body?.text !== undefined && { body: { mode: "raw", raw: body.text } }),
});

function toUrl(text: string) {
  if (!URL.canParse(text)) return { raw: text };
  const { protocol, hostname, port, pathname, searchParams } = new URL(text);
  return {
    protocol: protocol.replace(/:$/, ""),
    ...(port && { port }),
    path: pathname.split("/").slice(1),
    host: hostname.split("."),
    query: [...searchParams].map(([key, value]) => ({ key, value })),
    variable: [],
  };
}

const toResponse = ({ response, timings }: Step) =>
  response && {
    status: response.status,
    code: response.code,
    header: toHeaders(response.headers),
    // As Node writes a buffer: that is what readers of these reports unpack.
    ...(response.body.text !== undefined && { stream: Buffer.from(response.body.text).toJSON() }),
    cookie: [],
    responseTime: Math.round(timings?.totalMs ?? 0),
    responseSize: response.body.bytes,
  };

const toHeaders = (headers: HeaderList) => headers.map(([key, value]) => ({ key, value }));

const toError = ({ name, message, code }: StepError) => ({ name, message, ...(code && { code }) });

const toAssertionError = ({ name, error }: Assertion, index: number) => ({
  name: error?.name ?? "AssertionError",
  index,
  test: name,
  message: error?.message ?? "",
});

function toFailures(step: Step, facts: RunFacts) {
  const at = (place: string) => ({
    at: place,
    source: { id: step.itemId, name: step.name },
    parent: { name: step.path.at(-1) ?? facts.collectionName },
    cursor: cursorOf(step, facts),
  });
  const assertions = step.assertions.flatMap((assertion, index) =>
    assertion.status === "failed"
      ? [
          {
            error: toAssertionError(assertion, index),
            ...at(`assertion:${index} in ${scriptOf(assertion.source)}`),
          },
        ]
      : [],
  );
  const errors = step.errors.map((error) => ({
    error: toError(error),
    ...at(error.phase === "request" ? "request" : scriptOf(error.phase)),
  }));
  return [...errors, ...assertions];
}

const scriptOf = (phase: "prerequest" | "test"): string => `${phase}-script`;
