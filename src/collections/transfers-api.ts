import { Hono } from "hono";
import { z } from "zod";

import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { problem } from "../lib/errors.ts";
import { bareId, toUid } from "../lib/ids.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { listCollectionsWith, lockCollections, storeChange } from "./change-store.ts";
import { idOf } from "./elements.ts";
import { transfer, type Transfer } from "./transfers.ts";

/** More at once would lock documents for long. */
const MAX_IDS = 100;

const body = z.object({
  ids: z.array(z.string().min(1).max(200)).min(1).max(MAX_IDS),
  mode: z.enum(["copy", "move"]),
  target: z.object({ id: z.string().min(1).max(200), model: z.enum(["collection", "folder", "request"]) }),
  location: z
    .object({
      id: z.string().max(200).nullish(),
      model: z.string().nullish(),
      position: z.enum(["start", "end", "before", "after"]).default("end"),
    })
    .default({ position: "end" }),
});

/** Folders, requests and saved responses go from one place to another, in one collection or between two. */
export function transfersApi(deps: Pick<Deps, "database" | "clock">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  for (const kind of ["folder", "request", "response"] as const) {
    routes.post(
      `/collection-${kind}s-transfers`,
      documented({
        summary: `Copy or move ${kind}s`,
        tag: "Collection items",
        body,
        answer: z.object({ ids: z.array(z.string()) }),
      }),
      async (c) => {
        const text = await c.req.text();
        const sent = parseOrThrow(body, text.trim() === "" ? {} : parseJson(text));
        return c.json({ ids: await carryOut(deps, c.get("actor"), { ...sent, kind }) });
      },
    );
  }
  return routes;
}

/** Uids of the elements where they are now. */
async function carryOut(
  { database, clock }: Pick<Deps, "database" | "clock">,
  actor: Actor,
  order: Transfer,
): Promise<string[]> {
  const { kind, mode, target } = order;
  const wanted = [...order.ids, ...(target.model === "collection" ? [] : [target.id])];
  const targetId = target.model === "collection" ? bareId(target.id) : undefined;
  if (target.model === "collection" && targetId === undefined) {
    throw problem("bad_request", "target.id must be the id or the uid of a collection.");
  }
  const found = await listCollectionsWith(database, actor, {
    elementIds: wanted.map(withoutOwner),
    targetId,
  });
  return await database.db.transaction(async (tx) => {
    const locked = await lockCollections(tx, found);
    // The collection that takes them first: ids may be in several, where a document was imported twice.
    const collections = locked.toSorted((one) => (one.id === targetId ? -1 : 0));
    const result = transfer(collections, order, clock.now().toISOString());
    for (const collection of collections) {
      const isChanged = result.changed.includes(collection);
      await requireWorkspaceRole({ db: tx }, actor, collection.workspaceId, isChanged ? "editor" : "viewer");
    }
    const elementIds = result.moved.map(idOf);
    for (const collection of result.changed) {
      await storeChange(collection, actor, {
        action: `${kind}.${mode === "copy" ? "copied" : "moved"}`,
        subjectType: "collection",
        subjectId: collection.id,
        change: { elementIds, target: result.target.id },
      });
    }
    return elementIds.map((id) => toUid(result.target.ownerId, id));
  });
}

const withoutOwner = (asked: string): string => bareId(asked) ?? asked.replace(/^\d+-/, "");
