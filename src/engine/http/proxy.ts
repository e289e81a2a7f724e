import type { Socket } from "node:net";

import { credentialsOf } from "../../lib/url-credentials.ts";
import {
  openConnection,
  upgradeToTls,
  type ConnectTarget,
  type Opened,
  type Resolution,
} from "./connector.ts";
import { aborted, HttpError } from "./errors.ts";
import type { Attempt, Seen } from "./seen.ts";

/** An answer to CONNECT is a status line and a few headers. */
const MAX_ANSWER_BYTES = 16 * 1024;

export interface Proxy {
  origin: string;
  hostname: string;
  port: number;
  isTls: boolean;
  credentials: string | undefined;
}

/** Throws when the URL is not that of an HTTP proxy. */
export function parseProxy(text: string): Proxy {
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "")
    throw new Error("the proxy must be a URL like http://proxy.example:3128");
  const isTls = url.protocol === "https:";
  return {
    origin: url.origin,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    credentials: credentialsOf(url),
  };
}

export const proxyAuthorization = ({ credentials }: Proxy): [name: string, value: string][] =>
  credentials === undefined
    ? []
    : [["Proxy-Authorization", `Basic ${Buffer.from(credentials).toString("base64")}`]];

export interface Tunnel {
  proxy: Proxy;
  proxyTarget: ConnectTarget;
  target: ConnectTarget;
  servername: string | undefined;
}

/** TLS to the target through CONNECT. What the proxy does wrong is `proxy`, what the target does wrong `target`. */
export async function openTunnel(
  { proxy, proxyTarget, target, servername }: Tunnel,
  resolution: Resolution,
  attempt: Attempt,
): Promise<Opened> {
  const { socket, timings } = await openProxy(proxyTarget, resolution, attempt);
  const connectedAt = performance.now();
  try {
    await requestTunnel(socket, proxy, target, attempt.signal);
    const tls = await upgradeToTls(
      socket,
      { ...target, ...(servername === undefined ? {} : { servername }) },
      target.tls ?? { rejectUnauthorized: true, protocols: ["http/1.1"] },
      attempt,
    );
    return { socket: tls, timings: { ...timings, tlsMs: performance.now() - connectedAt } };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Not to reach the proxy is the proxy's fault, whatever layer it happens on. Of what is seen of it only its address is
 * noted: its certificate and its other addresses say nothing about the target.
 */
export async function openProxy(
  target: ConnectTarget,
  resolution: Resolution,
  { signal, seen }: Attempt,
): Promise<Opened> {
  const ofProxy: Seen = {};
  try {
    const opened = await openConnection(target, resolution, { signal, seen: ofProxy });
    if (ofProxy.remoteAddress !== undefined) seen.remoteAddress = ofProxy.remoteAddress;
    return opened;
  } catch (error) {
    if (error instanceof HttpError)
      throw new HttpError("proxy", `the proxy cannot be reached: ${error.message}`, error.code);
    throw error;
  }
}

function requestTunnel(
  socket: Socket,
  proxy: Proxy,
  target: ConnectTarget,
  signal: AbortSignal,
): Promise<void> {
  const host = `${target.hostname.includes(":") ? `[${target.hostname}]` : target.hostname}:${target.port}`;
  const headers = [["Host", host], ...proxyAuthorization(proxy)].map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const settle = (error?: Error) => {
      socket.off("data", onData);
      socket.off("close", onClose);
      socket.off("error", onClose);
      signal.removeEventListener("abort", onAbort);
      if (error) reject(error);
      else resolve();
    };
    const onData = (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      const end = answer.indexOf("\r\n\r\n");
      if (end === -1 && answer.length < MAX_ANSWER_BYTES) return;
      const line = answer.subarray(0, answer.indexOf("\r\n")).toString("latin1");
      const [, code] = /^HTTP\/1\.\d (\d{3})/.exec(line) ?? [];
      if (end !== -1 && code?.startsWith("2")) {
        socket.pause();
        if (end + 4 < answer.length) socket.unshift(answer.subarray(end + 4));
        return settle();
      }
      settle(new HttpError("proxy", `the proxy refused to connect to ${host}: ${line.slice(0, 200)}`, code));
    };
    const onClose = () =>
      settle(new HttpError("proxy", `the proxy closed the connection to ${host}`, "ECONNRESET"));
    const onAbort = () => settle(aborted(signal));
    socket.on("data", onData);
    socket.once("close", onClose);
    socket.once("error", onClose);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    socket.write(`CONNECT ${host} HTTP/1.1\r\n${headers.join("")}\r\n`);
  });
}
