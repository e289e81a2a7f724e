import { isRecord } from "../../lib/parse.ts";
import type { Side, Versions } from "../../lib/three-way.ts";
import { type Element, type Elements, ROOT } from "./elements.ts";
import { sameFields } from "./merge-fields.ts";

/** What both sides changed, so that nobody can tell which is meant. */
export interface Conflict {
  /** Of the folder, request or response, as in the source of the fork; absent = the collection itself. */
  id?: string;
  name: string;
  /** `request.url`, `event.test`; absent when it is about the whole element. */
  field?: string;
  reason: "changed on both sides" | "deleted on one side, changed on the other" | "moved to different places";
}

export interface Merge {
  versions: Versions<Elements>;
  prefer: Side | undefined;
  conflicts: Conflict[];
}

/** Its own fields or its place; not what it holds. */
export const isChanged = (before: Element, after: Element): boolean =>
  before.parent !== after.parent || before.slot !== after.slot || !sameFields(before.fields, after.fields);

export function addConflict(merge: Merge, id: string, conflict: Omit<Conflict, "id" | "name">): void {
  const element = merge.versions.destination.get(id) ?? merge.versions.source.get(id);
  merge.conflicts.push({ ...(id !== ROOT && { id }), name: element ? nameOf(element) : "", ...conflict });
}

function nameOf({ id, fields }: Element): string {
  const { info } = fields;
  const name = id === ROOT && isRecord(info) ? info["name"] : fields["name"];
  return typeof name === "string" ? name : "";
}
