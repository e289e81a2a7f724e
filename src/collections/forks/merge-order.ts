import { isDeepStrictEqual } from "node:util";

import { pick } from "../../lib/three-way.ts";
import { addConflict, type Merge } from "./conflicts.ts";
import type { Element, Elements, Slot } from "./elements.ts";

/** Puts the children of every merged element into order, in place. */
export function mergeChildren(merge: Merge, merged: ReadonlyMap<string, Element>): void {
  const members = membersOf(merged);
  for (const element of merged.values()) {
    for (const slot of ["item", "response"] as const) {
      const ids = members.get(keyOf(element.id, slot)) ?? new Set();
      if (ids.size > 0 || hasList(merge, element.id, slot)) {
        element.children[slot] = orderOf(merge, element.id, slot, ids);
      }
    }
  }
}

const keyOf = (parent: string, slot: Slot): string => `${slot} ${parent}`;

function membersOf(merged: ReadonlyMap<string, Element>): Map<string, Set<string>> {
  const members = new Map<string, Set<string>>();
  for (const { id, parent, slot } of merged.values()) {
    // The root stands in itself, and in no list.
    if (id === parent) continue;
    const key = keyOf(parent, slot);
    const ids = members.get(key) ?? new Set();
    members.set(key, ids.add(id));
  }
  return members;
}

/** Whether a list is there at all: folders have `item`, and requests `response`, also when they are empty. */
function hasList(merge: Merge, id: string, slot: "item" | "response"): boolean {
  const { base, destination, source } = merge.versions;
  const has = (elements: Elements) => elements.get(id)?.children[slot] !== undefined;
  if (!destination.has(id)) return has(source);
  if (!source.has(id)) return has(destination);
  const picked = pick({ base: has(base), destination: has(destination), source: has(source) });
  // Of two truth values that differ from each other, one is that of the base.
  return picked?.value ?? true;
}

/** The order of the side that changed it; what only the other has comes behind what it stood behind there. */
function orderOf(merge: Merge, parent: string, slot: Slot, members: ReadonlySet<string>): string[] {
  const { base, destination, source } = merge.versions;
  const listOf = (elements: Elements) => elements.get(parent)?.children[slot] ?? [];
  const [before, ours, theirs] = [listOf(base), listOf(destination), listOf(source)];
  const common = [ours, theirs].reduce(
    (left, list) => left.intersection(new Set(list)),
    new Set(before).intersection(members),
  );
  const inCommon = (list: string[]) => list.filter((id) => common.has(id));
  const picked = pick({ base: inCommon(before), destination: inCommon(ours), source: inCommon(theirs) });
  if (!picked) addConflict(merge, parent, { field: `order of ${slot}`, reason: "changed on both sides" });
  const isLedBySource = picked ? !isDeepStrictEqual(picked.value, inCommon(ours)) : merge.prefer === "source";
  const [first, second] = isLedBySource ? [theirs, ours] : [ours, theirs];
  const order = insertBehind(
    first.filter((id) => members.has(id)),
    second.filter((id) => members.has(id)),
  );
  // A conflict can put an element where it stood on neither side.
  return [...new Set([...order, ...members])];
}

/** Each that is missing comes behind its nearest neighbour above, at the top when there is none. */
function insertBehind(order: readonly string[], list: readonly string[]): string[] {
  const known = new Set(order);
  const behind = new Map<string, string[]>();
  let neighbour = TOP;
  for (const id of list) {
    if (known.has(id)) neighbour = id;
    else {
      const others = behind.get(neighbour) ?? [];
      others.push(id);
      behind.set(neighbour, others);
    }
  }
  return [TOP, ...order].flatMap((id) => [...(id === TOP ? [] : [id]), ...(behind.get(id) ?? [])]);
}

/** No element has this id. */
const TOP = "";
