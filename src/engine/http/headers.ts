import type { HeaderList } from "../types.ts";

export const isHeader = (name: string, lowerName: string): boolean =>
  name.length === lowerName.length && name.toLowerCase() === lowerName;

/** The first value of a header; `lowerName` in lower case. */
export const getHeader = (headers: HeaderList, lowerName: string): string | undefined =>
  headers.find(([name]) => isHeader(name, lowerName))?.[1];

export const removeHeader = (headers: HeaderList, ...lowerNames: string[]): HeaderList =>
  headers.filter(([name]) => !lowerNames.includes(name.toLowerCase()));

/** Replaces a header where it stands and as it is spelled, or appends it. */
export function setHeader(headers: HeaderList, name: string, value: string): HeaderList {
  const at = headers.findIndex(([own]) => isHeader(own, name.toLowerCase()));
  const existing = headers[at];
  if (!existing) return [...headers, [name, value]];
  return headers.with(at, [existing[0], value]);
}

/**
 * Headers that say where a message ends or how the connection is used. They are ours to set: a body that
 * disagrees with its own length is how one request is smuggled inside another.
 */
const framing = new Set([
  "host",
  "cookie",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "upgrade",
  "expect",
  "te",
  "trailer",
  "proxy-authorization",
  "proxy-connection",
]);

/** What of the user's headers goes out as it is: only that may be signed. */
export const withoutFraming = (headers: HeaderList): HeaderList =>
  headers.filter(([name]) => isHeader(name, "host") || !framing.has(name.toLowerCase()));

/**
 * Headers of one name as Node's client gathers them: equal names stand together at the place of the first; of
 * names that differ in case only, the last is sent, there, too.
 */
export function groupHeaders(headers: HeaderList): HeaderList {
  if (new Set(headers.map(([name]) => name.toLowerCase())).size === headers.length) return headers;
  const byName = new Map<string, HeaderList>();
  for (const header of headers) {
    const same = byName.get(header[0]);
    if (same) same.push(header);
    else byName.set(header[0], [header]);
  }
  const sent = new Map<string, HeaderList>();
  for (const [name, group] of byName) sent.set(name.toLowerCase(), group);
  return [...sent.values()].flat();
}

const methodsWithoutLength = new Set(["GET", "HEAD", "TRACE", "DELETE", "CONNECT", "OPTIONS"]);

export interface Seal {
  method: string;
  /** `host:port` of the URL, unless the user named another host by hand. */
  host: string;
  /** What the cookie jar holds for the URL. */
  cookies: string;
  body: Uint8Array | undefined;
  /** System headers that the user switched off, in lower case. */
  without: ReadonlySet<string>;
}

/** The headers that really go out, in order. What frames the message is ours, at the place where it stands. */
export function sealHeaders(headers: HeaderList, { method, host, cookies, body, without }: Seal): HeaderList {
  const length = body || !methodsWithoutLength.has(method) ? String(body?.length ?? 0) : "";
  const ours = new Map([
    ["host", lastHeader(headers, "host") || host],
    ["connection", closes(headers) ? "close" : "keep-alive"],
    ["cookie", [...valuesOf(headers, "cookie"), cookies].filter((text) => text !== "").join("; ")],
    ["content-length", length],
  ]);
  const sealed: HeaderList = [];
  const place = (name: string, lowerName: string) => {
    const value = ours.get(lowerName);
    if (value) sealed.push([name, value]);
    // Once is enough, however often it was given.
    ours.delete(lowerName);
  };
  for (const header of headers) {
    const lowerName = header[0].toLowerCase();
    if (framing.has(lowerName)) place(header[0], lowerName);
    else sealed.push(header);
  }
  if (!without.has("host")) place("Host", "host");
  if (!without.has("connection")) place("Connection", "connection");
  place("Content-Length", "content-length");
  place("Cookie", "cookie");
  return sealed;
}

const closes = (headers: HeaderList): boolean => /\bclose\b/i.test(getHeader(headers, "connection") ?? "");

const valuesOf = (headers: HeaderList, lowerName: string): string[] =>
  headers.filter(([name]) => isHeader(name, lowerName)).map(([, value]) => value);

const lastHeader = (headers: HeaderList, lowerName: string): string | undefined =>
  headers.findLast(([name]) => isHeader(name, lowerName))?.[1];
