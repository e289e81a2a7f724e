import { asArray, asObject, asText, isObject, toText, type JsonObject } from "../json.ts";

export interface OpenApiCheck {
  /** What is broken: nothing can be made of it. */
  problems: string[];
  /** What the collection will lack. */
  warnings: string[];
}

/** Puts one sentence about a place of the document (`paths./pets.get`) on a list. */
type Tell = (place: string, sentence: string) => void;

interface Told {
  problem: Tell;
  warning: Tell;
}

/** A specification, whether OpenAPI or Swagger, of whatever version; YAML gives versions as numbers, too. */
export const isOpenApi = (value: JsonObject): boolean =>
  ["openapi", "swagger"].some((key) => typeof value[key] === "string" || typeof value[key] === "number");

/**
 * Looks at the outline of a specification before it is converted, because the conversion leaves out in silence what it
 * cannot read. Pure; each sentence names its place.
 */
export function checkOpenApi(document: JsonObject): OpenApiCheck {
  const check: OpenApiCheck = { problems: [], warnings: [] };
  const told: Told = {
    problem: (place, sentence) => void check.problems.push(`${place}: ${sentence}`),
    warning: (place, sentence) => void check.warnings.push(`${place}: ${sentence}`),
  };
  checkVersion(document, told);
  checkInfo(document["info"], told);
  checkServers(document, told);
  checkPaths(document, told);
  checkSecuritySchemes(document, told);
  return check;
}

function checkVersion(document: JsonObject, { problem }: Told): void {
  const name = document["swagger"] === undefined ? "openapi" : "swagger";
  const version = toText(document[name]);
  const isKnown = name === "swagger" ? /^2(\.0)?$/.test(version) : /^3(\.[012])?(\.|$)/.test(version);
  if (!isKnown) problem(name, `version ${version} cannot be read: only 2.0, 3.0, 3.1 and 3.2.`);
}

function checkInfo(info: unknown, { problem }: Told): void {
  if (!isObject(info)) return problem("info", "is not there, or no object.");
  if (!asText(info["title"])?.trim()) problem("info.title", "is not there, and it names the collection.");
}

function checkServers(document: JsonObject, { problem, warning }: Told): void {
  if (document["swagger"] !== undefined) {
    if (!asText(document["host"])) warning("host", "there is none: set the variable baseUrl.");
    return;
  }
  const { servers } = document;
  if (servers !== undefined && !Array.isArray(servers)) return problem("servers", "is no list.");
  const url = asText(asObject(asArray(servers)[0])["url"]);
  if (url === undefined || !/^[a-z{]/i.test(url))
    warning("servers", "the first one is no full address: set the variable baseUrl.");
}

function checkPaths(document: JsonObject, told: Told): void {
  const { paths, webhooks } = document;
  if (webhooks !== undefined)
    told.warning("webhooks", "are left out: they are calls that the API makes, not calls to it.");
  if (!isObject(paths)) return told.problem("paths", "is not there, or no object.");
  const entries = Object.entries(paths).filter(([path]) => !path.startsWith("x-"));
  if (entries.length === 0) told.problem("paths", "is empty, so there is nothing to request.");
  for (const [path, item] of entries) checkPathItem(path, item, told);
}

export const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

function checkPathItem(path: string, item: unknown, told: Told): void {
  const place = `paths.${path}`;
  if (!path.startsWith("/")) return told.problem(place, "a path begins with a slash.");
  if (!isObject(item)) return told.problem(place, "is no object.");
  checkParameters(item["parameters"], `${place}.parameters`, told);
  for (const method of methods)
    if (item[method] !== undefined) checkOperation(item[method], `${place}.${method}`, told);
  if (item["query"] !== undefined)
    told.warning(`${place}.query`, "the method QUERY is left out: there is no conversion for it.");
}

function checkOperation(operation: unknown, place: string, told: Told): void {
  if (!isObject(operation)) return told.problem(place, "is no object.");
  checkParameters(operation["parameters"], `${place}.parameters`, told);
  for (const name of ["responses", "requestBody"] as const)
    if (operation[name] !== undefined && !isObject(operation[name]))
      told.problem(`${place}.${name}`, "is no object.");
  if (operation["callbacks"] !== undefined)
    told.warning(`${place}.callbacks`, "are left out: they are calls that the API makes.");
}

const parameterPlaces = new Set(["query", "header", "path", "body", "formData"]);

function checkParameters(parameters: unknown, place: string, told: Told): void {
  if (parameters === undefined) return;
  if (!Array.isArray(parameters)) return told.problem(place, "is no list.");
  for (const [index, parameter] of parameters.entries()) checkParameter(parameter, `${place}.${index}`, told);
}

function checkParameter(parameter: unknown, place: string, { problem, warning }: Told): void {
  if (!isObject(parameter)) return problem(place, "is no object.");
  if (parameter["$ref"] !== undefined) return;
  const name = asText(parameter["name"]);
  const where = asText(parameter["in"]);
  if (!name) return problem(place, "has no name.");
  if (where === undefined) return problem(place, `"${name}" does not say where it goes: "in" is not there.`);
  if (!parameterPlaces.has(where))
    warning(place, `"${name}" is left out: there is no conversion for parameters in "${where}".`);
}

function checkSecuritySchemes(document: JsonObject, { warning }: Told): void {
  const isSwagger = document["swagger"] !== undefined;
  const [place, schemes] = isSwagger
    ? ["securityDefinitions", asObject(document["securityDefinitions"])]
    : ["components.securitySchemes", asObject(asObject(document["components"])["securitySchemes"])];
  for (const [name, scheme] of Object.entries(schemes)) {
    const { type, in: where } = asObject(scheme);
    if (type === "openIdConnect" || type === "mutualTLS")
      warning(`${place}.${name}`, `requests with it get no authorization: ${type} cannot be converted.`);
    if (type === "apiKey" && where === "cookie")
      warning(`${place}.${name}`, "its key goes into a header, because authorization cannot set cookies.");
  }
}
