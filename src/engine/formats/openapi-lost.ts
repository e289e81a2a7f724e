import { asArray, asObject, asObjects, asText, isObject, type JsonObject } from "../json.ts";
import type { CollectionDocument } from "../types.ts";
import { methods } from "./openapi-check.ts";

/** As many names as a sentence holds. */
const MAX_NAMED = 5;

/** The converter leaves out operations that it stumbles over; a sentence about them, undefined when all are there. */
export function lostOperations(
  document: JsonObject,
  content: CollectionDocument,
  includeDeprecated: boolean,
): string | undefined {
  const wanted = operationsOf(document, includeDeprecated);
  const requests = requestsOf(content);
  const lost = wanted.length - requests.length;
  if (lost <= 0) return undefined;
  const isThere = ({ method, path }: Operation) =>
    requests.some((request) => request.method === method && request.path.endsWith(toPath(path)));
  const named = wanted.filter((operation) => !isThere(operation)).slice(0, MAX_NAMED);
  const names = named.map(({ method, path }) => `${method} ${path}`).join(", ");
  return `paths: ${lost} of ${wanted.length} operations could not be converted and are left out${names && `: ${names}`}.`;
}

interface Operation {
  method: string;
  path: string;
}

const operationsOf = (document: JsonObject, includeDeprecated: boolean): Operation[] =>
  Object.entries(asObject(document["paths"]))
    .filter(([path]) => path.startsWith("/"))
    .flatMap(([path, item]) =>
      methods
        .filter((method) => isWanted(asObject(item)[method], includeDeprecated))
        .map((method) => ({ method: method.toUpperCase(), path })),
    );

const isWanted = (operation: unknown, includeDeprecated: boolean): boolean =>
  isObject(operation) && (includeDeprecated || operation["deprecated"] !== true);

function requestsOf(content: CollectionDocument): Operation[] {
  const found: Operation[] = [];
  const left = asObjects(content["item"]);
  for (let item = left.pop(); item; item = left.pop()) {
    if (Array.isArray(item["item"])) {
      left.push(...asObjects(item["item"]));
      continue;
    }
    const { method, url } = asObject(item["request"]);
    const segments = asArray(asObject(url)["path"]).map((segment) => asText(segment) ?? "");
    found.push({ method: asText(method) ?? "", path: `/${segments.join("/")}` });
  }
  return found;
}

/** Of a URL of Postman's: `/pets/:id`, and the last slash counts for nothing. */
const toPath = (path: string): string => path.replaceAll(/\{([^{}]+)\}/g, ":$1").replace(/\/$/, "");
