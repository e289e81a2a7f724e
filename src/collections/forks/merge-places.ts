import { pick, type Side } from "../../lib/three-way.ts";
import { addConflict, isChanged, type Merge } from "./conflicts.ts";
import { type Element, type Elements, ROOT, type Slot } from "./elements.ts";

/** Where an element stands after the merge. */
export interface Place {
  parent: string;
  slot: Slot;
}

type Places = Map<string, Place>;

/** Which elements are left, and where each stands: everything that is in the answer hangs, in the end, below the root. */
export function placeSurvivors(merge: Merge): ReadonlyMap<string, Place> {
  const { destination, source } = merge.versions;
  const places: Places = new Map();
  for (const id of new Set([...destination.keys(), ...source.keys()])) {
    const place = placeOf(merge, id);
    if (place) places.set(id, place);
  }
  const told = new Set<string>();
  // Either may undo what the other has mended; each turn settles at least one element for good.
  while (mendOrphans(merge, places, told) || breakCircles(merge, places, told));
  return places;
}

function placeOf(merge: Merge, id: string): Place | undefined {
  const { base, destination, source } = merge.versions;
  const [before, ours, theirs] = [base.get(id), destination.get(id), source.get(id)];
  if (ours && theirs) return placeOfBoth(merge, id, ours, theirs);
  const kept = ours ?? theirs;
  if (!kept || !before) return kept && standing(kept);
  if (!isChanged(before, kept)) return undefined;
  addConflict(merge, id, { reason: "deleted on one side, changed on the other" });
  const deletedIn: Side = ours ? "source" : "destination";
  return merge.prefer === deletedIn ? undefined : standing(kept);
}

function placeOfBoth(merge: Merge, id: string, ours: Element, theirs: Element): Place {
  if (ours.parent === theirs.parent && ours.slot === theirs.slot) return standing(ours);
  const before = merge.versions.base.get(id);
  const versions = { destination: standing(ours), source: standing(theirs) };
  const picked = pick({ base: before && standing(before), ...versions });
  if (picked?.value) return picked.value;
  addConflict(merge, id, { reason: "moved to different places" });
  return versions[merge.prefer ?? "destination"];
}

const standing = ({ parent, slot }: Element): Place => ({ parent, slot });

/** What one side put into a folder that the other deleted. False when there was nothing to mend. */
function mendOrphans(merge: Merge, places: Places, told: Set<string>): boolean {
  let hasMended = false;
  for (const [id, { parent }] of places) {
    if (places.has(parent)) continue;
    hasMended = true;
    const keeper: Side = merge.versions.destination.has(parent) ? "destination" : "source";
    const deleter: Side = keeper === "source" ? "destination" : "source";
    if (!told.has(parent)) {
      told.add(parent);
      addConflict(merge, parent, { reason: "deleted on one side, changed on the other" });
    }
    const elsewhere = merge.prefer === deleter ? merge.versions[deleter].get(id) : undefined;
    if (elsewhere && elsewhere.parent !== parent) places.set(id, standing(elsewhere));
    else if (merge.prefer === deleter) places.delete(id);
    else revive(merge.versions[keeper], places, parent);
  }
  return hasMended;
}

function revive(elements: Elements, places: Places, id: string): void {
  const element = elements.get(id);
  if (!element) throw new Error(`nothing holds the element ${id}`);
  places.set(id, standing(element));
}

/** A into B on one side and B into A on the other: neither would hang below the root. False when there is no circle. */
function breakCircles(merge: Merge, places: Places, told: Set<string>): boolean {
  const side = merge.versions[merge.prefer ?? "destination"];
  const isRooted = new Set([ROOT]);
  for (const start of places.keys()) {
    const path = new Set<string>();
    let id = start;
    while (!isRooted.has(id) && !path.has(id)) {
      path.add(id);
      id = places.get(id)?.parent ?? ROOT;
    }
    if (isRooted.has(id)) {
      for (const passed of path) isRooted.add(passed);
      continue;
    }
    for (const passed of path) {
      const element = side.get(passed);
      if (element) places.set(passed, standing(element));
    }
    if (!told.has(`circle ${id}`)) addConflict(merge, id, { reason: "moved to different places" });
    told.add(`circle ${id}`);
    return true;
  }
  return false;
}
