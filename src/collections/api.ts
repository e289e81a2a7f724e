import { type Context, Hono } from "hono";
import { z } from "zod";

import type { Database } from "../../db/connect.ts";
import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { readWrapped } from "../access/request.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { problem } from "../lib/errors.ts";
import { isUuid, toUid } from "../lib/ids.ts";
import { parseOrThrow } from "../lib/parse.ts";
import { startTask } from "../tasks/start.ts";
import { isTaskPending } from "../tasks/store.ts";
import { resolveWorkspaceId } from "../workspaces/store.ts";
import { accessKeysApi } from "./access-keys-api.ts";
import { answerCollection } from "./answer.ts";
import { changeCollection } from "./change-store.ts";
import { decorate, minimalModel, type ParsedCollection, parseCollection } from "./collection.ts";
import { type ForkMark, listForkMarks } from "./forks/marks.ts";
import { itemsApi } from "./items-api.ts";
import { applyPatch, parsePatch, patchSchema } from "./patch.ts";
import { collectionNotFound, itemNotFound, reachCollection } from "./reach.ts";
import { collectionRevisionsApi } from "./revisions/api.ts";
import {
  type CollectionFilter,
  type CollectionHead,
  countCollections,
  createCollection,
  deleteCollection,
  findCollection,
  listCollections,
  replaceCollection,
} from "./store.ts";
import { tasksApi } from "./tasks-api.ts";
import { transfersApi } from "./transfers-api.ts";

const MAX_OFFSET = 1_000_000;
const DEFAULT_LIMIT = 100;

const listQuery = z.object({
  workspace: z.string().optional(),
  name: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  offset: z.coerce.number().int().min(0).max(MAX_OFFSET).optional(),
});
const collectionBody = z.object({
  collection: z.looseObject({
    info: z.looseObject({ name: z.string().min(1), schema: z.string() }),
    item: z.array(z.looseObject({})),
  }),
});
const referenceAnswer = z.object({
  collection: z.object({ id: z.string(), name: z.string(), uid: z.string() }),
});
const tag = "Collections";

/** `/collections` of the Postman API, with everything in them. */
export function collectionsApi(
  deps: Pick<Deps, "database" | "clock" | "log" | "beforeDeletion">,
): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  mountLists(routes, deps);
  mountSingle(routes, deps);
  mountChanges(routes, deps);
  for (const api of [itemsApi, tasksApi, accessKeysApi, transfersApi, collectionRevisionsApi])
    routes.route("/", api(deps));
  return routes;
}

function mountLists(routes: Hono<AppEnv>, { database }: Pick<Deps, "database">): void {
  routes.get(
    "/collections",
    documented({
      summary: "List collections",
      description: "Oldest first, those that you may see. With limit or offset also meta.",
      tag,
      query: listQuery,
      answer: z.object({ collections: z.array(z.looseObject({ id: z.string(), name: z.string() })) }),
    }),
    async (c) => {
      const { workspace, name, limit, offset } = parseOrThrow(listQuery, c.req.query());
      if (workspace !== undefined && !isUuid(workspace)) return c.json({ collections: [] });
      const filter: CollectionFilter = {
        visibleTo: c.get("actor"),
        ...(workspace !== undefined && { workspaceId: workspace }),
        ...(name !== undefined && { name }),
      };
      if (limit === undefined && offset === undefined) {
        return c.json({ collections: await listEntries(database, await listCollections(database, filter)) });
      }
      const page = { limit: limit ?? DEFAULT_LIMIT, offset: offset ?? 0 };
      const [found, total] = await Promise.all([
        listCollections(database, { ...filter, ...page }),
        countCollections(database, filter),
      ]);
      return c.json({
        collections: await listEntries(database, found),
        meta: { total, offset: page.offset, limit: page.limit },
      });
    },
  );

  const query = z.object({ workspace: z.string().optional() });
  routes.post(
    "/collections",
    documented({ summary: "Create a collection", tag, query, body: collectionBody, answer: referenceAnswer }),
    async (c) => {
      const parsed = parseCollection(await readWrapped(c, "collection"));
      const actor = c.get("actor");
      const { workspace } = parseOrThrow(query, c.req.query());
      const workspaceId = await resolveWorkspaceId(database, actor, workspace);
      await requireWorkspaceRole(database, actor, workspaceId, "editor");
      const created = await createCollection(database, actor, { ...parsed, workspaceId });
      return c.json({ collection: reference(created) });
    },
  );
}

