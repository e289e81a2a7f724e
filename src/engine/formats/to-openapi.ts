import { asObject, asObjects, asText, isObject, toText, type JsonObject } from "../json.ts";
import { operationKeys, pathShape } from "./openapi-merge.ts";
import { toSecurityScheme } from "./to-openapi-auth.ts";
import { freeName, headerOf, toRequestBody, toResponses } from "./to-openapi-body.ts";
import { described, readUrl, valued } from "./to-openapi-url.ts";
import { toSwagger } from "./to-swagger.ts";

export type OpenApiVersion = "2.0" | "3.0" | "3.1";

interface Walk {
  document: JsonObject & { paths: JsonObject };
  /** The path of the document that stands for a shape. */
  pathOf: Map<string, string>;
  /** How often each server was seen; `{{variables}}` are filled in. */
  servers: Map<string, number>;
  serverOf: Map<JsonObject, string>;
  schemes: JsonObject;
  operationIds: Set<string>;
  variables: ReadonlyMap<string, string>;
  warnings: string[];
}

/** What a folder hands on to what is in it. */
interface Surroundings {
  folders: string[];
  auth: JsonObject | undefined;
}

/**
 * Describes the requests of a collection (v2.1) as OpenAPI. Requests of one path and method become one operation; what
 * OpenAPI has no word for (scripts, some ways to authenticate) is left out, with a warning where it matters.
 */
export function toOpenApi(
  collection: JsonObject,
  version: OpenApiVersion,
): { document: JsonObject; warnings: string[] } {
  const info = asObject(collection["info"]);
  const variables = new Map(
    asObjects(collection["variable"]).map((one) => [
      toText(one["key"] ?? one["id"] ?? ""),
      toText(one["value"] ?? ""),
    ]),
  );
  const walk: Walk = {
    document: {
      openapi: version === "3.1" ? "3.1.0" : "3.0.3",
      info: { title: asText(info["name"]) || "API", ...described(info), version: versionOf(info, variables) },
      paths: {},
    },
    pathOf: new Map(),
    servers: new Map(),
    serverOf: new Map(),
    schemes: {},
    operationIds: new Set(),
    variables,
    warnings: [],
  };
  const auth = isObject(collection["auth"]) ? collection["auth"] : undefined;
  addItems(collection["item"], { folders: [], auth: undefined }, walk);
  const document = assemble(walk, auth, asObjects(collection["item"]));
  return { document: version === "2.0" ? toSwagger(document) : document, warnings: walk.warnings };
}

function versionOf({ version }: JsonObject, variables: ReadonlyMap<string, string>): string {
  if (isObject(version)) return ["major", "minor", "patch"].map((key) => toText(version[key] ?? 0)).join(".");
  return asText(version) || variables.get("version") || "1.0.0";
}

function addItems(items: unknown, around: Surroundings, walk: Walk): void {
  for (const item of asObjects(items)) {
    if (!Array.isArray(item["item"])) {
      addRequest(item, around, walk);
      continue;
    }
    const auth = isObject(item["auth"]) ? item["auth"] : around.auth;
    addItems(item["item"], { folders: [...around.folders, toText(item["name"] ?? "")], auth }, walk);
  }
}

function addRequest(item: JsonObject, { folders, auth }: Surroundings, walk: Walk): void {
  const request = typeof item["request"] === "string" ? { url: item["request"] } : asObject(item["request"]);
  const name = toText(item["name"] ?? "") || "request";
  const where = [...folders, name].join(" / ");
  const warn = (what: string) => void walk.warnings.push(`${where}: ${what}`);
  const method = (asText(request["method"]) || "GET").toLowerCase();
  if (!operationKeys.includes(method))
    return warn(`the method ${method.toUpperCase()} has no word in OpenAPI and is left out.`);
  const url = readUrl(request["url"]);
  const body = toRequestBody(request);
  const security = securityOf(isObject(request["auth"]) ? request["auth"] : auth, walk, warn);
  const operation: JsonObject = {
    ...(folders.length > 0 && { tags: [folders.join(" / ")] }),
    summary: name,
    ...(Object.keys(described(request)).length > 0 ? described(request) : described(item)),
    ...parametersOf([...url.parameters, ...headerParameters(request["header"])]),
    ...(body && { requestBody: body }),
    responses: toResponses(asObjects(item["response"])),
    ...(security && { security }),
  };
  const server = filled(url.server, walk.variables);
  walk.servers.set(server, (walk.servers.get(server) ?? 0) + 1);
  place(operation, { method, path: url.path, server }, walk);
}

