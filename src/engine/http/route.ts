import type { EncodedUrl } from "../url-encode.ts";
import type { ClientCertificate } from "./client-certificates.ts";
import { lookupAddresses, type ConnectTarget, type Lookup, type PassAddresses } from "./connector.ts";
import { createBypass } from "./no-proxy.ts";
import { directOpen, type ConnectionSpec } from "./pool.ts";
import { openProxy, openTunnel, parseProxy, proxyAuthorization, type Proxy } from "./proxy.ts";
import { createTlsChooser, type TlsWishes } from "./tls.ts";

/** How the engine reaches the network; the same for all its runs. */
export interface ConnectionOptions {
  /** PEM certificates trusted in addition to the built-in ones. */
  extraCaCerts?: string[];
  /** Shown to servers whose URL matches, the first that does: `readClientCertificates` reads Postman's list. */
  clientCertificates?: ClientCertificate[];
  /** Proxy for `http:` targets, e.g. `http://user:pass@proxy:3128`. */
  httpProxy?: string;
  /** Proxy for `https:` targets. */
  httpsProxy?: string;
  /** Comma list of names, `.suffixes`, addresses, ranges, with optional port, or `*`: reached without a proxy. */
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
  /** Throws `HttpError` for wishes that cannot be met. */
  find(url: EncodedUrl, wishes: TlsWishes): Route;
}

/** Decides for each URL whether and through which proxy it goes. Throws on options that cannot be used. */
export function createRoutes(options: ConnectionOptions, pass?: PassAddresses): Routes {
  const lookup = options.lookup ?? lookupAddresses;
  const toTargets = { lookup, ...(pass ? { pass } : {}) };
  // Whoever starts the program chooses the proxy; rules are about where requests go.
  const toProxies = { lookup };
  const isDirect = createBypass(options.noProxy ?? "");
  const chooseTls = createTlsChooser(options.extraCaCerts ?? [], options.clientCertificates ?? []);
  const proxies: Record<string, Proxy | undefined> = {
    "http:": options.httpProxy ? parseProxy(options.httpProxy) : undefined,
    "https:": options.httpsProxy ? parseProxy(options.httpsProxy) : undefined,
  };
  return {
    find(url, wishes) {
      const proxy = proxies[url.protocol];
      const isTls = url.protocol === "https:";
      const hostInUrl = url.hostname.includes(":") ? `[${url.hostname}]` : url.hostname;
      const origin = `${url.protocol}//${hostInUrl}:${url.port}`;
      const tls = isTls ? chooseTls(url, wishes) : undefined;
      const target: ConnectTarget = {
        hostname: url.hostname,
        port: url.port,
        ...(tls ? { tls: tls.settings } : {}),
      };
      const key = `${origin} ${tls?.key ?? ""}`;
      if (!proxy || isDirect(url))
        return {
          connection: { key, origin, open: directOpen(target, toTargets) },
          path: url.path,
          proxyHeaders: [],
          viaProxy: false,
        };
      const proxyTarget: ConnectTarget = {
        hostname: proxy.hostname,
        port: proxy.port,
        ...(proxy.isTls ? { tls: chooseTls(toProxyUrl(proxy), { strictSsl: true }).settings } : {}),
      };
      if (isTls)
        return {
          connection: {
            key: `${key} tunnel`,
            origin,
            open: (servername, attempt) =>
              openTunnel({ proxy, proxyTarget, target, servername }, toProxies, attempt),
          },
          path: url.path,
          proxyHeaders: [],
          viaProxy: true,
        };
      return {
        connection: {
          key: `${proxy.origin} forward`,
          origin: proxy.origin.replace("https:", "http:"),
          open: (_servername, attempt) => openProxy(proxyTarget, toProxies, attempt),
        },
        path: url.href,
        proxyHeaders: proxyAuthorization(proxy),
        viaProxy: true,
      };
    },
  };
}

/** Proxies are trusted as targets are, but see no client certificate. */
const toProxyUrl = ({ hostname, port }: Proxy): EncodedUrl => ({
  protocol: "proxy:",
  hostname,
  host: hostname,
  port,
  path: "/",
  href: "",
});