function mountSingle(
  routes: Hono<AppEnv>,
  { database, beforeDeletion }: Pick<Deps, "database" | "beforeDeletion">,
): void {
  const query = z.object({ model: z.string().optional(), access_key: z.string().optional() });
  routes.get(
    "/collections/:id",
    documented({
      summary: "Get a collection",
      description:
        "As Collection v2.1 (or v2.0, as it was stored). model=minimal names only what stands at the root.",
      tag,
      query,
      answer: z.object({ collection: z.looseObject({ info: z.looseObject({ name: z.string() }) }) }),
    }),
    async (c) => {
      const asked = c.req.param("id");
      const head = await reachCollection(database, c.get("actor"), { asked, role: "viewer" });
      if (c.req.query("model") !== "minimal") return await answerCollection(c, database, head);
      const collection = await findCollection(database, head.id);
      if (!collection) throw collectionNotFound(asked, "not_found");
      const fork = (await listForkMarks(database, [head.id])).get(head.id);
      return c.json({ collection: minimalModel(decorate(collection.document, { ...collection, fork })) });
    },
  );

  routes.delete(
    "/collections/:id",
    documented({ summary: "Delete a collection", tag, description: "Its monitors go with it." }),
    async (c) => {
      const asked = c.req.param("id");
      const actor = c.get("actor");
      const { id } = await reachCollection(database, actor, {
        asked,
        role: "editor",
        notFound: itemNotFound,
      });
      const deleted = await deleteCollection(database, actor, id, beforeDeletion);
      if (!deleted) throw itemNotFound(asked, "not_found");
      return c.json({ collection: { id: deleted.id, uid: toUid(deleted.ownerId, deleted.id) } });
    },
  );
}

function mountChanges(routes: Hono<AppEnv>, deps: Pick<Deps, "database" | "log">): void {
  const { database } = deps;
  routes.put(
    "/collections/:id",
    documented({
      summary: "Replace a collection",
      description:
        "Elements whose ids are sent keep them, those without get new ones, and what is not sent is removed. With the header Prefer: respond-async the answer is 202 with a task.",
      tag,
      body: collectionBody,
      answer: referenceAnswer,
    }),
    async (c) => {
      const parsed = parseCollection(await readWrapped(c, "collection"));
      const actor = c.get("actor");
      const head = await reachCollection(database, actor, { asked: c.req.param("id"), role: "editor" });
      if (/\brespond-async\b/i.test(c.req.header("prefer") ?? ""))
        return await replaceLater(c, { deps, actor, head, parsed });
      if (await isTaskPending(database, replacing(head.id))) throw problem("conflict", inProgress);
      const updated = await replaceCollection(database, actor, head.id, parsed);
      if (!updated) throw collectionNotFound(head.id, "not_found");
      return c.json({ collection: reference(updated) });
    },
  );

  routes.patch(
    "/collections/:id",
    documented({
      summary: "Change a collection's name, description, variables, authorization or scripts",
      tag,
      body: patchSchema,
    }),
    async (c) => {
      const patch = parsePatch(await readWrapped(c, "collection"));
      const asked = c.req.param("id");
      const actor = c.get("actor");
      const { id } = await reachCollection(database, actor, {
        asked,
        role: "editor",
        notFound: itemNotFound,
      });
      const changed = await changeCollection(database, actor, id, ({ document, name }) => {
        const fields = applyPatch(document, patch);
        // Judged by parseCollection when it came.
        const info = document["info"] as { name: string; description?: unknown };
        const names = { before: name, after: info.name };
        const audit = { action: "collection.updated", subjectType: "collection", subjectId: id };
        return { result: info, audit: { ...audit, change: { fields, name: names } } };
      });
      if (!changed) throw itemNotFound(asked, "not_found");
      const { name, description = null } = changed.result;
      return c.json({ collection: { id, name, description } });
    },
  );
}

const replacing = (id: string): string => `collection.replace ${id}`;
const inProgress = "Deep update operation is already in progress for this collection.";

async function replaceLater(
  c: Context<AppEnv>,
  {
    deps,
    actor,
    head,
    parsed,
  }: { deps: Pick<Deps, "database" | "log">; actor: Actor; head: CollectionHead; parsed: ParsedCollection },
): Promise<Response> {
  const subject = {
    kind: "collection.replace",
    elementType: "collection",
    elementId: head.id,
    workspaceId: head.workspaceId,
    exclusiveKey: replacing(head.id),
    conflict: inProgress,
  };
  const task = await startTask(deps, actor, subject, async () => {
    const updated = await replaceCollection(deps.database, actor, head.id, parsed);
    if (!updated) throw collectionNotFound(head.id, "not_found");
    return { id: updated.id, revision: updated.revision };
  });
  return c.json({ task: { id: task.id, status: "in-progress" } }, 202);
}

async function listEntries(database: Database, found: CollectionHead[]) {
  const ids = found.map(({ id }) => id);
  const forks = await listForkMarks(database, ids);
  return found.map((collection) => listEntry(collection, forks.get(collection.id)));
}

const listEntry = (collection: CollectionHead, fork: ForkMark | undefined) => ({
  id: collection.id,
  name: collection.name,
  owner: String(collection.ownerId),
  createdAt: collection.createdAt.toISOString(),
  updatedAt: collection.updatedAt.toISOString(),
  uid: toUid(collection.ownerId, collection.id),
  isPublic: false,
  ...(fork && { fork }),
});

const reference = ({ id, name, ownerId }: CollectionHead) => ({ id, name, uid: toUid(ownerId, id) });