/** A name and a place may stand once only. */
function parametersOf(all: JsonObject[]): JsonObject {
  const parameters = [
    ...new Map(all.map((one) => [`${toText(one["in"])} ${toText(one["name"])}`, one])).values(),
  ];
  return parameters.length === 0 ? {} : { parameters };
}

/** OpenAPI says these in other ways. */
const saidElsewhere = new Set(["content-type", "accept", "authorization"]);

const headerParameters = (headers: unknown): JsonObject[] =>
  asObjects(headers).flatMap((header) => {
    const name = toText(header["key"] ?? "");
    if (name === "" || saidElsewhere.has(name.toLowerCase())) return [];
    return [
      {
        name,
        in: "header",
        ...described(header),
        ...valued(headerOf([{ ...header, disabled: false }], name.toLowerCase()) ?? ""),
      },
    ];
  });

/** Undefined inherits what the document says; an empty list is open to all. */
function securityOf(
  auth: JsonObject | undefined,
  walk: Walk,
  warn: (what: string) => void,
): JsonObject[] | undefined {
  if (!auth) return undefined;
  const scheme = toSecurityScheme(auth, warn);
  if (!scheme) return auth["type"] === "noauth" ? [] : undefined;
  walk.schemes[scheme.name] = scheme.scheme;
  return [{ [scheme.name]: scheme.scopes }];
}

function place(
  operation: JsonObject,
  { method, path, server }: { method: string; path: string; server: string },
  walk: Walk,
): void {
  const { paths } = walk.document;
  const shape = pathShape(path);
  const known = walk.pathOf.get(shape);
  const item = asObject(known === undefined ? undefined : paths[known]);
  const renamed = known === undefined || known === path ? operation : renamePlaces(operation, path, known);
  if (isObject(item[method])) {
    mergeInto(item[method], renamed);
    return;
  }
  const operationId = freeId(toText(operation["summary"]), method, walk.operationIds);
  const entry = { operationId, ...renamed };
  walk.serverOf.set(entry, server);
  item[method] = entry;
  paths[known ?? path] = item;
  walk.pathOf.set(shape, known ?? path);
}

/** The path of the first request names the places for all that share it. */
function renamePlaces(operation: JsonObject, from: string, to: string): JsonObject {
  const wanted = placesOf(to);
  const renamed = new Map(placesOf(from).map((name, at) => [name, wanted[at] ?? name]));
  const parameters = asObjects(operation["parameters"]).map((parameter) =>
    parameter["in"] === "path"
      ? { ...parameter, name: renamed.get(toText(parameter["name"])) ?? parameter["name"] }
      : parameter,
  );
  return { ...operation, ...(parameters.length > 0 && { parameters }) };
}

const placesOf = (path: string): string[] => [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);

/** Further requests of the same path and method: their parameters, bodies and examples are kept beside the first's. */
function mergeInto(known: JsonObject, other: JsonObject): void {
  const merged = parametersOf([...asObjects(other["parameters"]), ...asObjects(known["parameters"])]);
  if (merged["parameters"] !== undefined) known["parameters"] = merged["parameters"];
  if (known["requestBody"] === undefined && other["requestBody"] !== undefined)
    known["requestBody"] = other["requestBody"];
  else mergeContent(asObject(known["requestBody"]), asObject(other["requestBody"]), toText(other["summary"]));
  const responses = asObject(known["responses"]);
  for (const [code, response] of Object.entries(asObject(other["responses"]))) {
    if (!isObject(responses[code])) responses[code] = response;
    else mergeContent(responses[code], asObject(response), toText(other["summary"]));
  }
}

