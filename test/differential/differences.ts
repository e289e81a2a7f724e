import type { Observation, ObservedStep } from "./observation.ts";
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

const eachStep =
  (change: (step: ObservedStep) => ObservedStep) =>
  (observation: Observation): Observation => ({ ...observation, steps: observation.steps.map(change) });

const oneOf = (...ids: string[]) => {
  const known = new Set(ids);
  return (id: string) => known.has(id);
};

/** For cases that end in another way altogether: that they run is all that is asked of them. */
const nothing = (): Observation => ({
  requests: [],
  steps: [],
  variables: { environment: [], globals: [], collection: [] },
});

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
  {
    id: "unsendable-url",
    reason: "What is wrong with a URL is said in a sentence before a resolver or a socket stumbles over it.",
    applies: oneOf(
      "url as text: no such protocol",
      "url as text: empty",
      "url as text: space in the host",
      "url as text: port too large",
      "url as text: port is a word",
      "request: url missing",
      "request: url null",
    ),
    normalise: eachStep((step) => (step.requestError ? { ...step, requestError: "not sent" } : step)),
  },
  {
    id: "raw-url",
    reason: "A URL of which only `raw` is left is meant; newman takes it for empty.",
    applies: oneOf("url parts: raw alone"),
    normalise: nothing,
  },
  {
    id: "unknown-auth",
    reason: "A request is not sent without the authorization that it asks for.",
    applies: oneOf("auth: unknown type"),
    normalise: nothing,
  },
  {
    id: "request-proxy",
    reason: "Which proxy a runner uses is decided by who runs it, never by a collection.",
    applies: oneOf("request: its own proxy"),
    normalise: nothing,
  },
  {
    id: "location-utf8",
    reason: "A Location in UTF-8 leads to where the server meant; newman encodes its bytes twice.",
    applies: oneOf("redirect to: beyond ASCII"),
    normalise: eachRequest((request) => ({ ...request, target: "…" })),
  },
  {
    id: "deprecation",
    reason: "Postman's advice to leave its first script API would fill the console of every step.",
    normalise: eachStep((step) => ({
      ...step,
      console: step.console.filter(({ messages }) => !/^Using ".*" is deprecated/.test(messages[0] ?? "")),
    })),
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
