import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../../access/context.ts";
import { documented } from "../../access/endpoint.ts";
import { badQuery } from "../../access/request.ts";
import { requireWorkspaceRole } from "../../access/workspace-rights.ts";
import { type Cursor, decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import { AppError } from "../../lib/errors.ts";
import { toUid } from "../../lib/ids.ts";
import { parseJson, parseOrThrow } from "../../lib/parse.ts";
import { resolveWorkspaceId } from "../../workspaces/store.ts";
import { itemNotFound, reachCollection } from "../reach.ts";
import { mergesApi } from "./merges-api.ts";
import { pullRequestsApi } from "./pull-requests-api.ts";
import { countForks, createFork, findFork, type ForkPage, type ListedFork, listForks } from "./store.ts";
import { isSourceAhead } from "./sync.ts";

const tag = "Forks";
const forkBody = z.object({ label: z.string().trim().min(1).max(255) });
const forkQuery = z.object({ workspace: z.string().min(1) });
const forkAnswer = z.object({
  collection: z.object({
    id: z.string(),
    name: z.string(),
    fork: z.object({ label: z.string(), createdAt: z.string(), from: z.string() }),
    uid: z.string(),
  }),
});
/** The client sends `limit=10` on its own. */
const pageQuery = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(10),
  direction: z.enum(["asc", "desc"]).default("desc"),
});
const meta = { total: z.number(), nextCursor: z.string().nullable() };
const listedFork = { forkName: z.string(), forkId: z.string(), createdAt: z.string() };

/**
 * Forks of collections, as in the Postman API, with their merges and pull requests. Mounted before `/collections/:id`, which
 * would take `collection-forks` for an id.
 */
export function forksApi(deps: Pick<Deps, "database" | "log" | "beforeDeletion">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();
  for (const api of [mergesApi, pullRequestsApi]) routes.route("/", api(deps));

  const createDoc = {
    summary: "Fork a collection",
    tag,
    query: forkQuery,
    body: forkBody,
    answer: forkAnswer,
  };
  routes.post("/collections/fork/:id", documented(createDoc), async (c) => {
    const actor = c.get("actor");
    const asked = c.req.param("id");
    const { id } = await reachCollection(database, actor, { asked, role: "viewer", notFound: itemNotFound });
    const { label } = parseOrThrow(forkBody, parseJson(await c.req.text()));
    const { workspace } = parseOrThrow(forkQuery, c.req.query());
    const workspaceId = await resolveWorkspaceId(database, actor, workspace);
    await requireWorkspaceRole(database, actor, workspaceId, "editor");
    const created = await createFork(database, actor, { sourceId: id, workspaceId, label });
    if (!created) throw itemNotFound(asked, "not_found");
    const { head, fork } = created;
    return c.json({
      collection: { id: head.id, name: head.name, fork, uid: toUid(head.ownerId, head.id) },
    });
  });

  const mineDoc = {
    summary: "List the collections that you have forked",
    tag,
    query: pageQuery,
    answer: z.object({
      data: z.array(z.object({ ...listedFork, sourceId: z.string() })),
      meta: z.object({ ...meta, inaccessibleFork: z.number() }),
    }),
  };
  routes.get("/collections/collection-forks", documented(mineDoc), async (c) => {
    const actor = c.get("actor");
    const filter = { createdBy: actor.userId };
    const { forks, next } = await listForks(database, actor, filter, readPage(c));
    const { visible, hidden } = await countForks(database, actor, filter);
    return c.json({
      data: forks.map((fork) => ({
        ...entryOf(fork),
        sourceId: toUid(fork.sourceOwnerId, fork.sourceId),
      })),
      meta: { total: visible, nextCursor: next ? encodeCursor(next) : null, inaccessibleFork: hidden },
    });
  });

  const listDoc = {
    summary: "List the forks of a collection",
    tag,
    query: pageQuery,
    description: "400 when it has none, as in Postman.",
    answer: z.object({
      data: z.array(z.object({ ...listedFork, createdBy: z.string() })),
      meta: z.object(meta),
    }),
  };
  routes.get("/collections/:id/forks", documented(listDoc), async (c) => {
    const actor = c.get("actor");
    const asked = c.req.param("id");
    const { id } = await reachCollection(database, actor, { asked, role: "viewer", notFound: itemNotFound });
    const page = readPage(c);
    const { visible } = await countForks(database, actor, { sourceId: id });
    if (visible === 0) throw badQuery("This collection id has no forks.");
    const { forks, next } = await listForks(database, actor, { sourceId: id }, page);
    return c.json({
      data: forks.map((fork) => ({ ...entryOf(fork), createdBy: fork.createdByName })),
      meta: { total: visible, nextCursor: next ? encodeCursor(next) : null },
    });
  });

  const statusDoc = {
    summary: "Ask whether the source of a fork has changes that the fork lacks",
    tag,
    answer: z.object({ collection: z.record(z.string(), z.object({ isSourceAhead: z.boolean() })) }),
  };
  routes.get("/collections/:id/source-status", documented(statusDoc), async (c) => {
    const asked = c.req.param("id");
    const head = await reachCollection(database, c.get("actor"), {
      asked,
      role: "viewer",
      notFound: itemNotFound,
    });
    const fork = await findFork(database.db, head.id);
    if (!fork) throw badQuery("The collection is not a forked collection.");
    const source = toUid(fork.sourceOwnerId, fork.sourceId);
    await reachCollection(database, c.get("actor"), {
      asked: source,
      role: "viewer",
      notFound: itemNotFound,
    });
    const isAhead = await isSourceAhead(database, fork);
    if (isAhead === undefined) throw itemNotFound(source, "not_found");
    return c.json({ collection: { [toUid(head.ownerId, head.id)]: { isSourceAhead: isAhead } } });
  });

  return routes;
}

const entryOf = (fork: ListedFork) => ({
  forkName: fork.label,
  forkId: toUid(fork.ownerId, fork.id),
  createdAt: fork.createdAt.toISOString(),
});

/** What of a list is asked for; newest first. 400 names what is wrong. */
function readPage(c: Context<AppEnv>): ForkPage {
  const { cursor, limit, direction } = parseOrThrow(pageQuery, c.req.query());
  return { limit, direction, after: cursor === undefined ? undefined : readCursor(cursor) };
}

function readCursor(text: string): Cursor {
  const cursor = decodeCursor(text);
  if (!cursor) throw new AppError("bad_request", "Invalid cursor query parameter passed.");
  return cursor;
}
