import { readFile } from "node:fs/promises";

import type { CollectionDocument, Variable } from "../../engine/types.ts";
import { AppError, toError } from "../../lib/errors.ts";

export type PostmanDocument =
  | { kind: "collection"; name: string; content: CollectionDocument }
  | { kind: "environment" | "globals"; name: string; content: VariableDocument };

/** An environment or globals as exported; other fields are kept as they are. */
export interface VariableDocument extends Record<string, unknown> {
  name?: string;
  values: Variable[];
}

/** Reads a file and tells what it is. Throws one sentence that names the file. */
export async function readDocument(path: string): Promise<PostmanDocument> {
  const content = await readJsonFile(path);
  try {
    return recognize(content);
  } catch (error) {
    throw error instanceof AppError ? new AppError("bad_request", `${path} ${error.message}`) : error;
  }
}

/** The parsed content of a JSON file. Throws one sentence that names the file. */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new AppError("unavailable", `${path} cannot be read: ${reasonOf(error)}.`);
  });
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new AppError("bad_request", `${path} is not JSON: ${toError(error).message}.`);
  }
}

function reasonOf(thrown: unknown): string {
  const error = toError(thrown);
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES") return "this user is not allowed to";
  return error.message;
}

/** What a parsed document is; also one in the wrapper in which the API answers. */
function recognize(value: unknown): PostmanDocument {
  if (!isObject(value)) throw unknownKind();
  const inner = value["collection"] ?? value["environment"];
  if (isObject(inner)) return recognize(inner);
  if (isObject(value["info"]) && Array.isArray(value["item"]))
    return { kind: "collection", name: nameOf(value["info"]), content: value };
  // Checked right here: `values` is a list; the engine reads its entries leniently.
  if (Array.isArray(value["values"])) return variables(value as VariableDocument);
  if (Array.isArray(value["requests"]))
    throw wrong("is a collection of the old format v1: export it from Postman as Collection v2.1.");
  if (typeof value["openapi"] === "string" || typeof value["swagger"] === "string")
    throw wrong("is an OpenAPI document, which cannot be read yet: export it as a Postman collection.");
  throw unknownKind();
}

function variables(content: VariableDocument): PostmanDocument {
  const isGlobals = content["_postman_variable_scope"] === "globals";
  return { kind: isGlobals ? "globals" : "environment", name: nameOf(content), content };
}

const nameOf = ({ name }: Record<string, unknown>): string =>
  typeof name === "string" && name !== "" ? name : "unnamed";

const wrong = (message: string): AppError => new AppError("bad_request", message);

const unknownKind = (): AppError => wrong("is neither a collection v2.x nor an environment.");

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
