import type { Database } from "../../../db/connect.ts";
import type { Tx } from "../../access/audit/audit.ts";
import type { Actor, Deps } from "../../access/context.ts";
import { type AppError, problem } from "../../lib/errors.ts";
import { isRecord } from "../../lib/parse.ts";
import { conflictsFound, type Side } from "../../lib/three-way.ts";
import { lockCollections, type LockedCollection, storeChange } from "../change-store.ts";
import type { CollectionDocument } from "../collection.ts";
import { itemNotFound } from "../reach.ts";
import { type CollectionHead, deleteCollectionIn, findCollection } from "../store.ts";
import { toForkIds, toSourceIds } from "./element-ids.ts";
import { elementsOf } from "./elements.ts";
import { differs, mergeDocuments } from "./merge.ts";
import { findFork, type Fork, storeCommonState } from "./store.ts";

export const strategies = ["default", "updateSourceWithDestination", "deleteSource"] as const;
/**
 * What becomes of the source: nothing, the same as of the destination, or it is deleted, which only a fork can be.
 */
export type Strategy = (typeof strategies)[number];

export interface WantedMerge {
  /** Where the changes are. */
  sourceId: string;
  /** Where they go. One of the two is a fork of the other. */
  destinationId: string;
  strategy: Strategy;
  /** Which side wins what both changed; undefined = 409, and nothing changes. */
  prefer: Side | undefined;
}

/**
 * Merges a fork into its parent, or pulls the parent into its fork, in one transaction. Throws 404 for a collection that has
 * gone, 400 when neither is a fork of the other, 409 with the conflicts. The caller has checked the rights.
 */
export const mergeCollections = (
  { database, beforeDeletion }: Pick<Deps, "database" | "beforeDeletion">,
  actor: Actor,
  wanted: WantedMerge,
): Promise<CollectionHead> =>
  database.db.transaction(async (tx) => {
    if (wanted.strategy === "deleteSource")
      await beforeDeletion?.(tx, actor, { collectionId: wanted.sourceId });
    return await mergeCollectionsIn(tx, actor, wanted);
  });

/** The same in a transaction that changes more than that. Returns the destination. */
export async function mergeCollectionsIn(tx: Tx, actor: Actor, wanted: WantedMerge): Promise<CollectionHead> {
  const locked = await lockCollections(tx, [wanted.sourceId, wanted.destinationId]);
  const [source, destination] = [wanted.sourceId, wanted.destinationId].map((id) =>
    locked.find((collection) => collection.id === id),
  );
  if (!source || !destination)
    throw itemNotFound(source ? wanted.destinationId : wanted.sourceId, "not_found");
  const { fork, isPull } = await findRelation(tx, { source, destination });
  if (isPull && wanted.strategy === "deleteSource") {
    throw problem("bad_request", "deleteSource deletes the fork, and here the source is its parent.");
  }
  const pair = isPull ? { parent: source, forked: destination } : { parent: destination, forked: source };
  return await applyMerge(tx, actor, { ...pair, fork, isPull, wanted });
}

async function findRelation(
  tx: Tx,
  { source, destination }: { source: LockedCollection; destination: LockedCollection },
): Promise<{ fork: Fork; isPull: boolean }> {
  const ofSource = await findFork(tx, source.id);
  if (ofSource?.sourceId === destination.id) return { fork: ofSource, isPull: false };
  const ofDestination = await findFork(tx, destination.id);
  if (ofDestination?.sourceId === source.id) return { fork: ofDestination, isPull: true };
  throw noRelation();
}

export const noRelation = (): AppError => problem("bad_request", "Fork relation not found");

interface Pair {
  parent: LockedCollection;
  forked: LockedCollection;
  fork: Fork;
  /** Out of the parent into the fork. */
  isPull: boolean;
  wanted: WantedMerge;
}

async function applyMerge(tx: Tx, actor: Actor, pair: Pair): Promise<CollectionHead> {
  const { parent, forked, isPull, wanted } = pair;
  const joined = join(pair);
  const audit = auditOf(pair, joined.conflicts.length);
  const isBoth = wanted.strategy === "updateSourceWithDestination";
  const newParent = isPull && !isBoth ? parent : await store(actor, parent, joined.document, audit);
  if (wanted.strategy === "deleteSource") {
    await deleteCollectionIn(tx, actor, forked.id);
    return newParent;
  }
  if (!isPull && !isBoth) {
    const { document: base, elementIds } = joined.translated;
    // What the parent alone has is still to be pulled.
    const sourceRevision = differs(base, joined.document) ? null : newParent.revision;
    await storeCommonState(tx, forked.id, { base, sourceRevision, elementIds: { ...elementIds } });
    return newParent;
  }
  const { document, elementIds } = toForkIds(joined.document, joined.translated.elementIds);
  const newFork = await store(actor, forked, document, audit);
  await storeCommonState(tx, forked.id, {
    base: isBoth ? joined.document : parent.document,
    sourceRevision: newParent.revision,
    elementIds: { ...elementIds },
  });
  return isPull ? newFork : newParent;
}

/** Both sides in one document, under the ids of the parent. */
function join({ parent, forked, fork, isPull, wanted }: Pair) {
  const known = [fork.base, parent.document].flatMap((document) => [
    ...elementsOf(document, "parent").keys(),
  ]);
  const translated = toSourceIds(forked.document, fork.elementIds, new Set(known));
  const [destination, source] = isPull
    ? [translated.document, parent.document]
    : [parent.document, translated.document];
  const merge = mergeDocuments({ base: fork.base, destination, source }, wanted.prefer);
  if (merge.conflicts.length > 0 && wanted.prefer === undefined) throw conflictsFound(merge.conflicts);
  return { ...merge, translated };
}

const auditOf = ({ isPull, wanted }: Pair, conflicts: number) => ({
  action: isPull ? "collection.pulled" : "collection.merged",
  change: {
    source: wanted.sourceId,
    destination: wanted.destinationId,
    strategy: wanted.strategy,
    conflicts,
    prefer: wanted.prefer ?? null,
  },
});

/** Without a change there is no revision, so that nobody runs or pulls for nothing. */
async function store(
  actor: Actor,
  collection: LockedCollection,
  document: CollectionDocument,
  audit: { action: string; change: Record<string, unknown> },
): Promise<CollectionHead> {
  const { tx, id } = collection;
  if (!differs(collection.document, document)) return collection;
  const { info } = document;
  const own = { ...document, info: { ...(isRecord(info) ? info : {}), _postman_id: id } };
  const change = { ...audit.change, before: { revision: collection.revision } };
  return await storeChange({ tx, id, document: own }, actor, {
    action: audit.action,
    subjectType: "collection",
    subjectId: id,
    change,
    note: { through: audit.action === "collection.pulled" ? "pull" : "merge" },
  });
}

/** Whether the parent of a fork has changes that a pull would bring; undefined when the parent has gone. */
export async function isSourceAhead(database: Database, fork: Fork): Promise<boolean | undefined> {
  const source = await findCollection(database, fork.sourceId);
  if (!source) return undefined;
  return source.revision !== fork.sourceRevision && differs(fork.base, source.document);
}
