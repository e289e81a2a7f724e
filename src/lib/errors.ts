/** Closed list of what a caller can have done wrong, or met. Each maps to one HTTP status and one exit code. */
export type ErrorCode =
  | "bad_request" // the body or a parameter is wrong: 400
  | "unauthenticated" // no credential, or a wrong one: 401
  | "forbidden" // known caller, not allowed: 403
  | "not_found" // 404
  | "conflict" // the state does not allow it: 409
  | "lease_lost" // a write by an attempt that no longer holds the run: 409
  | "length_required" // how long the body is was not said: 411
  | "too_large" // 413
  | "unprocessable" // well-formed, and yet nothing that can be done: 422
  | "locked" // somebody else is at it: 423
  | "upgrade_required" // both sides have no version of the protocol in common: 426
  | "rate_limited" // 429
  | "usage" // wrong command line: exit code 2
  | "not_implemented" // Postman has it and an installation of one's own has not: 501
  | "unavailable"; // something needed is not there (database, port, control plane): 503, exit code 1

/** What Postman's clients see in an error body, when it differs from the default of the code. */
export interface ErrorBody {
  /** `error.name` of the classic error body, e.g. `instanceNotFoundError`. */
  name?: string;
  /** `error.details`: an object, or a list of strings for document validation. */
  details?: Record<string, unknown> | string[];
  /**
   * Postman's newer endpoints answer `{type, title, status, detail, instance}` as `application/problem+json`
   * (RFC 9457): absent fields have the defaults of the status.
   */
  problem?: { type?: string; title?: string; /** `detail` where Postman sends a list. */ detail?: string[] };
}

/**
 * An expected error with a message for its reader: what, why, what to do, in one sentence.
 * Thrown where it is noticed; turned into HTTP in `server/errors.ts` and into an exit code in `main.ts`, nowhere else.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly body: ErrorBody;

  constructor(code: ErrorCode, message: string, options: ErrorBody & { cause?: unknown } = {}) {
    const { cause, ...body } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.body = body;
  }
}

/** An error in the form of Postman's newer endpoints; `type` is a URL or a bare word such as `instanceNotFoundError`. */
export const problem = (
  code: ErrorCode,
  detail: string,
  as: NonNullable<ErrorBody["problem"]> = {},
): AppError => new AppError(code, detail, { problem: as });

/**
 * Turns whatever was thrown into an Error that may be logged; scripts and libraries throw strings and worse. A failed
 * statement becomes its cause: the library puts every value that would have been stored into its message.
 */
export function toError(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new Error(String(thrown));
  return failedQuery(thrown) !== undefined && thrown.cause instanceof Error ? thrown.cause : thrown;
}

/** The statement that failed, without its values; undefined for any other error. */
export const failedQuery = (error: unknown): string | undefined =>
  error instanceof Error && "params" in error && "query" in error && typeof error.query === "string"
    ? error.query
    : undefined;

/** For the end of a switch over a union: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
