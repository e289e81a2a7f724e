import type { HeaderList } from "../types.ts";

export const isHeader = (name: string, lowerName: string): boolean =>
  name.length === lowerName.length && name.toLowerCase() === lowerName;

/** The first value of a header; `lowerName` in lower case. */
export const getHeader = (headers: HeaderList, lowerName: string): string | undefined =>
  headers.find(([name]) => isHeader(name, lowerName))?.[1];

export const removeHeader = (headers: HeaderList, ...lowerNames: string[]): HeaderList =>
  headers.filter(([name]) => !lowerNames.includes(name.toLowerCase()));

/** Replaces a header or appends it. */
export const setHeader = (headers: HeaderList, name: string, value: string): HeaderList => [
  ...removeHeader(headers, name.toLowerCase()),
  [name, value],
];

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

const methodsWithLength = new Set(["POST", "PUT", "PATCH"]);

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

/** The headers that really go out. */
export function sealHeaders(headers: HeaderList, { method, host, cookies, body, without }: Seal): HeaderList {
  const sealed = headers.filter(([name]) => !framing.has(name.toLowerCase()));
  sealed.push(["Host", lastHeader(headers, "host") ?? host]);
  const closes = /\bclose\b/i.test(getHeader(headers, "connection") ?? "");
  if (closes || !without.has("connection")) sealed.push(["Connection", closes ? "close" : "keep-alive"]);
  if (body || methodsWithLength.has(method)) sealed.push(["Content-Length", String(body?.length ?? 0)]);
  const own = headers.filter(([name]) => isHeader(name, "cookie")).map(([, value]) => value);
  const cookie = [...own, cookies].filter((text) => text !== "").join("; ");
  if (cookie !== "") sealed.push(["Cookie", cookie]);
  return sealed;
}

const lastHeader = (headers: HeaderList, lowerName: string): string | undefined =>
  headers.findLast(([name]) => isHeader(name, lowerName))?.[1];
