import type { LookupFunction } from "node:net";

import { Server, type ServerOptions } from "proxy-chain";

export interface ForwardProxy extends AsyncDisposable {
  /** Without credentials. */
  url: string;
  port: number;
  /** What it was asked for, in order: `GET host:port` in plain, `CONNECT host:port` for a tunnel. */
  asked: string[];
}

export interface ForwardProxyOptions {
  /** `user:password`; absent = everybody may. */
  credentials?: string;
  /** Speaks TLS itself. */
  tls?: { cert: string; key: string };
  /** Where names lead. */
  names?: Record<string, string>;
  /** Default 127.0.0.1. */
  host?: string;
}

/** A forward proxy as companies have them, made by others (proxy-chain). */
export async function startForwardProxy(options: ForwardProxyOptions = {}): Promise<ForwardProxy> {
  const { credentials, tls, names = {}, host = "127.0.0.1" } = options;
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, lookupOptions, callback) => {
    const address = names[hostname] ?? hostname;
    if (lookupOptions.all) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };
  const base: ServerOptions = {
    port: 0,
    host,
    prepareRequestFunction: ({ request, username, password, hostname, port }) => {
      asked.push(`${request.method} ${hostname}:${port}`);
      const isKnown = credentials === undefined || credentials === `${username}:${password}`;
      // The type is that of all overloads of `dns.lookup`; the proxy calls the one with options.
      return { requestAuthentication: !isKnown, dnsLookup: lookup as never };
    },
  };
  const server = new Server(tls ? { ...base, serverType: "https", httpsOptions: tls } : base);
  // Clients that leave in the middle of a handshake are part of what is tested.
  server.on("tlsError", () => {});
  await server.listen();
  return {
    url: `${tls ? "https" : "http"}://${host}:${server.port}`,
    port: server.port,
    asked,
    [Symbol.asyncDispose]: () => server.close(true),
  };
}
