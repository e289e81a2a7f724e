import type { CollectionDocument, Variable } from "../types.ts";

/** An environment or globals as exported; other fields are kept as they are. */
export interface VariableDocument extends Record<string, unknown> {
  name?: string;
  values: Variable[];
}

export type PostmanDocument =
  | { kind: "collection"; name: string; content: CollectionDocument }
  | { kind: "environment" | "globals"; name: string; content: VariableDocument };

/** What a file, a folder or an archive held: collections as v2.1, and what the conversion could not keep. */
export interface Converted {
  documents: PostmanDocument[];
  /** One sentence each. */
  warnings: string[];
}

/** Something that cannot be converted. The message goes on where the name of the file ends: "is not JSON". */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

export const SCHEMA_V21 = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

export const nameOf = ({ name }: Record<string, unknown>): string =>
  typeof name === "string" && name.trim() !== "" ? name : "unnamed";
