import { asArray, asObject, asObjects, asText, isObject, toText } from "./json.ts";

/** The pieces of a URL as written, not yet percent-encoded. */
export interface UrlParts {
  protocol?: string;
  user?: string;
  password?: string;
  host: string;
  port?: string;
  /** Without the leading slash. */
  path: string;
  query?: string;
  hash?: string;
}

/**
 * The URL of a request as one text, path variables put in and disabled parameters left out; `{{names}}` stay.
 * A URL is a text or an object of parts; parts win over `raw`, as in Postman.
 */
export function urlText(url: unknown): string {
  if (typeof url === "string") return url;
  if (!isObject(url)) return "";
  if (url["host"] === undefined && url["path"] === undefined && typeof url["raw"] === "string")
    return url["raw"];
  const protocol = asText(url["protocol"]);
  const port = url["port"] === undefined || url["port"] === null ? "" : `:${toText(url["port"])}`;
  const hash = asText(url["hash"]);
  return [
    protocol ? (protocol.endsWith("://") ? protocol : `${protocol}://`) : "",
    credentialsText(asObject(url["auth"])),
    Array.isArray(url["host"]) ? url["host"].map(toText).join(".") : toText(url["host"]),
    port,
    pathText(url),
    queryText(url["query"]),
    hash === undefined ? "" : `#${hash}`,
  ].join("");
}

function credentialsText(auth: Record<string, unknown>): string {
  const user = asText(auth["user"]);
  const password = asText(auth["password"]);
  if (user === undefined && password === undefined) return "";
  return `${user ?? ""}${password === undefined ? "" : `:${password}`}@`;
}

function pathText(url: Record<string, unknown>): string {
  const path = url["path"];
  if (path === undefined || path === null || path === "") return "";
  const segments = Array.isArray(path)
    ? path.map((segment) => toText(isObject(segment) ? segment["value"] : segment))
    : toText(path).replace(/^\//, "").split("/");
  const variables = new Map<string, string>();
  // Disabled ones count, too, and only text does: as in Postman.
  for (const { key, id, value } of asObjects(url["variable"]))
    variables.set(toText(key ?? id), typeof value === "string" ? value : "");
  return `/${segments.map((segment) => fillSegment(segment, variables)).join("/")}`;
}

/** `:id` and `:id.json`-like segments: the name ends at the first dot, the rest is kept. */
function fillSegment(segment: string, variables: Map<string, string>): string {
  if (!segment.startsWith(":")) return segment;
  const end = segment.indexOf(".");
  const name = segment.slice(1, end === -1 ? undefined : end);
  const value = name === "" ? undefined : variables.get(name);
  return value ? value + segment.slice(name.length + 1) : segment;
}

function queryText(query: unknown): string {
  if (typeof query === "string") return query === "" ? "" : `?${query}`;
  const params: Record<string, unknown>[] = isObject(query)
    ? Object.entries(query).map(([key, value]) => ({ key, value }))
    : asArray(query).map((param) => (typeof param === "string" ? parseParam(param) : asObject(param)));
  const enabled = params.filter((param) => param["disabled"] !== true);
  return enabled.length === 0 ? "" : `?${enabled.map(paramText).join("&")}`;
}

function parseParam(text: string): Record<string, unknown> {
  const equals = text.indexOf("=");
  return equals === -1
    ? { key: text, value: null }
    : { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** One `key=value`; characters that would end it early are escaped, except inside `{{names}}`. */
export function paramText(param: { key?: unknown; value?: unknown }): string {
  const key = typeof param.key === "string" ? escapeOutsideNames(param.key, /[&#=]/g) : "";
  return typeof param.value === "string" ? `${key}=${escapeOutsideNames(param.value, /[&#]/g)}` : key;
}

const reserved: Record<string, string> = { "&": "%26", "#": "%23", "=": "%3D" };

const escapeOutsideNames = (text: string, characters: RegExp): string =>
  text
    .split(/(\{\{[^{}]*?\}\})/)
    .map((piece, index) =>
      index % 2 === 1 ? piece : piece.replace(characters, (character) => reserved[character] ?? character),
    )
    .join("");

/**
 * Splits a URL the way Postman does, which is more lenient than the URL standard. `{{names}}` that are left
 * are masked by as many letters first, so that a `/` or `#` in a name does not split it.
 */
export function parseUrl(text: string): UrlParts {
  let source = text.trimStart();
  let mask = source.replace(/\{\{[^{}]*\}\}/g, (name) => "_".repeat(name.length));
  const cut = (from: number, to?: number): string => source.slice(from, to);
  const keep = (from: number, to?: number) => {
    source = source.slice(from, to);
    mask = mask.slice(from, to);
  };
  const parts: UrlParts = { host: "", path: "" };

  const hash = mask.indexOf("#");
  if (hash !== -1) {
    parts.hash = cut(hash + 1);
    keep(0, hash);
  }
  const query = mask.indexOf("?");
  if (query !== -1) {
    parts.query = cut(query + 1);
    keep(0, query);
  }
  source = replaceBackslashes(source, mask);
  mask = mask.replaceAll("\\", "/");
  const protocol = mask.indexOf("://");
  if (protocol !== -1) {
    parts.protocol = cut(0, protocol);
    keep(protocol + 3);
    keep(mask.length - mask.replace(/^\/+/, "").length);
  }
  const path = mask.indexOf("/");
  if (path !== -1) {
    parts.path = cut(path + 1);
    keep(0, path);
  }
  const at = mask.lastIndexOf("@");
  if (at !== -1) {
    const colon = mask.slice(0, at).indexOf(":");
    parts.user = cut(0, colon === -1 ? at : colon);
    if (colon !== -1) parts.password = cut(colon + 1, at);
    keep(at + 1);
  }
  const colon = mask.lastIndexOf(":");
  if (colon !== -1 && !mask.includes("]", colon)) {
    parts.port = cut(colon + 1);
    keep(0, colon);
  }
  parts.host = source;
  return parts;
}

const replaceBackslashes = (source: string, mask: string): string =>
  mask.includes("\\")
    ? source.replace(/\\/g, (character, index: number) => (mask[index] === "\\" ? "/" : character))
    : source;
