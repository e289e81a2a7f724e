import { asObject, asText, isObject, toText, type JsonObject } from "../json.ts";
import type { CollectionDocument } from "../types.ts";
import { FormatError } from "./document.ts";
import { bundleOpenApi, parseSpecFile } from "./openapi-bundle.ts";
import { mergeOpenApi } from "./openapi-merge.ts";
import { convertOpenApi } from "./openapi.ts";
import { toOpenApi, type OpenApiVersion } from "./to-openapi.ts";

interface SpecJobResult {
  collection?: CollectionDocument;
  text?: string;
  warnings: string[];
}

/** One job of the server on a specification, see `SpecJob` there. Throws `FormatError`. */
export async function runSpecJob(job: JsonObject): Promise<SpecJobResult> {
  switch (job["action"]) {
    case "collection":
      return toCollection(job);
    case "bundle":
      return { text: await writeAs(formatOf(toText(job["root"])), bundle(job)), warnings: [] };
    case "openapi":
      return fromCollection(job);
    default:
      throw new Error("the convert process was given a job that it does not know");
  }
}

async function toCollection(job: JsonObject): Promise<SpecJobResult> {
  const { documents, warnings } = await convertOpenApi(bundle(job), asObject(job["options"]));
  const [document] = documents;
  if (document?.kind !== "collection") throw new Error("the conversion made no collection");
  return { collection: document.content, warnings };
}

const bundle = (job: JsonObject): JsonObject => {
  const files = Object.entries(asObject(job["files"])).map(([path, text]) => [path, toText(text)] as const);
  return bundleOpenApi(new Map(files), toText(job["root"]));
};

async function fromCollection(job: JsonObject): Promise<SpecJobResult> {
  // The server checks both before it asks.
  const version = job["version"] as OpenApiVersion;
  const { document, warnings } = toOpenApi(asObject(job["collection"]), version);
  const base = asObject(job["base"]);
  const baseText = asText(base["text"]);
  if (baseText === undefined) return { text: await writeAs(toText(job["format"]), document), warnings };
  const known = parseSpecFile(baseText, "the specification");
  if (!isObject(known)) throw new FormatError("is no OpenAPI document.");
  const merged = mergeOpenApi(known, document, { dropOrphans: base["dropOrphans"] === true });
  return { text: await writeAs(toText(job["format"]), merged), warnings };
}

const formatOf = (path: string): string => (/\.json$/i.test(path) ? "json" : "yaml");

/** JSON with two blanks, or YAML without aliases and line breaks inside of texts. */
export async function writeAs(format: string, document: JsonObject): Promise<string> {
  if (format === "json") return `${JSON.stringify(document, null, 2)}\n`;
  const { stringify } = await import("yaml");
  return stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 });
}
