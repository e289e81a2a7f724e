import { isRecord } from "../../lib/parse.ts";
import { getItem } from "../browse/tree.ts";
import type { CollectionDocument } from "../collection.ts";
import { type Element, idOf, isFolder, listOf, type Place, placesOf } from "../elements.ts";
import { addElement, nameOf, removeElement, renewIds } from "../items.ts";
import { diffDocuments, type ElementChange } from "../revisions/diff.ts";
import { unfit } from "./texts.ts";

/** What is done to the order of a collection, in ids of folders and requests; an empty `into` is the collection itself. */
export type Arrangement =
  | { deed: "add"; kind: ItemKind; into: string; name: string; method: string; url: string }
  | { deed: "duplicate"; id: string; name: string }
  | { deed: "move"; id: string; into: string; place: MovePlace }
  | { deed: "delete"; id: string };

export type ItemKind = "request" | "folder";
export const movePlaces = ["last", "first", "up", "down"] as const;
export type MovePlace = (typeof movePlaces)[number];

/** The element that came, went or moved, and the folder that it is in (was in, when it went). */
export interface Arranged {
  element: Element;
  kind: ItemKind;
  parent: Element | undefined;
  /** As a page shows it; empty when everything stands as it did. */
  changes: ElementChange[];
}

interface Options {
  /** An ISO time. */
  now: string;
  /** The document as it is, when what is changed is a copy of it. */
  before?: CollectionDocument;
}

/** Changes the document. Throws 404 when its subject is not in it, and 400 naming the field that does not fit. */
export function arrange(document: CollectionDocument, order: Arrangement, options: Options): Arranged {
  if (order.deed === "move") return move(document, order);
  const { now, before = structuredClone(document) } = options;
  const place = changePlace(document, order, now);
  return { ...arrangedAt(place), changes: diffDocuments(before, document) };
}

const kindOf = (element: Element): ItemKind => (isFolder(element) ? "folder" : "request");
const arrangedAt = ({ element, parent }: Place) => ({ element, parent, kind: kindOf(element) });

function changePlace(
  document: CollectionDocument,
  order: Exclude<Arrangement, { deed: "move" }>,
  now: string,
): Place {
  if (order.deed === "add") return add(document, order, now);
  const place = placeOf(document, order.id);
  if (order.deed === "delete") {
    removeElement(place);
    return place;
  }
  if (order.name === "") throw unfit("name", "Give it a name.");
  const { element: original, siblings, parent } = place;
  const copy = renewIds(structuredClone(original), now);
  copy["name"] = order.name;
  siblings.splice(siblings.indexOf(original) + 1, 0, copy);
  return { element: copy, siblings, parent };
}

function add(
  document: CollectionDocument,
  { kind, into, name, method, url }: Extract<Arrangement, { deed: "add" }>,
  now: string,
): Place {
  if (name === "") throw unfit("name", "Give it a name.");
  if (!/^[\w-]{1,100}$/.test(method)) throw unfit("method", "A method is a word such as GET or POST.");
  const folder = folderOf(document, into);
  const fields = kind === "request" ? { name, method, url } : { name };
  const parentId = folder ? idOf(folder) : undefined;
  // Nobody's own ids are looked for here, so that the owner does not matter.
  return addElement({ document, ownerId: 0 }, { kind, fields }, { parentId, now });
}

/** Throws 404. */
function placeOf(document: CollectionDocument, id: string): Place {
  const { item, kind } = getItem({ document }, id);
  for (const place of placesOf(document, kind)) if (place.element === item) return place;
  throw new Error("an item that was found is in no list");
}

/** Undefined for the collection itself. */
function folderOf(document: CollectionDocument, id: string): Element | undefined {
  if (id === "") return undefined;
  for (const { element } of placesOf(document, "folder")) if (idOf(element) === id) return element;
  throw unfit("into", "This folder is not there any more; choose another one.");
}

function move(
  document: CollectionDocument,
  { id, into, place: wanted }: Extract<Arrangement, { deed: "move" }>,
): Arranged {
  const place = placeOf(document, id);
  const { element, siblings: from } = place;
  const folder = folderOf(document, into);
  const around = [...placesOf({ item: [element] }, "folder")];
  if (folder && around.some((inner) => inner.element === folder))
    throw unfit("into", "A folder cannot go into itself or into a folder in it.");
  const to = listOf(folder ?? document, "item");
  const before = { from: namesOf(from), to: namesOf(to) };
  const at = to === from ? placeInside(from, element, wanted) : placeElsewhere(to, wanted);
  removeElement(place);
  to.splice(at, 0, element);
  const lists = [orderField(place.parent, before.from, namesOf(from))];
  if (to !== from) lists.push(orderField(folder, before.to, namesOf(to)));
  const fields = lists.filter((field) => field.before !== field.after);
  const head = { kind: kindOf(element), id, name: nameOf(element), path: folder ? [nameOf(folder)] : [] };
  return {
    ...arrangedAt({ ...place, parent: folder }),
    changes: fields.length > 0 ? [{ ...head, status: "moved", isMoved: true, fields }] : [],
  };
}

const namesOf = (items: readonly unknown[]): string => items.filter(isRecord).map(nameOf).join("\n");

const orderField = (folder: Element | undefined, before: string, after: string) => ({
  label: folder ? `What is in ${nameOf(folder)}` : "What is in the collection",
  before,
  after,
});

/** Where it goes in the list that it is in, once it is taken out. */
function placeInside(siblings: readonly unknown[], element: Element, wanted: MovePlace): number {
  const at = siblings.indexOf(element);
  const last = siblings.length - 1;
  if (wanted === "first") return 0;
  if (wanted === "last") return last;
  if (wanted === "up" && at === 0) throw unfit("place", "It is the first already.");
  if (wanted === "down" && at === last) throw unfit("place", "It is the last already.");
  return wanted === "up" ? at - 1 : at + 1;
}

function placeElsewhere(siblings: readonly unknown[], wanted: MovePlace): number {
  if (wanted === "first") return 0;
  if (wanted === "last") return siblings.length;
  throw unfit("place", "One up or one down is within its own folder; choose the beginning or the end.");
}

/** More than anybody looks through in a list to choose from. */
const MAX_FOLDERS = 1000;

/** Folders in reading order with how deep they are; without `except` and what is in it. */
export function listFolders(
  document: CollectionDocument,
  except?: string,
): { id: string; name: string; depth: number }[] {
  const found: { id: string; name: string; depth: number }[] = [];
  const open = foldersIn(document["item"], 0);
  for (let next = open.pop(); next && found.length < MAX_FOLDERS; next = open.pop()) {
    const { folder, depth } = next;
    if (except !== undefined && idOf(folder) === except) continue;
    if (idOf(folder) !== "") found.push({ id: idOf(folder), name: nameOf(folder), depth });
    open.push(...foldersIn(folder["item"], depth + 1));
  }
  return found;
}

/** The last first, as a stack takes them. */
const foldersIn = (items: unknown, depth: number): { folder: Element; depth: number }[] =>
  (Array.isArray(items) ? items.filter(isRecord).filter(isFolder) : [])
    .map((folder) => ({ folder, depth }))
    .toReversed();
