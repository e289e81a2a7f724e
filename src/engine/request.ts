import { randomUUID } from "node:crypto";

import { VERSION } from "../lib/version.ts";
import { AuthError, authorize, type AuthResult } from "./auth/auth.ts";
import { BodyError, encodeBody } from "./body.ts";
import type { HttpRequest } from "./http/client.ts";
import { getHeader, removeHeader } from "./http/headers.ts";
import { asObject, asObjects, isObject, toText, type JsonObject } from "./json.ts";
import type { ScriptHttpRequest } from "./sandbox/protocol.ts";
import type { HeaderList } from "./types.ts";
import { encodeUrl, UrlError } from "./url-encode.ts";
import { paramText, parseUrl, urlText } from "./url.ts";
import { ExpansionError, type Resolve } from "./variables.ts";

/** A request that is ready to be sent, and how tests see it. */
export interface BuiltRequest {
  http: HttpRequest;
  /** With variables resolved, not yet percent-encoded. */
  url: string;
}

/** Longest URL and longest headers together, in characters: no server takes more, and each event keeps both. */
const MAX_URL_CHARS = 256 * 1024;
const MAX_HEADER_CHARS = 256 * 1024;

export class RequestSizeError extends Error {
  override readonly name = "RequestSizeError";
}

/** Errors that say that the document, not the network, is at fault. */
export const isRequestError = (error: unknown): error is Error =>
  error instanceof UrlError ||
  error instanceof BodyError ||
  error instanceof AuthError ||
  error instanceof RequestSizeError ||
  error instanceof ExpansionError;

/** A v2.x `request` (text or object) in the one form that scripts and the engine work on. */
export function readRequest(request: unknown): ScriptHttpRequest {
  if (typeof request === "string") return { method: "GET", url: request, header: [] };
  const { method, url, header, body, auth } = asObject(request);
  return {
    method: (toText(method ?? "").trim() || "GET").toUpperCase(),
    url: isObject(url) ? url : toText(url ?? ""),
    header: readHeaders(header),
    ...(isObject(body) ? { body } : {}),
    ...(isObject(auth) ? { auth } : {}),
  };
}

/** v2.1 has a list, v2.0 may have a text with one header a line. */
function readHeaders(header: unknown): ScriptHttpRequest["header"] {
  if (typeof header === "string")
    return header.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 1 ? [] : [{ key: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }];
    });
  return asObjects(header).map(({ key, value, disabled }) => ({
    key: toText(key ?? ""),
    value: toText(value ?? ""),
    ...(disabled === true ? { disabled } : {}),
  }));
}

export interface BuildContext {
  resolve: Resolve;
  auth: JsonObject | undefined;
  behavior: JsonObject;
}

/** Throws what `isRequestError` knows. */
export function buildRequest(request: ScriptHttpRequest, context: BuildContext): BuiltRequest {
  const { resolve, behavior } = context;
  const method = resolve(request.method).trim().toUpperCase() || "GET";
  const auth = authorize(context.auth, resolve);
  const url = withQuery(resolve(urlText(request.url)), auth.query ?? []);
  const encoded = encodeUrl(parseUrl(url), { encode: behavior["disableUrlEncoding"] !== true });
  const body = encodeBody(request.body, resolve, {
    method,
    keepBody: behavior["disableBodyPruning"] === true,
  });
  const without = disabledHeaders(behavior);
  const own = ownHeaders(request, resolve, auth);
  if (auth.headers === undefined && encoded.user !== undefined && !getHeader(own, "authorization"))
    own.push(["Authorization", `Basic ${credentials(encoded.user, encoded.password)}`]);
  const headers = addSystemHeaders(own, body?.contentType, without);
  checkSize(encoded.href, headers);
  return { url, http: { method, url: encoded, headers, body: body?.bytes, without } };
}

function checkSize(url: string, headers: HeaderList): void {
  if (url.length > MAX_URL_CHARS)
    throw new RequestSizeError(`the URL is longer than ${MAX_URL_CHARS} characters`);
  const chars = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (chars > MAX_HEADER_CHARS)
    throw new RequestSizeError(`the request headers are longer than ${MAX_HEADER_CHARS} characters`);
}

function ownHeaders(request: ScriptHttpRequest, resolve: Resolve, auth: AuthResult): HeaderList {
  const own: HeaderList = request.header
    .filter(({ key, disabled }) => disabled !== true && key !== "")
    .map(({ key, value }) => [resolve(key).trim(), resolve(value)]);
  const added = auth.headers ?? [];
  return [...removeHeader(own, ...added.map(([name]) => name.toLowerCase())), ...added];
}

const credentials = (user: string, password: string | undefined): string =>
  Buffer.from(`${decoded(user)}:${decoded(password ?? "")}`).toString("base64");

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign: meant literally.
    return text;
  }
}

/** Puts parameters before the fragment; a parameter of the same name is replaced. */
function withQuery(url: string, params: [name: string, value: string][]): string {
  if (params.length === 0) return url;
  const { query, hash } = parseUrl(url);
  const names = params.map(([name]) => name);
  const kept = (query ?? "")
    .split("&")
    .filter((pair) => pair !== "" && !names.includes(pair.split("=", 1)[0] ?? ""));
  const added = params.map(([key, value]) => paramText({ key, value }));
  const head = url.slice(0, url.length - tailLength(query) - tailLength(hash));
  return `${head}?${[...kept, ...added].join("&")}${hash === undefined ? "" : `#${hash}`}`;
}

const tailLength = (part: string | undefined): number => (part === undefined ? 0 : part.length + 1);

const disabledHeaders = (behavior: JsonObject): Set<string> =>
  new Set(
    Object.entries(asObject(behavior["disabledSystemHeaders"]))
      .filter(([, isDisabled]) => isDisabled === true)
      .map(([name]) => name.toLowerCase()),
  );

/** What Postman sends beside the user's headers; a header of the user wins, one switched off is left out. */
function addSystemHeaders(
  own: HeaderList,
  contentType: string | undefined,
  without: Set<string>,
): HeaderList {
  const headers = [...own];
  const add = (name: string, value: string) => {
    const lowerName = name.toLowerCase();
    if (!without.has(lowerName) && getHeader(own, lowerName) === undefined) headers.push([name, value]);
  };
  if (contentType !== undefined) add("Content-Type", contentType);
  add("User-Agent", `Sallyport/${VERSION}`);
  add("Accept", "*/*");
  add("Cache-Control", "no-cache");
  add("Postman-Token", randomUUID());
  add("Accept-Encoding", "gzip, deflate, br");
  return headers;
}
