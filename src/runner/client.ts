import { z } from "zod";

import {
  commonVersion,
  mismatchSentence,
  parseRange,
  type ProtocolRange,
  protocolRange,
} from "../contract/protocol.ts";
import { runnerEndpoints, runnerHeaders } from "../contract/runner.ts";
import { HttpError } from "../engine/http/errors.ts";
import { maskCredentials } from "../lib/url-credentials.ts";
import { createServerWay, type ServerWayOptions } from "./server-way.ts";

type Endpoint = keyof typeof runnerEndpoints;
type Body<Name extends Endpoint> = z.input<(typeof runnerEndpoints)[Name]["request"]>;
type Answer<Name extends Endpoint> = z.output<(typeof runnerEndpoints)[Name]["response"]>;

/**
 * What a failed call means for the caller: `retryable` heals by itself (network, 429, 5xx, garbage), `fatal` stops the
 * process, `lease_lost` and `not_found` end the run or instance that was addressed, `too_large` asks for less at once,
 * `refused` is a bug of one side, or a call that an older control plane does not know in that form.
 */
export type CallFailure = "retryable" | "fatal" | "lease_lost" | "not_found" | "too_large" | "refused";

/** A failed call to the control plane; the message is one sentence for the operator of the runner. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly kind: CallFailure;
  /** Time that the control plane asks to wait before the next try, in ms. */
  readonly retryAfterMs: number | undefined;
  /** Nothing came back: the control plane may have carried out the call all the same. */
  readonly isUnanswered: boolean;

  constructor(kind: CallFailure, message: string, options: CallErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.isUnanswered = options.isUnanswered === true;
  }
}

interface CallErrorOptions {
  cause?: unknown;
  retryAfterMs?: number;
  isUnanswered?: boolean;
}

export const isCallError = (error: unknown, kind: CallFailure): error is CallError =>
  error instanceof CallError && error.kind === kind;

export interface CallOptions {
  signal?: AbortSignal;
  /** Default 30 s. */
  timeoutMs?: number;
}

/** The calls of a runner; each throws `CallError`. */
export interface ControlPlane {
  register: (body: Body<"register">, options?: CallOptions) => Promise<Answer<"register">>;
  claim: (body: Body<"claim">, options?: CallOptions) => Promise<Answer<"claim">>;
  heartbeat: (body: Body<"heartbeat">, options?: CallOptions) => Promise<Answer<"heartbeat">>;
  /** `events` are lines of the spool: JSON texts that are sent as they are. */
  sendEvents: (
    run: { runId: string; attempt: number; events: string[] },
    options?: CallOptions,
  ) => Promise<Answer<"events">>;
  /** `not_found` from a control plane that is too old for it, as for `selfTest` and `drain`. */
  check: (body: Body<"check">, options?: CallOptions) => Promise<Answer<"check">>;
  selfTest: (body: Body<"selfTest">, options?: CallOptions) => Promise<Answer<"selfTest">>;
  drain: (body: Body<"drain">, options?: CallOptions) => Promise<Answer<"drain">>;
  deregister: (body: Body<"deregister">, options?: CallOptions) => Promise<Answer<"deregister">>;
  close: () => Promise<void>;
}

export interface ClientOptions extends ServerWayOptions {
  /** The versions of the protocol that are spoken; default: those of this program. */
  protocol?: ProtocolRange;
  runnerId: string;
  runnerKey: string;
}

const CALL_TIMEOUT_MS = 30_000;
const PROXY_REFUSED = 407;

