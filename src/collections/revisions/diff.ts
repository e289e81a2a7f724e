import { isRecord } from "../../lib/parse.ts";
import type { CollectionDocument } from "../collection.ts";
import { type Element, idOf, isFolder } from "../elements.ts";
import { nameOf } from "../items.ts";
import { describe, type DescribedField, type DescribedKind } from "./describe.ts";

/** A field that differs. Both texts may be the same: then what differs is hidden, or does not show in a text. */
export interface FieldChange {
  label: string;
  before: string;
  after: string;
}

/** An element of a collection that differs between two of its revisions. */
export interface ElementChange {
  kind: DescribedKind;
  id: string;
  name: string;
  /** Names of the folders around it, and of the request of an example; outermost first. */
  path: string[];
  status: "added" | "removed" | "changed" | "moved";
  /** Whether it stands elsewhere now; `moved` says that this is all. */
  isMoved: boolean;
  fields: FieldChange[];
}

interface Entry {
  kind: DescribedKind;
  id: string;
  element: Element;
  path: string[];
  parent: string;
  /** Keys of what it holds, in order. */
  children: string[];
}

const ROOT = "collection";

/**
 * What differs between two documents, element by element: first as they stand in `after`, then what is gone. Pure; nothing
 * differs exactly when the documents say the same, apart from ids and times.
 */
export function diffDocuments(before: CollectionDocument, after: CollectionDocument): ElementChange[] {
  const [from, to] = [entriesOf(before), entriesOf(after)];
  const movedKeys = findMoved(from, to);
  const changes: ElementChange[] = [];
  for (const [key, entry] of to) {
    const old = from.get(key);
    const isMoved = movedKeys.has(key);
    const fields = old && ownText(old) === ownText(entry) ? [] : fieldsBetween(old, entry);
    if (!old) changes.push({ ...headOf(entry), status: "added", isMoved: false, fields });
    else if (fields.length > 0) changes.push({ ...headOf(entry), status: "changed", isMoved, fields });
    else if (isMoved) changes.push({ ...headOf(entry), status: "moved", isMoved, fields });
  }
  for (const [key, entry] of from) {
    if (to.has(key)) continue;
    const fields = diffFields(describe(entry.kind, entry.element), []);
    changes.push({ ...headOf(entry), status: "removed", isMoved: false, fields });
  }
  return changes;
}

const fieldsBetween = (before: Entry | undefined, after: Entry): FieldChange[] =>
  diffFields(before ? describe(before.kind, before.element) : [], describe(after.kind, after.element));

/** Everything of an element but what it holds: most elements stay as they are, and this is ten times as fast as describing. */
function ownText({ kind, element }: Entry): string {
  if (kind === "example") return JSON.stringify(element);
  const { item: _i, response: _r, ...own } = element;
  return JSON.stringify(own);
}

const headOf = ({ kind, id, element, path }: Entry) => ({
  kind,
  id,
  name: kind === "collection" ? titleOf(element) : nameOf(element),
  path,
});

const titleOf = (document: Element): string => {
  const { info } = document;
  return isRecord(info) && typeof info["name"] === "string" ? info["name"] : "";
};

/** Fields of one element that differ, in the order of the new one. */
export function diffFields(
  before: readonly DescribedField[],
  after: readonly DescribedField[],
): FieldChange[] {
  const old = new Map(before.map((one) => [one.label, one]));
  const now = new Map(after.map((one) => [one.label, one]));
  const labels = new Set([...now.keys(), ...old.keys()]);
  return [...labels].flatMap((label) => {
    const [from, to] = [old.get(label), now.get(label)];
    if (from?.raw === to?.raw) return [];
    return [{ label, before: from?.text ?? "", after: to?.text ?? "" }];
  });
}

/** Every element by its kind and id, without recursion; an id that comes twice is told apart by a number. */
function entriesOf(document: CollectionDocument): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const root: Entry = { kind: "collection", id: "", element: document, path: [], parent: "", children: [] };
  entries.set(ROOT, root);
  const open: { holder: Entry; key: string; list: unknown; isExamples: boolean }[] = [
    { holder: root, key: ROOT, list: document["item"], isExamples: false },
  ];
  for (let next = open.pop(); next; next = open.pop()) {
    const { holder, list, isExamples } = next;
    const path = holder.kind === "collection" ? [] : [...holder.path, nameOf(holder.element)];
    const inner: typeof open = [];
    for (const element of Array.isArray(list) ? list.filter(isRecord) : []) {
      const kind = isExamples ? "example" : isFolder(element) ? "folder" : "request";
      const key = freeKey(entries, `${kind} ${idOf(element)}`);
      const entry: Entry = { kind, id: idOf(element), element, path, parent: next.key, children: [] };
      entries.set(key, entry);
      holder.children.push(key);
      if (kind === "folder") inner.push({ holder: entry, key, list: element["item"], isExamples: false });
      else if (kind === "request")
        inner.push({ holder: entry, key, list: element["response"], isExamples: true });
    }
    open.push(...inner.toReversed());
  }
  return entries;
}

function freeKey(entries: ReadonlyMap<string, Entry>, wanted: string): string {
  if (!entries.has(wanted)) return wanted;
  for (let count = 2; ; count++) {
    if (!entries.has(`${wanted} ${count}`)) return `${wanted} ${count}`;
  }
}

/** What stands in another folder, or at another place among those that stayed. */
function findMoved(from: ReadonlyMap<string, Entry>, to: ReadonlyMap<string, Entry>): Set<string> {
  const moved = new Set<string>();
  for (const [holder, { children }] of to) {
    const staying: string[] = [];
    for (const key of children) {
      const old = from.get(key);
      if (!old) continue;
      if (old.parent === holder) staying.push(key);
      else moved.add(key);
    }
    const places = new Map((from.get(holder)?.children ?? []).map((key, index) => [key, index]));
    const inOrder = longestRise(staying.map((key) => places.get(key) ?? 0));
    for (const [index, key] of staying.entries()) if (!inOrder.has(index)) moved.add(key);
  }
  return moved;
}

/** Indexes of a longest strictly rising part of a list: the elements that have kept their order. */
export function longestRise(numbers: readonly number[]): Set<number> {
  /** Of the rising parts of each length, the index of the smallest last number. */
  const tails: number[] = [];
  const before: (number | undefined)[] = [];
  for (const [index, number] of numbers.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[tails[middle] ?? 0] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? tails[low - 1] : undefined;
    tails[low] = index;
  }
  const rise = new Set<number>();
  for (let index = tails.at(-1); index !== undefined; index = before[index]) rise.add(index);
  return rise;
}
