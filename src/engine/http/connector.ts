import { lookup as systemLookup } from "node:dns";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

import { aborted, codeOf, HttpError, toHttpError, untilAborted } from "./errors.ts";
import { type Attempt, certificateOf } from "./seen.ts";
import type { TlsSettings } from "./tls.ts";

/** How long the next address waits for the one before it (RFC 8305). */
const NEXT_ADDRESS_MS = 250;

/** Of one name, that are reported; a name server may answer with any number. */
const MAX_ADDRESSES = 50;

export interface ConnectTimings {
  dnsMs: number;
  connectMs: number;
  tlsMs: number;
}

export interface Address {
  address: string;
  family: number;
}

/** Resolves a name; replaced in tests. Rejects with a code such as `ENOTFOUND`. */
export type Lookup = (hostname: string) => Promise<Address[]>;

export const lookupAddresses: Lookup = (hostname) =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true, verbatim: true }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    );
  });

export interface ConnectTarget {
  hostname: string;
  port: number;
  /** Absent = plain TCP. */
  tls?: TlsSettings;
  /** Name to ask for and to verify; absent = `hostname`. */
  servername?: string;
}

/** Which of the addresses of a name may be dialled; throws when none may. */
export type PassAddresses = (hostname: string, addresses: Address[]) => Address[];

/** How names are looked up, and what may be done with the addresses. */
export interface Resolution {
  lookup: Lookup;
  /** Absent = any may be dialled. */
  pass?: PassAddresses;
}

export interface Opened {
  socket: Socket | TLSSocket;
  timings: ConnectTimings;
}

/** Opens a TCP or TLS connection and times its phases. Rejects with `HttpError`; the signal stops it at once. */
export async function openConnection(
  target: ConnectTarget,
  { lookup, pass }: Resolution,
  attempt: Attempt,
): Promise<Opened> {
  const { signal, seen } = attempt;
  const startedAt = performance.now();
  const found = await resolveName(target.hostname, lookup, signal);
  seen.addresses = found.slice(0, MAX_ADDRESSES).map(({ address }) => address);
  const addresses = pass ? pass(target.hostname, found) : found;
  const resolvedAt = performance.now();
  const tcp = await connectFirst(addresses, target, signal);
  if (tcp.remoteAddress !== undefined) seen.remoteAddress = tcp.remoteAddress;
  const connectedAt = performance.now();
  const timings = { dnsMs: resolvedAt - startedAt, connectMs: connectedAt - resolvedAt, tlsMs: 0 };
  if (!target.tls) return { socket: tcp, timings };
  const socket = await upgradeToTls(tcp, target, target.tls, attempt);
  return { socket, timings: { ...timings, tlsMs: performance.now() - connectedAt } };
}

/** RFC 6761: these names are this machine, whatever a name server says. IPv6 first, as in Postman. */
const loopback: Address[] = [
  { address: "::1", family: 6 },
  { address: "127.0.0.1", family: 4 },
];

async function resolveName(hostname: string, lookup: Lookup, signal: AbortSignal): Promise<Address[]> {
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return loopback;
  try {
    // The system's resolver cannot be stopped; its late answer is ignored.
    const addresses = await untilAborted(lookup(hostname), signal);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    if (signal.aborted) throw error;
    const code = codeOf(error) ?? "ENOTFOUND";
    throw new HttpError("dns", `getaddrinfo ${code} ${hostname}`, code.replace(/^DNS_/, ""));
  }
  throw new HttpError("dns", `getaddrinfo ENOTFOUND ${hostname}`, "ENOTFOUND");
}

/** Tries the addresses with a head start for the earlier ones; the first that connects wins, the others end. */
function connectFirst(addresses: Address[], target: ConnectTarget, signal: AbortSignal): Promise<Socket> {
  const where = `${target.hostname}:${target.port}`;
  return new Promise((resolve, reject) => {
    const sockets = new Set<Socket>();
    let next = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let done = false;

    const finish = (winner?: Socket) => {
      done = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      for (const socket of sockets) if (socket !== winner) socket.destroy();
    };
    const stop = () => {
      finish();
      reject(aborted(signal));
    };
    const tryNext = () => {
      clearTimeout(timer);
      const address = addresses[next++];
      if (done || !address) return;
      const socket = connectTcp({ host: address.address, port: target.port, noDelay: true });
      sockets.add(socket);
      socket.once("connect", () => {
        if (done) return;
        finish(socket);
        socket.removeAllListeners("error");
        resolve(socket);
      });
      // Stays attached: a losing socket may still report an error after the race.
      socket.on("error", (error) => {
        sockets.delete(socket);
        if (done) return;
        if (next < addresses.length) return tryNext();
        if (sockets.size > 0) return;
        finish();
        reject(connectError(error, where));
      });
      if (next < addresses.length) timer = setTimeout(tryNext, NEXT_ADDRESS_MS);
    };

    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    tryNext();
  });
}

function connectError(error: unknown, where: string): HttpError {
  const code = codeOf(error);
  return code === undefined
    ? toHttpError(error, where)
    : new HttpError("target", `connect ${code} ${where}`, code);
}

export function upgradeToTls(
  tcp: Socket,
  target: ConnectTarget,
  settings: TlsSettings,
  { signal, seen }: Attempt,
): Promise<TLSSocket> {
  const name = target.servername ?? target.hostname;
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: tcp,
      host: name,
      // An IP address must not be sent as a server name (RFC 6066).
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ALPNProtocols: settings.protocols,
      rejectUnauthorized: settings.rejectUnauthorized,
      ...(settings.secureContext ? { secureContext: settings.secureContext } : {}),
    });
    const look = () => {
      const certificate = certificateOf(socket);
      if (certificate) seen.certificate = certificate;
    };
    // A certificate that is not trusted is gone by the time the error is told.
    const destroy = socket.destroy.bind(socket);
    socket.destroy = (error) => {
      if (error) look();
      return destroy(error);
    };
    const settle = (act: () => void) => {
      socket.destroy = destroy;
      signal.removeEventListener("abort", stop);
      socket.off("error", fail);
      socket.off("close", closed);
      act();
    };
    const fail = (error: unknown) =>
      settle(() => {
        socket.on("error", () => {});
        socket.destroy();
        tcp.destroy();
        reject(toHttpError(error, `${target.hostname}:${target.port}`));
      });
    const stop = () => fail(aborted(signal));
    const closed = () =>
      fail(new HttpError("target", "the connection was closed during the TLS handshake", "ECONNRESET"));
    socket.once("secureConnect", () => {
      look();
      if (settings.protocols.includes("http/1.1") || socket.alpnProtocol === "h2")
        return settle(() => resolve(socket));
      fail(new HttpError("target", "the server does not offer HTTP/2", "ERR_HTTP2_ERROR"));
    });
    socket.on("error", fail);
    socket.once("close", closed);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}
