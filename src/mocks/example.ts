import { isRecord } from "../lib/parse.ts";
import { canonicalBody, type FormField } from "./body.ts";
import { examplePaths, queryOf, urlText } from "./example-url.ts";
import type { ExamplePath } from "./path.ts";
import {
  compileTemplate,
  createExpander,
  type Expand,
  sizeOf,
  staticText,
  type Template,
  TemplateTooLarge,
} from "./template.ts";

/** One saved example, everything that no request changes worked out. */
export interface Example {
  /** Without the owner that a uid has in front. */
  id: string;
  name: string;
  statusCode: number;
  /** Upper case. */
  method: string;
  /** One, or two when the address begins with a variable that holds a path, too. */
  paths: ExamplePath[];
  query: [string, string][];
  /** Of the request that it answers: values by lower-case name. */
  requestHeaders: ReadonlyMap<string, string>;
  /** See `canonicalBody`; empty = none. */
  requestBody: string;
  headers: { name: string; value: Template }[];
  body: Template;
  /** When no header names one. */
  contentType: string;
  /** The body when it is the same for every request. */
  bytes: Uint8Array<ArrayBuffer> | undefined;
}

type Json = Record<string, unknown>;

const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The examples of a collection, and roughly the bytes that they take. */
export interface CompiledExamples {
  /** By method, each list ordered by id, which is what ties go by. */
  byMethod: Map<string, Example[]>;
  sizeBytes: number;
}

/** Takes every saved example apart. What has not the form of one, or grows out of hand, is left out. */
export function compileExamples(document: Json, variables: ReadonlyMap<string, string>): CompiledExamples {
  const byMethod = new Map<string, Example[]>();
  const expand = createExpander(variables);
  let sizeBytes = 0;
  for (const item of requestsOf(document)) {
    for (const response of objects(item["response"])) {
      const example = tryExample(response, item["request"], expand);
      if (!example) continue;
      sizeBytes += EXAMPLE_BYTES + 3 * sizeOf(example.body) + 2 * example.requestBody.length;
      const others = byMethod.get(example.method);
      if (others) others.push(example);
      else byMethod.set(example.method, [example]);
    }
  }
  for (const examples of byMethod.values()) examples.sort((left, right) => compare(left.id, right.id));
  return { byMethod, sizeBytes };
}

/** Of an example without its bodies. */
const EXAMPLE_BYTES = 2_000;

function tryExample(response: Json, parent: unknown, expand: Expand): Example | undefined {
  try {
    return compileExample(response, parent, expand);
  } catch (error) {
    if (error instanceof TemplateTooLarge) return undefined;
    throw error;
  }
}

const compare = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

/** Without recursion: documents nest as deep as they like. */
function* requestsOf(document: Json): Generator<Json> {
  const open: unknown[] = [document["item"]];
  for (let items = open.pop(); items !== undefined; items = open.pop()) {
    for (const item of objects(items)) {
      if (item["item"] === undefined) yield item;
      else open.push(item["item"]);
    }
  }
}

function compileExample(response: Json, parent: unknown, expand: Expand): Example {
  const original = isRecord(response["originalRequest"]) ? response["originalRequest"] : parent;
  const request: Json = typeof original === "string" ? { url: original } : isRecord(original) ? original : {};
  const url = urlText(request["url"]);
  const body = compileTemplate(text(response["body"]), expand);
  const fixed = staticText(body);
  return {
    id: text(response["id"]).replace(/^\d+-(?=[0-9a-f]{8}-)/i, ""),
    name: text(response["name"]),
    statusCode: codeOf(response["code"]),
    method: (text(request["method"]) || "GET").toUpperCase(),
    paths: examplePaths(url, expand),
    query: queryOf(request["url"], expand),
    requestHeaders: new Map(
      headersOf(request["header"]).map(([name, value]) => [expand(name).toLowerCase(), expand(value)]),
    ),
    requestBody: requestBodyOf(request["body"], expand),
    headers: headersOf(response["header"]).map(([name, value]) => ({
      name: expand(name),
      value: compileTemplate(value, expand),
    })),
    body,
    contentType: contentTypeOf(response),
    bytes: fixed === undefined ? undefined : new TextEncoder().encode(fixed),
  };
}

/** What no HTTP server can send is answered as 200. */
const codeOf = (code: unknown): number =>
  typeof code === "number" && Number.isInteger(code) && code >= 200 && code <= 599 ? code : 200;

const contentTypes: Record<string, string> = {
  json: "application/json; charset=utf-8",
  html: "text/html; charset=utf-8",
  xml: "application/xml; charset=utf-8",
  javascript: "application/javascript; charset=utf-8",
};
const PLAIN = "text/plain; charset=utf-8";

/** By the language that the body is shown in; a body that looks like JSON is that. */
function contentTypeOf(response: Json): string {
  const language = text(response["_postman_previewlanguage"]);
  if (Object.hasOwn(contentTypes, language)) return contentTypes[language] ?? PLAIN;
  const isJson = language === "" && /^\s*[{[]/.test(text(response["body"]));
  return (isJson && contentTypes["json"]) || PLAIN;
}

/** A list of objects, or the text of older collections. Switched-off ones do not count. */
function headersOf(headers: unknown): [string, string][] {
  if (typeof headers === "string") {
    return headers.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 1 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
    });
  }
  return objects(headers).flatMap(({ key, value, disabled }) =>
    typeof key === "string" && key !== "" && disabled !== true ? [[key, text(value)]] : [],
  );
}

function requestBodyOf(body: unknown, expand: Expand): string {
  if (!isRecord(body) || body["disabled"] === true) return "";
  switch (body["mode"]) {
    case "raw":
      return canonicalBody({ text: expand(text(body["raw"])) });
    case "urlencoded":
    case "formdata":
      return canonicalBody({ fields: fieldsOf(body[body["mode"]], expand) });
    case "graphql":
      return graphqlBody(body["graphql"], expand);
    default:
      return "";
  }
}

const fieldsOf = (fields: unknown, expand: Expand): FormField[] =>
  objects(fields)
    .filter(({ disabled }) => disabled !== true)
    .map(({ key, value, type }) => [expand(text(key)), type === "file" ? "" : expand(text(value))]);

/** As Postman's app sends it: `variables` are an object, although they are kept as text. */
function graphqlBody(graphql: unknown, expand: Expand): string {
  const { query, variables } = isRecord(graphql) ? graphql : {};
  const given = expand(text(variables)).trim() || "{}";
  const body = `{"query":${JSON.stringify(expand(text(query)))},"variables":${given}}`;
  return canonicalBody({ text: body });
}
