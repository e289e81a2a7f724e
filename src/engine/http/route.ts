import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";

import type { EncodedUrl } from "../url-encode.ts";
import { lookupAddresses, type ConnectTarget, type Lookup, type TlsSettings } from "./connector.ts";
import { directOpen, type ConnectionSpec } from "./pool.ts";
import { bypassesProxy, openProxy, openTunnel, parseProxy, proxyAuthorization, type Proxy } from "./proxy.ts";

/** How the engine reaches the network; the same for all its runs. */
export interface ConnectionOptions {
  /** PEM certificates trusted in addition to the built-in ones. */
  extraCaCerts?: string[];
  /** Proxy for `http:` targets, e.g. `http://user:pass@proxy:3128`. */
  httpProxy?: string;
  /** Proxy for `https:` targets. */
  httpsProxy?: string;
  /** Comma list of names, `.suffixes`, addresses with optional port, or `*`: reached without a proxy. */
  noProxy?: string;
  /** Replaces name resolution. */
  lookup?: Lookup;
}

export interface Route {
  connection: ConnectionSpec;
  /** What stands in the request line. */
  path: string;
  /** Headers that only the proxy sees. */
  proxyHeaders: [name: string, value: string][];
  viaProxy: boolean;
}

export interface Routes {
  find(url: EncodedUrl, settings: { strictSsl: boolean }): Route;
}

/** Decides for each URL whether and through which proxy it goes. Throws on a proxy URL that cannot be used. */
export function createRoutes(options: ConnectionOptions): Routes {
  const lookup = options.lookup ?? lookupAddresses;
  const secureContext = trustContext(options.extraCaCerts ?? []);
  const proxies: Record<string, Proxy | undefined> = {
    "http:": options.httpProxy ? parseProxy(options.httpProxy) : undefined,
    "https:": options.httpsProxy ? parseProxy(options.httpsProxy) : undefined,
  };
  const tlsSettings = (strictSsl: boolean): TlsSettings => ({
    rejectUnauthorized: strictSsl,
    ...(secureContext ? { secureContext } : {}),
  });
  return {
    find(url, { strictSsl }) {
      const proxy = proxies[url.protocol];
      const isTls = url.protocol === "https:";
      const hostInUrl = url.hostname.includes(":") ? `[${url.hostname}]` : url.hostname;
      const origin = `${url.protocol}//${hostInUrl}:${url.port}`;
      const target: ConnectTarget = {
        hostname: url.hostname,
        port: url.port,
        ...(isTls ? { tls: tlsSettings(strictSsl) } : {}),
      };
      const key = `${origin} ${isTls && !strictSsl ? "insecure" : ""}`;
      if (!proxy || bypassesProxy(url, options.noProxy ?? ""))
        return {
          connection: { key, origin, open: directOpen(target, lookup) },
          path: url.path,
          proxyHeaders: [],
          viaProxy: false,
        };
      const proxyTarget: ConnectTarget = {
        hostname: proxy.hostname,
        port: proxy.port,
        ...(proxy.isTls ? { tls: tlsSettings(true) } : {}),
      };
      if (isTls)
        return {
          connection: {
            key: `${key} tunnel`,
            origin,
            open: (servername, signal) =>
              openTunnel({ proxy, proxyTarget, target, servername }, lookup, signal),
          },
          path: url.path,
          proxyHeaders: [],
          viaProxy: true,
        };
      return {
        connection: {
          key: `${proxy.origin} forward`,
          origin: proxy.origin.replace("https:", "http:"),
          open: (_servername, signal) => openProxy(proxyTarget, lookup, signal),
        },
        path: url.href,
        proxyHeaders: proxyAuthorization(proxy),
        viaProxy: true,
      };
    },
  };
}

/** Made once: parsing the built-in certificates for every connection would cost milliseconds. */
function trustContext(extraCaCerts: string[]): SecureContext | undefined {
  if (extraCaCerts.length === 0) return undefined;
  return createSecureContext({ ca: [...rootCertificates, ...extraCaCerts] });
}
