import { asObject, isObject, type JsonObject } from "../json.ts";

/** How deep the converter follows schemas that refer to schemas. */
const FULL_DEPTH = 10;
/**
 * Objects of all schemas written out; schemas that refer to each other multiply. So many make a collection near the size
 * that a control plane takes, and some seconds of work.
 */
const MAX_OBJECTS = 300_000;

/**
 * The document as it is, or with its schemas cut at a depth at which they are of sane size when written out; `depth` says
 * at which.
 */
export function limitDepth(document: JsonObject): { document: JsonObject; depth?: number } {
  const schemas = schemasOf(document);
  for (let depth = FULL_DEPTH; depth > 1; depth--) {
    if (countObjects(document, schemas, depth) > MAX_OBJECTS) continue;
    return depth === FULL_DEPTH ? { document } : { document: cutAt(document, schemas, depth), depth };
  }
  return { document: cutAt(document, schemas, 1), depth: 1 };
}

interface Schemas {
  prefix: "#/components/schemas/" | "#/definitions/";
  byName: JsonObject;
}

const schemasOf = (document: JsonObject): Schemas =>
  document["swagger"] === undefined
    ? { prefix: "#/components/schemas/", byName: asObject(asObject(document["components"])["schemas"]) }
    : { prefix: "#/definitions/", byName: asObject(document["definitions"]) };

/** The name of the schema that an object refers to. */
function referred(value: JsonObject, { prefix, byName }: Schemas): string | undefined {
  const { $ref } = value;
  if (typeof $ref !== "string" || !$ref.startsWith(prefix)) return undefined;
  const name = $ref.slice(prefix.length);
  return Object.hasOwn(byName, name) ? name : undefined;
}

/** Objects of the operations with every schema written out to the depth; stops counting far above the limit. */
function countObjects(document: JsonObject, schemas: Schemas, depth: number): number {
  const known = new Map<string, number>();
  const count = (value: unknown, left: number): number => {
    if (typeof value !== "object" || value === null) return 0;
    if (!isObject(value)) return sum(Object.values(value), left);
    const name = referred(value, schemas);
    if (name === undefined) return 1 + sum(Object.values(value), left);
    if (left === 0) return 1;
    const key = `${left} ${name}`;
    const counted = known.get(key) ?? count(schemas.byName[name], left - 1);
    known.set(key, counted);
    return counted;
  };
  const sum = (values: unknown[], left: number): number =>
    values.reduce((total: number, value) => Math.min(total + count(value, left), 2 * MAX_OBJECTS), 0);
  return count(document["paths"], depth) + count(withoutSchemas(document), depth);
}

/** Parameters, answers and bodies that operations share. */
const withoutSchemas = ({ components, parameters, responses }: JsonObject): JsonObject => ({
  ...asObject(components),
  schemas: undefined,
  parameters: [asObject(components)["parameters"], parameters],
  responses: [asObject(components)["responses"], responses],
});

/** Each schema once for every depth that is left where it is used; at the end stands one that says nothing. */
function cutAt(document: JsonObject, schemas: Schemas, depth: number): JsonObject {
  const cut: JsonObject = {};
  const todo: { name: string; left: number }[] = [];
  const rewrite = (value: unknown, left: number): unknown => {
    if (Array.isArray(value)) return value.map((entry) => rewrite(entry, left));
    if (!isObject(value)) return value;
    const name = referred(value, schemas);
    if (name === undefined)
      return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, rewrite(entry, left)]));
    if (left === 0) return {};
    const copy = `${name}.${left}`;
    if (!Object.hasOwn(cut, copy)) {
      cut[copy] = {};
      todo.push({ name, left });
    }
    return { ...value, $ref: `${schemas.prefix}${copy}` };
  };
  const { components, definitions, ...rest } = document;
  const { schemas: _, ...others } = asObject(components);
  const outside = asObject(rewrite({ ...rest, components: others }, depth));
  for (let next = todo.pop(); next; next = todo.pop())
    cut[`${next.name}.${next.left}`] = rewrite(schemas.byName[next.name], next.left - 1);
  if (document["swagger"] !== undefined) {
    const { components: __, ...swagger } = outside;
    return { ...swagger, definitions: { ...asObject(definitions), ...cut } };
  }
  return {
    ...outside,
    components: { ...asObject(outside["components"]), schemas: { ...schemas.byName, ...cut } },
  };
}
