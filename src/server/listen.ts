import { networkInterfaces } from "node:os";

import type { ServeConfig } from "../lib/config.ts";
import { AppError, toError } from "../lib/errors.ts";

/** The open port of a server. */
export interface Listener {
  /** How a program on this machine reaches it. */
  url: string;
  /** Until then only `/healthz` is answered. */
  serve(fetch: (request: Request, server: unknown) => Response | Promise<Response>): void;
  /** Takes no new connections; false when requests had to be cut off because `graceMs` was over. */
  stop(graceMs: number): Promise<boolean>;
}

/** Seconds without a byte after which a connection is closed; answers that are waited for are excepted below. */
const IDLE_SECONDS = 60;

/** Claims, runs that are waited for, and streams to agents are silent for minutes. */
const slowPaths = /^\/(runner\/|mcp|minimal|code|api\/+monitors\/[^/]+\/run)/;

/** Opens the port. Throws `unavailable` when it is taken, or when the certificate cannot be used. */
export function listen({ host, port, tls }: ServeConfig): Listener {
  let fetch: Parameters<Listener["serve"]>[0] = answerWhileStarting;
  const server = open(() =>
    Bun.serve({
      hostname: host,
      port,
      idleTimeout: IDLE_SECONDS,
      // Bun's own error page shows source code.
      development: false,
      ...(tls && { tls: { cert: Bun.file(tls.certFile), key: Bun.file(tls.keyFile) } }),
      fetch(request, server) {
        if (slowPaths.test(new URL(request.url).pathname)) server.timeout(request, 0);
        return fetch(request, server);
      },
    }),
  );
  return {
    url: `${tls ? "https" : "http"}://${hostForUrl(host)}:${server.port}`,
    serve: (handler) => void (fetch = handler),
    async stop(graceMs) {
      const finished = server.stop().then(() => true);
      const isFinished = await Promise.race([finished, Bun.sleep(graceMs).then(() => false)]);
      await server.stop(true);
      return isFinished;
    },
  };

  function open<T>(start: () => T): T {
    try {
      return start();
    } catch (error) {
      throw explain(toError(error), { host, port, tls });
    }
  }
}

/** Whether an address means every interface: programs elsewhere cannot go to it. */
export const isWildcard = (host: string): boolean => ["0.0.0.0", "::", ""].includes(host);

function hostForUrl(host: string): string {
  if (isWildcard(host)) return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

/** Those of links need a zone to be told apart, so they are left out. */
const ownAddresses = (): string[] => [
  ...new Set(
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ address, scopeid }) => scopeid === undefined || scopeid === 0 || address === "::1")
      .map(({ address }) => address),
  ),
];

function answerWhileStarting(request: Request): Response {
  if (new URL(request.url).pathname === "/healthz") return Response.json({ status: "alive" });
  return Response.json(
    { error: { name: "serviceUnavailableError", message: "The server is starting." } },
    { status: 503, headers: { "Retry-After": "1" } },
  );
}

function explain(error: Error, { host, port, tls }: Pick<ServeConfig, "host" | "port" | "tls">): AppError {
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return new AppError(
      "unavailable",
      `Port ${port} on ${host} is taken by another program: stop that one, or choose another --port.`,
    );
  }
  if (code === "EACCES") {
    return new AppError("unavailable", `This user may not open port ${port}: choose a --port from 1024 on.`);
  }
  const isUnknown = code === "ENOTFOUND" || code === "EAI_AGAIN";
  if (isUnknown || code === "EADDRNOTAVAIL" || code === "EINVAL") {
    return new AppError(
      "unavailable",
      `This machine has no address ${host}: give --host one of ${ownAddresses().join(", ")}, or 0.0.0.0 for all of them.`,
      { cause: error },
    );
  }
  const cause = error.message.replace(/\.$/, "");
  return new AppError(
    "unavailable",
    `The server cannot listen on ${host} port ${port} (${cause}): check --host${tls ? ", --tls-cert and --tls-key" : ""}.`,
    { cause: error },
  );
}
