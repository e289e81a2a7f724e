import { newId } from "../../lib/ids.ts";
import type { CollectionDocument } from "../collection.ts";
import { renameElements } from "./elements.ts";

/**
 * Ids of folders, requests and responses of a fork, and what they are called in its source. Each collection has its own,
 * so that an id alone tells which of the two is meant.
 */
export type ElementIds = Readonly<Record<string, string>>;

interface Renamed {
  document: CollectionDocument;
  /** Of exactly what the fork holds. */
  elementIds: ElementIds;
}

/** A document of the source as one of the fork; what the fork has not had yet gets an id. */
export function toForkIds(document: CollectionDocument, elementIds: ElementIds = {}): Renamed {
  const own = new Map(Object.entries(elementIds).map(([forkId, sourceId]) => [sourceId, forkId]));
  const used = new Map<string, string>();
  const renamed = renameElements(document, (sourceId) => {
    const forkId = own.get(sourceId) ?? newId();
    used.set(forkId, sourceId);
    return forkId;
  });
  return { document: renamed, elementIds: Object.fromEntries(used) };
}

/**
 * A document of the fork under the ids of its source. What the fork has added gets an id, unless its own is one that the
 * source knows (`known`): then somebody put an element of the source into the fork by hand.
 */
export function toSourceIds(
  document: CollectionDocument,
  elementIds: ElementIds,
  known: ReadonlySet<string>,
): Renamed {
  const sourceIds = new Map(Object.entries(elementIds));
  const used = new Map<string, string>();
  const taken = new Set<string>();
  renameElements(document, (forkId) => {
    const sourceId = sourceIds.get(forkId);
    if (sourceId !== undefined) taken.add(sourceId);
    return forkId;
  });
  const renamed = renameElements(document, (forkId) => {
    const isOfSource = known.has(forkId) && !taken.has(forkId);
    const sourceId = sourceIds.get(forkId) ?? used.get(forkId) ?? (isOfSource ? forkId : newId());
    used.set(forkId, sourceId);
    return sourceId;
  });
  return { document: renamed, elementIds: Object.fromEntries(used) };
}
