import type { HeaderList } from "../types.ts";
import { encodeUrl, resolveLocation, UrlError, type EncodedUrl } from "../url-encode.ts";
import { parseUrl } from "../url.ts";
import type { HttpRequest, SendOptions } from "./client.ts";
import { HttpError } from "./errors.ts";
import type { WireResponse } from "./exchange.ts";
import { getHeader, isHeader, removeHeader, setHeader } from "./headers.ts";

/** The request that a redirect asks for; undefined when the response is not one. Throws on a wrong Location. */
export function nextHop(
  current: HttpRequest,
  sent: HttpRequest,
  wire: WireResponse,
  options: SendOptions,
): HttpRequest | undefined {
  const location = wire.code >= 300 && wire.code < 400 ? getHeader(wire.headers, "location") : undefined;
  if (!location) return undefined;
  const url = locationUrl(current.url, location, options);
  const keepsMethod = options.followOriginalMethod || wire.code === 307 || wire.code === 308;
  const kept = forHost(current, sent, url, options);
  const headers = keepsMethod ? kept : removeHeader(kept, "content-type", "content-length");
  const next = { ...current, url, headers: asOnNewHop(headers, current.url, url, options) };
  if (keepsMethod) return next;
  return { ...next, method: current.method === "HEAD" ? "HEAD" : "GET", body: undefined };
}

/** Headers keep the place that they were sent at; of the cookies only those set by hand are handed on. */
function forHost(
  current: HttpRequest,
  sent: HttpRequest,
  url: EncodedUrl,
  { keepAuthorization }: SendOptions,
): HeaderList {
  const ownCookie = getHeader(current.headers, "cookie") ?? "";
  const headers: HeaderList = sent.headers.map(([name, value]) => [
    name,
    isHeader(name, "cookie") ? ownCookie : value,
  ]);
  if (originOf(url) === originOf(current.url)) return headers;
  // Credentials are for the host that they were given for; so is a cookie set by hand.
  return removeHeader(headers, "cookie", ...(keepAuthorization ? [] : ["authorization"]));
}

function asOnNewHop(
  kept: HeaderList,
  from: EncodedUrl,
  to: EncodedUrl,
  { withoutReferer }: SendOptions,
): HeaderList {
  const headers = withoutReferer ? kept : setHeader(kept, "Referer", from.href);
  const hostName = headers.find(([name]) => isHeader(name, "host"))?.[0];
  const hosted: HeaderList =
    hostName === undefined ? headers : [...removeHeader(headers, "host"), [hostName, to.host]];
  // A form of parts is made anew for the next hop, so its headers come last.
  if (!isMultipart(hosted)) return hosted;
  return [...removeHeader(hosted, "content-type", "content-length"), ...formHeaders(hosted)];
}

const isMultipart = (headers: HeaderList): boolean =>
  /^multipart\/form-data/i.test(getHeader(headers, "content-type") ?? "");

const formHeaders = (headers: HeaderList): HeaderList =>
  headers.filter(([name]) => isHeader(name, "content-type") || isHeader(name, "content-length"));

const originOf = ({ protocol, hostname, port }: EncodedUrl): string => `${protocol}//${hostname}:${port}`;

function locationUrl(base: EncodedUrl, location: string, { rawLocation }: SendOptions): EncodedUrl {
  try {
    if (rawLocation) return encodeUrl(parseUrl(resolveLocation(base, location)), { encode: false });
    return encodeUrl(parseUrl(resolveLocation(base, asUtf8(location))));
  } catch (error) {
    if (error instanceof UrlError)
      throw new HttpError("target", `the redirect leads nowhere: ${error.message}`);
    throw error;
  }
}

/** Header bytes are read as Latin-1; a Location with letters beyond ASCII is UTF-8 in practice. */
function asUtf8(text: string): string {
  const decoded = Buffer.from(text, "latin1").toString("utf8");
  return decoded.includes("\ufffd") ? text : decoded;
}
