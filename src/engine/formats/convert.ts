import { asArray, isObject, type JsonObject } from "../json.ts";
import type { Variable } from "../types.ts";
import {
  FormatError,
  nameOf,
  type Converted,
  type PostmanDocument,
  type VariableDocument,
} from "./document.ts";
import { isOpenApi } from "./openapi-check.ts";
import { convertV1, isV1 } from "./v1.ts";
import { convertV20, isV20 } from "./v20.ts";

/** Conversions that not every program wants to carry; without one its format is refused. */
export interface Converters {
  openApi?: (document: JsonObject) => Promise<Converted>;
}

/**
 * Reads the text of one file, whatever it is: a collection v1, v2.0 or v2.1, an environment, globals, a data dump, all of
 * them also in the wrapper in which the API answers; with a converter for it, OpenAPI. Throws `FormatError`.
 */
export async function convertText(text: string, converters: Converters = {}): Promise<Converted> {
  return convertValue(await parseText(text.replace(/^\uFEFF/, "")), converters);
}

/** As `convertText`, for what has been parsed already. */
export async function convertValue(value: unknown, { openApi }: Converters = {}): Promise<Converted> {
  if (!isObject(value)) throw unknownKind();
  if (openApi && isOpenApi(value)) return openApi(value);
  if (isDump(value)) return convertDump(value);
  const { document, warnings } = await convertOne(value);
  return { documents: [document], warnings };
}

interface One {
  document: PostmanDocument;
  warnings: string[];
}

async function convertOne(value: JsonObject): Promise<One> {
  const inner = value["collection"] ?? value["environment"] ?? value["globals"];
  if (isObject(inner) && !Array.isArray(value["item"])) return convertOne(inner);
  if (isV1(value)) {
    const { content, warnings } = await convertV1(value);
    return { document: { kind: "collection", name: nameOf(value), content }, warnings };
  }
  if (isObject(value["info"]) && Array.isArray(value["item"])) {
    const content = isV20(value) ? convertV20(value) : value;
    return { document: { kind: "collection", name: nameOf(value["info"]), content }, warnings: [] };
  }
  if (Array.isArray(value["values"])) {
    // Checked right here: `values` is a list; its entries are read leniently.
    return { document: toVariables(value as VariableDocument), warnings: [] };
  }
  throw unknownKind(value);
}

/** What has no name is no variable. */
const isVariable = (entry: unknown): entry is Variable => isObject(entry) && typeof entry["key"] === "string";

function toVariables(content: VariableDocument): PostmanDocument {
  const isGlobals = content["_postman_variable_scope"] === "globals";
  return { kind: isGlobals ? "globals" : "environment", name: nameOf(content), content };
}

/** `Backup.postman_dump.json`: everything that a person had. */
const isDump = (value: JsonObject): boolean =>
  Array.isArray(value["collections"]) &&
  value["info"] === undefined &&
  (Array.isArray(value["environments"]) || Array.isArray(value["globals"]) || value["version"] !== undefined);

async function convertDump(dump: JsonObject): Promise<Converted> {
  const converted: Converted = { documents: [], warnings: [] };
  for (const [index, entry] of [
    ...asArray(dump["collections"]),
    ...asArray(dump["environments"]),
  ].entries()) {
    const name = isObject(entry) ? nameOf(isObject(entry["info"]) ? entry["info"] : entry) : `${index + 1}`;
    try {
      if (!isObject(entry)) throw unknownKind();
      const one = await convertOne(entry);
      converted.documents.push(one.document);
      converted.warnings.push(...one.warnings);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      converted.warnings.push(`"${name}" of the data dump ${error.message}`);
    }
  }
  const globals = asArray(dump["globals"]).filter(isVariable);
  if (globals.length > 0) {
    const content = { name: "Globals", values: globals, _postman_variable_scope: "globals" };
    converted.documents.push(toVariables(content));
  }
  if (asArray(dump["headerPresets"]).length > 0)
    converted.warnings.push("header presets of the data dump are left out: there is nothing like them here.");
  if (converted.documents.length === 0) throw new FormatError("is a data dump that holds nothing.");
  return converted;
}

async function parseText(text: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/^\s*[[{"]/.test(text) && /^[\w$-]+:(\s|$)/m.test(text)) return parseYamlText(text);
    throw new FormatError(`is not JSON: ${await whyNotJson(text, error)}.`);
  }
}

/** The engine's own words do not say where. */
async function whyNotJson(text: string, error: unknown): Promise<string> {
  const { default: parser } = await import("liquid-json/vendor/parse.js");
  try {
    parser.parse(text);
  } catch (located) {
    const [line = ""] = located instanceof Error ? located.message.split("\n") : [];
    const [, what, row, column] = /^(.+) at (\d+):(\d+)$/.exec(line) ?? [];
    if (what !== undefined)
      return `line ${row}, column ${column}: ${what.charAt(0).toLowerCase()}${what.slice(1)}`;
  }
  return error instanceof Error ? error.message : String(error);
}

async function parseYamlText(text: string): Promise<unknown> {
  const { parseStrictYaml, parseYaml } = await import("./yaml.ts");
  const { toVariableDocument } = await import("./v3-variables.ts");
  const value = parseYaml(text);
  // In a collection a number is text that somebody typed; in a specification it is a number.
  if (isObject(value) && isOpenApi(value)) return parseStrictYaml(text);
  return toVariableDocument(value) ?? value;
}

function unknownKind(value: JsonObject = {}): FormatError {
  if (isOpenApi(value))
    return new FormatError("is an OpenAPI document: make a collection of it with the command import.");
  if (typeof value["$kind"] === "string")
    return new FormatError("is one file of a collection of format v3: give the folder of the collection.");
  return new FormatError("is neither a collection nor an environment, globals or a data dump.");
}
