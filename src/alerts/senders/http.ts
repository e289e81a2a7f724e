import { rootCertificates } from "node:tls";

import { type Dispatcher, EnvHttpProxyAgent, request } from "undici/index.js";

import { toError } from "../../lib/errors.ts";
import { VERSION } from "../../lib/version.ts";
import { oneLine } from "../message.ts";
import { DeliveryError, MAX_RESPONSE_CHARS, type Receipt } from "./sender.ts";

/** How calls to other services leave. Proxies as in the environment; certificates are trusted beside the built-in ones. */
export interface OutboundOptions {
  httpProxy?: string | undefined;
  httpsProxy?: string | undefined;
  noProxy?: string | undefined;
  /** PEM. */
  extraCaCerts?: string[] | undefined;
  /** Default 10 s. */
  timeoutMs?: number | undefined;
}

/** A JSON text, sent as it is: what is signed is what is sent. */
export type PostJson = (url: string, body: string, headers?: Record<string, string>) => Promise<Receipt>;

export interface Poster {
  postJson: PostJson;
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Calls with TLS checked and redirects not followed: who configured an address has not configured where it points. */
export function createPoster({ timeoutMs = TIMEOUT_MS, extraCaCerts, ...proxies }: OutboundOptions): Poster {
  const ca = extraCaCerts && { ca: [...rootCertificates, ...extraCaCerts] };
  const dispatcher = new EnvHttpProxyAgent({
    // Empty, not absent: what is absent is looked up in the environment again.
    httpProxy: proxies.httpProxy ?? "",
    httpsProxy: proxies.httpsProxy ?? "",
    noProxy: proxies.noProxy ?? "",
    connect: { ...ca, timeout: timeoutMs },
    ...(ca && { requestTls: ca, proxyTls: ca }),
    // Messages are rare, and a connection that was kept would be dead when the next one comes.
    pipelining: 0,
  });
  return {
    postJson: (url, body, headers = {}) => post(dispatcher, timeoutMs, { url, body, headers }),
    close: () => dispatcher.destroy(),
  };
}

async function post(
  dispatcher: Dispatcher,
  timeoutMs: number,
  { url, body, headers }: { url: string; body: string; headers: Record<string, string> },
): Promise<Receipt> {
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await request(url, {
    method: "POST",
    headers: { "user-agent": `sallyport/${VERSION}`, ...headers, "content-type": "application/json" },
    body,
    dispatcher,
    signal,
  }).catch((error: unknown) => {
    throw unreachable(error, signal, timeoutMs);
  });
  const response = oneLine(await readText(answer.body), MAX_RESPONSE_CHARS);
  const status = answer.statusCode;
  if (status >= 200 && status < 300) return { status, response };
  throw refused(status, response, answer.headers);
}

/** What was read when the answer broke off is enough: its status has been seen. */
async function readText(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      // undici yields buffers.
      const buffer = chunk as Buffer;
      chunks.push(buffer);
      bytes += buffer.byteLength;
      if (bytes > MAX_ANSWER_BYTES) break;
    }
  } catch {
    // The status has been seen; a body that breaks off changes nothing.
  }
  body.on("error", () => {}).destroy();
  return Buffer.concat(chunks).toString("utf8");
}

function unreachable(error: unknown, signal: AbortSignal, timeoutMs: number): DeliveryError {
  if (signal.aborted) {
    return new DeliveryError(`The receiver did not answer within ${timeoutMs / 1000} seconds.`, {
      mayRetry: true,
    });
  }
  return new DeliveryError(`The receiver could not be reached: ${messageOf(error)}`, { mayRetry: true });
}

/** Node packs what happened at several addresses into one error without a message. */
function messageOf(thrown: unknown): string {
  const error = toError(thrown);
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error.message === "" ? error.name : error.message;
}

/** Statuses below 500 after which the same call may work: somebody has to log in, mend an address, or wait. */
const PASSING: readonly number[] = [401, 403, 404, 407, 408, 423, 425, 429];

function refused(
  status: number,
  response: string,
  headers: Dispatcher.ResponseData["headers"],
): DeliveryError {
  if (status >= 300 && status < 400) {
    return new DeliveryError(
      `The receiver answered ${status}, a redirect, which is not followed: give the address it points to.`,
      { mayRetry: false, status },
    );
  }
  const retryAfterMs = readRetryAfter(headers["retry-after"]);
  return new DeliveryError(response === "" ? `The receiver answered ${status}.` : response, {
    mayRetry: status >= 500 || PASSING.includes(status),
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

const MAX_RETRY_AFTER_S = 3600;

/** Seconds only; a date would have to be trusted against a clock that is not ours. */
function readRetryAfter(value: string | string[] | undefined): number | undefined {
  return typeof value === "string" && /^\d{1,6}$/.test(value)
    ? Math.min(Number(value), MAX_RETRY_AFTER_S) * 1000
    : undefined;
}
