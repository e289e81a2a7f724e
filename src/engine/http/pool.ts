import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

import { Client } from "undici/index.js";

import { toError } from "../../lib/errors.ts";
import {
  openConnection,
  type ConnectTarget,
  type ConnectTimings,
  type Opened,
  type Resolution,
} from "./connector.ts";
import type { Attempt, Seen } from "./seen.ts";

const MAX_IDLE = 64;
const MAX_HEADER_BYTES = 128 * 1024;
/** Below what common servers keep (Node 5 s), so that we close before they do. */
const KEEP_ALIVE_MS = 4000;

/** One connection that serves one request at a time, so that its phases belong to that request. */
export interface Connection {
  readonly key: string;
  readonly client: Client;
  /** Phases of the connect that the current request waited for; undefined when the socket was kept alive. */
  timings: ConnectTimings | undefined;
  socket: Socket | undefined;
  /** Also of use to the requests that find the connection open. */
  readonly seen: Seen;
  idleSince: number;
  /** What the next request begins with on the wire, up to the empty line. */
  head: string | undefined;
  idleTimer: ReturnType<typeof setTimeout> | undefined;
}

export const speaksHttp2 = (socket: Socket | undefined): boolean =>
  socket instanceof TLSSocket && socket.alpnProtocol === "h2";

export type Open = (servername: string | undefined, attempt: Attempt) => Promise<Opened>;

export interface ConnectionSpec {
  /** Connections with one key are interchangeable: same origin, same TLS settings, same proxy. */
  key: string;
  /** Where undici believes to connect to. */
  origin: string;
  open: Open;
}

/** Keeps connections alive between requests and runs. Each is used by one request at a time. */
export class ConnectionPool {
  readonly #idle = new Map<string, Connection[]>();
  readonly #all = new Map<Connection, AbortController>();
  #idleCount = 0;

  /** `freshMs`: how long a kept-alive connection may have been idle; older ones are left alone. */
  acquire(spec: ConnectionSpec, freshMs: number): Connection {
    const idle = this.#idle.get(spec.key);
    const connection = idle?.at(-1);
    if (!connection || performance.now() - connection.idleSince > freshMs) return this.#create(spec);
    idle?.pop();
    clearTimeout(connection.idleTimer);
    this.#idleCount--;
    connection.timings = undefined;
    return connection;
  }

  /** Hands a connection back after a complete response. */
  release(connection: Connection): void {
    if (!connection.socket || connection.socket.destroyed) return this.discard(connection);
    connection.idleSince = performance.now();
    if (speaksHttp2(connection.socket)) this.#limitIdle(connection, connection.socket);
    const idle = this.#idle.get(connection.key);
    if (idle) idle.push(connection);
    else this.#idle.set(connection.key, [connection]);
    if (++this.#idleCount > MAX_IDLE) this.#dropOldest();
  }

  /** Ends a connection that nobody may use again. */
  discard(connection: Connection): void {
    this.#all.get(connection)?.abort();
    this.#all.delete(connection);
    clearTimeout(connection.idleTimer);
    void connection.client.destroy().catch(() => {});
    connection.socket?.destroy();
  }

  close(): void {
    for (const connection of this.#all.keys()) this.discard(connection);
    this.#idle.clear();
    this.#idleCount = 0;
  }

  #create({ key, origin, open }: ConnectionSpec): Connection {
    const abort = new AbortController();
    const client = new Client(origin, {
      // Whether it is spoken is settled by what the connection offers in its handshake.
      allowH2: true,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connect: (options, callback) => {
        const attempt = { signal: abort.signal, seen: connection.seen };
        void this.#connect(connection, () => open(options.servername || undefined, attempt), callback);
      },
    });
    const connection: Connection = {
      key,
      client,
      timings: undefined,
      socket: undefined,
      seen: {},
      idleSince: 0,
      head: undefined,
      idleTimer: undefined,
    };
    this.#all.set(connection, abort);
    return connection;
  }

  async #connect(
    connection: Connection,
    open: () => Promise<Opened>,
    callback: (...result: [error: null, socket: Socket] | [error: Error, socket: null]) => void,
  ): Promise<void> {
    try {
      const { socket, timings } = await open();
      connection.timings = timings;
      connection.socket = socket;
      if (!speaksHttp2(socket)) writeOwnHeads(connection, socket);
      socket.once("close", () => this.#forget(connection, socket));
      callback(null, socket);
    } catch (error) {
      callback(toError(error), null);
    }
  }

  /** A socket that closed while idle takes its connection with it. */
  #forget(connection: Connection, socket: Socket): void {
    if (connection.socket !== socket) return;
    connection.socket = undefined;
    const idle = this.#idle.get(connection.key);
    const at = idle?.indexOf(connection) ?? -1;
    if (!idle || at === -1) return;
    idle.splice(at, 1);
    if (idle.length === 0) this.#idle.delete(connection.key);
    this.#idleCount--;
    this.discard(connection);
  }

  /** undici ends idle connections of HTTP/1.1 by itself. */
  #limitIdle(connection: Connection, socket: Socket): void {
    connection.idleTimer = setTimeout(() => this.#forget(connection, socket), KEEP_ALIVE_MS);
    connection.idleTimer.unref();
  }

  #dropOldest(): void {
    let oldest: Connection | undefined;
    for (const [first] of this.#idle.values())
      if (first && (!oldest || first.idleSince < oldest.idleSince)) oldest = first;
    if (oldest?.socket) this.#forget(oldest, oldest.socket);
  }
}

/**
 * undici puts Host and Connection first and spells them its own way, but servers see what collections set in the
 * order in which they set it. It has checked every name and value by the time it writes the head, its only text.
 */
function writeOwnHeads(connection: Connection, socket: Socket): void {
  // One signature for the overloads of `write`: arguments are handed on as they came.
  const write = socket.write.bind(socket) as (chunk: unknown, ...rest: unknown[]) => boolean;
  socket.write = (chunk: unknown, ...rest: unknown[]): boolean => {
    if (typeof chunk !== "string" || connection.head === undefined) return write(chunk, ...rest);
    const { head } = connection;
    connection.head = undefined;
    return write(head, "latin1");
  };
}

export const directOpen =
  (target: ConnectTarget, resolution: Resolution): Open =>
  (servername, attempt) =>
    openConnection({ ...target, ...(servername === undefined ? {} : { servername }) }, resolution, attempt);
