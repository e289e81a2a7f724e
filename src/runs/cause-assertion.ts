import type { Step } from "../contract/events.ts";
import type { Cause } from "./cause.ts";

type Assertion = Step["assertions"][number];
type Response = NonNullable<Step["response"]>;

/** The likely cause behind a failed assertion: what the API answered tells more than what the test expected. */
export function causeByAssertion(assertion: Assertion, step: Step): Cause {
  const { response } = step;
  const broken = brokenTest(assertion, step);
  if (broken) return broken;
  if (!response) return withoutAnswer(assertion, step);
  return byCode(response, step) ?? byTime(assertion, step) ?? otherContent(assertion, step);
}

/** An error in the code of the test, not a comparison that failed. */
const codeErrors = new Set(["TypeError", "ReferenceError", "RangeError", "SyntaxError"]);

function brokenTest({ name, error, source }: Assertion, step: Step): Cause | undefined {
  if (error === undefined || !codeErrors.has(error.name)) return undefined;
  const what = `The test "${name}" of "${step.name}" broke with ${error.name}: ${error.message}`;
  // What a name stands for does not depend on the answer; what it holds may.
  const isOfScript = error.name === "ReferenceError" || source === "prerequest" || !step.response;
  if (isOfScript)
    return { side: "script", sentence: what, whatToDo: "Correct the script; the API may be fine." };
  if (step.response && step.response.code >= 400) return undefined;
  return {
    side: "unknown",
    sentence: what,
    whatToDo: "Either the answer lacks what the test reads, or the test is wrong: look at the body.",
  };
}

const withoutAnswer = (assertion: Assertion, step: Step): Cause => ({
  side: "script",
  sentence: `"${assertion.name}" failed in "${step.name}", which got no answer: ${messageOf(assertion)}`,
  whatToDo: "Look at the pre-request script and at the variables that it reads.",
});

const messageOf = ({ error }: Assertion): string => error?.message ?? "the script gave no reason";

const gatewayCodes = new Set([502, 503, 504]);

/** Answers whose code says by itself what is wrong. Undefined for those that were probably what the API meant. */
function byCode({ code, status }: Response, { name }: Step): Cause | undefined {
  const answer = `${code} ${status}`.trim();
  if (gatewayCodes.has(code)) {
    return {
      side: "target",
      sentence: `"${name}" was answered with ${answer}: what stands in front of the API could not reach it, or it is overloaded.`,
      whatToDo: "Check that the API runs behind its gateway, and its load.",
    };
  }
  if (code >= 500) {
    return {
      side: "target",
      sentence: `"${name}" was answered with ${answer}: the API met an error of its own.`,
      whatToDo: "Look at the log of the API at that time; the body of the answer may name the error.",
    };
  }
  return code >= 400 ? byClientCode(code, answer, name) : undefined;
}

function byClientCode(code: number, answer: string, name: string): Cause | undefined {
  if (code === 401 || code === 403) {
    return {
      side: "unknown",
      sentence: `"${name}" was answered with ${answer}: the API refused the credentials.`,
      whatToDo: "Either they have expired in the environment, or the API has changed who may do this.",
    };
  }
  if (code === 404 || code === 410) {
    return {
      side: "unknown",
      sentence: `"${name}" was answered with ${answer}: the API does not know this address.`,
      whatToDo: "Either it is not deployed as before, or the address or an id in the request is wrong.",
    };
  }
  if (code === 407) {
    return {
      side: "runner",
      sentence: `"${name}" was answered with ${answer}: a proxy asks for credentials.`,
      whatToDo: "Check the credentials of the runner's proxy.",
    };
  }
  if (code === 429) {
    return {
      side: "target",
      sentence: `"${name}" was answered with ${answer}: the API refuses so many requests.`,
      whatToDo: "Raise the limit for this client, or run the monitor less often.",
    };
  }
  return undefined;
}

/** The number that a comparison began from: `expected 523 to be below 300`. */
const tooMuch = /^expected (\d+(?:\.\d+)?) to be (?:below|at most|less than)/;

function byTime({ error }: Assertion, step: Step): Cause | undefined {
  const measured = Number(tooMuch.exec(error?.message ?? "")?.[1]);
  const { timings } = step;
  if (timings === undefined || Math.abs(measured - timings.totalMs) > 1) return undefined;
  if (Number.isNaN(measured)) return undefined;
  return {
    side: "target",
    sentence: `"${step.name}" was answered, but too slowly: it took ${Math.round(measured)} ms.`,
    whatToDo: `${slowest(timings)} Compare with the runs before.`,
  };
}

const phases = [
  ["dnsMs", "Most of the time went into looking up the name."],
  ["connectMs", "Most of the time went into connecting: look at the network and at the load of the API."],
  ["tlsMs", "Most of the time went into the TLS handshake."],
  ["firstByteMs", "Most of the time the runner waited for the first byte: the API itself was slow."],
  ["downloadMs", "Most of the time went into reading the answer: it is large, or the network is slow."],
] as const;

function slowest(timings: NonNullable<Step["timings"]>): string {
  const [first] = phases.toSorted(([left], [right]) => timings[right] - timings[left]);
  return first && timings[first[0]] > timings.totalMs / 2
    ? first[1]
    : "No single phase took most of the time.";
}

function otherContent(assertion: Assertion, step: Step): Cause {
  const message = messageOf(assertion);
  return {
    side: "target",
    sentence:
      assertion.error?.name === "JSONError"
        ? `The answer to "${step.name}" is not the JSON that "${assertion.name}" reads: ${message}`
        : `The answer to "${step.name}" is not what "${assertion.name}" expects: ${message}`,
    whatToDo:
      "Compare the body with the last run that passed. If the API was meant to change, change the test.",
  };
}
