import type { TreeItem } from "../../web/pages/collections.tsx";
import { isRecord } from "../lib/parse.ts";
import type { CollectionDocument } from "./collection.ts";

/** A tree deeper than this is cut: nobody reads it, and drawing it recurses. */
const MAX_DEPTH = 30;

/** Folders and requests of a document in their order. */
export const treeOf = (document: CollectionDocument): TreeItem[] => itemsOf(document["item"], 0);

function itemsOf(items: unknown, depth: number): TreeItem[] {
  if (!Array.isArray(items) || depth > MAX_DEPTH) return [];
  return items.filter(isRecord).map((item) => {
    const name = typeof item["name"] === "string" && item["name"] !== "" ? item["name"] : "(without a name)";
    if (Array.isArray(item["item"])) return { name, items: itemsOf(item["item"], depth + 1) };
    return { name, ...requestOf(item["request"]) };
  });
}

/** A request is an object, or a text that is the address of a GET. */
function requestOf(request: unknown): { method: string; url: string } {
  if (typeof request === "string") return { method: "GET", url: request };
  if (!isRecord(request)) return { method: "GET", url: "" };
  const method = typeof request["method"] === "string" ? request["method"] : "GET";
  return { method, url: urlOf(request["url"]) };
}

function urlOf(url: unknown): string {
  if (typeof url === "string") return url;
  return isRecord(url) && typeof url["raw"] === "string" ? url["raw"] : "";
}

export const countRequests = (items: TreeItem[]): number =>
  items.reduce((sum, item) => sum + (item.items ? countRequests(item.items) : 1), 0);

/** A description is a text, or an object that holds one. */
export function descriptionOf(document: CollectionDocument): string {
  const { info } = document;
  const description = isRecord(info) ? info["description"] : undefined;
  if (typeof description === "string") return description;
  return isRecord(description) && typeof description["content"] === "string" ? description["content"] : "";
}
