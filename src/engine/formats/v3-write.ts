import { stringify } from "yaml";

import { asArray, asObject, asObjects, asText, isObject, toText, type JsonObject } from "../json.ts";

/**
 * Writes a collection (v2.1) as the files of format v3, by relative path with forward slashes: what `convertV3` reads. Ids
 * are left out, so that the same collection gives the same files wherever it is. What v3 has no place for is named in
 * `warnings`.
 */
export function writeV3(collection: JsonObject): { files: Map<string, string>; warnings: string[] } {
  const files = new Map<string, string>();
  const warnings: string[] = [];
  const info = asObject(collection["info"]);
  const name = toText(info["name"] ?? "");
  const warn = (what: string) => void warnings.push(`${name}: ${what}`);
  files.set(
    ".resources/definition.yaml",
    toYaml({
      $kind: "collection",
      name,
      ...description(info["description"]),
      ...shared(collection, warn),
      ...pairs("variables", collection["variable"]),
    }),
  );
  writeItems(asObjects(collection["item"]), { folder: "", path: name, files, warnings });
  return { files, warnings };
}

/** Environments and globals as one file; `kind` is its `$kind`. */
export const writeV3Variables = (kind: "environment" | "globals", name: string, values: unknown): string =>
  toYaml({ $kind: kind, name, values: asObjects(values).map(toVariable) });

function toVariable({ enabled, type, ...rest }: JsonObject): JsonObject {
  return {
    ...rest,
    ...(type === "secret" && { type }),
    ...(enabled === false && { disabled: true }),
  };
}

interface Place {
  /** Ends in a slash, or is empty. */
  folder: string;
  /** Names so far, for warnings. */
  path: string;
  files: Map<string, string>;
  warnings: string[];
}

function writeItems(items: JsonObject[], place: Place): void {
  const taken = new Set([".resources"]);
  for (const [order, item] of items.entries()) {
    const name = toText(item["name"] ?? "");
    const file = freeFileName(name, taken);
    const path = `${place.path} / ${name}`;
    if (Array.isArray(item["item"]))
      writeFolder(item, { ...place, path, folder: `${place.folder}${file}/` }, order);
    else writeRequest(item, { ...place, path }, { file, order });
  }
}

function writeFolder(item: JsonObject, place: Place, order: number): void {
  const warn = (what: string) => void place.warnings.push(`${place.path}: ${what}`);
  place.files.set(
    `${place.folder}.resources/definition.yaml`,
    toYaml({
      $kind: "collection",
      name: toText(item["name"] ?? ""),
      ...description(item["description"]),
      ...shared(item, warn),
      order,
    }),
  );
  writeItems(asObjects(item["item"]), place);
}

function writeRequest(
  item: JsonObject,
  place: Place,
  { file, order }: { file: string; order: number },
): void {
  const { folder, files, warnings, path } = place;
  const warn = (what: string) => void warnings.push(`${path}: ${what}`);
  const request = typeof item["request"] === "string" ? { url: item["request"] } : asObject(item["request"]);
  files.set(
    `${folder}${file}.request.yaml`,
    toYaml({
      $kind: "http-request",
      name: toText(item["name"] ?? ""),
      ...toRequest(request),
      ...shared({ ...item, auth: request["auth"] }, warn),
      order,
    }),
  );
  const taken = new Set<string>();
  for (const [at, response] of asObjects(item["response"]).entries()) {
    const example = freeFileName(toText(response["name"] ?? ""), taken);
    files.set(
      `${folder}.resources/${file}.resources/examples/${example}.example.yaml`,
      toYaml(toExample(response, at)),
    );
  }
}

function toRequest(request: JsonObject): JsonObject {
  const url = request["url"];
  const source = asObject(url);
  const body = toBody(request["body"]);
  return {
    method: asText(request["method"]) || "GET",
    url: asText(url) ?? asText(source["raw"]) ?? "",
    ...description(request["description"]),
    ...pairs("headers", request["header"]),
    ...pairs("queryParams", source["query"]),
    ...pairs("pathVariables", source["variable"]),
    ...(body && { body }),
  };
}

const languages = ["json", "xml", "text", "html", "javascript"];

