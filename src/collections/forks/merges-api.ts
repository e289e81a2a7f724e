import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../../access/context.ts";
import { documented } from "../../access/endpoint.ts";
import { badQuery } from "../../access/request.ts";
import { problem } from "../../lib/errors.ts";
import { toUid } from "../../lib/ids.ts";
import { parseJson, parseOrThrow } from "../../lib/parse.ts";
import { startTask } from "../../tasks/start.ts";
import { findTask } from "../../tasks/store.ts";
import { itemNotFound, reachCollection } from "../reach.ts";
import type { CollectionHead } from "../store.ts";
import { findFork } from "./store.ts";
import { mergeCollections, noRelation, strategies, type WantedMerge } from "./sync.ts";

const tag = "Forks";
const KIND = "collection.merge";
const conflictsDescription =
  "Changes are joined element by element and field by field. What both sides changed is 409 with the list of it, and nothing is stored, unless `prefer` says which side wins.";

/** Ours: Postman settles conflicts in its app only. */
export const preferQuery = z.object({ prefer: z.enum(["source", "destination"]).optional() });
const mergeBody = z.object({
  source: z.string().min(1),
  destination: z.string().min(1),
  strategy: z.enum(["updateSourceWithDestination", "deleteSource"]).default("updateSourceWithDestination"),
});
const asyncMergeBody = mergeBody.extend({ strategy: z.enum(strategies) });
const pulled = z.object({ collection: z.object({ destinationId: z.string(), sourceId: z.string() }) });
const merged = z.object({ collection: z.object({ id: z.string(), uid: z.string() }) });
const taskStatus = z.enum(["in-progress", "successful", "failed"]);

/** Merges and pulls between a fork and its source, as in the Postman API. */
export function mergesApi(deps: Pick<Deps, "database" | "log" | "beforeDeletion">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  const mergeDoc = {
    summary: "Merge a fork into its source",
    tag,
    description: conflictsDescription,
    query: preferQuery,
    body: mergeBody,
    answer: merged,
  };
  routes.post("/collections/merge", documented(mergeDoc), async (c) => {
    const { wanted } = await readMerge(c, deps, mergeBody);
    const { id, ownerId } = await mergeCollections(deps, c.get("actor"), wanted);
    return c.json({ collection: { id, uid: toUid(ownerId, id) } });
  });

  const pullDoc = {
    summary: "Pull the changes of its source into a fork",
    tag,
    description: conflictsDescription,
    query: preferQuery,
    answer: pulled,
  };
  routes.put("/collections/:id/pulls", documented(pullDoc), async (c) => {
    const actor = c.get("actor");
    const asked = c.req.param("id");
    const destination = await reachCollection(database, actor, {
      asked,
      role: "editor",
      notFound: itemNotFound,
    });
    const { prefer } = parseOrThrow(preferQuery, c.req.query());
    const fork = await findFork(database.db, destination.id);
    if (!fork) throw badQuery("The collection Id is not a forked collection.");
    const source = await reachCollection(database, actor, {
      asked: toUid(fork.sourceOwnerId, fork.sourceId),
      role: "viewer",
      notFound: itemNotFound,
    });
    await mergeCollections(deps, actor, {
      sourceId: source.id,
      destinationId: destination.id,
      strategy: "default",
      prefer,
    });
    return c.json({
      collection: {
        destinationId: toUid(destination.ownerId, destination.id),
        sourceId: toUid(source.ownerId, source.id),
      },
    });
  });

  const startDoc = {
    summary: "Merge or pull between a fork and its source, without waiting",
    tag,
    description: `${conflictsDescription} Conflicts make the task fail.`,
    query: preferQuery,
    body: asyncMergeBody,
    answer: z.object({ task: z.object({ id: z.string(), status: taskStatus }) }),
  };
  routes.put("/collection-merges", documented(startDoc), async (c) => {
    const actor = c.get("actor");
    const { wanted, destination } = await readMerge(c, deps, asyncMergeBody);
    const subject = {
      kind: KIND,
      elementType: "collection",
      elementId: destination.id,
      workspaceId: destination.workspaceId,
    };
    const task = await startTask(deps, actor, subject, async () => {
      const { id, revision } = await mergeCollections(deps, actor, wanted);
      return { id, revision };
    });
    return c.json({ task: { id: `${TASK_PREFIX}${toUid(actor.userId, task.id)}`, status: "in-progress" } });
  });

  const taskDoc = {
    summary: "Ask how a merge or a pull goes",
    tag,
    answer: z.looseObject({ id: z.string(), status: taskStatus }),
  };
  routes.get("/collection-merges-tasks/:taskId", documented(taskDoc), async (c) => {
    const asked = c.req.param("taskId");
    const task = await findTask(database, c.get("actor"), asked.slice(-UUID_CHARS));
    if (task?.kind !== KIND) {
      throw problem("not_found", `Workflow :: ${asked} not found`, {
        title: "Task not found",
        type: NOT_FOUND,
      });
    }
    const status = { pending: "in-progress", completed: "successful", failed: "failed" }[task.status];
    const details = task.reason !== null && { details: { error: { message: task.reason } } };
    return c.json({ id: asked, status, ...details });
  });

  return routes;
}

const TASK_PREFIX = "pm~vc:merge-workflow~";
const UUID_CHARS = 36;
const NOT_FOUND = "https://api.postman.com/problems/not-found";

/** What a body asks for, with the rights that it needs: the source is only read when nothing becomes of it. */
async function readMerge(
  c: Context<AppEnv>,
  { database }: Pick<Deps, "database">,
  schema: typeof mergeBody | typeof asyncMergeBody,
): Promise<{ wanted: WantedMerge; destination: CollectionHead }> {
  const actor = c.get("actor");
  const { source, destination, strategy } = parseOrThrow<z.infer<typeof asyncMergeBody>>(
    schema,
    parseJson(await c.req.text()),
  );
  const { prefer } = parseOrThrow(preferQuery, c.req.query());
  const to = await reachCollection(database, actor, {
    asked: destination,
    role: "editor",
    notFound: itemNotFound,
  });
  const from = await reachCollection(database, actor, {
    asked: source,
    role: strategy === "default" ? "viewer" : "editor",
    notFound: itemNotFound,
  });
  if (from.id === to.id) throw noRelation();
  return { wanted: { sourceId: from.id, destinationId: to.id, strategy, prefer }, destination: to };
}
