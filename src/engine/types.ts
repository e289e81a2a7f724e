/**
 * What goes into the engine and what comes out of it. The engine knows no server and no database: a caller
 * gives it documents and limits, and reads numbered events.
 */

/** A Postman Collection v2.1 (or v2.0) document as parsed JSON; the engine reads it leniently and never changes it. */
export type CollectionDocument = Record<string, unknown>;

/** One variable of a Postman environment, globals or collection. */
export interface Variable {
  key: string;
  value: unknown;
  type?: string;
  enabled?: boolean;
  disabled?: boolean;
}

export interface RunOptions {
  /** One request, from connecting to the last body byte, in ms; 0 = no limit. */
  requestTimeoutMs: number;
  /** One script, timers and promises included, in ms; 0 = no limit. */
  scriptTimeoutMs: number;
  /** The whole run, in ms; 0 = no limit. Past it the run ends `aborted` with reason `run_timeout`. */
  runTimeoutMs: number;
  /** Pause between requests, in ms. */
  requestDelayMs: number;
  followRedirects: boolean;
  /** Verify server certificates. */
  strictSsl: boolean;
  /** Longest response body that is read, in bytes, after decompression; more ends the request with an error. */
  maxResponseBytes: number;
  /** Longest body text kept in an event, in bytes, request and response each. 0 keeps none. */
  maxKeptBodyBytes: number;
  /** Console output kept per step, in bytes; past it one entry says how much was dropped. */
  maxConsoleBytes: number;
  /** Iterations; defaults to the number of data rows, or 1. */
  iterationCount?: number;
  /** End the run: `folder` after the request that met an error, `failure` at once after an error or a failed assertion. */
  bail: "off" | "folder" | "failure";
  /** Names or ids of items to run, in this order; empty = all. */
  select: string[];
}

export const defaultRunOptions: RunOptions = {
  requestTimeoutMs: 0,
  scriptTimeoutMs: 0,
  runTimeoutMs: 0,
  requestDelayMs: 0,
  followRedirects: true,
  strictSsl: true,
  maxResponseBytes: 50 * 1024 * 1024,
  maxKeptBodyBytes: 64 * 1024,
  maxConsoleBytes: 256 * 1024,
  bail: "off",
  select: [],
};

/** A cookie jar as tough-cookie, and so newman, writes it (`CookieJar.toJSON()`); other members pass unread. */
export interface CookieJarDocument {
  cookies: Record<string, unknown>[];
}

export interface RunInput {
  collection: CollectionDocument;
  environment?: { id?: string; name?: string; values: Variable[] };
  globals?: { values: Variable[] };
  /** One object per iteration. */
  data?: Record<string, unknown>[];
  /** What the run's jar holds at its start: `--cookie-jar`. Cookies that cannot be read are left out. */
  cookieJar?: CookieJarDocument;
  options: RunOptions;
}

/** Final values of the variable scopes, for exporters and for the differential suite. */
export interface FinalVariables {
  environment: Variable[];
  globals: Variable[];
  collection: Variable[];
}

export interface Assertion {
  name: string;
  status: "passed" | "failed" | "skipped";
  /** Which script made it. */
  source: "prerequest" | "test";
  error?: { name: string; message: string; location?: ScriptLocation };
}

/** Where in the scripts of a collection something went wrong; see the contract's `scriptLocation`. */
export interface ScriptLocation {
  kind: "collection" | "folder" | "request";
  itemId?: string;
  name: string;
  line: number;
  text: string;
}

export interface ConsoleEntry {
  level: "log" | "info" | "warn" | "error" | "debug" | "clear";
  /** ms since the start of the step. */
  atMs: number;
  /** One text per argument, formatted as a person reads it (objects as JSON). */
  messages: string[];
}

/**
 * Why a step could not do its work. The kind decides whose fault it is:
 * `target` (no answer, reset, TLS refused, time-out: the API under test is down) makes the run fail;
 * every other kind means that we could not tell, and makes the run `errored`.
 */
export type StepErrorKind =
  | "target" // connection refused or reset, request time-out, bad TLS, malformed answer
  | "dns" // the name could not be resolved from where the runner stands
  | "proxy" // the proxy on the way refused or failed
  | "egress_denied" // the egress gate said no
  | "request" // the request could not be built: bad URL, missing file, unresolved body
  | "too_large" // a limit on sizes was exceeded
  | "script" // a script threw outside a test, or could not be parsed
  | "script_timeout" // a script was stopped by its time limit
  | "script_memory"; // a script was stopped by its memory limit

