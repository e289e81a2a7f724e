import { bareId } from "../lib/ids.ts";
import { isRecord } from "../lib/parse.ts";

export type Json = Record<string, unknown>;

/** An item with the folders around it, the outermost first. */
export interface PlacedItem {
  item: Json;
  folders: Json[];
}

export const isFolder = (item: Json): boolean => item["item"] !== undefined;

export const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** Every item, each folder before what is in it, in the order of the document. */
export function* walkItems(document: Json): Generator<PlacedItem> {
  const open: PlacedItem[] = listOf(document["item"])
    .toReversed()
    .map((item) => ({ item, folders: [] }));
  for (let placed = open.pop(); placed; placed = open.pop()) {
    yield placed;
    const folders = [...placed.folders, placed.item];
    // The last is taken first.
    for (const item of listOf(placed.item["item"]).toReversed()) open.push({ item, folders });
  }
}

/** `id` as it is stored, or as uid. */
export function findItem(document: Json, id: string, kind: "folder" | "request"): PlacedItem | undefined {
  for (const placed of walkItems(document)) {
    if (isFolder(placed.item) === (kind === "folder") && isCalled(placed.item, id)) return placed;
  }
  return undefined;
}

/** The stored ids of imported documents are anything; those that are uuids are also known by their uid. */
export const isCalled = ({ id: stored }: Json, id: string): boolean =>
  typeof stored === "string" &&
  (stored === id || (bareId(stored) ?? stored) === (bareId(id) ?? id.replace(/^\d+-/, "")));

/** A text, or the content of a description object. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return isRecord(value) ? textOf(value["content"]) : "";
}

/** URL of a request as one text. */
export function urlOf(request: unknown): string {
  const url = isRecord(request) ? request["url"] : request;
  if (!isRecord(url)) return textOf(url);
  const raw = textOf(url["raw"]);
  return raw === "" ? [joined(url["host"], "."), joined(url["path"], "/")].join("/") : raw;
}

const joined = (parts: unknown, separator: string): string =>
  Array.isArray(parts) ? parts.map(textOf).join(separator) : textOf(parts);

export function methodOf(request: unknown): string {
  const method = isRecord(request) ? textOf(request["method"]) : "";
  return method === "" ? "GET" : method.toUpperCase();
}
