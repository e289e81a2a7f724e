import { asArray, asObject, asText, isObject, type JsonObject } from "../json.ts";
import type { CollectionDocument } from "../types.ts";
import { FormatError, nameOf, type Converted } from "./document.ts";
import { checkOpenApi } from "./openapi-check.ts";
import { limitDepth } from "./openapi-depth.ts";
import { lostOperations } from "./openapi-lost.ts";
import { checkReferences } from "./openapi-references.ts";

/** As Postman's own import has them; absent = its default. */
export interface OpenApiOptions {
  folderStrategy?: "Paths" | "Tags";
  requestNameSource?: "URL" | "Fallback";
  parametersResolution?: "Schema" | "Example";
  nestedFolderHierarchy?: boolean;
  includeDeprecated?: boolean;
  enableOptionalParameters?: boolean;
  alwaysInheritAuthentication?: boolean;
  keepImplicitHeaders?: boolean;
}

/** More help nobody; a specification that lies in several files would have thousands. */
const MAX_WARNINGS = 20;

/**
 * Makes a collection of an OpenAPI document 3.0 to 3.2 or Swagger 2.0, parsed already. Reads nothing but the document:
 * no other file, no address. Throws `FormatError` that names the broken place.
 */
export async function convertOpenApi(document: JsonObject, options: OpenApiOptions = {}): Promise<Converted> {
  const { problems, warnings } = checkOpenApi(document);
  const [problem] = problems;
  if (problem !== undefined) {
    const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
    throw broken(`${problem.replace(/\.$/, "")}${others}`);
  }
  const all = [...warnings, ...checkReferences(document)];
  const limited = limitDepth(withOpenOperations(withTextVersion(document)));
  if (limited.depth !== undefined)
    all.unshift(
      `schemas: they refer to each other so often that they are cut at a depth of ${limited.depth}.`,
    );
  const content = await quietly(() => generate(limited.document, options));
  const lost = lostOperations(document, content, options.includeDeprecated !== false);
  if (lost !== undefined) all.unshift(lost);
  const told =
    all.length > MAX_WARNINGS
      ? [...all.slice(0, MAX_WARNINGS), `and ${all.length - MAX_WARNINGS} more.`]
      : all;
  return {
    documents: [{ kind: "collection", name: nameOf(asObject(content["info"])), content }],
    warnings: told,
  };
}

/** YAML reads `swagger: 2.0` as a number. */
function withTextVersion(document: JsonObject): JsonObject {
  if (document["swagger"] !== undefined) return { ...document, swagger: "2.0" };
  const { openapi } = document;
  return typeof openapi === "number"
    ? { ...document, openapi: openapi === 3 ? "3.0.0" : `${openapi}.0` }
    : document;
}

/** The converter takes `security: []`, an operation open to all, for one that says nothing and inherits. */
function withOpenOperations(document: JsonObject): JsonObject {
  const paths = mapValues(asObject(document["paths"]), (item) =>
    isObject(item) ? mapValues(item, withNoSecurity) : item,
  );
  return { ...document, paths };
}

function withNoSecurity(operation: unknown): unknown {
  if (!isObject(operation) || !Array.isArray(operation["security"])) return operation;
  return operation["security"].length === 0 ? { ...operation, security: [{}] } : operation;
}

const mapValues = (object: JsonObject, change: (value: unknown) => unknown): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

async function generate(document: JsonObject, options: OpenApiOptions): Promise<CollectionDocument> {
  // Half a second and 50 MB: loaded only where a specification is converted.
  const { default: converter } = await import("openapi-to-postmanv2");
  const { promise, resolve, reject } = Promise.withResolvers<CollectionDocument>();
  try {
    converter.convertV2({ type: "json", data: document }, { ...options }, (error, result) => {
      const content = asObject(asArray(asObject(result)["output"])[0])["data"];
      if (isObject(content)) return resolve(content);
      return reject(broken(asText(asObject(result)["reason"]) ?? reasonOf(error)));
    });
  } catch (error) {
    reject(broken(reasonOf(error)));
  }
  return promise;
}

const { console } = globalThis;
const silentConsole = new Proxy(console, { get: () => () => undefined });

/** The converter prints what it stumbles over, call stacks and all, to the console of the program. */
async function quietly<T>(act: () => Promise<T>): Promise<T> {
  Reflect.set(globalThis, "console", silentConsole);
  try {
    return await act();
  } finally {
    Reflect.set(globalThis, "console", console);
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error
    ? error.message.replace("Provided API Specification is invalid. ", "")
    : "the conversion gave no reason";

const broken = (why: string): FormatError =>
  new FormatError(`is an OpenAPI document that cannot be converted: ${why.replace(/\.$/, "")}.`);
