import { encodeForm, readFile } from "./body-form.ts";
import { typeOfFile } from "./file-types.ts";
import type { FileSource } from "./files.ts";
import { withoutComments } from "./json-comments.ts";
import { asObjects, isObject, toText, type JsonObject } from "./json.ts";
import { resolveDeep, type Resolve } from "./variables.ts";

export interface EncodedBody {
  bytes: Uint8Array;
  /** Empty = none goes with it. */
  contentType: string;
  /** `system`: for a request that has none; `form`: a wrong one of the user is replaced by it. */
  typeIs: "system" | "form" | "file";
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
  resolve: Resolve;
  method: string;
  /** `disableBodyPruning`: send a body with GET and its kin, too. */
  keepBody: boolean;
  /** The Content-Type that the user set by hand. */
  contentType: string | undefined;
  files: FileSource;
}

/** The bytes of a request body; undefined when there is none. Throws `BodyError`. */
export async function encodeBody(body: unknown, options: BodyOptions): Promise<EncodedBody | undefined> {
  if (!isObject(body) || body["disabled"] === true) return undefined;
  if (methodsWithoutBody.has(options.method.toLowerCase()) && !options.keepBody) return undefined;
  const { resolve } = options;
  switch (body["mode"]) {
    case "raw":
      return rawBody(body, options);
    case "urlencoded":
      return urlencodedBody(body["urlencoded"], resolve);
    case "formdata":
      return formBody(asObjects(body["formdata"]), options);
    case "graphql":
      return graphqlBody(body["graphql"], resolve);
    case "file":
      return fileBody(body["file"], options);
    default:
      return undefined;
  }
}

const toBody = (text: string, contentType: string): EncodedBody => ({
  bytes: Buffer.from(text),
  contentType,
  typeIs: "system",
});

function rawBody(body: JsonObject, { resolve, contentType }: BodyOptions): EncodedBody | undefined {
  const { raw } = body;
  // Only a text or what JSON is made of has something in it.
  if (raw === null || raw === "" || (typeof raw !== "string" && typeof raw !== "object")) return undefined;
  const { options } = body;
  const rawOptions = isObject(options) ? options["raw"] : undefined;
  const language = isObject(rawOptions) ? toText(rawOptions["language"] ?? "") : "";
  const text = typeof raw === "string" ? resolve(raw) : JSON.stringify(resolveDeep(raw, resolve));
  const isJson = language === "" ? jsonType.test(contentType ?? "") : language === "json";
  return toBody(isJson ? withoutComments(text) : text, languageTypes[language] ?? "text/plain");
}

const jsonType = /^application\/(\S+\+)?json/;

function urlencodedBody(content: unknown, resolve: Resolve): EncodedBody | undefined {
  const params = typeof content === "string" ? parseParams(content) : asObjects(content);
  const enabled = params.filter((param) => param["disabled"] !== true);
  if (enabled.length === 0) return undefined;
  // Postman collects parameters in an object: one name stands together at the place of the first, numbers come first.
  const byName = Object.create(null) as Record<string, string[]>;
  for (const param of enabled) {
    const name = resolve(toText(param["key"] ?? ""));
    (byName[name] ??= []).push(resolve(toText(param["value"] ?? "")));
  }
  const pairs = Object.entries(byName).flatMap(([name, values]) =>
    values.map((value) => `${formEncode(name)}=${formEncode(value)}`),
  );
  return { ...toBody(pairs.join("&"), "application/x-www-form-urlencoded"), typeIs: "form" };
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

async function formBody(params: JsonObject[], options: BodyOptions): Promise<EncodedBody | undefined> {
  const enabled = params.filter((param) => param["disabled"] !== true);
  if (enabled.length === 0) return undefined;
  return { ...(await encodeForm(enabled, options)), typeIs: "form" };
}

/** One file is the whole body. `content` is a file inside the document, in Base64. */
async function fileBody(file: unknown, { resolve, files }: BodyOptions): Promise<EncodedBody | undefined> {
  const { src, content } = isObject(file) ? file : { src: file, content: undefined };
  if (typeof src === "string" && src !== "") {
    const path = resolve(src);
    return {
      bytes: await readFile(path, files, "Binary file load error"),
      contentType: typeOfFile(path) ?? "application/octet-stream",
      typeIs: "file",
    };
  }
  if (typeof content !== "string" || content === "") return undefined;
  return { bytes: Buffer.from(resolve(content), "base64"), contentType: "", typeIs: "system" };
}

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
