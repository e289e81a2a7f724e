import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { bareId } from "../lib/ids.ts";
import { type CollectionHead, findCollectionHead } from "./store.ts";

/** How an endpoint says that there is no such collection: the older ones in a sentence, the others with the id. */
type NotFound = (asked: string, code: "not_found" | "bad_request") => AppError;

/**
 * The collection of a path, by id or uid, for somebody with the role in its workspace. Throws 404 for an unknown one, 400
 * (404 with `itemNotFound`) for what can be no id, and 403 for one that is out of the actor's reach.
 */
export async function reachCollection(
  database: Database,
  actor: Actor,
  { asked, role, notFound = collectionNotFound }: { asked: string; role: WorkspaceRole; notFound?: NotFound },
): Promise<CollectionHead> {
  const id = bareId(asked);
  if (id === undefined) throw notFound(asked, "bad_request");
  const head = await findCollectionHead(database, id);
  if (!head) throw notFound(asked, "not_found");
  await requireWorkspaceRole(database, actor, head.workspaceId, role);
  return head;
}

export const collectionNotFound: NotFound = (_asked, code) =>
  new AppError(code, "We could not find the collection you are looking for", {
    name: "instanceNotFoundError",
  });

/** In the words of PATCH and DELETE. */
export const itemNotFound: NotFound = (asked) =>
  new AppError("not_found", "The specified item does not exist.", {
    name: "instanceNotFoundError",
    details: { item: "collection", id: asked },
  });
