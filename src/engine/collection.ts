import { createHash } from "node:crypto";

import { asArray, asObject, asObjects, asText, isObject, toText, type JsonObject } from "./json.ts";
import type { ScriptVariable } from "./sandbox/protocol.ts";
import type { CollectionDocument } from "./types.ts";
import { toScriptVariables } from "./variables.ts";

/** Nobody nests deeper by hand; a document that does is broken or hostile. */
const MAX_FOLDER_DEPTH = 200;

/** A document that cannot be run; the message is one sentence for a person. */
export class CollectionError extends Error {
  override readonly name = "CollectionError";
}

export interface Script {
  code: string;
  owner: ScriptOwner;
}

/** The collection, folder or request that a script belongs to. */
export interface ScriptOwner {
  kind: "collection" | "folder" | "request";
  /** As the document has it; absent for the collection, and where there is none. */
  itemId?: string;
  name: string;
}

/** A collection or folder with what its requests inherit, already merged with its own parents. */
interface Group {
  name: string;
  ids: string[];
  path: string[];
  scripts: Record<ScriptEvent, Script[]>;
  auth: JsonObject | undefined;
  behavior: JsonObject;
}

export type ScriptEvent = "prerequest" | "test";

/** One request of a collection with everything that it inherits. */
export interface PlannedItem {
  id: string;
  name: string;
  /** Folder names, outermost first. */
  path: string[];
  /** Names and ids of its folders and itself, for `select`. */
  selectors: string[];
  request: unknown;
  /** Nearest `auth` above or at the request. */
  inheritedAuth: JsonObject | undefined;
  /** Nearest `auth` above the request. */
  folderAuth: JsonObject | undefined;
  /** `protocolProfileBehavior` of all levels, the nearest wins. */
  behavior: JsonObject;
  scripts: Record<ScriptEvent, Script[]>;
}

export interface Plan {
  name: string;
  items: PlannedItem[];
  variables: ScriptVariable[];
  hasScripts: boolean;
}

/** Flattens a document into its requests, in order. Throws `CollectionError`. */
export function planCollection(document: CollectionDocument, select: string[]): Plan {
  const info = checkedInfo(document);
  const name = toText(info["name"] ?? "") || "Collection";
  const root: Group = {
    name,
    ids: [],
    path: [],
    scripts: scriptsOf(document, { kind: "collection", name }),
    auth: authOf(document["auth"]),
    behavior: asObject(document["protocolProfileBehavior"]),
  };
  const all = flatten(asArray(document["item"]), root);
  const items = select.length === 0 ? all : selectItems(all, select);
  return {
    name,
    items,
    variables: toScriptVariables(document["variable"]),
    hasScripts: items.some(({ scripts }) => scripts.prerequest.length + scripts.test.length > 0),
  };
}

function checkedInfo(document: CollectionDocument): JsonObject {
  if (!isObject(document)) throw new CollectionError("The collection is not a JSON object.");
  const { info, item } = document;
  if (Array.isArray(document["requests"]) && info === undefined)
    throw new CollectionError(
      "This is a Postman Collection v1; convert it to v2.1 (export it again, or import it here) and run that.",
    );
  if (!isObject(info))
    throw new CollectionError('The document has no "info" object, so it is not a Postman Collection v2.');
  if (!Array.isArray(item))
    throw new CollectionError('The document has no "item" list, so it is not a Postman Collection v2.');
  return info;
}

/** Depth first, without recursion: how deep a document nests must not decide whether the runner survives it. */
function flatten(rootItems: unknown[], root: Group): PlannedItem[] {
  const planned: PlannedItem[] = [];
  const stack: { items: unknown[]; next: number; group: Group }[] = [
    { items: rootItems, next: 0, group: root },
  ];
  for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
    if (frame.next === frame.items.length) {
      stack.pop();
      continue;
    }
    const index = frame.next++;
    const item = frame.items[index];
    if (!isObject(item)) continue;
    if (!Array.isArray(item["item"])) {
      planned.push(planItem(item, frame.group, index));
      continue;
    }
    if (stack.length > MAX_FOLDER_DEPTH)
      throw new CollectionError(`The collection nests folders more than ${MAX_FOLDER_DEPTH} deep.`);
    stack.push({ items: item["item"], next: 0, group: enterFolder(item, frame.group) });
  }
  return planned;
}

