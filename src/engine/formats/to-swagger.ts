import { asArray, asObject, asObjects, isObject, toText, type JsonObject } from "../json.ts";
import { operationKeys } from "./openapi-merge.ts";

/** The same document as Swagger 2.0. Takes what `toOpenApi` writes: schemas in place, no references, no callbacks. */
export function toSwagger(document: JsonObject): JsonObject {
  const [server] = asObjects(document["servers"]);
  const schemes = asObject(asObject(document["components"])["securitySchemes"]);
  const known = Object.fromEntries(
    Object.entries(schemes).flatMap(([name, scheme]) => {
      const old = toOldScheme(asObject(scheme));
      return old ? [[name, old]] : [];
    }),
  );
  const {
    openapi: _openapi,
    servers: _servers,
    components: _components,
    security,
    paths,
    ...rest
  } = document;
  const requirements = onlyKnown(security, known);
  return {
    swagger: "2.0",
    ...rest,
    ...placeOf(toText(server?.["url"] ?? "")),
    paths: Object.fromEntries(
      Object.entries(asObject(paths)).map(([path, item]) => [path, toOldItem(asObject(item), known)]),
    ),
    ...(Object.keys(known).length > 0 && { securityDefinitions: known }),
    ...(requirements && requirements.length > 0 && { security: requirements }),
  };
}

/** `host`, `basePath` and `schemes` of an address; a variable in it is nothing that 2.0 could say. */
function placeOf(url: string): JsonObject {
  const [, scheme, host, path = ""] = /^(https?):\/\/([^/{}]+)(\/[^{}]*)?$/i.exec(url) ?? [];
  if (scheme === undefined) return {};
  return { host, ...(path.length > 1 && { basePath: path }), schemes: [scheme.toLowerCase()] };
}

const toOldItem = (item: JsonObject, known: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      key,
      operationKeys.includes(key) ? toOldOperation(asObject(value), known) : value,
    ]),
  );

function toOldOperation(operation: JsonObject, known: JsonObject): JsonObject {
  const { requestBody, parameters, responses, servers: _servers, security, ...rest } = operation;
  const body = bodyOf(asObject(requestBody));
  const all = [...asObjects(parameters).map(toOldParameter), ...body.parameters];
  const produces = [
    ...new Set(
      Object.values(asObject(responses)).flatMap((one) => Object.keys(asObject(asObject(one)["content"]))),
    ),
  ];
  const requirements = onlyKnown(security, known);
  return {
    ...rest,
    ...(body.consumes.length > 0 && { consumes: body.consumes }),
    ...(produces.length > 0 && { produces }),
    ...(all.length > 0 && { parameters: all }),
    responses: Object.fromEntries(
      Object.entries(asObject(responses)).map(([code, one]) => [code, toOldResponse(asObject(one))]),
    ),
    ...(requirements && { security: requirements }),
  };
}

function toOldParameter({ schema, example, ...rest }: JsonObject): JsonObject {
  const { type = "string" } = asObject(schema);
  return { ...rest, type, ...(example !== undefined && { "x-example": example }) };
}

function bodyOf(requestBody: JsonObject): { consumes: string[]; parameters: JsonObject[] } {
  const contents = Object.entries(asObject(requestBody["content"]));
  const consumes = contents.map(([type]) => type);
  const [first] = contents;
  if (!first) return { consumes, parameters: [] };
  const [type, media] = first;
  const { schema, example, examples } = asObject(media);
  if (type === "multipart/form-data" || type === "application/x-www-form-urlencoded")
    return { consumes, parameters: formOf(asObject(asObject(schema)["properties"])) };
  const [named] = Object.values(asObject(examples));
  const shown = example ?? asObject(named)["value"];
  const isBinary = asObject(schema)["format"] === "binary";
  const whole = { ...(isBinary ? { type: "string", format: "binary" } : asObject(schema)) };
  return {
    consumes,
    parameters: [
      { name: "body", in: "body", schema: { ...whole, ...(shown !== undefined && { example: shown }) } },
    ],
  };
}

const formOf = (properties: JsonObject): JsonObject[] =>
  Object.entries(properties).map(([name, schema]) => {
    const { type, format, description, example, items } = asObject(schema);
    const isFile = format === "binary" || asObject(items)["format"] === "binary";
    return {
      name,
      in: "formData",
      type: isFile ? "file" : type,
      ...(isObject(items) && !isFile && { items: { type: asObject(items)["type"] } }),
      ...(description !== undefined && { description }),
      ...(example !== undefined && { "x-example": example }),
    };
  });

function toOldResponse({ content, ...rest }: JsonObject): JsonObject {
  const contents = Object.entries(asObject(content));
  const [first] = contents;
  if (!first) return rest;
  const examples = contents.flatMap(([type, media]) => {
    const { example, examples: named } = asObject(media);
    const shown = example ?? asObject(Object.values(asObject(named))[0])["value"];
    return shown === undefined ? [] : [[type, shown] as const];
  });
  return {
    ...rest,
    schema: asObject(first[1])["schema"],
    ...(examples.length > 0 && { examples: Object.fromEntries(examples) }),
  };
}

const oldFlows: Record<string, string> = {
  authorizationCode: "accessCode",
  clientCredentials: "application",
};

/** 2.0 knows no bearer: Postman and others write it as a key in the header Authorization. */
function toOldScheme(scheme: JsonObject): JsonObject | undefined {
  if (scheme["type"] === "apiKey") return scheme;
  if (scheme["type"] === "http")
    return scheme["scheme"] === "basic"
      ? { type: "basic" }
      : scheme["scheme"] === "bearer"
        ? { type: "apiKey", name: "Authorization", in: "header" }
        : undefined;
  const [entry] = Object.entries(asObject(scheme["flows"]));
  if (!entry) return undefined;
  const [flow, content] = entry;
  return { type: "oauth2", flow: oldFlows[flow] ?? flow, ...asObject(content) };
}

/** Undefined when nothing was said; requirements that 2.0 has no word for are left out. */
const onlyKnown = (security: unknown, known: JsonObject): JsonObject[] | undefined =>
  Array.isArray(security)
    ? asArray(security)
        .map(asObject)
        .filter((one) => Object.keys(one).every((name) => Object.hasOwn(known, name)))
    : undefined;
