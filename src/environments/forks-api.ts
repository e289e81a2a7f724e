import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { decodeCursor, encodeCursor } from "../lib/cursor.ts";
import { problem } from "../lib/errors.ts";
import { toUid } from "../lib/ids.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { resolveWorkspaceId } from "../workspaces/store.ts";
import { createEnvironmentFork, listEnvironmentForks, mergeEnvironmentFork } from "./forks-store.ts";
import { reachEnvironment } from "./reach.ts";
import type { EnvironmentHead } from "./store.ts";

const tag = "Forks";
const conflicts =
  "Changes are joined variable by variable. What both sides changed is 409 with the list of it, and nothing is stored, unless `prefer` says which side wins.";
const forkQuery = z.object({ workspaceId: z.string().min(1) });
const forkBody = z.object({ forkName: z.string().trim().min(1).max(255) });
const forkAnswer = z.object({
  environment: z.object({ uid: z.string(), name: z.string(), forkName: z.string() }),
});
const listQuery = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(10),
  direction: z.enum(["asc", "desc"]).default("desc"),
  sort: z.literal("createdAt").optional(),
});
const listedFork = z.object({
  forkId: z.string(),
  forkName: z.string(),
  createdAt: z.string(),
  createdBy: z.string(),
  updatedAt: z.string(),
});
const listAnswer = z.object({
  data: z.array(listedFork),
  meta: z.object({ total: z.number(), nextCursor: z.string().nullable() }),
});
const preferQuery = z.object({ prefer: z.enum(["source", "destination"]).optional() });
const pullBody = z.object({ source: z.string().min(1) });
const mergeBody = pullBody.extend({ deleteSource: z.boolean().default(false) });
const uidAnswer = z.object({ environment: z.object({ uid: z.string() }) });

/** Forks of environments, as in the Postman API. */
export function environmentForksApi(deps: Pick<Deps, "database" | "secretBox">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();
  const reach = (c: Context<AppEnv>, asked: string, role: WorkspaceRole): Promise<EnvironmentHead> =>
    reachEnvironment(database, c.get("actor"), { asked, role, notFound });

  const createDoc = {
    summary: "Fork an environment",
    tag,
    query: forkQuery,
    body: forkBody,
    answer: forkAnswer,
  };
  routes.post("/environments/:id/forks", documented(createDoc), async (c) => {
    const actor = c.get("actor");
    const { id } = await reach(c, c.req.param("id"), "viewer");
    const { forkName } = parseOrThrow(forkBody, parseJson(await c.req.text()));
    const asked = parseOrThrow(forkQuery, c.req.query());
    const workspaceId = await resolveWorkspaceId(database, actor, asked.workspaceId);
    await requireWorkspaceRole(database, actor, workspaceId, "editor");
    const made = await createEnvironmentFork(deps, actor, { sourceId: id, workspaceId, label: forkName });
    if (!made) throw notFound();
    return c.json({ environment: { uid: toUid(made.ownerId, made.id), name: made.name, forkName } });
  });

  const listDoc = { summary: "List the forks of an environment", tag, query: listQuery, answer: listAnswer };
  routes.get("/environments/:id/forks", documented(listDoc), async (c) => {
    const { id } = await reach(c, c.req.param("id"), "viewer");
    const { cursor, limit, direction } = parseOrThrow(listQuery, c.req.query());
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    if (cursor !== undefined && !after) throw problem("bad_request", "Invalid cursor");
    const page = { limit, after, direction };
    const { forks, next, total } = await listEnvironmentForks(database, c.get("actor"), id, page);
    return c.json({
      data: forks.map((fork) => ({
        forkId: toUid(fork.ownerId, fork.id),
        forkName: fork.label,
        createdAt: fork.createdAt.toISOString(),
        createdBy: fork.createdByName,
        updatedAt: fork.updatedAt.toISOString(),
      })),
      meta: { total, nextCursor: next ? encodeCursor(next) : null },
    });
  });

  const mergeDoc = {
    summary: "Merge a fork into this environment",
    tag,
    description: conflicts,
    query: preferQuery,
    body: mergeBody,
    answer: uidAnswer,
  };
  routes.post("/environments/:id/merges", documented(mergeDoc), async (c) => {
    const destination = await reach(c, c.req.param("id"), "editor");
    const { source: asked, deleteSource } = parseOrThrow(mergeBody, parseJson(await c.req.text()));
    const { prefer } = parseOrThrow(preferQuery, c.req.query());
    const source = await reach(c, asked, deleteSource ? "editor" : "viewer");
    const ids = { sourceId: source.id, destinationId: destination.id };
    await mergeEnvironmentFork(deps, c.get("actor"), { ...ids, deleteSource, direction: "merge", prefer });
    return c.json({ environment: { uid: toUid(destination.ownerId, destination.id) } });
  });

  const pullDoc = {
    summary: "Pull the changes of its source into this fork",
    tag,
    description: conflicts,
    query: preferQuery,
    body: pullBody,
    answer: uidAnswer,
  };
  routes.post("/environments/:id/pulls", documented(pullDoc), async (c) => {
    const destination = await reach(c, c.req.param("id"), "editor");
    const { source: asked } = parseOrThrow(pullBody, parseJson(await c.req.text()));
    const { prefer } = parseOrThrow(preferQuery, c.req.query());
    const source = await reach(c, asked, "viewer");
    const ids = { sourceId: source.id, destinationId: destination.id };
    const wanted = { ...ids, deleteSource: false, direction: "pull" as const, prefer };
    await mergeEnvironmentFork(deps, c.get("actor"), wanted);
    return c.json({ environment: { uid: toUid(destination.ownerId, destination.id) } });
  });

  return routes;
}

const notFound = () =>
  problem("not_found", "We could not find the environment you are looking for", {
    title: "We could not find the environment you are looking for",
    type: "https://api.postman.com/problems/notFound",
  });
