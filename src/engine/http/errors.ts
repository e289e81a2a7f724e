import type { StepErrorKind } from "../types.ts";

/** A request that did not get its answer. The kind says whose fault that is. */
export class HttpError extends Error {
  override readonly name = "Error";
  readonly kind: StepErrorKind;
  readonly code: string | undefined;

  constructor(kind: StepErrorKind, message: string, code?: string) {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}

interface CodedError {
  code?: unknown;
  message?: unknown;
  cause?: unknown;
}

const asCoded = (thrown: unknown): CodedError =>
  typeof thrown === "object" && thrown !== null ? thrown : { message: String(thrown) };

export const codeOf = (thrown: unknown): string | undefined => {
  const { code, cause } = asCoded(thrown);
  if (typeof code === "string") return code;
  return cause === undefined ? undefined : codeOf(cause);
};

/** What undici calls the ways in which an answer can be wrong, in words for a person. */
const answers: Record<string, [kind: StepErrorKind, message: string]> = {
  UND_ERR_HEADERS_OVERFLOW: ["too_large", "the response headers are too large"],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: [
    "target",
    "the response body does not have the length that its headers promise",
  ],
  UND_ERR_SOCKET: ["target", "the connection was closed before the response was complete"],
  UND_ERR_INVALID_ARG: ["request", "the request is not valid HTTP"],
  UND_ERR_NOT_SUPPORTED: ["request", "the request is not supported"],
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: ["request", "the request body does not match its length"],
};

/** As Node's own client calls it, and Postman with it. */
const systemCodes: Record<string, string> = { UND_ERR_SOCKET: "ECONNRESET" };

/** Sorts what undici, a socket or TLS threw; `where` is `host:port`. */
export function toHttpError(thrown: unknown, where: string): HttpError {
  if (thrown instanceof HttpError) return thrown;
  const code = codeOf(thrown);
  const { message } = asCoded(thrown);
  const text = typeof message === "string" ? message : String(thrown);
  const known = code === undefined ? undefined : answers[code];
  if (known && code !== undefined) {
    const [kind, sentence] = known;
    return new HttpError(
      kind,
      kind === "request" ? `${sentence}: ${text}` : sentence,
      systemCodes[code] ?? code,
    );
  }
  if (code?.startsWith("HPE_"))
    return new HttpError("target", `the response is not valid HTTP (${text})`, code);
  if (code === undefined) return new HttpError("target", text);
  const prefix = /^E[A-Z]+$/.test(code) && !text.includes(code) ? `${code} ` : "";
  return new HttpError("target", text.includes(where) ? prefix + text : `${prefix}${text} (${where})`, code);
}

/** The reason that a signal gives, or a neutral one. */
export const aborted = (signal: AbortSignal): Error =>
  signal.reason instanceof HttpError
    ? signal.reason
    : new HttpError("request", "the request was aborted", "ECONNABORTED");

/** Waits for work that cannot be stopped itself; rejects with the reason as soon as `signal` aborts. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(aborted(signal));
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, work]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
