import { asObject, asObjects, asText, isObject, toText, type JsonObject } from "../json.ts";
import { exampleOfText, parseLooseJson, schemaOf, schemaOfText } from "./to-openapi-schema.ts";
import { described } from "./to-openapi-url.ts";

const languageTypes: Record<string, string> = {
  json: "application/json",
  xml: "application/xml",
  html: "text/html",
  javascript: "application/javascript",
  text: "text/plain",
};

/** Value of a header of a list; undefined when it has none of that name, or it is switched off. */
export const headerOf = (headers: unknown, name: string): string | undefined =>
  asObjects(headers)
    .filter(({ key, disabled }) => disabled !== true && toText(key).toLowerCase() === name)
    .map(({ value }) => toText(value ?? ""))[0];

/** `requestBody` of a request; undefined when it sends none. */
export function toRequestBody(request: JsonObject): JsonObject | undefined {
  const body = asObject(request["body"]);
  if (body["disabled"] === true) return undefined;
  switch (body["mode"]) {
    case "raw":
      return asText(body["raw"])?.trim() ? content(rawType(request, body), toText(body["raw"])) : undefined;
    case "urlencoded":
      return form("application/x-www-form-urlencoded", asObjects(body["urlencoded"]));
    case "formdata":
      return form("multipart/form-data", asObjects(body["formdata"]));
    case "graphql":
      return graphql(asObject(body["graphql"]));
    case "file":
      return {
        content: {
          [headerOf(request["header"], "content-type") ?? "application/octet-stream"]: {
            schema: { type: "string", format: "binary" },
          },
        },
      };
    default:
      return undefined;
  }
}

function rawType(request: JsonObject, body: JsonObject): string {
  const [sent = ""] = (headerOf(request["header"], "content-type") ?? "").split(";");
  if (sent.trim() !== "" && !sent.includes("{{")) return sent.trim().toLowerCase();
  const language = toText(asObject(asObject(body["options"])["raw"])["language"] ?? "");
  const isJson = language === "" && parseLooseJson(toText(body["raw"])) !== undefined;
  return isJson ? "application/json" : (languageTypes[language] ?? "text/plain");
}

const isJsonType = (type: string): boolean => /[/+]json$/.test(type);

const content = (type: string, text: string): JsonObject => ({ content: { [type]: mediaOf(type, text) } });

/** Schema and example of a text. */
export function mediaOf(type: string, text: string): JsonObject {
  const json = isJsonType(type) ? parseLooseJson(text) : undefined;
  if (json) return { schema: schemaOf(json.value), example: json.value };
  return { schema: { type: "string" }, ...(text !== "" && { example: text }) };
}

function form(type: string, pairs: JsonObject[]): JsonObject | undefined {
  if (pairs.length === 0) return undefined;
  const properties: JsonObject = {};
  for (const pair of pairs) {
    const key = toText(pair["key"] ?? "");
    if (key === "") continue;
    const text = toText(pair["value"] ?? "");
    const schema =
      pair["type"] === "file"
        ? { type: "string", format: "binary" }
        : { ...schemaOfText(text), ...(text !== "" && { example: exampleOfText(text) }) };
    const known = Object.hasOwn(properties, key);
    // A name that stands twice is a list.
    properties[key] = known ? { type: "array", items: schema } : { ...schema, ...described(pair) };
  }
  return { content: { [type]: { schema: { type: "object", properties } } } };
}

function graphql({ query, variables, operationName }: JsonObject): JsonObject {
  const text = typeof variables === "string" ? variables : "";
  const parsed = text.trim() === "" ? undefined : parseLooseJson(text)?.value;
  const example = {
    query: toText(query ?? ""),
    ...(isObject(parsed ?? variables) && { variables: parsed ?? variables }),
    ...(typeof operationName === "string" && { operationName }),
  };
  return { content: { "application/json": { schema: schemaOf(example), example } } };
}

const previewTypes: Record<string, string> = { ...languageTypes, auto: "application/json" };

/** `responses` of the saved responses of a request; a word for success when there are none. */
export function toResponses(saved: JsonObject[]): JsonObject {
  const responses: JsonObject = {};
  for (const response of saved) {
    const code = toText(response["code"] ?? "") || "default";
    const known = asObject(responses[code]);
    responses[code] = withExample(known, response);
  }
  return Object.keys(responses).length > 0 ? responses : { "200": { description: "Successful response" } };
}

function withExample(known: JsonObject, response: JsonObject): JsonObject {
  const name = asText(response["name"]) ?? "example";
  const body = asText(response["body"]) ?? "";
  const [sent = ""] = (headerOf(response["header"], "content-type") ?? "").split(";");
  const language = toText(response["_postman_previewlanguage"] ?? "");
  const type = sent.trim().toLowerCase() || (body === "" ? "" : (previewTypes[language] ?? "text/plain"));
  const first = { description: asText(response["status"]) || name, ...known };
  if (type === "" || body === "") return first;
  const { schema, example } = mediaOf(type, body);
  const contents = asObject(known["content"]);
  const media = asObject(contents[type]);
  const examples = {
    ...asObject(media["examples"]),
    [freeName(name, asObject(media["examples"]))]: { value: example },
  };
  return { ...first, content: { ...contents, [type]: { schema: media["schema"] ?? schema, examples } } };
}

export function freeName(wanted: string, taken: JsonObject): string {
  if (!Object.hasOwn(taken, wanted)) return wanted;
  for (let number = 2; ; number++)
    if (!Object.hasOwn(taken, `${wanted} ${number}`)) return `${wanted} ${number}`;
}
