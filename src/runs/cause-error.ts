import type { Step } from "../contract/events.ts";
import type { Cause } from "./cause.ts";

type StepError = Step["errors"][number];

/** The likely cause behind an error of a step: by its kind, and for the target by the code of the system or of TLS. */
export function causeByError(error: StepError, step: Step): Cause {
  const place = hostOf(step.request?.url);
  const explain = error.kind === "target" ? targetExplanation(error.code) : byKind[error.kind];
  if (explain) return explain(place, error, step);
  return {
    side: "unknown",
    sentence: `"${step.name}" ended with an error: ${error.message}`,
    whatToDo: "The runner is newer than this server and reports a kind of error that it does not know.",
  };
}

/** `host:port` as the request named it; the text itself when it is no address. */
function hostOf(url: string | undefined): string {
  if (url === undefined) return "the API";
  return URL.parse(url)?.host || url.slice(0, 100) || "the API";
}

type Explain = (host: string, error: StepError, step: Step) => Cause;

const targetExplanation = (code: string | undefined): Explain => {
  const known = code === undefined ? undefined : byCode[code];
  if (known) return known;
  return code !== undefined && /CERT|TLS|SSL|VERIFY|ISSUER|SELF_SIGNED|ALTNAME/.test(code)
    ? badCertificate
    : noAnswer;
};

const noAnswer: Explain = (host, error) => ({
  side: "target",
  sentence: `${host} did not answer properly: ${error.message}`,
  whatToDo: "Check that the API runs and that nothing in front of it breaks the connection.",
});

const badCertificate: Explain = (host, error) => ({
  side: "target",
  sentence: `The secure connection to ${host} was refused: ${error.message}`,
  whatToDo: "Check the certificate and the TLS settings of the API.",
});

const untrusted: Explain = (host) => ({
  side: "unknown",
  sentence: `The runner does not trust the certificate of ${host}.`,
  whatToDo:
    "Either the API serves a wrong or incomplete chain, or the runner lacks your CA: start it with --ssl-extra-ca-certs.",
});

const noRoute: Explain = (host) => ({
  side: "runner",
  sentence: `There is no way through the network from the runner to ${host}.`,
  whatToDo: "Check routes and firewalls between the runner's network and the API.",
});

const closed: Explain = (host) => ({
  side: "target",
  sentence: `${host} closed the connection before it had answered.`,
  whatToDo: "Look at the log of the API, and of what stands in front of it, at that time.",
});

const late: Explain = (host, error) => ({
  side: "target",
  sentence: `${host} did not answer in time: ${error.message}`,
  whatToDo: "The API is too slow or hangs. Look at its load, and at what it waits for.",
});

/** By the code of the operating system or of TLS, as Node names them. */
const byCode: Record<string, Explain> = {
  ECONNREFUSED: (host) => ({
    side: "target",
    sentence: `Nothing listens on ${host}: the connection was refused.`,
    whatToDo: "Check that the API runs, and that its port is the one of the request.",
  }),
  ECONNRESET: closed,
  EPIPE: closed,
  ETIMEDOUT: late,
  ESOCKETTIMEDOUT: late,
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  EADDRNOTAVAIL: noRoute,
  CERT_HAS_EXPIRED: (host) => ({
    side: "target",
    sentence: `The certificate of ${host} has expired.`,
    whatToDo: "Renew the certificate of the API.",
  }),
  CERT_NOT_YET_VALID: (host) => ({
    side: "unknown",
    sentence: `The certificate of ${host} is not valid yet.`,
    whatToDo: "Check when it begins, and the clock of the runner's machine.",
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => ({
    side: "target",
    sentence: `The certificate of ${host} is for another name.`,
    whatToDo:
      "The API, or what stands in front of it, serves the wrong certificate, or the address is wrong.",
  }),
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
};

const scripts = { prerequest: "pre-request script", request: "request", test: "test script" } as const;

/** By kind; `target` is divided further by its code. */
const byKind: Record<string, Explain> = {
  dns: (host, error) => ({
    side: "runner",
    sentence: `The runner could not find the address of ${host} (${error.code ?? error.message}).`,
    whatToDo:
      "Check the name in the request, and that the runner's name server knows it. The API itself was not asked.",
  }),
  proxy: (host, error) => ({
    side: "runner",
    sentence: `The runner's proxy did not let the request through to ${host}: ${error.message}`,
    whatToDo: "Check the proxy and its credentials. The API itself was not asked.",
  }),
  egress_denied: (host, error) => ({
    side: "policy",
    sentence: `A rule did not let the request leave for ${host}: ${error.message}`,
    whatToDo:
      "If the request is meant to be allowed, change the rule or the answer of the authorization service.",
  }),
  request: (_, error, step) => ({
    side: "script",
    sentence: `The request "${step.name}" could not be built: ${error.message}`,
    whatToDo: "Look for a variable without a value in the collection and in the environment.",
  }),
  too_large: (host, error) => ({
    side: "policy",
    sentence: `The answer of ${host} is larger than what a runner reads: ${error.message}`,
    whatToDo: "Ask the API for less, for example by paging.",
  }),
  script: (_, error, step) => ({
    side: "script",
    sentence: `The ${scripts[error.phase]} of "${step.name}" threw ${error.name}: ${error.message}`,
    whatToDo: "The script broke outside of a test. Correct it; the API may be fine.",
  }),
  script_timeout: (_, error, step) => ({
    side: "script",
    sentence: `The ${scripts[error.phase]} of "${step.name}" took longer than its limit.`,
    whatToDo: "Look for a loop or for a wait that never ends. The API may be fine.",
  }),
  script_memory: (_, error, step) => ({
    side: "script",
    sentence: `The ${scripts[error.phase]} of "${step.name}" used more memory than it may.`,
    whatToDo: "Look for data that the script collects without an end. The API may be fine.",
  }),
};
