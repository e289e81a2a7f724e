import { domainToASCII } from "node:url";

import type { UrlParts } from "./url.ts";

/** What goes on the wire. */
export interface EncodedUrl {
  protocol: string;
  /** For connecting: no brackets around IPv6. */
  hostname: string;
  /** Name and port as written, for the Host header. */
  host: string;
  port: number;
  /** Path and query. */
  path: string;
  user?: string;
  password?: string;
  /** Everything except credentials and fragment. */
  href: string;
}

export class UrlError extends Error {
  override readonly name = "UrlError";
}

const defaultPorts: Record<string, number> = { "http:": 80, "https:": 443 };

/** Percent-encodes as Postman does and checks that the result can be connected to. Throws `UrlError`. */
export function encodeUrl(parts: UrlParts, options: { encode?: boolean } = {}): EncodedUrl {
  const encode = (text: string, set: EncodeSet) =>
    options.encode === false ? text : percentEncode(text, set);
  const protocol = `${(parts.protocol ?? "http").toLowerCase()}:`;
  const hostname = checkedHost(parts.host);
  if (hostname === "unix" && parts.port === "") throw new UrlError("Unix sockets are not supported");
  const port = checkedPort(protocol, parts.port);
  const host = parts.port ? `${hostname}:${port}` : hostname;
  const query = parts.query === undefined ? "" : `?${encode(parts.query, encodeSets.query)}`;
  const path = `/${encode(parts.path, encodeSets.path)}${query}`;
  return {
    protocol,
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    host,
    port,
    path,
    href: `${protocol}//${host}${path}`,
    ...(parts.user === undefined ? {} : { user: parts.user }),
    ...(parts.password === undefined ? {} : { password: parts.password }),
  };
}

/** Four decimal numbers without leading zeros, which would mean octal: one spelling, and nothing to look up. */
const plainAddress = /^(?:(?:25[0-5]|2[0-4]\d|1?[1-9]?\d|1\d\d)(?:\.(?!$)|$)){4}$/;
const plainName = /^(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*$/;

function checkedHost(host: string): string {
  if (plainAddress.test(host)) return host;
  const lowerHost = host.toLowerCase();
  // Addresses have many spellings (0x7f.1) and names in other scripts too: one form for the gate and the cookies.
  if (plainName.test(lowerHost) && !lowerHost.includes("xn--")) return lowerHost;
  const hostname = domainToASCII(lowerHost) || lowerHost;
  if (hostname === "") throw new UrlError("the URL has no host");
  if (/[\s/?#@\\{}<>^|"`]/.test(hostname)) throw new UrlError(`"${host}" is not a host name`);
  return hostname;
}

function checkedPort(protocol: string, text: string | undefined): number {
  const defaultPort = defaultPorts[protocol];
  if (defaultPort === undefined)
    throw new UrlError(`protocol "${protocol}" is not supported; use http or https`);
  if (!text) return defaultPort;
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UrlError(`"${text}" is not a port`);
  return port;
}

type EncodeSet = Uint8Array;

const encodeSet = (characters: string): EncodeSet => {
  const set = new Uint8Array(256);
  set.fill(1, 0, 0x20);
  set.fill(1, 0x7f);
  for (const character of characters) set[character.charCodeAt(0)] = 1;
  return set;
};

/** Characters that Postman encodes in each part, beside controls and everything above ASCII. */
const encodeSets = {
  query: encodeSet(" \"#'<>"),
  path: encodeSet(' "<>`#?{}'),
};

/** Letters that no part of a URL encodes: nearly every URL is made of them alone. */
const isPlain = /^[\w./~!$&()*+,;:@=-]*$/;

const isHexDigit = (byte: number | undefined): boolean =>
  byte !== undefined &&
  ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66));

const encoder = new TextEncoder();

/** Bytes of the set become `%XX`; what is already encoded stays. */
function percentEncode(text: string, set: EncodeSet): string {
  if (isPlain.test(text)) return text;
  let encoded = "";
  const bytes = encoder.encode(text);
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    const isEncoded = byte === 0x25 && isHexDigit(bytes[index + 1]) && isHexDigit(bytes[index + 2]);
    encoded +=
      set[byte] === 1 && !isEncoded
        ? `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
        : String.fromCharCode(byte);
  }
  return encoded;
}

/** The target of a `Location` header. */
export function resolveLocation(base: EncodedUrl, location: string): string {
  if (/^https?:/i.test(location)) return location;
  if (/^(\/\/|\\\\)/.test(location)) return base.protocol + location;
  const origin = `${base.protocol}//${base.host}`;
  if (/^[/\\]/.test(location)) return origin + location;
  const path = base.path.split("?", 1)[0] ?? "/";
  if (location === "" || location.startsWith("#")) return base.href;
  if (location.startsWith("?")) return origin + path + location;
  if (/^[a-z0-9.+-]+:(?:\/\/|\\\\)./i.test(location)) return location;
  return origin + path.slice(0, path.lastIndexOf("/") + 1) + location;
}