function mergeContent(known: JsonObject, other: JsonObject, name: string): void {
  const added = asObject(other["content"]);
  if (Object.keys(added).length === 0) return;
  const contents = { ...asObject(known["content"]) };
  for (const [type, media] of Object.entries(added)) {
    contents[type] = isObject(contents[type]) ? bothExamples(contents[type], asObject(media), name) : media;
  }
  known["content"] = contents;
}

function bothExamples(known: JsonObject, other: JsonObject, name: string): JsonObject {
  const { example, examples, ...rest } = known;
  const all: JsonObject = {
    ...asObject(examples),
    ...(example !== undefined && { example: { value: example } }),
  };
  const added: JsonObject = {
    ...asObject(other["examples"]),
    ...(other["example"] !== undefined && { [name]: { value: other["example"] } }),
  };
  for (const [key, value] of Object.entries(added)) all[freeName(key, all)] = value;
  return { ...rest, ...(Object.keys(all).length > 0 && { examples: all }) };
}

function freeId(summary: string, method: string, taken: Set<string>): string {
  const words = summary.match(/[A-Za-z0-9]+/g) ?? [method];
  const wanted = words
    .map(
      (word, at) => (at === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1),
    )
    .join("");
  let free = wanted;
  for (let number = 2; taken.has(free); number++) free = `${wanted}${number}`;
  taken.add(free);
  return free;
}

/** `{{baseUrl}}` with the value that the collection gives it; what has none stays a variable of the server. */
const filled = (server: string, variables: ReadonlyMap<string, string>): string =>
  server
    .replaceAll(/\{\{([^{}]*)\}\}/g, (all, name: string) => variables.get(name.trim()) || all)
    .replace(/\/+$/, "");

function assemble(walk: Walk, auth: JsonObject | undefined, items: JsonObject[]): JsonObject {
  const [main = ""] = [...walk.servers].toSorted(([, one], [, other]) => other - one)[0] ?? [];
  for (const [operation, server] of walk.serverOf)
    if (server !== main && server !== "") operation["servers"] = [toServer(server)];
  const security = securityOf(auth, walk, (what) => void walk.warnings.push(`the collection: ${what}`));
  const tags = tagsOf(items, []);
  return {
    ...walk.document,
    ...(main !== "" && { servers: [toServer(main)] }),
    ...(tags.length > 0 && { tags }),
    ...(Object.keys(walk.schemes).length > 0 && { components: { securitySchemes: walk.schemes } }),
    ...(security && security.length > 0 && { security }),
  };
}

function toServer(server: string): JsonObject {
  const names = [...server.matchAll(/\{\{([^{}]*)\}\}/g)].map(([, name = ""]) => name.trim());
  const url = server.replaceAll(/\{\{([^{}]*)\}\}/g, (_, name: string) => `{${name.trim()}}`);
  const isBare = names.length > 0 || url.includes("://");
  return {
    url: isBare ? url : `https://${url}`,
    ...(names.length > 0 && {
      variables: Object.fromEntries(names.map((name) => [name, { default: `{{${name}}}` }])),
    }),
  };
}

function tagsOf(items: JsonObject[], folders: string[]): JsonObject[] {
  return items.flatMap((item) => {
    if (!Array.isArray(item["item"])) return [];
    const path = [...folders, toText(item["name"] ?? "")];
    const inner = asObjects(item["item"]);
    const own = inner.some((one) => !Array.isArray(one["item"]))
      ? [{ name: path.join(" / "), ...described(item) }]
      : [];
    return [...own, ...tagsOf(inner, path)];
  });
}
