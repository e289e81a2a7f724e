import type { Observation } from "./observation.ts";
import type { WireRequest } from "./recorder.ts";

type Side = "newman" | "ours";

/** Something that is meant to differ from newman, and how it is taken out of the comparison. */
export interface Difference {
  id: string;
  reason: string;
  /** Only these cases; absent = all. */
  applies?: (caseId: string) => boolean;
  normalise(observation: Observation, side: Side): Observation;
}

const eachRequest =
  (change: (request: WireRequest) => WireRequest) =>
  (observation: Observation): Observation => ({ ...observation, requests: observation.requests.map(change) });

const headerValue = (lowerName: string, replacement: string) =>
  eachRequest((request) => ({
    ...request,
    headers: request.headers.map(([name, value]) => [
      name,
      name.toLowerCase() === lowerName ? replacement : value,
    ]),
  }));

/** Every intended difference; docs/differences.md explains them. A test fails when one is not needed any more. */
export const differences: Difference[] = [
  {
    id: "user-agent",
    reason: "The program says its own name.",
    normalise: headerValue("user-agent", "…"),
  },
  {
    id: "postman-token",
    reason: "A random token, new for each request.",
    normalise: headerValue("postman-token", "…"),
  },
  {
    id: "multipart-boundary",
    reason: "A random boundary, and its length decides the length of the body.",
    normalise: eachRequest(withoutBoundary),
  },
];

function withoutBoundary(request: WireRequest): WireRequest {
  const type = request.headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  const boundary = /boundary=(\S+)/.exec(type)?.[1];
  if (boundary === undefined) return request;
  return {
    ...request,
    headers: request.headers.map(([name, value]) => [
      name,
      name.toLowerCase() === "content-length" ? "…" : value.replace(boundary, "…"),
    ]),
    body: request.body.replaceAll(boundary, "…"),
  };
}
