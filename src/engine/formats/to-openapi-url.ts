import { asArray, asObject, asObjects, asText, toText, type JsonObject } from "../json.ts";
import { exampleOfText, schemaOfText } from "./to-openapi-schema.ts";

/** The URL of a request in the parts that OpenAPI has. */
export interface OpenApiUrl {
  /** Before the path, such as `https://api.test/v1` or `{{baseUrl}}`; empty when there is none. */
  server: string;
  /** With a leading slash and `{names}`. */
  path: string;
  parameters: JsonObject[];
}

/** Reads what a person sees of a URL: its text, with the lists of parameters beside it. */
export function readUrl(url: unknown): OpenApiUrl {
  const source = asObject(url);
  const raw = (asText(url) ?? asText(source["raw"]) ?? joined(source)).trim();
  const [withoutHash = ""] = raw.split("#");
  const [base = "", ...query] = withoutHash.split("?");
  const [, server = "", rest = ""] =
    /^((?:[a-z][a-z0-9+.-]*:\/\/)?(?:\{\{[^{}]*\}\}|[^/{}])*)(.*)$/is.exec(base) ?? [];
  const isPathOnly = server !== "" && !isServer(server);
  const segments = (isPathOnly ? `/${base}` : rest).split("/").filter((part, at) => at > 0 || part !== "");
  const names: string[] = [];
  const path = segments.map((segment) => toTemplate(segment, names)).join("/");
  return {
    server: isPathOnly ? "" : server,
    path: `/${path}`.replaceAll(/\/{2,}/g, "/"),
    parameters: [
      ...names.map((name) => pathParameter(name, asObjects(source["variable"]))),
      ...queryParameters(source, query.join("?")),
    ],
  };
}

/** `example.com`, `localhost:3000`, `https://…`, `{{baseUrl}}`; not `pets`. */
const isServer = (text: string): boolean => /:\/\/|^\{\{|[.:]|^localhost$/i.test(text);

function joined(source: JsonObject): string {
  const host = asText(source["host"]) ?? asArray(source["host"]).map(toText).join(".");
  const path = asText(source["path"]) ?? asArray(source["path"]).map(toText).join("/");
  const port = source["port"] === undefined ? "" : `:${toText(source["port"])}`;
  const protocol = source["protocol"] === undefined ? "" : `${toText(source["protocol"])}://`;
  return `${protocol}${host}${port}/${path.replace(/^\//, "")}`;
}

/** `:id` and `{{id}}` are places; in OpenAPI a place has a name of its own within the path. */
function toTemplate(segment: string, names: string[]): string {
  const place = (name: string): string => {
    const clean =
      name
        .trim()
        .replace(/^\$/, "")
        .replaceAll(/[^\w.-]/g, "_") || "value";
    let free = clean;
    for (let number = 2; names.includes(free); number++) free = `${clean}${number}`;
    names.push(free);
    return `{${free}}`;
  };
  const colon = /^:([\w.-]+)$/.exec(segment);
  if (colon) return place(colon[1] ?? "");
  return segment
    .split(/(\{\{[^{}]*\}\})/)
    .map((part) => (part.startsWith("{{") ? place(part.slice(2, -2)) : part.replaceAll(/[{}]/g, "")))
    .join("");
}

function pathParameter(name: string, variables: JsonObject[]): JsonObject {
  const known = variables.find(({ key, id }) => toText(key ?? id ?? "") === name);
  return {
    name,
    in: "path",
    required: true,
    ...described(known ?? {}),
    ...valued(toText(known?.["value"] ?? "")),
  };
}

function queryParameters(source: JsonObject, text: string): JsonObject[] {
  const listed = asObjects(source["query"]);
  const pairs =
    listed.length > 0
      ? listed
      : text
          .split("&")
          .filter((pair) => pair !== "")
          .map((pair) => ({ key: pair.split("=")[0], value: pair.split("=").slice(1).join("=") }));
  return pairs.flatMap((pair: JsonObject) => {
    const name = decoded(toText(pair["key"] ?? ""));
    if (name === "") return [];
    return [{ name, in: "query", ...described(pair), ...valued(toText(pair["value"] ?? "")) }];
  });
}

/** The schema of a parameter with what was sent as its example; a variable is an example as well. */
export const valued = (text: string): JsonObject => ({
  schema: schemaOfText(text),
  ...(text !== "" && { example: exampleOfText(text) }),
});

/** Postman writes descriptions as texts or as objects. */
export function described({ description }: JsonObject): JsonObject {
  const text = asText(description) ?? asText(asObject(description)["content"]) ?? "";
  return text === "" ? {} : { description: text };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
