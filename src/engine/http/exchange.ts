import { STATUS_CODES } from "node:http";

import type { Dispatcher } from "undici/index.js";

import type { HeaderList } from "../types.ts";
import { aborted, HttpError, toHttpError } from "./errors.ts";
import { speaksHttp2, type Connection } from "./pool.ts";

const MAX_HEADERS = 1000;

export interface WireRequest {
  method: string;
  /** Path and query, or the whole URL when it goes through a proxy in plain. */
  path: string;
  /** `host:port`, for messages. */
  where: string;
  headers: HeaderList;
  body: Uint8Array | undefined;
}

/** One answer as it came, still compressed. */
export interface WireResponse {
  code: number;
  status: string;
  headers: HeaderList;
  body: Buffer;
  headerBytes: number;
  /** `performance.now()` of the moments. */
  startedAt: number;
  firstByteAt: number;
  endedAt: number;
  /** `1.1` or `2.0`. */
  httpVersion: string;
}

export interface ExchangeLimits {
  maxResponseBytes: number;
  signal: AbortSignal;
}

/** Sends one request over one connection. Rejects with `HttpError`; an abort rejects with the signal's reason. */
export function exchange(
  connection: Connection,
  request: WireRequest,
  limits: ExchangeLimits,
): Promise<WireResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<WireResponse>();
  const { signal, maxResponseBytes } = limits;
  const startedAt = performance.now();
  const chunks: Buffer[] = [];
  let receivedBytes = 0;
  let firstByteAt = 0;
  let head: Pick<WireResponse, "code" | "status" | "headers" | "headerBytes"> | undefined;
  let abortRequest: ((reason: Error) => void) | undefined;

  const fail = (error: unknown) => {
    signal.removeEventListener("abort", onAbort);
    reject(signal.aborted ? aborted(signal) : toHttpError(error, request.where));
  };
  const onAbort = () => {
    abortRequest?.(aborted(signal));
    fail(signal.reason);
  };
  if (signal.aborted) {
    reject(aborted(signal));
    return promise;
  }
  signal.addEventListener("abort", onAbort, { once: true });
  connection.head = toHead(request);

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(controller) {
      abortRequest = (reason) => controller.abort(reason);
    },
    onResponseStart(controller, code, parsed, status) {
      if (code < 200) return;
      firstByteAt ||= performance.now();
      const headers = readHeaders(controller.rawHeaders) ?? listHeaders(parsed);
      // HTTP/2 has no text beside the code.
      const text = (speaksHttp2(connection.socket) ? STATUS_CODES[code] : status) ?? "";
      head = { code, status: text, headers, headerBytes: sizeOfHead(text, headers) };
      if (headers.length > MAX_HEADERS)
        controller.abort(new HttpError("too_large", `the response has more than ${MAX_HEADERS} headers`));
      else if (declaredLength(headers) > maxResponseBytes && request.method !== "HEAD")
        controller.abort(tooLarge(maxResponseBytes));
    },
    onResponseData(controller, chunk) {
      receivedBytes += chunk.length;
      if (receivedBytes > maxResponseBytes) controller.abort(tooLarge(maxResponseBytes));
      else chunks.push(chunk);
    },
    onResponseEnd() {
      signal.removeEventListener("abort", onAbort);
      const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, receivedBytes);
      if (!head) return fail(new HttpError("target", "the response has no head"));
      const httpVersion = speaksHttp2(connection.socket) ? "2.0" : "1.1";
      const endedAt = performance.now();
      resolve({ ...head, body, startedAt, firstByteAt, endedAt, httpVersion });
    },
    onResponseError(_controller, error) {
      fail(error);
    },
  };
  try {
    connection.client.dispatch(
      {
        method: request.method,
        path: request.path,
        headers: request.headers.flat(),
        body: request.body ?? null,
      },
      handler,
    );
  } catch (error) {
    fail(error);
  }
  return promise;
}

const tooLarge = (maxBytes: number): HttpError =>
  new HttpError("too_large", `the response body is larger than ${maxBytes} bytes`);

function toHead({ method, path, headers }: WireRequest): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** undici gives names and values in turn, as bytes; header bytes are Latin-1. */
function readHeaders(raw: Dispatcher.DispatchController["rawHeaders"]): HeaderList | undefined {
  if (!Array.isArray(raw)) return undefined;
  const headers: HeaderList = [];
  for (let index = 0; index + 1 < raw.length; index += 2)
    headers.push([latin1(raw[index]), latin1(raw[index + 1])]);
  return headers;
}

/** Of HTTP/2 undici gives them by name. */
const listHeaders = (parsed: Record<string, string | string[] | undefined>): HeaderList =>
  Object.entries(parsed).flatMap(([name, value]): HeaderList => {
    if (value === undefined || name.startsWith(":")) return [];
    return Array.isArray(value) ? value.map((one) => [name, one]) : [[name, value]];
  });

const latin1 = (value: Buffer | string | undefined): string =>
  typeof value === "string" ? value : (value?.toString("latin1") ?? "");

const STATUS_LINE_BYTES = "HTTP/1.1 200 \r\n\r\n".length;

const sizeOfHead = (status: string, headers: HeaderList): number =>
  headers.reduce(
    (size, [name, value]) => size + name.length + value.length + 4,
    STATUS_LINE_BYTES + status.length,
  );

const declaredLength = (headers: HeaderList): number => {
  const length = headers.find(([name]) => name.toLowerCase() === "content-length");
  return length ? Number(length[1]) : 0;
};
