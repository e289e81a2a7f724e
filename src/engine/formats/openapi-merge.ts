import { asArray, asObject, asObjects, isObject, toText, type JsonObject } from "../json.ts";

export const operationKeys = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** `/a/{id}` and `/a/{petId}` are one path: the names in braces are nobody's but the document's. */
export const pathShape = (path: string): string =>
  path.replaceAll(/\{[^{}]*\}/g, "{}").replace(/(.)\/$/, "$1");

interface MergeOptions {
  /** Operations that the other document has not are taken out. */
  dropOrphans: boolean;
}

/**
 * A specification with what another document has and it lacks: operations, parameters, bodies, responses, tags, schemes.
 * What is there stays as somebody wrote it; neither document is changed.
 */
export function mergeOpenApi(base: JsonObject, other: JsonObject, { dropOrphans }: MergeOptions): JsonObject {
  const merged = structuredClone(base);
  const paths = asObject(merged["paths"]);
  const byShape = new Map(Object.keys(paths).map((path) => [pathShape(path), path]));
  const wanted = new Set<string>();
  for (const [path, item] of Object.entries(asObject(other["paths"]))) {
    const known = byShape.get(pathShape(path)) ?? path;
    const target = asObject(paths[known]);
    for (const method of operationKeys) {
      const operation = asObject(item)[method];
      if (!isObject(operation)) continue;
      wanted.add(`${method} ${known}`);
      target[method] = isObject(target[method]) ? withMissing(target[method], operation) : operation;
    }
    paths[known] = target;
  }
  merged["paths"] = dropOrphans ? onlyWanted(paths, wanted) : paths;
  mergeComponents(merged, other);
  mergeTags(merged, other);
  if (merged["security"] === undefined && other["security"] !== undefined)
    merged["security"] = other["security"];
  return merged;
}

function withMissing(known: JsonObject, other: JsonObject): JsonObject {
  const parameters = [...asObjects(known["parameters"])];
  const has = (parameter: JsonObject) =>
    parameters.some(
      (one) =>
        one["$ref"] !== undefined ||
        (one["name"] === parameter["name"] && one["in"] === parameter["in"]) ||
        (one["in"] === "path" && parameter["in"] === "path") ||
        (one["in"] === "body" && parameter["in"] === "body"),
    );
  for (const parameter of asObjects(other["parameters"])) if (!has(parameter)) parameters.push(parameter);
  const merged: JsonObject = { ...other, ...known };
  if (known["tags"] === undefined) delete merged["tags"];
  if (known["security"] === undefined) delete merged["security"];
  return {
    ...merged,
    ...(parameters.length > 0 && { parameters }),
    responses: { ...asObject(other["responses"]), ...asObject(known["responses"]) },
  };
}

function onlyWanted(paths: JsonObject, wanted: ReadonlySet<string>): JsonObject {
  const left: JsonObject = {};
  for (const [path, item] of Object.entries(paths)) {
    if (!isObject(item) || item["$ref"] !== undefined) {
      left[path] = item;
      continue;
    }
    const kept = Object.entries(item).filter(
      ([key]) => !operationKeys.includes(key) || wanted.has(`${key} ${path}`),
    );
    if (kept.some(([key]) => operationKeys.includes(key))) left[path] = Object.fromEntries(kept);
  }
  return left;
}

function mergeComponents(merged: JsonObject, other: JsonObject): void {
  const schemes = asObject(asObject(other["components"])["securitySchemes"]);
  if (Object.keys(schemes).length > 0) {
    const components = asObject(merged["components"]);
    const securitySchemes = { ...schemes, ...asObject(components["securitySchemes"]) };
    merged["components"] = { ...components, securitySchemes };
  }
  const old = asObject(other["securityDefinitions"]);
  if (Object.keys(old).length > 0)
    merged["securityDefinitions"] = { ...old, ...asObject(merged["securityDefinitions"]) };
}

function mergeTags(merged: JsonObject, other: JsonObject): void {
  const tags = asArray(merged["tags"]);
  const names = new Set(asObjects(tags).map(({ name }) => toText(name)));
  const missing = asObjects(other["tags"]).filter(({ name }) => !names.has(toText(name)));
  if (tags.length > 0 && missing.length > 0) merged["tags"] = [...tags, ...missing];
}
