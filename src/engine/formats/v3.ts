import { asObject, asText, toText, type JsonObject } from "../json.ts";
import { FormatError, SCHEMA_V21, type Converted, type PostmanDocument } from "./document.ts";
import { toAuth, toEvents, toExample, toRequest } from "./v3-request.ts";
import {
  definitionOf,
  findCollections,
  findVariableFiles,
  isRequestFile,
  requestNameOf,
  toTree,
  type Folder,
} from "./v3-tree.ts";
import { toPairs, toVariableDocument } from "./v3-variables.ts";
import { parseYaml } from "./yaml.ts";

/**
 * Format v3 is a folder: `.resources/definition.yaml` describes it, each `*.request.yaml` is a request, each folder below
 * is a folder of the collection. Takes the texts of all files by relative path (forward slashes), also of a whole
 * workspace with several collections, environments and globals. Throws `FormatError`.
 */
export function convertV3(files: ReadonlyMap<string, string>, name: string): Converted {
  const root = toTree(files, name);
  const warnings: string[] = [];
  const collections = findCollections(root).map((folder) => toCollection(folder, warnings));
  const variables = findVariableFiles(root).flatMap((file): PostmanDocument[] => {
    const content = toVariableDocument(parseNamed(file.text, file.name), file);
    if (!content) return [];
    const kind = content["_postman_variable_scope"] === "globals" ? "globals" : "environment";
    return [{ kind, name: toText(content.name), content }];
  });
  const documents = [...collections, ...variables];
  if (documents.length === 0)
    throw new FormatError("is a folder without a collection: there is no .resources/definition.yaml in it.");
  return { documents, warnings };
}

function toCollection(folder: Folder, warnings: string[]): PostmanDocument {
  const definition = readDefinition(folder);
  const name = toText(definition["name"] ?? "") || folder.name;
  const id = asText(definition["id"]);
  const context = { warnings, path: name };
  const content = {
    info: {
      ...(id && { _postman_id: id }),
      name,
      ...described(definition),
      schema: SCHEMA_V21,
    },
    item: toItems(folder, context),
    ...shared(definition, context),
    ...(definition["variables"] !== undefined && { variable: toPairs(definition["variables"]) }),
  };
  return { kind: "collection", name, content };
}

interface Context {
  warnings: string[];
  /** Names of the folders so far. */
  path: string;
}

interface Ordered {
  order: number;
  name: string;
  item: JsonObject;
}

/** Requests and folders together, by `order`; what has none comes last, by name. */
function toItems(folder: Folder, context: Context): JsonObject[] {
  const requests = [...folder.files].flatMap(([file, text]): Ordered[] => {
    if (!isRequestFile(file)) return [];
    const request = asObject(parseNamed(text, `${context.path} / ${file}`));
    const item = toItem(request, requestNameOf(file), folder, context);
    return item ? [{ order: orderOf(request), name: file, item }] : [];
  });
  const folders = [...folder.folders.values()]
    .filter(({ name }) => !name.startsWith("."))
    .flatMap((child): Ordered[] => {
      if (!hasContent(child)) return [];
      const definition = readDefinition(child);
      const name = toText(definition["name"] ?? "") || child.name;
      return [{ order: orderOf(definition), name, item: toFolder(child, name, definition, context) }];
    });
  return [...requests, ...folders].toSorted(byOrder).map(({ item }) => item);
}

const hasContent = (folder: Folder): boolean =>
  definitionOf(folder) !== undefined || findCollections(folder).length > 0;

function toFolder(folder: Folder, name: string, definition: JsonObject, context: Context): JsonObject {
  const inner = { ...context, path: `${context.path} / ${name}` };
  const id = asText(definition["id"]);
  return {
    ...(id && { id }),
    name,
    ...described(definition),
    item: toItems(folder, inner),
    ...shared(definition, inner),
  };
}

/** Undefined for what this program cannot send, which is warned of. */
function toItem(
  source: JsonObject,
  fileName: string,
  folder: Folder,
  context: Context,
): JsonObject | undefined {
  const name = toText(source["name"] ?? "") || fileName;
  const where = `${context.path} / ${name}`;
  const kind = toText(source["$kind"] ?? "http-request");
  if (kind !== "http-request" && kind !== "graphql-request") {
    context.warnings.push(`${where} is left out: it is a ${kind}, and only HTTP requests can be sent.`);
    return undefined;
  }
  const id = asText(source["id"]);
  const examples = folder.folders
    .get(".resources")
    ?.folders.get(`${fileName}.resources`)
    ?.folders.get("examples");
  const warn = (what: string) => void context.warnings.push(`${where}: ${what}`);
  const { auth, event, protocolProfileBehavior } = shared(source, { ...context, path: where });
  return {
    ...(id && { id }),
    name,
    ...(event && { event }),
    request: { ...toRequest(source, kind, warn), ...(auth && { auth }) },
    response: [...(examples?.files ?? [])]
      .map(([file, text]) => ({ file, source: asObject(parseNamed(text, `${where} / ${file}`)) }))
      .toSorted((left, right) => orderOf(left.source) - orderOf(right.source))
      .map(({ file, source: example }) => toExample(example, file.replace(/\.example\.ya?ml$/i, ""), warn)),
    ...(protocolProfileBehavior && { protocolProfileBehavior }),
  };
}

/** What collections, folders and requests have in common. */
function shared(source: JsonObject, { warnings, path }: Context) {
  const warn = (what: string) => void warnings.push(`${path}: ${what}`);
  const auth = toAuth(source["auth"], warn);
  const event = toEvents(source["scripts"], warn);
  const behavior = { ...asObject(source["settings"]), ...asObject(source["protocolProfileBehavior"]) };
  return {
    ...(auth && { auth }),
    ...(event.length > 0 && { event }),
    ...(Object.keys(behavior).length > 0 && { protocolProfileBehavior: behavior }),
  };
}

const described = ({ description }: JsonObject) =>
  typeof description === "string" && description !== "" ? { description } : {};

function readDefinition(folder: Folder): JsonObject {
  const text = definitionOf(folder);
  return text === undefined ? {} : asObject(parseNamed(text, `${folder.name}/.resources/definition.yaml`));
}

function parseNamed(text: string, file: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`holds "${file}", which ${error.message}`);
    throw error;
  }
}

const orderOf = ({ order }: JsonObject): number => {
  const number = Number(order ?? Number.NaN);
  return Number.isFinite(number) ? number : Number.MAX_VALUE;
};

const byOrder = (left: Ordered, right: Ordered): number =>
  left.order - right.order || (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);
