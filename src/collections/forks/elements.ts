import { problem } from "../../lib/errors.ts";
import { isRecord } from "../../lib/parse.ts";
import type { CollectionDocument } from "../collection.ts";

/** The lists of a document that hold elements of their own. */
export type Slot = "item" | "response";
const slots: readonly Slot[] = ["item", "response"];

/** The collection itself, as the element that holds the others. */
export const ROOT = "";

/** A folder, a request, a saved response, or the collection: everything but what it holds. */
export interface Element {
  id: string;
  /** What it stands in, and in which of its lists; `ROOT` stands in itself. */
  parent: string;
  slot: Slot;
  fields: Record<string, unknown>;
  /** Ids of what it holds, in order; absent where the document has no such list. */
  children: { [slot in Slot]?: string[] };
}

export type Elements = ReadonlyMap<string, Element>;

/** A document as its elements by id; 422 when ids are missing or not unique, because then nobody knows what is what. */
export function elementsOf(document: CollectionDocument, which: string): Elements {
  const elements = new Map<string, Element>();
  const open: { value: Record<string, unknown>; element: Element }[] = [];
  const add = (value: Record<string, unknown>, id: string, parent: string, slot: Slot) => {
    if (elements.has(id)) throw unfitIds(which, `two elements have the id "${id}"`);
    const element: Element = { id, parent, slot, fields: {}, children: {} };
    elements.set(id, element);
    open.push({ value, element });
  };
  add(document, ROOT, ROOT, "item");
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, element } = next;
    const fields = Object.entries(value).filter(([key, field]) => {
      const slot = slots.find((known) => known === key);
      if (slot === undefined || !isRecordList(field)) return key !== "id";
      element.children[slot] = field.map((child) => idOf(child, which));
      for (const child of field) add(child, idOf(child, which), element.id, slot);
      return false;
    });
    // Not by assignments: to the key `__proto__` they would be lost.
    element.fields = Object.fromEntries(fields);
  }
  return elements;
}

const isRecordList = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) && value.every(isRecord);

function idOf(element: Record<string, unknown>, which: string): string {
  const { id, name } = element;
  if (typeof id === "string" && id !== ROOT) return id;
  throw unfitIds(which, `"${String(name)}" has no id`);
}

const unfitIds = (which: string, why: string) =>
  problem(
    "unprocessable",
    `The ${which} cannot be compared by the ids of its elements: ${why}; save it again without ids.`,
  );

/** The reverse of `elementsOf`. */
export function documentOf(elements: Elements): CollectionDocument {
  const build = (id: string): Record<string, unknown> => {
    const element = elements.get(id);
    if (!element) throw new Error(`the element ${id} is in a list and not in the collection`);
    const { item, response } = element.children;
    return {
      ...(id !== ROOT && { id }),
      ...element.fields,
      ...(item && { item: item.map(build) }),
      ...(response && { response: response.map(build) }),
    };
  };
  return build(ROOT);
}

/** A copy of the document in which every folder, request and saved response has another id. */
export function renameElements(
  document: CollectionDocument,
  rename: (id: string) => string,
): CollectionDocument {
  const copy = structuredClone(document);
  const open: Record<string, unknown>[] = [copy];
  for (let holder = open.pop(); holder; holder = open.pop()) {
    for (const slot of slots) {
      const list = holder[slot];
      if (!isRecordList(list)) continue;
      for (const element of list) {
        if (typeof element["id"] === "string") element["id"] = rename(element["id"]);
        open.push(element);
      }
    }
  }
  return copy;
}
