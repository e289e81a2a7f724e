import type { Context } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { type Collection, type CollectionHead, findCollection, findCollectionHead } from "./store.ts";

type PageDeps = Pick<Deps, "database">;

const gone = () => new AppError("not_found", "There is no such collection; it may have been deleted.");

/** The collection of a page's path without its document, for whoever has the role in its workspace. Throws 404, 403. */
export async function openCollection(
  c: Context<AppEnv>,
  { database }: PageDeps,
  needed: WorkspaceRole,
): Promise<CollectionHead> {
  const id = c.req.param("id") ?? "";
  const head = isUuid(id) ? await findCollectionHead(database, id) : undefined;
  if (!head) throw gone();
  await requireWorkspaceRole(database, c.get("actor"), head.workspaceId, needed);
  return head;
}

/** The same with its document. */
export async function openWholeCollection(
  c: Context<AppEnv>,
  deps: PageDeps,
  needed: WorkspaceRole,
): Promise<Collection> {
  // The right first: a document may be large, and nobody reads it for whoever may not see it.
  const { id } = await openCollection(c, deps, needed);
  const collection = await findCollection(deps.database, id);
  if (!collection) throw gone();
  return collection;
}
