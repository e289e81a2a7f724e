import { randomUUID } from "node:crypto";

import { VERSION } from "../lib/version.ts";
import { AuthError } from "./auth/auth-error.ts";
import type { AuthResult, SignableRequest } from "./auth/auth-type.ts";
import { BodyError } from "./body-error.ts";
import { bodyMode } from "./body-mode.ts";
import { encodeBody, type EncodedBody } from "./body.ts";
import type { FileSource } from "./files.ts";
import type { HttpRequest } from "./http/client.ts";
import { getHeader, groupHeaders, isHeader, removeHeader, withoutFraming } from "./http/headers.ts";
import { asObject, asObjects, isObject, toText, type JsonObject } from "./json.ts";
import type { ScriptHttpRequest } from "./sandbox/protocol.ts";
import type { HeaderList } from "./types.ts";
import { encodeUrl, UrlError, type EncodedUrl } from "./url-encode.ts";
import { paramText, parseUrl, urlText } from "./url.ts";
import { ExpansionError, resolveDeep, type Resolve } from "./variables.ts";

/** A request that is ready to be sent, and how tests see it. */
export interface BuiltRequest {
  http: HttpRequest;
  /** As tests see it: what is sent, with the fragment. */
  url: string;
  /** The user's own headers and the body with variables resolved, as tests see them; what is disabled is there, too. */
  resolved: Pick<ScriptHttpRequest, "header" | "body">;
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
    ...(body === undefined ? {} : { body: readBody(body) }),
    ...(isObject(auth) ? { auth } : {}),
  };
}

/** A body without a mode is empty. */
function readBody(body: unknown): JsonObject {
  if (typeof body === "string") return { mode: "raw", raw: body };
  const { mode, ...others } = asObject(body);
  if (!mode) return {};
  const { file } = others;
  return {
    mode: bodyMode(mode),
    ...others,
    ...(typeof file === "string" ? { file: { src: file } } : {}),
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
    value: value === null ? "null" : toText(value ?? ""),
    ...(disabled === true ? { disabled } : {}),
  }));
}

export interface DraftContext {
  resolve: Resolve;
  behavior: JsonObject;
  files: FileSource;
}

/** A request with its variables resolved, before it is signed. */
export interface RequestDraft {
  method: string;
  /** Not yet percent-encoded. */
  url: string;
  encodedUrl: EncodedUrl;
  encodesUrl: boolean;
  /** The user's own. */
  headers: HeaderList;
  resolved: BuiltRequest["resolved"];
  body: EncodedBody | undefined;
  isForm: boolean;
  without: Set<string>;
}

/** Throws what `isRequestError` knows. */
export async function draftRequest(
  request: ScriptHttpRequest,
  { resolve, behavior, files }: DraftContext,
): Promise<RequestDraft> {
  const method = resolve(request.method).trim().toUpperCase() || "GET";
  const url = resolve(urlText(request.url));
  const encodesUrl = behavior["disableUrlEncoding"] !== true;
  const header = request.header.map((own) => ({ ...own, key: resolve(own.key), value: resolve(own.value) }));
  const headers = header
    .filter(({ key, disabled }) => disabled !== true && key !== "")
    .map(({ key, value }): HeaderList[number] => [key, value]);
  const without = disabledHeaders(behavior);
  const keepBody = behavior["disableBodyPruning"] === true;
  const contentType = getHeader(headers, "content-type");
  // Once, here: `{{$guid}}` is another one each time.
  const resolvedBody = request.body && asObject(resolveDeep(request.body, resolve));
  const body = await encodeBody(resolvedBody, {
    resolve: asItIs,
    method,
    keepBody,
    contentType,
    files,
  });
  // Postman settles the type of raw JSON before it signs, and of everything else after.
  const isRawJson = request.body?.["mode"] === "raw" && body?.contentType === "application/json";
  if (isRawJson && !without.has("content-type") && contentType === undefined)
    headers.push(["Content-Type", body.contentType]);
  return {
    method,
    url,
    encodedUrl: encodeUrl(parseUrl(url), { encode: encodesUrl }),
    encodesUrl,
    headers,
    resolved: { header, ...(resolvedBody && { body: resolvedBody }) },
    body,
    isForm: request.body?.["mode"] === "urlencoded" && request.body["disabled"] !== true,
    without,
  };
}

const asItIs: Resolve = (text) => text;

export const toSignable = (draft: RequestDraft): SignableRequest => ({
  method: draft.method,
  url: draft.encodedUrl,
  encodesUrl: draft.encodesUrl,
  headers: withoutFraming(draft.headers),
  body: draft.body,
  isForm: draft.isForm,
});

/** Throws what `isRequestError` knows. */
export function finishRequest(draft: RequestDraft, auth: AuthResult): BuiltRequest {
  const { method, encodesUrl, without } = draft;
  const url = withAuthQuery(draft.url, auth);
  const encoded = url === draft.url ? draft.encodedUrl : encodeUrl(parseUrl(url), { encode: encodesUrl });
  const body = auth.formBody === undefined ? draft.body : toForm(auth.formBody);
  const own = withAuthHeaders(draft.headers, auth);
  const headers = addSystemHeaders(groupHeaders(own), encoded, { body, without });
  checkSize(encoded.href, headers);
  return {
    url: withFragment(encoded, parseUrl(url).hash),
    http: { method, url: encoded, headers, body: body?.bytes, without },
    resolved: draft.resolved,
  };
}

