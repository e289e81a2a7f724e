import { bareId } from "../lib/ids.ts";
import { isRecord } from "../lib/parse.ts";
import type { CollectionDocument } from "./collection.ts";

/** A folder, a request or a saved response of a document. */
export type Element = Record<string, unknown>;
export type ElementKind = "folder" | "request" | "response";

/** An element and where it stands. */
export interface Place {
  element: Element;
  /** The list that holds it. */
  siblings: unknown[];
  /** The folder around an item, the request of a response; undefined at the root. */
  parent: Element | undefined;
}

export const isFolder = (item: Element): boolean => item["item"] !== undefined;

/** A list below an element; it is made when there is none. */
export function listOf(element: Element, key: "item" | "response"): unknown[] {
  const known = element[key];
  if (Array.isArray(known)) return known;
  const made: unknown[] = [];
  element[key] = made;
  return made;
}

/** Where an element stands, by its id or uid; undefined when the document has none of that kind. */
export function findPlace(document: CollectionDocument, kind: ElementKind, asked: string): Place | undefined {
  for (const place of placesOf(document, kind)) {
    if (isNamed(place.element, asked)) return place;
  }
  return undefined;
}

/** Every element of a kind, without recursion: documents nest as deep as they like. */
export function* placesOf(document: CollectionDocument, kind: ElementKind): Generator<Place> {
  const open: { siblings: unknown; parent: Element | undefined }[] = [
    { siblings: document["item"], parent: undefined },
  ];
  for (let list = open.pop(); list; list = open.pop()) {
    const { siblings, parent } = list;
    if (!Array.isArray(siblings)) continue;
    for (const element of siblings) {
      if (!isRecord(element)) continue;
      if (isFolder(element)) {
        open.push({ siblings: element["item"], parent: element });
        if (kind === "folder") yield { element, siblings, parent };
      } else if (kind === "request") yield { element, siblings, parent };
      else if (kind === "response") yield* responsesOf(element);
    }
  }
}

function* responsesOf(request: Element): Generator<Place> {
  const siblings = request["response"];
  if (!Array.isArray(siblings)) return;
  for (const element of siblings) {
    if (isRecord(element)) yield { element, siblings, parent: request };
  }
}

/** Ids in documents are uuids as a rule, and may be any text. */
function isNamed(element: Element, asked: string): boolean {
  const { id } = element;
  if (typeof id !== "string") return false;
  if (id === asked || id === asked.replace(/^\d+-/, "")) return true;
  const bare = bareId(asked);
  return bare !== undefined && bareId(id) === bare;
}

export const idOf = (element: Element): string => (typeof element["id"] === "string" ? element["id"] : "");

/** Ids of the items in a list, folders or requests. */
export const idsOf = (items: unknown, wanted: (item: Element) => boolean = () => true): string[] =>
  Array.isArray(items) ? items.filter(isRecord).filter(wanted).map(idOf) : [];
