import type { Observation, ObservedStep } from "./observation.ts";
import type { WireRequest } from "./recorder.ts";

/** Something that is meant to differ from newman, and how it is taken out of the comparison. */
export interface Difference {
  id: string;
  reason: string;
  /** Only these cases; absent = all. */
  applies?: (caseId: string) => boolean;
  normalise: (observation: Observation) => Observation;
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

/** For cases in which one side sends what the other does not: everything else is compared. */
const whetherSent = (observation: Observation): Observation => ({
  ...observation,
  requests: [],
  steps: observation.steps.map(({ code: _code, requestError: _error, ...step }) => step),
});

/**
 * Every difference that is known; docs/differences.md explains them. A
 * test fails when one is not needed any more.
 */
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
    normalise: whetherSent,
  },
  {
    id: "request-proxy",
    reason: "Which proxy a runner uses is decided by who runs it, never by a collection.",
    applies: oneOf("request: its own proxy"),
    normalise: whetherSent,
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
  {
    id: "global-this",
    reason:
      "Scripts may name globalThis: it leads nowhere, and Postman hides it only to hide what we do not have.",
    applies: oneOf("pm: globalThis"),
    normalise: eachStep((step) => ({
      ...step,
      console: step.console.map(({ level }) => ({ level, messages: [] })),
    })),
  },
  {
    id: "async-test",
    reason: "A test whose promise rejects has failed; newman lets it pass and loses the error.",
    applies: oneOf("pm: async test"),
    normalise: eachStep((step) => ({
      ...step,
      // They stand in the order in which they end.
      assertions: step.assertions
        .filter(({ name }) => name !== "async fails")
        .toSorted((left, right) => (left.name < right.name ? -1 : 1)),
    })),
  },
  {
    id: "thrown-values",
    reason: "A thrown null is told as an error; Postman takes it for none.",
    applies: oneOf("error: null"),
    normalise: eachStep((step) => ({
      ...step,
      scriptErrors: step.scriptErrors.filter(({ message }) => message !== "null"),
    })),
  },
  {
    id: "browser-libraries",
    reason:
      "Backbone, and Node's modules that are empty shells in Postman, do not exist here: to miss one is an error.",
    applies: oneOf("legacy: Backbone", "library: unknown in a test"),
    normalise: eachStep((step) => ({
      ...step,
      console: [],
      assertions: step.assertions.map(({ name }) => ({ name, status: "…" })),
    })),
  },
  {
    id: "selection-order",
    reason: "Chosen folders run in the order in which they were chosen, as in the Postman CLI.",
    applies: oneOf("selection: two folders"),
    normalise: (observation) => ({
      ...observation,
      requests: observation.requests.toSorted((left, right) => (left.target < right.target ? -1 : 1)),
      steps: observation.steps.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
    }),
  },
  {
    id: "refusal-words",
    reason: "A run that cannot start says why in a sentence for people.",
    applies: oneOf("selection: unknown"),
    normalise: (observation) => (observation.refused ? { ...observation, refused: "…" } : observation),
  },
  {
    id: "disabled-variable",
    reason:
      "A variable that is switched off is not used; newman reads `enabled: false` as if it were not there.",
    applies: oneOf("variables: disabled ones"),
    normalise: ({ requests, steps, variables }) => ({
      requests: requests.map((request) => ({ ...request, target: "…" })),
      steps: steps.map((step) => ({ ...step, console: [] })),
      variables: { ...variables, environment: [] },
    }),
  },
  {
    id: "answer-not-http",
    reason: "Bun's parser names what is wrong with an answer in words instead of a code.",
    applies: oneOf("no answer: no HTTP"),
    normalise: eachStep((step) => (step.requestError ? { ...step, requestError: "not HTTP" } : step)),
  },
  {
    id: "values-in-messages",
    reason:
      "V8's messages name the value or the pattern that was wrong, or the member; JavaScriptCore's do not.",
    applies: oneOf("error: frozen in strict mode", "error: invalid regular expression", "error: repeat"),
    normalise: eachStep((step) => ({
      ...step,
      scriptErrors: step.scriptErrors.map(({ name, message }) => ({ name, message: withoutValues(message) })),
    })),
  },
  {
    id: "hawk-form",
    reason:
      "The hash of a form covers the type that goes out with it, as servers compute it; newman's does not.",
    applies: oneOf("signed: hawk with the hash of the payload"),
    normalise: eachRequest((request) => ({
      ...request,
      headers: request.headers.map(([name, value]) => [
        name,
        request.target.startsWith("/f") ? value.replaceAll(/ (hash|mac)="[^"]*"/g, ' $1="…"') : value,
      ]),
    })),
  },
  {
    id: "missing-file",
    reason: "A request whose file is missing is not sent: an API that gets half of it proves nothing.",
    applies: oneOf("file: a missing file", "file: binary, missing"),
    normalise: (observation) => ({
      ...observation,
      requests: observation.requests.filter(({ target }) => target !== "/upload"),
      steps: observation.steps.filter(({ name }) => name !== "Request"),
    }),
  },
  {
    id: "no-file",
    reason: "A field for which no file was chosen is sent empty without a word; newman warns of each.",
    applies: oneOf("file: no source", "file: binary, no source"),
    normalise: eachStep((step) => ({ ...step, console: [] })),
  },
  {
    id: "time-limit-words",
    reason: "What a limit stopped is said with the limit.",
    applies: oneOf("time: a script that waits too long"),
    normalise: eachStep((step) => ({
      ...step,
      scriptErrors: step.scriptErrors.map(({ name, message }) => ({
        name,
        message: /asynchronous script execution timeout|did not end within/.test(message)
          ? "too late"
          : message,
      })),
    })),
  },
];

const withoutValues = (message: string): string =>
  message
    .replace(/^(Invalid count value|Invalid regular expression).*$/, "$1")
    .replace(
      /^(?:Cannot add property .*|Cannot assign to .*|Assignment to constant variable\.)$/,
      "read-only",
    );

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
