import { isObject, type JsonObject } from "../json.ts";
import { FormatError } from "./document.ts";

/** Under these keys there are values of users, in which `$ref` means nothing. */
const valueKeys = new Set(["example", "examples", "default", "enum", "const"]);

/** Deeper than any specification; what comes after this walks it recursively. */
const MAX_DEPTH = 300;

/**
 * Warnings for references that lead nowhere, and for those that lead out of the document, which nobody follows. Throws
 * `FormatError` for a document that nests too deep.
 */
export function checkReferences(document: JsonObject): string[] {
  const warnings: string[] = [];
  const seen = new Set<unknown>();
  const stack: Place[] = [{ value: document, names: [], isOfUser: false }];
  for (let place = stack.pop(); place; place = stack.pop()) {
    const { value, names, isOfUser } = place;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (names.length > MAX_DEPTH) throw new FormatError(`nests more than ${MAX_DEPTH} levels deep.`);
    const reference = isObject(value) && !isOfUser ? value["$ref"] : undefined;
    const problem = typeof reference === "string" ? problemOf(reference, document) : undefined;
    if (problem) warnings.push(`${names.join(".") || "document"}: ${problem}`);
    // Last in, first out: told from top to bottom.
    stack.push(...childrenOf(place).toReversed());
  }
  return warnings;
}

interface Place {
  value: unknown;
  /** From the top of the document. */
  names: string[];
  /** Inside a value of a user. */
  isOfUser: boolean;
}

function childrenOf({ value, names, isOfUser }: Place): Place[] {
  // A property may be called `default`.
  const isSchema = names.at(-1) !== "properties";
  return Object.entries(value ?? {}).map(([name, child]) => ({
    value: child as unknown,
    names: [...names, name],
    isOfUser: isOfUser || (isSchema && valueKeys.has(name)),
  }));
}

function problemOf(reference: string, document: JsonObject): string | undefined {
  if (!reference.startsWith("#"))
    return `"${reference}" lies in another file, which is not read: bundle the specification into one file.`;
  return isThere(reference, document) ? undefined : `"${reference}" is not in the document.`;
}

/** Follows a JSON pointer; names may be percent-encoded, because references are URLs. */
function isThere(reference: string, document: JsonObject): boolean {
  if (!/^#(\/|$)/.test(reference))
    return Object.values(document).length > 0 && hasAnchor(reference, document);
  let value: unknown = document;
  for (const part of reference.split("/").slice(1)) {
    const key = decode(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
    value = Reflect.get(value, key);
  }
  return true;
}

/** `#name` means the schema with `$anchor: name`; where it lies does not matter here. */
const hasAnchor = (reference: string, document: JsonObject): boolean =>
  JSON.stringify(document).includes(`"$anchor":${JSON.stringify(reference.slice(1))}`);

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