/** Speaks the runner protocol over outbound HTTP; keeps connections alive between calls. */
export function createControlPlane(options: ClientOptions): ControlPlane {
  const server = options.server.replace(/\/+$/, "");
  const way = createServerWay({ ...options, server });
  const place = { server: maskCredentials(server), proxyOrigin: way.proxyOrigin };
  const range = options.protocol ?? protocolRange;
  /** Lower than the newest after meeting an older control plane. */
  let spoken = range.newest;
  const headers = {
    authorization: `Bearer ${options.runnerKey}`,
    [runnerHeaders.runner]: options.runnerId,
    [runnerHeaders.oldestProtocol]: String(range.oldest),
    "content-type": "application/json",
    accept: "application/json",
  };

  async function post(path: string, body: string, call: CallOptions): Promise<RawAnswer> {
    const limit = new AbortController();
    const timeoutMs = call.timeoutMs ?? CALL_TIMEOUT_MS;
    const timer = setTimeout(() => limit.abort(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    const stop = () => limit.abort(call.signal?.reason);
    call.signal?.addEventListener("abort", stop, { once: true });
    if (call.signal?.aborted) stop();
    try {
      const target = way.requestTo(path);
      const answer = await way.dispatcher.request({
        ...target,
        method: "POST",
        headers: { ...headers, ...target.headers, [runnerHeaders.protocol]: String(spoken) },
        body,
        signal: limit.signal,
        // The claim answers late on purpose, and this limit knows each call's own time.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const text = await answer.body.text();
      if (answer.statusCode === PROXY_REFUSED && way.proxyOrigin !== undefined)
        throw new HttpError("proxy", "the proxy asks for other credentials (407)", "407");
      return { status: answer.statusCode, headers: answer.headers, text };
    } catch (error) {
      throw unreachableError(place, limit.signal.aborted ? limit.signal.reason : error);
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", stop);
    }
  }

  async function send<Name extends Endpoint>(
    name: Name,
    body: string,
    call: CallOptions & { path?: string } = {},
  ): Promise<Answer<Name>> {
    const endpoint = runnerEndpoints[name];
    const path = call.path ?? endpoint.path;
    let answer = await post(path, body, call);
    if (answer.status === UPGRADE_REQUIRED) {
      spoken = agree(range, answer);
      answer = await post(path, body, call);
    }
    if (answer.status !== 200) throw refusal(answer, { name, server, runnerId: options.runnerId });
    const decoded = endpoint.response.safeParse(parseJson(answer.text));
    if (!decoded.success)
      throw new CallError("retryable", `The answer of ${server} to ${name} is not understood.`, {
        cause: decoded.error,
      });
    // The schema was looked up by the same name as the type.
    return decoded.data as Answer<Name>;
  }

  return {
    register: (body, call) => send("register", JSON.stringify(body), call),
    claim: (body, call) => send("claim", JSON.stringify(body), call),
    heartbeat: (body, call) => send("heartbeat", JSON.stringify(body), call),
    check: (body, call) => send("check", JSON.stringify(body), call),
    selfTest: (body, call) => send("selfTest", JSON.stringify(body), call),
    drain: (body, call) => send("drain", JSON.stringify(body), call),
    deregister: (body, call) => send("deregister", JSON.stringify(body), call),
    sendEvents: ({ runId, attempt, events }, call) =>
      send("events", `{"attempt":${attempt},"events":[${events.join(",")}]}`, {
        ...call,
        path: runnerEndpoints.events.path.replace(":runId", runId),
      }),
    close: () => way.dispatcher.destroy(),
  };
}

const UPGRADE_REQUIRED = 426;

/** The version to go on with. Throws the sentence that says which side to upgrade when there is none. */
function agree(range: ProtocolRange, { headers }: RawAnswer): number {
  const theirs = parseRange([headers[runnerHeaders.protocols]].flat()[0]);
  const version = theirs && commonVersion(range, theirs);
  if (version !== undefined) return version;
  if (theirs) throw new CallError("fatal", mismatchSentence(range, theirs));
  throw new CallError(
    "retryable",
    "The control plane, or something before it, wants another protocol and does not say which.",
  );
}

interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const errorAnswer = z.looseObject({ error: z.looseObject({ name: z.string(), message: z.string() }) });

/** The meaning of a status other than 200; an answer that is not ours comes from something in between: retryable. */
function refusal(answer: RawAnswer, call: { name: Endpoint; server: string; runnerId: string }): CallError {
  const { status } = answer;
  if (status === 401)
    return new CallError(
      "fatal",
      `The runner id or key is wrong: ${call.server} refused runner ${call.runnerId}; copy the start command again or reset the key.`,
    );
  const ours = errorAnswer.safeParse(parseJson(answer.text));
  const said = ours.success ? `: ${ours.data.error.message}` : ".";
  const message = `${call.server} answered ${status} to ${call.name}${said}`;
  if (!ours.success || status >= 500 || status === 429 || status === 408)
    return new CallError("retryable", message, retryAfter(answer));
  if (ours.data.error.name === "lease_lost") return new CallError("lease_lost", message);
  if (status === 413) return new CallError("too_large", message);
  return new CallError(status === 404 ? "not_found" : "refused", message);
}

function retryAfter({ headers }: RawAnswer): { retryAfterMs?: number } {
  const seconds = Number(headers["retry-after"]);
  return seconds > 0 && seconds <= 300 ? { retryAfterMs: seconds * 1000 } : {};
}

const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;

interface Place {
  server: string;
  proxyOrigin: string | undefined;
}

function unreachableError({ server, proxyOrigin }: Place, cause: unknown): CallError {
  // What happened between here and a proxy is said in words.
  const words = cause instanceof HttpError ? cause.message : codeOf(cause);
  const why = words ?? (cause instanceof Error ? cause.message : String(cause));
  const hint = certificateCodes.test(`${codeOf(cause)} ${why}`)
    ? "; give its certificate authority with --ssl-extra-ca-certs"
    : "; it is tried again";
  const through = proxyOrigin === undefined ? "" : ` through the proxy ${proxyOrigin}`;
  const message = `The control plane at ${server} cannot be reached${through} (${why})${hint}.`;
  return new CallError("retryable", message, { cause, isUnanswered: true });
}

function codeOf(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string" && at.code) return at.code;
  }
  return undefined;
}
