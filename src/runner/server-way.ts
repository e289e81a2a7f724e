import type { Socket } from "node:net";

import { Agent, type Dispatcher } from "undici/index.js";

import { parseProxy } from "../engine/http/proxy.ts";
import { createRoutes, type Route } from "../engine/http/route.ts";
import { encodeUrl } from "../engine/url-encode.ts";
import { parseUrl } from "../engine/url.ts";
import { toError } from "../lib/errors.ts";
import { trusting } from "./certificates.ts";

export interface ServerWayOptions {
  /** Address of the control plane. */
  server: string;
  /** PEM certificates trusted in addition to the built-in ones. */
  extraCaCerts?: string[];
  /** Proxy on the way to the control plane, also for an address that `NO_PROXY` names; absent = directly. */
  proxy?: string;
}

/** How calls reach the control plane. */
export interface ServerWay {
  dispatcher: Dispatcher;
  /** What a call to a path adds to its own options. */
  requestTo(path: string): { origin: string; path: string; headers: Record<string, string> };
  /** Address of the proxy, without its credentials; undefined = there is none. */
  proxyOrigin: string | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;
/**
 * Shorter than servers and load balancers keep an idle connection, so that none is used that they have just closed; and than
 * the time limit of a heartbeat, so that what is tried again after one does not take another connection that is as dead.
 */
const IDLE_MS = 1_000;
const limits = { keepAliveTimeout: IDLE_MS, pipelining: 1 };

/** Throws for a proxy that is none. */
export function createServerWay({ server, extraCaCerts, proxy }: ServerWayOptions): ServerWay {
  if (proxy !== undefined) return throughProxy(server.replace(/\/+$/, ""), proxy, extraCaCerts);
  const { origin, pathname } = new URL(server);
  const base = pathname.replace(/\/+$/, "");
  return {
    dispatcher: new Agent({
      ...limits,
      connect: { ...trusting(extraCaCerts), timeout: CONNECT_TIMEOUT_MS },
    }),
    requestTo: (path) => ({ origin, path: base + path, headers: {} }),
    proxyOrigin: undefined,
  };
}

/** The engine's own way through proxies: undici's refuses a proxy over TLS that is named by its address. */
function throughProxy(server: string, proxy: string, extraCaCerts: string[] = []): ServerWay {
  const routes = createRoutes({ extraCaCerts, httpProxy: proxy, httpsProxy: proxy });
  const routeOf = (path: string): Route =>
    routes.find(encodeUrl(parseUrl(`${server}${path}`)), { strictSsl: true });
  const { connection } = routeOf("/");
  const { host } = new URL(server);
  return {
    dispatcher: new Agent({ ...limits, connect: (_, callback) => void connect(connection, callback) }),
    requestTo: (path) => {
      const route = routeOf(path);
      return {
        origin: connection.origin,
        path: route.path,
        headers: { host, ...Object.fromEntries(route.proxyHeaders) },
      };
    },
    proxyOrigin: parseProxy(proxy).origin,
  };
}

async function connect(
  { open }: Route["connection"],
  callback: (...result: [error: null, socket: Socket] | [error: Error, socket: null]) => void,
): Promise<void> {
  try {
    const { socket } = await open(undefined, {
      signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS),
      seen: {},
    });
    callback(null, socket);
  } catch (error) {
    callback(toError(error), null);
  }
}
