import { isObject, type JsonObject } from "../json.ts";

/** Under these keys there are values of users, in which `$ref` means nothing. */
const valueKeys = new Set(["example", "examples", "default", "enum", "const"]);

/** Warnings for references that lead nowhere, and for those that lead out of the document, which nobody follows. */
export function checkReferences(document: JsonObject): string[] {
  const warnings: string[] = [];
  const seen = new Set<unknown>();
  const stack: { value: unknown; place: string }[] = [{ value: document, place: "" }];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { value, place } = entry;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    const reference = isObject(value) ? value["$ref"] : undefined;
    const problem = typeof reference === "string" ? problemOf(reference, document) : undefined;
    if (problem) warnings.push(`${place || "document"}: ${problem}`);
    const children = Object.entries(value)
      .filter(([key]) => !valueKeys.has(key))
      .map(([key, child]) => ({ value: child as unknown, place: place ? `${place}.${key}` : key }));
    // Last in, first out: told from top to bottom.
    stack.push(...children.toReversed());
  }
  return warnings;
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
