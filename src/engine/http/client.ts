import type { HeaderList, RedirectHop, Timings } from "../types.ts";
import type { EncodedUrl } from "../url-encode.ts";
import { checkHead } from "./check-head.ts";
import type { RunCookies } from "./cookies.ts";
import { decompress } from "./decompress.ts";
import { HttpError, toHttpError } from "./errors.ts";
import { exchange, type WireResponse } from "./exchange.ts";
import { openGate, passAddresses, passGate, type EgressGate } from "./gate.ts";
import { getHeader, isHeader, sealHeaders } from "./headers.ts";
import { ConnectionPool, type Connection } from "./pool.ts";
import { nextHop } from "./redirect.ts";
import { createRoutes, type ConnectionOptions, type Route } from "./route.ts";
import type { Seen } from "./seen.ts";
import type { ProtocolVersion, TlsBehavior } from "./tls.ts";

export interface HttpRequest {
  method: string;
  url: EncodedUrl;
  headers: HeaderList;
  body: Uint8Array | undefined;
  /** System headers that the user switched off, in lower case. */
  without: ReadonlySet<string>;
}

export interface SendOptions {
  /** Ends the request; the reason, if it is an `HttpError`, becomes the result's error. */
  signal: AbortSignal;
  /** From the first name resolution to the last body byte, redirects included; 0 = no limit. */
  timeoutMs: number;
  maxResponseBytes: number;
  strictSsl: boolean;
  followRedirects: boolean;
  maxRedirects: number;
  /** Keep method and body on every redirect. */
  followOriginalMethod: boolean;
  /** Keep Authorization on a redirect to another host. */
  keepAuthorization: boolean;
  /** No Referer on redirects. */
  withoutReferer: boolean;
  /** The target of a redirect goes out as the server wrote it, not encoded. */
  rawLocation?: boolean;
  /** Absent = HTTP/1.1. */
  protocolVersion?: ProtocolVersion;
  tls?: TlsBehavior;
  /** Absent = cookies are neither sent nor stored. */
  cookies?: RunCookies;
  /** Connections that are shared only by requests that give the same name: a connection may carry a login. */
  privateConnection?: {
    name: string;
    /** This request makes sense only on the connection of the one before. */
    continues: boolean;
  };
}

export interface HttpResponse {
  code: number;
  status: string;
  headers: HeaderList;
  /** Decompressed. */
  body: Buffer;
  /** Head and body as received. */
  wireBytes: number;
  headerBytes: number;
  bodyWireBytes: number;
  /** `1.1` or `2.0`. */
  httpVersion: string;
}

interface HopOptions extends SendOptions {
  /** Told of each connection before it is used, also when nothing comes of it. */
  onConnection: (connection: Connection) => void;
}

/** What was sent last, and either its response or why there is none. */
export type HttpResult = {
  sent: HttpRequest;
  /** What was sent before any redirect. */
  sentFirst: HttpRequest;
  redirects: RedirectHop[];
  /** Of the connection of the last hop. */
  seen: Seen;
} & ({ response: HttpResponse; timings: Timings } | { error: HttpError; elapsedMs: number });

export interface HttpClient {
  /** Never rejects for what a server, a name, a proxy or the gate does. */
  send(request: HttpRequest, options: SendOptions): Promise<HttpResult>;
  close(): void;
}

/** Methods whose repetition changes nothing (RFC 9110): only they may be sent again on a fresh connection. */
const idempotent = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
/** A kept-alive connection older than this may be closing right now; what cannot be repeated avoids it. */
const FRESH_MS = 500;

