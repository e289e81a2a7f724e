import type { SyncOptions } from "../../db/schema.ts";
import { isRecord } from "../lib/parse.ts";

type Json = Record<string, unknown>;

/** An item of a collection with the list that it stands in. */
interface Place {
  item: Json;
  list: unknown[];
}

/**
 * A collection brought up to a fresh one that was generated from its specification. Requests are the same when method and
 * path are. What the specification has and a request lacks is added (parameters, fields of a JSON body); values, names,
 * scripts and order stay as people made them. Requests without an operation go only when the options say so.
 */
export function syncCollection(existing: Json, generated: Json, options: SyncOptions): Json {
  const result = structuredClone(existing);
  const known = new Map(requestsOf(result).map((place) => [keyOf(place.item), place]));
  const wanted = new Set<string>();
  for (const { item, folders } of withFolders(generated, [])) {
    const key = keyOf(item);
    const match = known.get(key);
    wanted.add(key);
    if (match) updateItem(match.item, item, options);
    else folderAt(result, folders).push(withoutIds(item));
  }
  if (options.deleteOrphanedRequests)
    for (const [key, { item, list }] of known) if (!wanted.has(key)) list.splice(list.indexOf(item), 1);
  addVariables(result, generated);
  return result;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const recordsOf = (value: unknown): Json[] => listOf(value).filter(isRecord);
const recordOf = (value: unknown): Json => (isRecord(value) ? value : {});
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function requestsOf(group: Json): Place[] {
  const list = listOf(group["item"]);
  return list
    .filter(isRecord)
    .flatMap((item) => (Array.isArray(item["item"]) ? requestsOf(item) : [{ item, list }]));
}

function withFolders(group: Json, folders: string[]): { item: Json; folders: string[] }[] {
  return recordsOf(group["item"]).flatMap((item) =>
    Array.isArray(item["item"]) ? withFolders(item, [...folders, textOf(item["name"])]) : [{ item, folders }],
  );
}

/** Method and path; `:id` and `{{id}}` are the same place whatever they are called. */
function keyOf(item: Json): string {
  const request = recordOf(item["request"]);
  const url = request["url"] ?? item["request"];
  const raw = textOf(url) || textOf(recordOf(url)["raw"]);
  const path = Array.isArray(recordOf(url)["path"])
    ? listOf(recordOf(url)["path"]).map(textOf).join("/")
    : (/^(?:[a-z]+:\/\/)?(?:\{\{[^{}]*\}\}|[^/?#])*([^?#]*)/i.exec(raw)?.[1] ?? "");
  const shape = path
    .split("/")
    .filter((part) => part !== "")
    .map((part) => (part.startsWith(":") ? ":" : part.replaceAll(/\{\{[^{}]*\}\}/g, ":")));
  return `${(textOf(request["method"]) || "GET").toUpperCase()} /${shape.join("/")}`;
}

/** The list of a folder, which is made when it is not there. */
function folderAt(root: Json, folders: string[]): unknown[] {
  let group = root;
  for (const name of folders) {
    const list = listOf(group["item"]);
    group["item"] = list;
    let folder = list.filter(isRecord).find((one) => one["name"] === name && Array.isArray(one["item"]));
    if (!folder) {
      folder = { name, item: [] };
      list.push(folder);
    }
    group = folder;
  }
  const list = listOf(group["item"]);
  group["item"] = list;
  return list;
}

/** Ids are given when it is stored: those of the fresh document would be others each time. */
const withoutIds = ({ id: _id, uid: _uid, ...item }: Json): Json => ({
  ...item,
  ...(Array.isArray(item["response"]) && {
    response: recordsOf(item["response"]).map(({ id: _responseId, ...response }) => response),
  }),
});

function updateItem(item: Json, fresh: Json, { syncExamples }: SyncOptions): void {
  const request = recordOf(item["request"]);
  const wanted = recordOf(fresh["request"]);
  if (!isRecord(item["request"])) item["request"] = wanted;
  else {
    request["url"] = syncUrl(request["url"], wanted["url"]);
    request["header"] = withMissing(request["header"], wanted["header"]);
    const body = syncBody(request["body"], wanted["body"]);
    if (body !== undefined) request["body"] = body;
    if (wanted["description"] !== undefined) request["description"] = wanted["description"];
  }
  if (syncExamples) item["response"] = syncExamplesOf(item["response"], fresh["response"]);
}

function syncUrl(known: unknown, fresh: unknown): unknown {
  if (!isRecord(fresh)) return known;
  if (!isRecord(known)) return fresh;
  const query = withMissing(known["query"], fresh["query"]);
  const variable = withMissing(known["variable"], fresh["variable"]);
  return {
    ...known,
    ...(query.length > 0 && { query }),
    ...(variable.length > 0 && { variable }),
    ...(query.length > 0 && { raw: rawWith(textOf(known["raw"]), query) }),
  };
}

/** The text shows the parameters that are switched on. */
function rawWith(raw: string, query: Json[]): string {
  const [base = ""] = raw.split(/[?#]/);
  const pairs = query
    .filter(({ disabled }) => disabled !== true)
    .map(
      ({ key, value }) => `${textOf(key)}${value === null || value === undefined ? "" : `=${textOf(value)}`}`,
    );
  return pairs.length === 0 ? base : `${base}?${pairs.join("&")}`;
}

/** Pairs by their key, without regard to case; descriptions follow the specification. */
function withMissing(known: unknown, fresh: unknown): Json[] {
  const pairs = recordsOf(known);
  for (const pair of recordsOf(fresh)) {
    const key = textOf(pair["key"]).toLowerCase();
    const match = pairs.find((one) => textOf(one["key"]).toLowerCase() === key);
    if (!match) pairs.push(pair);
    else if (pair["description"] !== undefined) match["description"] = pair["description"];
  }
  return pairs;
}

function syncBody(known: unknown, fresh: unknown): unknown {
  if (!isRecord(fresh)) return known;
  if (!isRecord(known) || known["mode"] !== fresh["mode"]) return fresh;
  const mode = textOf(fresh["mode"]);
  if (mode === "urlencoded" || mode === "formdata")
    return { ...known, [mode]: withMissing(known[mode], fresh[mode]) };
  if (mode !== "raw") return known;
  const [own, wanted] = [parsed(textOf(known["raw"])), parsed(textOf(fresh["raw"]))];
  if (!isRecord(own) || !isRecord(wanted)) return textOf(known["raw"]) === "" ? fresh : known;
  const both = withMissingFields(own, wanted);
  return both === own ? known : { ...known, raw: JSON.stringify(both, null, 2) };
}

/** The same object when nothing is missing, so that the text of the body stays as it was typed. */
function withMissingFields(own: Json, wanted: Json): Json {
  let result = own;
  for (const [key, value] of Object.entries(wanted)) {
    const mine = Object.hasOwn(own, key) ? own[key] : undefined;
    const next = isRecord(mine) && isRecord(value) ? withMissingFields(mine, value) : mine;
    if (Object.hasOwn(own, key) && next === mine) continue;
    result = { ...result, [key]: Object.hasOwn(own, key) ? next : value };
  }
  return result;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of one name and code the fresh one counts, under the id that the old one had. */
function syncExamplesOf(known: unknown, fresh: unknown): Json[] {
  const examples = recordsOf(known);
  for (const { id: _id, ...example } of recordsOf(fresh)) {
    const at = examples.findIndex(({ name, code }) => name === example["name"] && code === example["code"]);
    if (at === -1) examples.push(example);
    else examples[at] = { ...example, ...(examples[at]?.["id"] !== undefined && { id: examples[at]["id"] }) };
  }
  return examples;
}

function addVariables(result: Json, generated: Json): void {
  const variables = withMissing(result["variable"], generated["variable"]);
  if (variables.length > 0) result["variable"] = variables;
}
