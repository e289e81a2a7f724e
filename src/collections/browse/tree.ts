import type { TreeNode } from "../../../web/parts/collection-tree.tsx";
import { AppError } from "../../lib/errors.ts";
import { isRecord } from "../../lib/parse.ts";
import type { CollectionDocument } from "../collection.ts";
import { type Element, idOf, isFolder } from "../elements.ts";
import { requestOf } from "../v1/request.ts";
import { rawUrlOf } from "../v1/url.ts";

const nameOfItem = (item: Element): string =>
  typeof item["name"] === "string" && item["name"] !== "" ? item["name"] : "(without a name)";

/** The folders and requests of one list, without what is in the folders. */
export const nodesOf = (items: unknown): TreeNode[] =>
  Array.isArray(items) ? items.filter(isRecord).map(nodeOf) : [];

function nodeOf(item: Element): TreeNode {
  const head = { id: idOf(item), name: nameOfItem(item) };
  if (isFolder(item)) return { ...head, count: Array.isArray(item["item"]) ? item["item"].length : 0 };
  const { method, url } = requestOf(item);
  const examples = Array.isArray(item["response"]) ? item["response"].length : 0;
  return { ...head, method: typeof method === "string" ? method : "GET", url: rawUrlOf(url), examples };
}

/** A folder or a request, and the folders around it, outermost first. */
export interface FoundItem {
  item: Element;
  kind: "folder" | "request";
  ancestors: { id: string; name: string }[];
}

interface Visit {
  item: Element;
  ancestors: FoundItem["ancestors"];
}

const visits = (items: unknown, ancestors: FoundItem["ancestors"]): Visit[] =>
  Array.isArray(items) ? items.filter(isRecord).map((item) => ({ item, ancestors })) : [];

/** Every item in reading order, without recursion: documents nest as deep as they like. */
function* itemsIn(document: CollectionDocument): Generator<Visit> {
  const open = visits(document["item"], []).toReversed();
  for (let visit = open.pop(); visit; visit = open.pop()) {
    yield visit;
    const { item, ancestors } = visit;
    if (!isFolder(item)) continue;
    const inside = [...ancestors, { id: idOf(item), name: nameOfItem(item) }];
    open.push(...visits(item["item"], inside).toReversed());
  }
}

/** The first item with an id; undefined when there is none. */
export function findItem(document: CollectionDocument, id: string): FoundItem | undefined {
  for (const { item, ancestors } of itemsIn(document)) {
    if (idOf(item) === id) return { item, ancestors, kind: isFolder(item) ? "folder" : "request" };
  }
  return undefined;
}

/** Throws 404 for an item that is not there. */
export function getItem({ document }: { document: CollectionDocument }, id: string): FoundItem {
  const found = findItem(document, id);
  if (found) return found;
  throw new AppError(
    "not_found",
    "There is no such folder or request in this collection; it may have been deleted.",
  );
}

export interface FoundNode extends TreeNode {
  /** Names of the folders around it. */
  path: string[];
}

/** Folders and requests in which the words stand, all of them: in the name, the address or the method. */
export function searchItems(
  document: CollectionDocument,
  text: string,
  limit: number,
): { found: FoundNode[]; total: number } {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const found: FoundNode[] = [];
  let total = 0;
  for (const { item, ancestors } of itemsIn(document)) {
    const node = nodeOf(item);
    const searched = [node.name, node.method, node.url].join(" ").toLowerCase();
    if (!words.every((word) => searched.includes(word))) continue;
    total++;
    if (found.length < limit) found.push({ ...node, path: ancestors.map(({ name }) => name) });
  }
  return { found, total };
}

export function countItems(document: CollectionDocument): { requests: number; folders: number } {
  const counts = { requests: 0, folders: 0 };
  for (const { item } of itemsIn(document)) counts[isFolder(item) ? "folders" : "requests"]++;
  return counts;
}

/** A description is a text, or an object that holds one. */
export function descriptionOf({ info }: CollectionDocument): string {
  const description = isRecord(info) ? info["description"] : undefined;
  if (typeof description === "string") return description;
  return isRecord(description) && typeof description["content"] === "string" ? description["content"] : "";
}
