import type { Database } from "../../../db/connect.ts";
import type { Actor } from "../../access/context.ts";
import { type ChangeEntry, lockCollections, storeChange } from "../change-store.ts";
import type { Collection, CollectionHead } from "../store.ts";

/** What an edit comes to: stored, or not because of what somebody else stored meanwhile. */
export type EditResult = { head: CollectionHead } | { conflict: Collection };

/**
 * Changes a document under its lock. `edit` is given the newest revision, changes its document in place and says what to
 * record; undefined = it does not fit any more. Undefined when the collection has gone. The caller has checked the right.
 */
export const editCollection = (
  { db }: Database,
  actor: Actor,
  id: string,
  edit: (collection: Collection) => ChangeEntry | undefined,
): Promise<EditResult | undefined> =>
  db.transaction(async (tx): Promise<EditResult | undefined> => {
    const [locked] = await lockCollections(tx, [id]);
    if (!locked) return undefined;
    const entry = edit(locked);
    return entry ? { head: await storeChange(locked, actor, entry) } : { conflict: locked };
  });