export function createHttpClient(
  connection: ConnectionOptions = {},
  gate: EgressGate = openGate,
): HttpClient {
  const pool = new ConnectionPool();
  const routes = createRoutes(connection, (hostname, addresses) => passAddresses(gate, hostname, addresses));

  async function send(request: HttpRequest, options: SendOptions): Promise<HttpResult> {
    const startedAt = performance.now();
    const limit = limitTime(options.signal, options.timeoutMs);
    const redirects: RedirectHop[] = [];
    let current = request;
    let sent = request;
    let sentFirst = request;
    let seen: Seen = {};
    const onConnection = (connection: Connection) => void (seen = connection.seen);
    try {
      for (;;) {
        sent = seal(current, options);
        if (redirects.length === 0) sentFirst = sent;
        checkHead(sent.method, sent.url.path, sent.headers);
        seen = {};
        const { wire, timings } = await sendHop(sent, { ...options, signal: limit.signal, onConnection });
        const next = options.followRedirects ? nextHop(current, sent, wire, options) : undefined;
        if (!next) {
          const response = await toResponse(current.method, wire, options.maxResponseBytes);
          const totalMs = performance.now() - startedAt;
          return { sent, sentFirst, redirects, seen, response, timings: { ...timings, totalMs } };
        }
        if (redirects.length >= options.maxRedirects)
          throw new HttpError(
            "target",
            `Exceeded maxRedirects. Probably stuck in a redirect loop ${current.url.href}`,
          );
        redirects.push({ method: current.method, url: current.url.href, code: wire.code });
        current = next;
      }
    } catch (error) {
      const failure = toHttpError(error, `${current.url.hostname}:${current.url.port}`);
      const elapsedMs = performance.now() - startedAt;
      return { sent, sentFirst, redirects, seen, error: failure, elapsedMs };
    } finally {
      limit.end();
    }
  }

  async function sendHop(
    current: HttpRequest,
    options: HopOptions,
  ): Promise<{ wire: WireResponse; timings: Omit<Timings, "totalMs"> }> {
    const { url, method, headers, body } = current;
    const route = routes.find(url, options);
    const dialer = route.viaProxy ? "proxy" : "runner";
    const { href, hostname } = url;
    const egress = { method, url: href, headers, hostname, dialer, ...(body ? { body } : {}) } as const;
    await passGate(gate, egress, options.signal);
    const { wire, connection: used } = await overConnection(current, route, options);
    for (const [name, value] of wire.headers)
      if (isHeader(name, "set-cookie")) options.cookies?.store(url.href, value);
    return { wire, timings: phases(wire, used) };
  }

  async function overConnection(
    current: HttpRequest,
    route: Route,
    options: HopOptions,
  ): Promise<{ wire: WireResponse; connection: Pick<Connection, "timings"> }> {
    const canRepeat = idempotent.has(current.method);
    const { privateConnection } = options;
    let freshMs = canRepeat || privateConnection?.continues ? Infinity : FRESH_MS;
    const spec = privateConnection
      ? { ...route.connection, key: `${route.connection.key} ${privateConnection.name}` }
      : route.connection;
    for (;;) {
      const connection = pool.acquire(spec, freshMs);
      const isReused = connection.socket !== undefined;
      options.onConnection(connection);
      try {
        const wire = await exchange(
          connection,
          {
            method: current.method,
            path: route.path,
            where: `${current.url.hostname}:${current.url.port}`,
            headers: [...current.headers, ...route.proxyHeaders],
            body: current.body,
          },
          options,
        );
        const { timings } = connection;
        if (route.viaProxy && wire.code === 407)
          throw new HttpError("proxy", "the proxy asks for other credentials (407)", "407");
        pool.release(connection);
        return { wire, connection: { timings } };
      } catch (error) {
        pool.discard(connection);
        // The server closed the kept-alive connection just as we used it: no answer had begun.
        const isStale = isReused && canRepeat && !connection.timings && isClosed(error);
        if (!isStale || options.signal.aborted) throw error;
        freshMs = -1;
      }
    }
  }

  return { send, close: () => pool.close() };
}

function seal(request: HttpRequest, { cookies }: SendOptions): HttpRequest {
  const { method, url, body, without } = request;
  const jar = cookies?.headerFor(url.href) ?? "";
  return {
    ...request,
    headers: sealHeaders(request.headers, { method, host: url.host, cookies: jar, body, without }),
  };
}

const isClosed = (error: unknown): boolean =>
  error instanceof HttpError &&
  (error.code === "UND_ERR_SOCKET" || error.code === "ECONNRESET" || error.code === "EPIPE");

interface TimeLimit {
  signal: AbortSignal;
  end(): void;
}

function limitTime(signal: AbortSignal, timeoutMs: number): TimeLimit {
  if (timeoutMs <= 0) return { signal, end: () => {} };
  const controller = new AbortController();
  const timer = setTimeout(
    () =>
      controller.abort(
        new HttpError("target", `no complete response within ${timeoutMs} ms`, "ESOCKETTIMEDOUT"),
      ),
    timeoutMs,
  );
  const forward = () => controller.abort(signal.reason);
  if (signal.aborted) forward();
  else signal.addEventListener("abort", forward, { once: true });
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", forward);
    },
  };
}

function phases(wire: WireResponse, { timings }: Pick<Connection, "timings">): Omit<Timings, "totalMs"> {
  const { dnsMs = 0, connectMs = 0, tlsMs = 0 } = timings ?? {};
  const onWireAt = wire.startedAt + dnsMs + connectMs + tlsMs;
  return {
    dnsMs,
    connectMs,
    tlsMs,
    firstByteMs: Math.max(0, wire.firstByteAt - onWireAt),
    downloadMs: Math.max(0, wire.endedAt - wire.firstByteAt),
  };
}

async function toResponse(method: string, wire: WireResponse, maxBytes: number): Promise<HttpResponse> {
  const encoding = getHeader(wire.headers, "content-encoding") ?? "";
  const hasBody = method !== "HEAD" && wire.body.length > 0;
  const body = hasBody && encoding !== "" ? await decompress(wire.body, encoding, maxBytes) : wire.body;
  return {
    code: wire.code,
    status: wire.status,
    headers: wire.headers,
    body,
    wireBytes: wire.headerBytes + wire.body.length,
    headerBytes: wire.headerBytes,
    bodyWireBytes: wire.body.length,
    httpVersion: wire.httpVersion,
  };
}
