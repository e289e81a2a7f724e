import { isRecord } from "../../lib/parse.ts";
import { type Param, toV2Params } from "./params.ts";

/** The address as one text. */
export function rawUrlOf(url: unknown): string {
  if (typeof url === "string") return url;
  if (!isRecord(url)) return "";
  if (typeof url["raw"] === "string") return url["raw"];
  const protocol = typeof url["protocol"] === "string" ? `${url["protocol"]}://` : "";
  const port = typeof url["port"] === "string" && url["port"] !== "" ? `:${url["port"]}` : "";
  const path = joined(url["path"], "/");
  const query = queryText(Array.isArray(url["query"]) ? url["query"].filter(isRecord) : []);
  return `${protocol}${joined(url["host"], ".")}${port}${path === "" ? "" : `/${path}`}${query}`;
}

/** Other text for the address: what still fits of the old one (switched-off parameters, path variables) stays. */
export function withRaw(raw: string, current: unknown): Record<string, unknown> {
  const old = isRecord(current) ? current : {};
  const parsed = parseUrl(raw);
  const known = listOf(old["query"]);
  const query = parsed.query.map(
    (param) => known.find((one) => one["key"] === param["key"] && one["value"] === param["value"]) ?? param,
  );
  const kept = known.filter((param) => param["disabled"] === true && !query.includes(param));
  const variables = parsed.variables.map(
    (key) => listOf(old["variable"]).find((one) => one["key"] === key) ?? { key, value: "" },
  );
  const {
    protocol: _p,
    host: _h,
    port: _o,
    path: _a,
    query: _q,
    variable: _v,
    hash: _s,
    raw: _r,
    ...rest
  } = old;
  return {
    raw,
    ...parsed.parts,
    ...([...query, ...kept].length > 0 && { query: [...query, ...kept] }),
    ...(variables.length > 0 && { variable: variables }),
    ...rest,
  };
}

/** Other parameters for the address; those that are switched on are also in its text. */
export function withQuery(params: readonly Param[], current: unknown): Record<string, unknown> {
  const raw = rawUrlOf(current);
  const url = isRecord(current) ? current : withRaw(raw, undefined);
  const query = toV2Params(params, url["query"]);
  const [beforeHash = "", ...hash] = raw.split("#");
  const base = beforeHash.replace(/\?.*$/s, "");
  const fragment = hash.length > 0 ? `#${hash.join("#")}` : "";
  return { ...url, raw: `${base}${queryText(query)}${fragment}`, query };
}

function queryText(query: readonly Param[]): string {
  const sent = query
    .filter((param) => param["disabled"] !== true)
    .map(({ key, value }) =>
      value === null || value === undefined ? wordOf(key) : `${wordOf(key)}=${wordOf(value)}`,
    );
  return sent.length > 0 ? `?${sent.join("&")}` : "";
}

const joined = (parts: unknown, by: string): string =>
  Array.isArray(parts) ? parts.map(wordOf).join(by) : wordOf(parts);

/** Texts, and the numbers that people write for them. */
const wordOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? `${value}` : "";

const listOf = (list: unknown): Param[] => (Array.isArray(list) ? list.filter(isRecord) : []);

/** What stands inside of `{{…}}` separates nothing. */
const outside = (separator: string): RegExp => new RegExp(`${separator}(?![^{]*\\}\\})`);

function parseUrl(raw: string) {
  const [beforeHash = "", ...hash] = raw.split("#");
  const [address = "", ...search] = beforeHash.split("?");
  const [, protocol, rest = ""] = /^(?:([a-z][a-z0-9+.-]*|\{\{[^}]*\}\}):\/\/)?(.*)$/is.exec(address) ?? [];
  const [authority = "", ...path] = rest.split(outside("/"));
  const [, host = "", port] = /^(.*?)(?::(\d+|\{\{[^}]*\}\}))?$/s.exec(authority) ?? [];
  return {
    parts: {
      ...(protocol !== undefined && { protocol }),
      ...(host !== "" && { host: host.split(outside("\\.")) }),
      ...(port !== undefined && { port }),
      ...(path.length > 0 && { path }),
      ...(hash.length > 0 && { hash: hash.join("#") }),
    },
    query: search.length > 0 ? search.join("?").split("&").map(parseParam) : [],
    variables: path.filter((segment) => /^:./.test(segment)).map((segment) => segment.slice(1)),
  };
}

function parseParam(text: string): Param {
  const at = text.indexOf("=");
  return at < 0 ? { key: text, value: null } : { key: text.slice(0, at), value: text.slice(at + 1) };
}