/** Texts in the words of v3; every other mode as v2.1 has it, which v3 reads as well. */
function toBody(body: unknown): JsonObject | undefined {
  if (!isObject(body) || typeof body["mode"] !== "string") return undefined;
  const { mode, raw, options, ...rest } = body;
  const language = asText(asObject(asObject(options)["raw"])["language"]);
  const isPlain = mode === "raw" && typeof raw === "string" && Object.keys(rest).length === 0;
  if (!isPlain || (language !== undefined && !languages.includes(language))) return body;
  return { type: language ?? "raw", content: raw };
}

/** What collections, folders and requests have in common. */
function shared(source: JsonObject, warn: (what: string) => void): JsonObject {
  const auth = toAuth(source["auth"]);
  const scripts = asObjects(source["event"]).flatMap((event) => toScript(event, warn));
  const settings = asObject(source["protocolProfileBehavior"]);
  return {
    ...(auth && { auth }),
    ...(scripts.length > 0 && { scripts }),
    ...(Object.keys(settings).length > 0 && { settings }),
  };
}

function toAuth(auth: unknown): JsonObject | undefined {
  if (!isObject(auth) || typeof auth["type"] !== "string") return undefined;
  const { type } = auth;
  if (type === "noauth") return { type };
  const credentials = asObjects(auth[type]).map(({ type: kind, ...pair }) => ({
    ...pair,
    ...(kind !== "string" && kind !== undefined && { type: kind }),
  }));
  return { type, ...(credentials.length > 0 && { credentials }) };
}

const kinds: Record<string, string> = { prerequest: "beforeRequest", test: "afterResponse" };

function toScript(event: JsonObject, warn: (what: string) => void): JsonObject[] {
  const type = kinds[toText(event["listen"] ?? "")];
  const script = asObject(event["script"]);
  const code = Array.isArray(script["exec"])
    ? asArray(script["exec"]).map(toText).join("\n")
    : toText(script["exec"] ?? "");
  if (code.trim() === "") return [];
  if (type === undefined || event["disabled"] === true) {
    warn("a script that is switched off, or that nothing starts, is left out.");
    return [];
  }
  const { packages } = script;
  return [
    {
      type,
      language: "text/javascript",
      code,
      ...(isObject(packages) && Object.keys(packages).length > 0 && { packages }),
    },
  ];
}

function toExample(response: JsonObject, order: number): JsonObject {
  const { originalRequest } = response;
  return {
    $kind: "http-example",
    name: toText(response["name"] ?? ""),
    ...(isObject(originalRequest) && { request: toRequest(originalRequest) }),
    response: {
      ...(Number.isInteger(response["code"]) && { statusCode: response["code"] }),
      ...(typeof response["status"] === "string" && { statusText: response["status"] }),
      ...pairs("headers", response["header"]),
      body: {
        type: asText(response["_postman_previewlanguage"]) ?? "text",
        content: asText(response["body"]) ?? "",
      },
    },
    order,
  };
}

/** A list that is empty is left out. */
function pairs(name: string, list: unknown): JsonObject {
  // A parameter without a value is `?name`, one with an empty value `?name=`.
  const entries = asObjects(list).map(({ id: _id, value, ...pair }) => ({
    ...pair,
    ...(value !== null && value !== undefined && { value }),
    ...description(pair["description"]),
  }));
  return entries.length === 0 ? {} : { [name]: entries };
}

/** A text; Postman also writes objects. */
function description(value: unknown): JsonObject {
  const text = asText(value) ?? asText(asObject(value)["content"]) ?? "";
  return text === "" ? {} : { description: text };
}

/** Names of devices on Windows, where a repository may be checked out as well. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i;
const MAX_NAME_CHARS = 100;

/** A name for a file that every system takes, and that no other has, whatever its case. */
export function freeFileName(name: string, taken: Set<string>): string {
  const clean = name
    .normalize("NFC")
    .replaceAll(/[\p{Cc}\p{Cf}<>:"/\\|?*]/gu, "-")
    .slice(0, MAX_NAME_CHARS)
    .replaceAll(/^[.\s]+|[.\s]+$/g, "");
  const wanted = clean === "" || reserved.test(clean) ? `_${clean}` : clean;
  let free = wanted;
  for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${wanted} ${number}`;
  taken.add(free.toLowerCase());
  return free;
}

/** Long texts stay as they are, line by line, so that changes of them can be read. */
export const toYaml = (value: JsonObject): string =>
  stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, blockQuote: "literal" });
