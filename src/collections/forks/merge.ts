import { isDeepStrictEqual } from "node:util";

import { mergeFields, type Side, type Versions } from "../../lib/three-way.ts";
import type { CollectionDocument } from "../collection.ts";
import { addConflict, type Conflict, isChanged, type Merge } from "./conflicts.ts";
import { documentOf, type Element, elementsOf } from "./elements.ts";
import { collectionRules } from "./merge-fields.ts";
import { mergeChildren } from "./merge-order.ts";
import { placeSurvivors } from "./merge-places.ts";

/**
 * Brings what changed in the source since `base` into the destination, element by element and field by field. Order of
 * the answer, where both agree, is that of whoever changed it. With `prefer` one side wins what both changed; without,
 * `document` is worth nothing unless `conflicts` is empty. All three documents name the same elements by the same ids.
 */
export function mergeDocuments(
  documents: Versions<CollectionDocument>,
  prefer?: Side,
): { document: CollectionDocument; conflicts: Conflict[] } {
  const merge: Merge = {
    versions: {
      base: elementsOf(documents.base, "common ancestor of both collections"),
      destination: elementsOf(documents.destination, "destination"),
      source: elementsOf(documents.source, "source"),
    },
    prefer,
    conflicts: [],
  };
  const places = placeSurvivors(merge);
  const merged = new Map<string, Element>();
  for (const [id, { parent, slot }] of places) {
    merged.set(id, { id, parent, slot, fields: fieldsOf(merge, id), children: {} });
  }
  mergeChildren(merge, merged);
  return { document: documentOf(merged), conflicts: merge.conflicts };
}

/** True when the source holds changes since `base`, in whatever but bookkeeping. */
export function differs(base: CollectionDocument, source: CollectionDocument): boolean {
  const [before, after] = [elementsOf(base, "common ancestor"), elementsOf(source, "source")];
  if (before.size !== after.size) return true;
  return [...before.values()].some((element) => {
    const now = after.get(element.id);
    return !now || isChanged(element, now) || !sameOrder(element, now);
  });
}

const sameOrder = (one: Element, other: Element): boolean =>
  (["item", "response"] as const).every((slot) => {
    const [before = [], after = []] = [one.children[slot], other.children[slot]];
    return before.length === after.length && before.every((id, index) => id === after[index]);
  });

function fieldsOf(merge: Merge, id: string): Record<string, unknown> {
  const { base, destination, source } = merge.versions;
  const [ours, theirs] = [destination.get(id), source.get(id)];
  if (!ours || !theirs) return (ours ?? theirs)?.fields ?? {};
  // Most of a large collection is the same on both sides.
  if (isDeepStrictEqual(ours.fields, theirs.fields)) return ours.fields;
  return mergeFields(
    { base: base.get(id)?.fields ?? {}, destination: ours.fields, source: theirs.fields },
    {
      rules: collectionRules,
      prefer: merge.prefer,
      onConflict: (field) => addConflict(merge, id, { field, reason: "changed on both sides" }),
    },
  );
}
