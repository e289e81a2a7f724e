import { asObject, isObject, toText, type JsonObject } from "../json.ts";
import { toPairs } from "./v3-variables.ts";

type Warn = (what: string) => void;

/** The `request` of an item, without `auth`. */
export function toRequest(source: JsonObject, kind: string, warn: Warn): JsonObject {
  const body = kind === "graphql-request" ? toGraphqlBody(source) : toBody(source["body"], warn);
  const method = toText(source["method"] ?? "") || (kind === "graphql-request" ? "POST" : "GET");
  const { description } = source;
  return {
    method,
    url: toUrl(source),
    header: toPairs(source["headers"]),
    ...(body && { body }),
    ...(typeof description === "string" && description !== "" && { description }),
  };
}

/** A URL that has its query in the text and in a list keeps the list: the text is what a person reads. */
function toUrl(source: JsonObject): unknown {
  const raw = toText(source["url"] ?? "");
  const query = toPairs(source["queryParams"]);
  const variable = toPairs(source["pathVariables"]);
  if (query.length === 0 && variable.length === 0) return raw;
  return { ...splitUrl(raw, query), ...(variable.length > 0 && { variable }) };
}

/** `raw` is shown, the parts are what is sent. */
function splitUrl(raw: string, query: JsonObject[]): JsonObject {
  const [, withoutHash = "", hash] = /^([^#]*)(?:#(.*))?$/s.exec(raw) ?? [];
  const [base = "", ...written] = withoutHash.split("?");
  const [, protocol, rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(base) ?? [];
  const [authority = "", ...path] = rest.split("/");
  const listed = query.length > 0 ? query : toWrittenQuery(written.join("?"));
  const enabled = listed.filter((pair) => pair["disabled"] !== true);
  const text = enabled.map(({ key, value }) =>
    value === undefined || value === null ? toText(key) : `${toText(key)}=${toText(value)}`,
  );
  return {
    raw: `${base}${text.length > 0 ? `?${text.join("&")}` : ""}${hash === undefined ? "" : `#${hash}`}`,
    ...(protocol && { protocol }),
    ...splitAuthority(authority),
    ...(path.length > 0 && { path }),
    ...(listed.length > 0 && { query: listed }),
    ...(hash !== undefined && { hash }),
  };
}

function splitAuthority(authority: string): JsonObject {
  const [, host = authority, port] = /^(.*?)(?::(\d+|\{\{[^{}]*\}\}))?$/s.exec(authority) ?? [];
  return { host: [host], ...(port !== undefined && { port }) };
}

const toWrittenQuery = (text: string): JsonObject[] =>
  text === ""
    ? []
    : text.split("&").map((pair) => {
        const at = pair.indexOf("=");
        return at === -1 ? { key: pair, value: null } : { key: pair.slice(0, at), value: pair.slice(at + 1) };
      });

/** Undefined when there is none. */
export function toBody(source: unknown, warn: Warn): JsonObject | undefined {
  if (!isObject(source)) return undefined;
  // Some write the body as format v2.1 does.
  if (typeof source["mode"] === "string") return source;
  const { type, content } = source;
  switch (type) {
    case "none":
      return undefined;
    case "urlencoded":
    case "x-www-form-urlencoded":
      return { mode: "urlencoded", urlencoded: toPairs(content) };
    case "formdata":
    case "form-data":
      return { mode: "formdata", formdata: toPairs(content) };
    case "file":
    case "binary":
      return { mode: "file", file: isObject(content) ? content : { src: toText(content ?? source["src"]) } };
    case "graphql":
      return toGraphqlBody(asObject(content));
    default:
      return toRawBody(type, content, warn);
  }
}

const languages = ["json", "xml", "text", "html", "javascript"];

function toRawBody(type: unknown, content: unknown, warn: Warn): JsonObject {
  const language = toText(type ?? "text");
  if (!languages.includes(language) && language !== "raw")
    warn(`its body is of an unknown type "${language}" and is sent as text.`);
  const raw =
    typeof content === "object" && content !== null
      ? JSON.stringify(content, null, 2)
      : toText(content ?? "");
  return {
    mode: "raw",
    raw,
    ...(languages.includes(language) && { options: { raw: { language } } }),
  };
}

function toGraphqlBody(source: JsonObject): JsonObject {
  const { query, variables, operationName } = source;
  return {
    mode: "graphql",
    graphql: {
      query: toText(query ?? ""),
      ...(variables !== undefined && {
        variables: typeof variables === "string" ? variables : JSON.stringify(variables),
      }),
      ...(operationName !== undefined && { operationName: toText(operationName) }),
    },
  };
}

/** Undefined means "inherit". Of several the first counts. */
export function toAuth(source: unknown, warn: Warn): JsonObject | undefined {
  const list = (Array.isArray(source) ? source : [source]).filter(isObject);
  const [auth] = list;
  if (!auth || typeof auth["type"] !== "string" || auth["type"] === "inherit") return undefined;
  if (list.length > 1)
    warn(`it has ${list.length} ways to authenticate; the first one, ${auth["type"]}, is used.`);
  const { type } = auth;
  if (type === "noauth" || type === "none") return { type: "noauth" };
  const credentials = toPairs(auth["credentials"] ?? auth[type]);
  return { type, [type]: credentials.map((pair) => ({ type: "string", ...pair })) };
}

const listeners: Record<string, string> = { beforeRequest: "prerequest", afterResponse: "test" };

/** Scripts of other protocols are warned of. */
export function toEvents(source: unknown, warn: Warn): JsonObject[] {
  if (!Array.isArray(source)) return [];
  return source.filter(isObject).flatMap((script) => {
    const type = toText(script["type"] ?? "afterResponse");
    const listen = listeners[type.replace(/^http:/, "")];
    if (listen === undefined) {
      warn(`a script for "${type}" is left out.`);
      return [];
    }
    const exec = toText(script["code"] ?? "").split("\n");
    const packages = script["packages"];
    return [{ listen, script: { type: "text/javascript", exec, ...(isObject(packages) && { packages }) } }];
  });
}

/** A saved response. */
export function toExample(source: JsonObject, fileName: string, warn: Warn): JsonObject {
  const response = asObject(source["response"]);
  const request = source["request"] ?? source["originalRequest"];
  const body = asObject(response["body"]);
  const code = Number(response["statusCode"] ?? response["code"]);
  const status = toText(response["statusText"] ?? "");
  return {
    name: toText(source["name"] ?? "") || fileName,
    ...(isObject(request) && { originalRequest: toRequest(request, "http-request", warn) }),
    ...(status !== "" && { status }),
    ...(Number.isInteger(code) && { code }),
    _postman_previewlanguage: toText(body["type"] ?? "text"),
    header: toPairs(response["headers"]),
    cookie: [],
    body: toText(body["content"] ?? ""),
  };
}
