import { conflictsFound, mergeFields, type MergeRules, type Side, type Versions } from "../lib/three-way.ts";
import type { EnvironmentValue } from "./environment.ts";

/** What a fork and its source have in common or not; secrets opened. */
export interface Content {
  name: string;
  values: EnvironmentValue[];
}

const rules: MergeRules = {
  bookkeeping: new Set(),
  openedRecords: new Set(),
  namedEntries: new Map([["values", "key"]]),
};

/**
 * Brings what changed in the source into the destination, variable by variable. Throws 409 with the names of the variables
 * that both sides changed, never with their values, unless one side is preferred.
 */
export function mergeEnvironments(versions: Versions<Content>, prefer: Side | undefined): Content {
  const conflicts: { name: string; field: string; reason: string }[] = [];
  const merged = mergeFields(
    {
      base: { ...versions.base },
      destination: { ...versions.destination },
      source: { ...versions.source },
    },
    {
      rules,
      prefer,
      onConflict: (field) =>
        conflicts.push({ name: versions.destination.name, field, reason: "changed on both sides" }),
    },
  );
  if (conflicts.length > 0 && prefer === undefined) throw conflictsFound(conflicts);
  // Each comes out of one side, or, entry by entry, out of both.
  return merged as unknown as Content;
}
