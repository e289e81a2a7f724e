import { asObject, isObject, type JsonObject } from "../json.ts";
import { FormatError } from "./document.ts";
import { parseStrictYaml } from "./yaml.ts";

const MAX_DEPTH = 300;

interface Bundle {
  files: ReadonlyMap<string, string>;
  parsed: Map<string, unknown>;
  /** Where what another file holds has come to lie, by file and pointer. */
  places: Map<string, string>;
  root: string;
  document: JsonObject;
}

interface Place {
  file: string;
  /** Whether a schema is expected here: those may refer to themselves. */
  isSchema: boolean;
  depth: number;
}

/**
 * Makes one document of a specification in several files: what `$ref`s name in other files is put in their place, schemas
 * under `components/schemas` (`definitions` in 2.0). Reads nothing but the given texts; a reference to anywhere else stays
 * as it is. Throws `FormatError`.
 */
export function bundleOpenApi(files: ReadonlyMap<string, string>, root: string): JsonObject {
  const parsed = new Map<string, unknown>();
  const document = asObject(readFile(files, parsed, root));
  if (files.size === 1) return document;
  const bundle: Bundle = { files, parsed, places: new Map(), root, document: {} };
  // What is hoisted goes into the result while the walk goes on.
  const own = isOldVersion(document) ? "definitions" : "components";
  bundle.document = {
    ...document,
    [own]:
      own === "definitions"
        ? { ...asObject(document[own]) }
        : { ...asObject(document[own]), schemas: { ...asObject(asObject(document[own])["schemas"]) } },
  };
  const walked = asObject(walk(document, { file: root, isSchema: false, depth: 0 }, bundle));
  const hoisted = schemasOf(bundle);
  if (Object.keys(hoisted).length === 0) return walked;
  if (own === "definitions")
    return { ...walked, definitions: { ...hoisted, ...asObject(walked["definitions"]) } };
  const components = asObject(walked["components"]);
  return {
    ...walked,
    components: { ...components, schemas: { ...hoisted, ...asObject(components["schemas"]) } },
  };
}

const isOldVersion = (document: JsonObject): boolean => document["swagger"] !== undefined;

const schemasOf = ({ document }: Bundle): JsonObject =>
  asObject(isOldVersion(document) ? document["definitions"] : asObject(document["components"])["schemas"]);

/** JSON or YAML. Throws `FormatError` that names the file. */
export function parseSpecFile(text: string, name: string): unknown {
  try {
    if (/^\s*[{[]/.test(text)) return JSON.parse(text);
  } catch (error) {
    throw new FormatError(
      `holds ${name}, which is not JSON: ${error instanceof Error ? error.message : ""}.`,
    );
  }
  try {
    return parseStrictYaml(text);
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`holds ${name}, which ${error.message}`);
    throw error;
  }
}

function readFile(files: ReadonlyMap<string, string>, parsed: Map<string, unknown>, path: string): unknown {
  if (parsed.has(path)) return parsed.get(path);
  const text = files.get(path);
  if (text === undefined) throw new FormatError(`refers to the file "${path}", which is not part of it.`);
  const value = parseSpecFile(text, `"${path}"`);
  parsed.set(path, value);
  return value;
}

function walk(value: unknown, place: Place, bundle: Bundle): unknown {
  if (place.depth > MAX_DEPTH)
    throw new FormatError("holds references to other files that lead back to themselves.");
  const inner = { ...place, depth: place.depth + 1 };
  if (Array.isArray(value)) return value.map((entry) => walk(entry, inner, bundle));
  if (!isObject(value)) return value;
  if (typeof value["$ref"] === "string") return resolve(value["$ref"], value, place, bundle);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      isLiteral(key, place) ? entry : walk(entry, { ...inner, isSchema: isSchemaAt(key, place) }, bundle),
    ]),
  );
}

/** What people wrote as values, in which `$ref` is a key like any other. */
const isLiteral = (key: string, { isSchema }: Place): boolean =>
  key === "example" || key === "default" || (key === "examples" && isSchema) || key === "enum";

const schemaKeys = new Set([
  "schema",
  "schemas",
  "definitions",
  "items",
  "properties",
  "additionalProperties",
  "allOf",
  "anyOf",
  "oneOf",
  "not",
]);

const isSchemaAt = (key: string, { isSchema }: Place): boolean => isSchema || schemaKeys.has(key);

function resolve(reference: string, node: JsonObject, place: Place, bundle: Bundle): unknown {
  const [target = "", pointer = ""] = reference.split("#", 2);
  // Addresses are left alone: nothing is fetched.
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return node;
  const file = target === "" ? place.file : join(place.file, decodeURIComponent(target));
  if (file === bundle.root) return { ...node, $ref: `#${pointer}` };
  const next = { ...place, file, depth: place.depth + 1 };
  if (!place.isSchema && !/\/schemas\/|\/definitions\//.test(pointer))
    return walk(lookUp(file, pointer, bundle), next, bundle);
  return { $ref: hoist(file, pointer, { ...next, isSchema: true }, bundle) };
}

/** A schema of another file gets a name of its own, once. */
function hoist(file: string, pointer: string, place: Place, bundle: Bundle): string {
  const key = `${file}#${pointer}`;
  const known = bundle.places.get(key);
  if (known !== undefined) return known;
  const schemas = schemasOf(bundle);
  const name = freeName(nameOf(file, pointer), schemas);
  const base = isOldVersion(bundle.document) ? "#/definitions" : "#/components/schemas";
  const at = `${base}/${name}`;
  bundle.places.set(key, at);
  // Before the walk, so that nothing in it takes the same name.
  schemas[name] = {};
  schemas[name] = walk(lookUp(file, pointer, bundle), place, bundle);
  return at;
}

function nameOf(file: string, pointer: string): string {
  const last = pointer.split("/").at(-1) ?? "";
  const text = last === "" ? (/([^/]+?)(\.[^./]+)?$/.exec(file)?.[1] ?? "Schema") : unescape(last);
  return text.replaceAll(/[^A-Za-z0-9._-]/g, "_");
}

function freeName(wanted: string, taken: JsonObject): string {
  if (!Object.hasOwn(taken, wanted)) return wanted;
  for (let number = 2; ; number++)
    if (!Object.hasOwn(taken, `${wanted}${number}`)) return `${wanted}${number}`;
}

function lookUp(file: string, pointer: string, { files, parsed }: Bundle): unknown {
  let value = readFile(files, parsed, file);
  for (const part of pointer.split("/").slice(1)) {
    const key = unescape(part);
    const next: unknown = Array.isArray(value) ? value[Number(key)] : asObject(value)[key];
    if (next === undefined || !(Array.isArray(value) || Object.hasOwn(asObject(value), key)))
      throw new FormatError(`refers to "${file}#${pointer}", which is not there.`);
    value = next;
  }
  return value;
}

const unescape = (part: string): string =>
  decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");

/** A path relative to the file that names it. */
function join(from: string, path: string): string {
  const parts = path.startsWith("/") ? [] : from.split("/").slice(0, -1);
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}
