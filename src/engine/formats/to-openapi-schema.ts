import { isObject, type JsonObject } from "../json.ts";

const MAX_DEPTH = 40;
const MAX_LISTED = 50;

/** A schema that fits a value; of a list, one that fits all its entries. */
export function schemaOf(value: unknown, depth = 0): JsonObject {
  if (value === null || value === undefined || depth > MAX_DEPTH) return {};
  if (Array.isArray(value)) return { type: "array", items: schemaOfAll(value, depth + 1) };
  if (isObject(value)) {
    const properties = Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, schemaOf(entry, depth + 1)]),
    );
    return { type: "object", ...(Object.keys(properties).length > 0 && { properties }) };
  }
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  return { type: typeof value === "boolean" ? "boolean" : "string" };
}

function schemaOfAll(values: unknown[], depth: number): JsonObject {
  return values
    .slice(0, MAX_LISTED)
    .map((value) => schemaOf(value, depth))
    .reduce<JsonObject>((all, one) => bothSchemas(all, one), {});
}

/** What fits both; `{}`, which fits everything, when they have nothing in common. */
function bothSchemas(one: JsonObject, other: JsonObject): JsonObject {
  if (Object.keys(one).length === 0) return other;
  if (Object.keys(other).length === 0 || one["type"] !== other["type"])
    return Object.keys(other).length === 0 ? one : numeric(one, other);
  const left = one["properties"];
  const right = other["properties"];
  if (!isObject(left) && !isObject(right)) return one;
  const properties: JsonObject = { ...(isObject(left) ? left : {}) };
  for (const [key, schema] of Object.entries(isObject(right) ? right : {})) {
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    properties[key] = isObject(known) && isObject(schema) ? bothSchemas(known, schema) : schema;
  }
  return { ...one, properties };
}

const numeric = (one: JsonObject, other: JsonObject): JsonObject => {
  const types = new Set([one["type"], other["type"]]);
  return types.size === 2 && types.has("integer") && types.has("number") ? { type: "number" } : {};
};

/** Of a text in a query, path, header or form. Variables tell nothing. */
export function schemaOfText(text: string): JsonObject {
  if (/^-?(0|[1-9]\d{0,14})$/.test(text)) return { type: "integer" };
  if (/^-?(0|[1-9]\d*)\.\d+$/.test(text)) return { type: "number" };
  if (text === "true" || text === "false") return { type: "boolean" };
  return { type: "string" };
}

/** The text as the schema has it. */
export function exampleOfText(text: string): unknown {
  const { type } = schemaOfText(text);
  if (type === "integer" || type === "number") return Number(text);
  return type === "boolean" ? text === "true" : text;
}

/** JSON in which variables may stand for values: `{"id": {{id}}}`. Undefined when it is none. */
export function parseLooseJson(text: string): { value: unknown } | undefined {
  for (const candidate of [
    text,
    text.replaceAll(/(?<!")\{\{[^{}"]*\}\}(?!")/g, (name) => JSON.stringify(name)),
  ]) {
    try {
      return { value: JSON.parse(candidate) };
    } catch {
      // The next candidate, or it is no JSON.
    }
  }
  return undefined;
}
