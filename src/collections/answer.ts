import type { Context } from "hono";

import type { Database } from "../../db/connect.ts";
import type { AppEnv } from "../access/context.ts";
import { decorate } from "./collection.ts";
import { listForkMarks } from "./forks/marks.ts";
import { collectionNotFound } from "./reach.ts";
import { type CollectionHead, findCollection } from "./store.ts";

/** A whole collection as the API answers it. */
export async function answerCollection(
  c: Context<AppEnv>,
  database: Database,
  { id }: CollectionHead,
): Promise<Response> {
  const collection = await findCollection(database, id);
  if (!collection) throw collectionNotFound(id, "not_found");
  const fork = (await listForkMarks(database, [id])).get(id);
  return c.json({ collection: decorate(collection.document, { ...collection, fork }) });
}
