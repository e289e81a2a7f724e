import { z } from "zod";

import { systemClock } from "./clock.ts";
import { AppError, toError, type ErrorCode } from "./errors.ts";

/** For calls of which only the success counts. */
export const anyAnswer = z.unknown();

export interface ApiClientOptions {
  /** Address of the control plane, without `/api`. */
  server: string;
  apiKey: string;
  /** PEM certificates trusted in addition to the built-in ones. */
  extraCaCerts?: string[];
  /** Default 60 s. */
  timeoutMs?: number;
  /** Default: what the program that runs this is. */
  userAgent?: string;
}

/** By it revisions tell what came out of files. */
export const APPLY_USER_AGENT = "sallyport-apply";

/**
 * Calls `/api` with an API key. Bodies are JSON, answers are checked against the schema that is given; whatever goes
 * wrong comes out as `AppError` with one sentence.
 */
export interface ApiClient {
  server: string;
  get: <T>(path: string, answer: z.ZodType<T>) => Promise<T>;
  /** `body` undefined = none. */
  post: <T>(path: string, body: unknown, answer: z.ZodType<T>) => Promise<T>;
  put: <T>(path: string, body: unknown, answer: z.ZodType<T>) => Promise<T>;
  patch: <T>(path: string, body: unknown, answer: z.ZodType<T>) => Promise<T>;
  delete: <T>(path: string, answer: z.ZodType<T>) => Promise<T>;
}

const TIMEOUT_MS = 60_000;
/** A limit of Postman's lasts a minute at most; what lasts longer is told to the person. */
const MAX_WAIT_MS = 60_000;
const MAX_TURNS = 4;

export function createApiClient(options: ApiClientOptions): ApiClient {
  const server = options.server.replace(/\/+$/, "");

  async function call<T>(request: ApiRequest, schema: z.ZodType<T>): Promise<T> {
    const answer = await sendPatiently(request);
    const decoded = parseJson(answer.text);
    if (answer.status < 200 || answer.status > 299) throw toAppError(answer.status, decoded, server);
    const parsed = schema.safeParse(decoded);
    if (parsed.success) return parsed.data;
    throw notOurs(answer.status, server, parsed.error);
  }

  /** A limit of calls is no failure: whoever is told when to come back comes back. */
  async function sendPatiently(request: ApiRequest): Promise<Answer> {
    for (let turn = 1; ; turn++) {
      const answer = await send(request);
      if (answer.status !== 429 || turn === MAX_TURNS || !(answer.retryMs <= MAX_WAIT_MS)) return answer;
      await systemClock.sleep(answer.retryMs);
    }
  }

  async function send({ method, path, body }: ApiRequest): Promise<Answer> {
    try {
      const response = await fetch(`${server}/api${path}`, {
        method,
        headers: {
          "x-api-key": options.apiKey,
          accept: "application/json",
          ...(options.userAgent && { "user-agent": options.userAgent }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(options.extraCaCerts && { tls: { ca: options.extraCaCerts } }),
        signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
      });
      const retryMs = Number.parseInt(response.headers.get("retry-after") ?? "", 10) * 1000;
      return { status: response.status, text: await response.text(), retryMs };
    } catch (error) {
      throw new AppError(
        "unavailable",
        `The control plane at ${server} cannot be reached (${reasonOf(error)}).`,
        {
          cause: error,
        },
      );
    }
  }

  return {
    server,
    get: (path, answer) => call({ method: "GET", path }, answer),
    post: (path, body, answer) => call({ method: "POST", path, body }, answer),
    put: (path, body, answer) => call({ method: "PUT", path, body }, answer),
    patch: (path, body, answer) => call({ method: "PATCH", path, body }, answer),
    delete: (path, answer) => call({ method: "DELETE", path }, answer),
  };
}

interface Answer {
  status: number;
  text: string;
  /** When to come back; NaN when nothing was said. */
  retryMs: number;
}

interface ApiRequest {
  method: string;
  path: string;
  body?: unknown;
}

function reasonOf(thrown: unknown): string {
  const error = toError(thrown);
  if (error.name === "TimeoutError") return "no answer in time";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

function parseJson(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const codeOfStatus: Record<number, ErrorCode> = {
  400: "bad_request",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  413: "too_large",
  429: "rate_limited",
};

function toAppError(status: number, body: unknown, server: string): AppError {
  const said = messageOf(body);
  if (status === 401)
    return new AppError(
      "unauthenticated",
      `${server} refused the API key: log in again, or give another one with --api-key.`,
    );
  if (said === undefined) return notOurs(status, server);
  return new AppError(codeOfStatus[status] ?? "unavailable", said);
}

const notOurs = (status: number, server: string, cause?: unknown): AppError =>
  new AppError(
    "unavailable",
    `${server} answered ${status} in a way that is not understood: check the address and the version of this program.`,
    { cause },
  );

/** The sentence in either of the two error bodies of the API, with its details. */
function messageOf(body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  const error = isObject(body["error"]) ? body["error"] : body;
  const text = [error["message"], error["detail"], body["message"]].find(
    (entry) => typeof entry === "string",
  );
  if (typeof text !== "string") return undefined;
  const details = Array.isArray(error["details"]) ? error["details"].slice(0, 3).join("; ") : "";
  return details && !text.includes(details) ? `${text} (${details})` : text;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
