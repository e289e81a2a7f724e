import { isRecord } from "../lib/parse.ts";
import { compilePath, type ExamplePath } from "./path.ts";

type Json = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** The address of a request without its query, `{{names}}` left in and path variables put in where they have a value. */
export function urlText(url: unknown): string {
  if (typeof url === "string") return beforeQuery(url);
  if (!isRecord(url)) return "";
  if (url["host"] === undefined && url["path"] === undefined) return beforeQuery(text(url["raw"]));
  const protocol = text(url["protocol"]).replace(/:\/\/$/, "");
  const host = Array.isArray(url["host"]) ? url["host"].map(text).join(".") : text(url["host"]);
  const path = Array.isArray(url["path"])
    ? url["path"].map((segment) => (isRecord(segment) ? text(segment["value"]) : text(segment)))
    : text(url["path"]).replace(/^\//, "").split("/");
  const values = new Map(
    objects(url["variable"]).map(({ key, id, value }) => [text(key ?? id), text(value)]),
  );
  const filled = path.map((segment) =>
    segment.startsWith(":") ? values.get(segment.slice(1)) || segment : segment,
  );
  return `${protocol === "" ? "" : `${protocol}://`}${host}/${filled.join("/")}`;
}

const beforeQuery = (url: string): string => /^[^?#]*/.exec(url)?.[0] ?? "";

/**
 * The paths that an example answers. With an address like `{{baseUrl}}/users` there are two when the variable holds a path:
 * the one that the API has, and the one that a caller sends who puts the address of the mock in the variable's place.
 */
export function examplePaths(url: string, expand: (text: string) => string): ExamplePath[] {
  const full = pathOf(expand(url));
  const afterVariable = /^\{\{[^{}]*\}\}(\/.*)?$/.exec(url.trim());
  const short = afterVariable ? pathOf(`host${expand(afterVariable[1] ?? "/")}`) : full;
  return [...new Set([full, short])].map(compilePath);
}

/** What follows the host. Addresses of mocks of ours have their id in the path, which a caller's path does not show. */
function pathOf(url: string): string {
  const masked = url.trim().replace(/\{\{[^{}]*\}\}/g, (name) => "_".repeat(name.length));
  const start = /^[a-z][\w+.-]*:\/\//i.exec(masked)?.[0].length ?? 0;
  const slash = masked.indexOf("/", start);
  const path = slash === -1 ? "/" : beforeQuery(url.trim().slice(slash));
  return path.replace(/^\/mock\/(\d+-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\/|$)/i, "") || "/";
}

/** Switched-on parameters; of an address that is one text, what stands behind its question mark. */
export function queryOf(url: unknown, expand: (text: string) => string): [string, string][] {
  if (isRecord(url) && Array.isArray(url["query"])) {
    return objects(url["query"])
      .filter(({ key, disabled }) => disabled !== true && typeof key === "string")
      .map(({ key, value }) => [expand(text(key)), expand(text(value))]);
  }
  const raw = typeof url === "string" ? url : isRecord(url) ? text(url["raw"]) : "";
  const [, query] = /\?([^#]*)/.exec(raw) ?? [];
  return query === undefined ? [] : [...new URLSearchParams(expand(query))];
}
