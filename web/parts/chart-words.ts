import type { MonitorView } from "./monitor-view.ts";

/** What the chart is about. */
export function chartHeading(
  { request }: MonitorView,
  requests: readonly { id: number; name: string }[],
): string {
  if (request === undefined) return "Response time";
  const name = requests.find(({ id }) => id === request)?.name;
  return name === undefined ? "Response time of a request" : `Response time of ${name}`;
}

/** What the lines are, because a number without its definition can only be believed. */
export function captionOf({ measure, request, perRunner }: MonitorView): string {
  if (request === undefined) return perRunner ? ofRunnersWhole[measure] : ofWhole[measure];
  return perRunner ? ofRunnersRequest[measure] : ofRequest[measure];
}

const formulasOfRun = {
  average: "Mean response time of all requests.",
  sum: "Response times of a run added up, as the mean of the runs.",
  minimum: "Fastest response of all requests.",
  maximum: "Slowest response of all requests.",
  phases: "What the requests of a run spent in each phase, as the mean of the runs.",
};
const ofWhole = {
  ...formulasOfRun,
  percentiles: "How long whole runs took: half, 95 % and 99 % of them took no longer.",
};
const ofRunnersWhole = {
  ...formulasOfRun,
  percentiles: "How long whole runs took: 95 % of them took no longer (p95).",
};
const formulasOfRequest = {
  average: "Mean response time of this request.",
  sum: "Response times of this request in a run added up, as the mean of the runs.",
  minimum: "Fastest response of this request.",
  maximum: "Slowest response of this request.",
  phases: "What this request spent in each phase in a run, as the mean of the runs.",
};
const ofRequest = {
  ...formulasOfRequest,
  percentiles: "Responses of this request: half, 95 % and 99 % of them took no longer.",
};
const ofRunnersRequest = {
  ...formulasOfRequest,
  percentiles: "Responses of this request: 95 % of them took no longer (p95).",
};