function enterFolder(folder: JsonObject, parent: Group): Group {
  const name = toText(folder["name"] ?? "") || "Folder";
  return {
    name,
    ids: [...parent.ids, ...idsOf(folder, name)],
    path: [...parent.path, name],
    scripts: addScripts(parent.scripts, scriptsOf(folder, ownerOf("folder", folder, name))),
    auth: authOf(folder["auth"]) ?? parent.auth,
    behavior: { ...parent.behavior, ...asObject(folder["protocolProfileBehavior"]) },
  };
}

function planItem(item: JsonObject, group: Group, index: number): PlannedItem {
  const request = item["request"];
  const name = toText(item["name"] ?? "") || "Request";
  return {
    id: idOf(item) ?? derivedId([...group.path, name, String(index)]),
    name,
    path: group.path,
    selectors: [...group.ids, ...idsOf(item, name)],
    request,
    inheritedAuth: authOf(asObject(request)["auth"]) ?? group.auth,
    folderAuth: group.auth,
    behavior: { ...group.behavior, ...asObject(item["protocolProfileBehavior"]) },
    scripts: addScripts(group.scripts, scriptsOf(item, ownerOf("request", item, name))),
  };
}

const idOf = (item: JsonObject): string | undefined => asText(item["id"]) ?? asText(item["_postman_id"]);

const idsOf = (item: JsonObject, name: string): string[] => {
  const id = idOf(item);
  return id === undefined ? [name] : [id, name];
};

/** The same request gets the same id in every run, so that results can be compared. */
function derivedId(path: string[]): string {
  const hex = createHash("sha1").update(JSON.stringify(path)).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** `auth` without a type means "inherit", as null does; `noauth` is a decision of its own. */
const authOf = (auth: unknown): JsonObject | undefined =>
  isObject(auth) && typeof auth["type"] === "string" ? auth : undefined;

function ownerOf(kind: ScriptOwner["kind"], item: JsonObject, name: string): ScriptOwner {
  const itemId = idOf(item);
  return itemId === undefined ? { kind, name } : { kind, itemId, name };
}

function scriptsOf(element: JsonObject, owner: ScriptOwner): Record<ScriptEvent, Script[]> {
  const scripts: Record<ScriptEvent, Script[]> = { prerequest: [], test: [] };
  for (const event of asObjects(element["event"])) {
    const listen = event["listen"];
    if ((listen !== "prerequest" && listen !== "test") || event["disabled"] === true) continue;
    const code = codeOf(event["script"]);
    if (code.trim() !== "") scripts[listen].push({ code, owner });
  }
  return scripts;
}

function codeOf(script: unknown): string {
  const exec = isObject(script) ? script["exec"] : script;
  return Array.isArray(exec) ? exec.map(toText).join("\n") : toText(exec ?? "");
}

const addScripts = (
  outer: Record<ScriptEvent, Script[]>,
  inner: Record<ScriptEvent, Script[]>,
): Record<ScriptEvent, Script[]> => ({
  prerequest: inner.prerequest.length === 0 ? outer.prerequest : [...outer.prerequest, ...inner.prerequest],
  test: inner.test.length === 0 ? outer.test : [...outer.test, ...inner.test],
});

/** The chosen requests and folders, in the order in which they were chosen, each request once. */
function selectItems(items: PlannedItem[], select: string[]): PlannedItem[] {
  const chosen = new Set<PlannedItem>();
  for (const selector of select) {
    const matching = items.filter((item) => item.selectors.includes(selector));
    if (matching.length === 0)
      throw new CollectionError(`The collection has no request or folder with the name or id "${selector}".`);
    for (const item of matching) chosen.add(item);
  }
  return [...chosen];
}
