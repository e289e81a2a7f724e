import { randomBytes } from "node:crypto";

import { asObjects, isObject, toText, type JsonObject } from "./json.ts";
import { resolveDeep, type Resolve } from "./variables.ts";

export interface EncodedBody {
  bytes: Uint8Array;
  contentType: string;
}

/** A body that cannot be built. */
export class BodyError extends Error {
  override readonly name = "BodyError";
}

const methodsWithoutBody = new Set(["get", "copy", "head", "purge", "unlock"]);

const languageTypes: Record<string, string> = {
  html: "text/html",
  text: "text/plain",
  json: "application/json",
  javascript: "application/javascript",
  xml: "application/xml",
};

export interface BodyOptions {
  method: string;
  /** `disableBodyPruning`: send a body with GET and its kin, too. */
  keepBody: boolean;
}

/** The bytes of a request body; undefined when there is none. Throws `BodyError`. */
export function encodeBody(body: unknown, resolve: Resolve, options: BodyOptions): EncodedBody | undefined {
  if (!isObject(body) || body["disabled"] === true) return undefined;
  if (methodsWithoutBody.has(options.method.toLowerCase()) && !options.keepBody) return undefined;
  switch (body["mode"]) {
    case "raw":
      return rawBody(body, resolve);
    case "urlencoded":
      return urlencodedBody(body["urlencoded"], resolve);
    case "formdata":
      return formdataBody(asObjects(body["formdata"]), resolve);
    case "graphql":
      return graphqlBody(body["graphql"], resolve);
    case "file":
      if (!hasFile(body["file"])) return undefined;
      throw new BodyError("file bodies are not supported yet");
    default:
      return undefined;
  }
}

const toBody = (text: string, contentType: string): EncodedBody => ({
  bytes: Buffer.from(text),
  contentType,
});

function rawBody(body: JsonObject, resolve: Resolve): EncodedBody | undefined {
  const { raw } = body;
  if (raw === undefined || raw === null || raw === "") return undefined;
  const { options } = body;
  const rawOptions = isObject(options) ? options["raw"] : undefined;
  const language = isObject(rawOptions) ? toText(rawOptions["language"]) : "text";
  const text = typeof raw === "string" ? resolve(raw) : JSON.stringify(resolveDeep(raw, resolve));
  return toBody(text, languageTypes[language] ?? "text/plain");
}

function urlencodedBody(content: unknown, resolve: Resolve): EncodedBody | undefined {
  const params = typeof content === "string" ? parseParams(content) : asObjects(content);
  const enabled = params.filter((param) => param["disabled"] !== true);
  if (enabled.length === 0) return undefined;
  // Parameters with one name stand together, at the place of the first: Postman collects them by name.
  const byName = new Map<string, string[]>();
  for (const param of enabled) {
    const name = resolve(toText(param["key"] ?? ""));
    const values = byName.get(name);
    const value = resolve(toText(param["value"] ?? ""));
    if (values) values.push(value);
    else byName.set(name, [value]);
  }
  const pairs = [...byName].flatMap(([name, values]) =>
    values.map((value) => `${formEncode(name)}=${formEncode(value)}`),
  );
  return toBody(pairs.join("&"), "application/x-www-form-urlencoded");
}

const parseParams = (text: string): JsonObject[] =>
  text.split("&").map((pair) => {
    const equals = pair.indexOf("=");
    return equals === -1
      ? { key: pair, value: "" }
      : { key: pair.slice(0, equals), value: pair.slice(equals + 1) };
  });

const formEncode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function formdataBody(params: JsonObject[], resolve: Resolve): EncodedBody | undefined {
  const enabled = params.filter((param) => param["disabled"] !== true);
  if (enabled.length === 0) return undefined;
  const boundary = `--------------------------${randomBytes(12).toString("hex")}`;
  const parts = enabled.map((param) => formdataPart(param, resolve, boundary));
  return toBody(`${parts.join("")}--${boundary}--\r\n`, `multipart/form-data; boundary=${boundary}`);
}

function formdataPart(param: JsonObject, resolve: Resolve, boundary: string): string {
  const name = resolve(toText(param["key"] ?? ""));
  if (param["type"] === "file")
    throw new BodyError(`form field "${name}" is a file; file uploads are not supported yet`);
  const { value } = param;
  const text = typeof value === "string" ? resolve(value) : value === undefined ? "" : JSON.stringify(value);
  const contentType = toText(param["contentType"] ?? "");
  const typeLine = contentType === "" ? "" : `Content-Type: ${oneLine(resolve(contentType))}\r\n`;
  return `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n${typeLine}\r\n${text}\r\n`;
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, " ");

const quoted = (name: string): string =>
  name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

function graphqlBody(content: unknown, resolve: Resolve): EncodedBody | undefined {
  if (!isObject(content)) return undefined;
  const { query, operationName, variables } = asResolvedObject(content, resolve);
  const text =
    typeof variables === "string"
      ? `{${[
          typeof query === "string" ? `"query":${JSON.stringify(query)}` : "",
          typeof operationName === "string" ? `"operationName":${JSON.stringify(operationName)}` : "",
          // Already JSON as the user wrote it; an empty editor is no variables.
          variables === "" ? "" : `"variables":${variables}`,
        ]
          .filter((member) => member !== "")
          .join(",")}}`
      : JSON.stringify({ query, operationName, variables });
  return toBody(text, "application/json");
}

const asResolvedObject = (content: JsonObject, resolve: Resolve): JsonObject => {
  const resolved = resolveDeep(content, resolve);
  return isObject(resolved) ? resolved : {};
};

const hasFile = (file: unknown): boolean =>
  isObject(file) ? Boolean(file["src"] ?? file["content"]) : typeof file === "string" && file !== "";
