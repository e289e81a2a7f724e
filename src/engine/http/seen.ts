import type { PeerCertificate, TLSSocket } from "node:tls";

import type { Certificate } from "../types.ts";

/** What connecting brings to light. It is filled on the way, so that a connection which fails leaves what was known by then. */
export interface Seen {
  /** What the name resolved to; absent behind a proxy, which looks it up itself. */
  addresses?: string[];
  /** The address that the connection is to: that of the proxy where there is one. */
  remoteAddress?: string;
  /** Of the target, also of one that was not trusted. */
  certificate?: Certificate;
}

/** One attempt to connect: what ends it, and where it notes what it sees. */
export interface Attempt {
  signal: AbortSignal;
  seen: Seen;
}

/** Certificates come from servers: nothing in one may fill a result. */
const MAX_NAMES = 100;
const MAX_NAME_CHARS = 500;

/** Undefined when the server has shown none, or one that cannot be described. */
export function certificateOf(socket: TLSSocket): Certificate | undefined {
  const shown: Partial<PeerCertificate> | null = socket.getPeerCertificate();
  if (!shown?.fingerprint256) return undefined;
  const [validFrom, validTo] = [toInstant(shown.valid_from), toInstant(shown.valid_to)];
  if (validFrom === undefined || validTo === undefined) return undefined;
  const names = (shown.subjectaltname ?? "").split(", ").filter((name) => name !== "");
  return {
    subject: toLine(shown.subject),
    issuer: toLine(shown.issuer),
    validFrom,
    validTo,
    fingerprint256: shown.fingerprint256,
    ...(names.length > 0 && { names: names.slice(0, MAX_NAMES).map(withoutKind) }),
  };
}

/** `DNS:api.example` and `IP Address:10.0.0.1` are told apart by their looks. */
const withoutKind = (name: string): string =>
  name.replace(/^(?:DNS|IP Address):/, "").slice(0, MAX_NAME_CHARS);

const toLine = (name: object | undefined): string =>
  Object.entries(name ?? {})
    .flatMap(([key, value]: [string, unknown]) =>
      (Array.isArray(value) ? value : [value]).map((one) => `${key}=${String(one)}`),
    )
    .join(", ")
    .slice(0, MAX_NAME_CHARS);

/** OpenSSL writes `Nov 22 08:50:06 2026 GMT`. */
function toInstant(text: string | undefined): string | undefined {
  const instant = new Date(text ?? "");
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}
