/** Readers for documents that nobody has validated: each gives what it promises or a neutral value. */
export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});

export const asArray = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const asText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** The objects of a list; anything else in it is left out. */
export const asObjects = (value: unknown): JsonObject[] => asArray(value).filter(isObject);

/**
 * A value as Postman writes it where text is needed. Not `String()`: a document may hold an object whose
 * `toString` is a number, and `String()` throws on it.
 */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map((entry) => (entry === null ? "" : toText(entry))).join(",");
  if (typeof value === "object" && value !== null) return "[object Object]";
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  return value === null ? "null" : "";
}