function withFragment(
  { protocol, host, path, user, password }: EncodedUrl,
  hash: string | undefined,
): string {
  const credentialsText = user === undefined ? "" : `${user}${password === undefined ? "" : `:${password}`}@`;
  return `${protocol}//${credentialsText}${host}${path}${hash === undefined ? "" : `#${hash}`}`;
}

const toForm = (text: string): EncodedBody => ({
  bytes: Buffer.from(text),
  contentType: "application/x-www-form-urlencoded",
  typeIs: "form",
});

function checkSize(url: string, headers: HeaderList): void {
  if (url.length > MAX_URL_CHARS)
    throw new RequestSizeError(`the URL is longer than ${MAX_URL_CHARS} characters`);
  const chars = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (chars > MAX_HEADER_CHARS)
    throw new RequestSizeError(`the request headers are longer than ${MAX_HEADER_CHARS} characters`);
}

function withAuthHeaders(own: HeaderList, { headers = [], withoutHeaders = [] }: AuthResult): HeaderList {
  const replaced = headers.map(([name]) => name.toLowerCase());
  return [...removeHeader(own, ...replaced, ...withoutHeaders), ...headers];
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

/** Puts what an auth adds before the fragment; a parameter of the same name is replaced. */
function withAuthQuery(url: string, auth: AuthResult): string {
  const { encodedQuery, query: added = [], withoutQuery = [] } = auth;
  if (encodedQuery === undefined && added.length + withoutQuery.length === 0) return url;
  const { query, hash } = parseUrl(url);
  const text = encodedQuery ?? query;
  const names = new Set([...withoutQuery, ...added.map(([name]) => name)]);
  // An empty query stays one: `/?` and `/` are not the same to every server.
  const kept = text?.split("&").filter((pair) => !names.has(pair.split("=", 1)[0] ?? "")) ?? [];
  const pairs = [...kept, ...added.map(([key, value]) => paramText({ key, value }))];
  const head = url.slice(0, url.length - tailLength(query) - tailLength(hash));
  return [head, pairs.length === 0 ? "" : `?${pairs.join("&")}`, hash === undefined ? "" : `#${hash}`].join(
    "",
  );
}

const tailLength = (part: string | undefined): number => (part === undefined ? 0 : part.length + 1);

const disabledHeaders = (behavior: JsonObject): Set<string> =>
  new Set(
    Object.entries(asObject(behavior["disabledSystemHeaders"]))
      .filter(([, isDisabled]) => isDisabled === true)
      .map(([name]) => name.toLowerCase()),
  );

/**
 * What Postman sends beside the user's headers, in its order; a header of the user wins, one switched off is left
 * out. Empty values are places for what is known only when the request leaves.
 */
function addSystemHeaders(
  own: HeaderList,
  url: EncodedUrl,
  { body, without }: Pick<RequestDraft, "body" | "without">,
): HeaderList {
  const headers = [...own];
  const add = (name: string, value: string) => {
    const lowerName = name.toLowerCase();
    if (!without.has(lowerName) && getHeader(own, lowerName) === undefined) headers.push([name, value]);
  };
  const type = body?.contentType === "" ? undefined : body;
  if (type?.typeIs === "system") add("Content-Type", type.contentType);
  add("User-Agent", `Sallyport/${VERSION}`);
  add("Accept", "*/*");
  add("Cache-Control", "no-cache");
  add("Postman-Token", randomUUID());
  add("Host", url.host);
  add("Accept-Encoding", "gzip, deflate, br");
  add("Connection", "keep-alive");
  if (type?.typeIs === "form") replaceFormType(headers, type.contentType, without);
  if (url.user !== undefined && getHeader(own, "authorization") === undefined)
    headers.push(["Authorization", `Basic ${credentials(url.user, url.password)}`]);
  if (body?.typeIs === "system" || isUrlencoded(body)) headers.push(["Content-Length", ""], ["Cookie", ""]);
  else headers.push(["Cookie", ""], ["Content-Length", ""]);
  if (type?.typeIs === "file") add("Content-Type", type.contentType);
  return headers;
}

const urlencoded = /^application\/x-www-form-urlencoded\b/;

const isUrlencoded = (body: EncodedBody | undefined): boolean => urlencoded.test(body?.contentType ?? "");

/** A form with a type that does not say so would be read as something else: Postman corrects it where it stands. */
function replaceFormType(headers: HeaderList, contentType: string, without: Set<string>): void {
  const at = headers.findLastIndex(([name]) => isHeader(name, "content-type"));
  const own = headers[at];
  if (!own) {
    if (!without.has("content-type")) headers.push(["Content-Type", contentType]);
    return;
  }
  const isRight = urlencoded.test(contentType) ? urlencoded.test(own[1]) : own[1] === contentType;
  if (!isRight && !without.has("content-type")) headers[at] = [own[0], contentType];
}