export interface StepError {
  kind: StepErrorKind;
  phase: "prerequest" | "request" | "test";
  /** Name and message as Postman's runtime shows them, e.g. `ReferenceError` / `x is not defined`. */
  name: string;
  message: string;
  /** Operating system or TLS code where there is one: `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
  code?: string;
  /** Of what a script threw; `phase` says which of its owner's scripts. */
  location?: ScriptLocation;
}

export type HeaderList = [name: string, value: string][];

export interface KeptBody {
  /** Size on the wire after decompression, in bytes. */
  bytes: number;
  /** What is kept of it; absent for binary content or when nothing is kept. */
  text?: string;
  truncated?: boolean;
}

/** The leaf certificate that a server showed; formats as in the contract's `certificate`. */
export interface Certificate {
  subject: string;
  issuer: string;
  validFrom: string;
  validTo: string;
  fingerprint256: string;
  names?: string[];
}

/** Fields of a JSON answer and their kinds, never a value; see the contract's `shape`. */
export interface Shape {
  hash: string;
  paths: string[];
  truncated?: boolean;
}

export interface StepRequest {
  method: string;
  url: string;
  headers: HeaderList;
  body?: KeptBody;
  /** Head and body as sent over HTTP/1.1, in bytes; absent when nothing was. */
  wireBytes?: number;
  /** Headers and body were left out, as the monitor asks. */
  omitted?: boolean;
}

export interface StepResponse {
  code: number;
  status: string;
  headers: HeaderList;
  body: KeptBody;
  /** Headers, status line and body as received, in bytes. */
  wireBytes: number;
  httpVersion: string;
  remoteAddress?: string;
  certificate?: Certificate;
  shape?: Shape;
  /** In lower case and without parameters. */
  mediaType?: string;
  /** Headers and body were left out, as the monitor asks. */
  omitted?: boolean;
}

/** Phases of the last hop in ms; a phase that did not happen (kept-alive connection, plain HTTP) is 0. */
export interface Timings {
  dnsMs: number;
  connectMs: number;
  tlsMs: number;
  /** From the request on the wire to the first byte of the answer. */
  firstByteMs: number;
  downloadMs: number;
  /** The whole request, redirects included: Postman's `responseTime`. */
  totalMs: number;
}

/** One hop before the last one. */
export interface RedirectHop {
  method: string;
  url: string;
  code: number;
}

/** One request of a run with everything that happened around it. */
export interface Step {
  /** 1, 2, … in the order of execution. */
  position: number;
  /** 0-based. */
  iteration: number;
  itemId: string;
  name: string;
  /** Names of the folders around it, outermost first. */
  path: string[];
  /** ms since the start of the run. */
  startedMs: number;
  durationMs: number;
  /** `pm.execution.skipRequest()` was called: no request went out. */
  skipped: boolean;
  request?: StepRequest;
  /** What the name of the last hop resolved to. */
  addresses?: string[];
  /** Of a server with which the TLS handshake failed. */
  certificate?: Certificate;
  redirects: RedirectHop[];
  response?: StepResponse;
  timings?: Timings;
  assertions: Assertion[];
  console: ConsoleEntry[];
  errors: StepError[];
}

/** Closed list of reasons beside an outcome; think carefully before adding one. */
export type OutcomeReason =
  | "assertion_failed"
  | "target_unreachable"
  | "dns"
  | "proxy"
  | "egress_denied"
  | "request_invalid"
  | "too_large"
  | "script_error"
  | "script_timeout"
  | "script_memory"
  | "collection_invalid" // the document cannot be run at all
  | "run_timeout"
  | "cancelled"
  | "internal"; // our own bug: the runner says so instead of guessing

export type Outcome = "passed" | "failed" | "errored" | "aborted";

export interface RunSummary {
  outcome: Outcome;
  /** Absent when passed. */
  reason?: OutcomeReason;
  /** One sentence for a person. Absent when passed. */
  detail?: string;
  iterations: number;
  requestsTotal: number;
  /** Requests with an error or a failed assertion. */
  requestsFailed: number;
  assertionsTotal: number;
  assertionsFailed: number;
  errorsTotal: number;
  /** Sum of `timings.totalMs`. */
  responseMsTotal: number;
  /** Sum of response body bytes. */
  responseBytesTotal: number;
  durationMs: number;
}

/** Numbered 1, 2, … without a gap within one run. */
export type RunEvent = { seq: number } & (
  | { type: "run_started"; collectionName: string; stepsPlanned: number }
  | {
      type: "step_started";
      position: number;
      iteration: number;
      itemId: string;
      name: string;
      path: string[];
    }
  | { type: "step_finished"; step: Step }
  | { type: "run_finished"; summary: RunSummary }
);
