import { type Context, Hono } from "hono";
import { z } from "zod";

import type { Database } from "../../../db/connect.ts";
import type { Actor, AppEnv, Deps } from "../../access/context.ts";
import { documented } from "../../access/endpoint.ts";
import { findWorkspaceRole, requireWorkspaceRole } from "../../access/workspace-rights.ts";
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import { type AppError, problem } from "../../lib/errors.ts";
import { isUuid, toUid } from "../../lib/ids.ts";
import { parseJson, parseOrThrow } from "../../lib/parse.ts";
import { listUsers } from "../named-users.ts";
import { itemNotFound, reachCollection } from "../reach.ts";
import { preferQuery } from "./merges-api.ts";
import { actions } from "./pull-request.ts";
import {
  createPullRequest,
  findPullRequest,
  listPullRequests,
  listReviews,
  type PullRequest,
  type PullRequestRow,
  reviewPullRequest,
  updatePullRequest,
} from "./pull-requests-store.ts";
import { findFork } from "./store.ts";
import { mergeCollectionsIn, noRelation } from "./sync.ts";

const tag = "Pull requests";
const MAX_REVIEWERS = 20;
const userId = z.union([z.string().regex(/^\d{1,9}$/, "must be the id of a user"), z.number().int().min(0)]);
const texts = {
  title: z.string().trim().min(1).max(255),
  description: z.string().max(10_000).optional(),
  reviewers: z.array(userId).max(MAX_REVIEWERS),
};
const newBody = z.object({ ...texts, destinationId: z.string().min(1) });
const updateBody = z.object(texts);
const reviewBody = z.object({ action: z.enum(actions), comment: z.string().max(10_000).optional() });
const listQuery = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
});
const answer = z.looseObject({ id: z.string(), title: z.string(), status: z.string() });
const reviewedAnswer = z.object({
  id: z.string(),
  reviewedBy: z.object({ id: z.number(), name: z.string(), username: z.string() }),
  status: z.string(),
  updatedAt: z.string(),
});

/** Pull requests of collections, as in the Postman API. */
export function pullRequestsApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const createDoc = { summary: "Ask for a fork to be merged into its source", tag, body: newBody, answer };
  routes.post("/collections/:id/pull-requests", documented(createDoc), async (c) => {
    const actor = c.get("actor");
    const reach = (asked: string, role: "viewer" | "editor") =>
      reachCollection(database, actor, { asked, role, notFound: itemNotFound });
    const source = await reach(c.req.param("id"), "editor");
    const { destinationId, ...wanted } = parseOrThrow(newBody, parseJson(await c.req.text()));
    const destination = await reach(destinationId, "viewer");
    const fork = await findFork(database.db, source.id);
    if (fork?.sourceId !== destination.id) throw noRelation();
    const reviewers = wanted.reviewers.map(Number);
    await requireReaders(database, reviewers, [source.workspaceId, destination.workspaceId]);
    const created = await createPullRequest(database, actor, {
      title: wanted.title,
      description: wanted.description ?? "",
      reviewers,
      sourceId: source.id,
      sourceOwnerId: source.ownerId,
      sourceName: source.name,
      forkLabel: fork.label,
      destinationId: destination.id,
    });
    if (!created) throw duplicate();
    return c.json(commonEntry(created, destination.ownerId));
  });

  const listDoc = {
    summary: "List the pull requests out of a collection and into it",
    tag,
    query: listQuery,
    answer: z.looseObject({ data: z.array(answer) }),
  };
  routes.get("/collections/:id/pull-requests", documented(listDoc), async (c) => {
    const actor = c.get("actor");
    const { id } = await reachCollection(database, actor, {
      asked: c.req.param("id"),
      role: "viewer",
      notFound: itemNotFound,
    });
    const { cursor, limit } = parseOrThrow(listQuery, c.req.query());
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    if (cursor !== undefined && !after) throw problem("bad_request", "Invalid cursor");
    const { pullRequests, next } = await listPullRequests(database, actor, id, { limit, after });
    const meta = next && { meta: { nextCursor: encodeCursor(next) } };
    return c.json({ data: pullRequests.map(listEntry), ...meta });
  });

  const getDoc = { summary: "Get a pull request", tag, answer };
  routes.get("/pull-requests/:id", documented(getDoc), async (c) => {
    const found = await requirePullRequest(c, database);
    return c.json(fullEntry(found, await listReviews(database.db, found.id)));
  });

  const updateDoc = { summary: "Change a pull request that is pending", tag, body: updateBody, answer };
  routes.put("/pull-requests/:id", documented(updateDoc), async (c) => {
    const actor = c.get("actor");
    const found = await requirePullRequest(c, database);
    if (found.createdBy !== actor.userId) {
      await requireWorkspaceRole(database, actor, found.destinationWorkspaceId, "editor");
    }
    const { title, description, ...wanted } = parseOrThrow(updateBody, parseJson(await c.req.text()));
    const reviewers = wanted.reviewers.map(Number);
    await requireReaders(database, reviewers, workspacesOf(found));
    const updated = await updatePullRequest(database, actor, found.id, { title, description, reviewers });
    if (!updated) throw notFound();
    if (updated === "final") {
      throw problem("conflict", "You cannot modify a pull request which is already merged or declined.");
    }
    return c.json({ ...commonEntry(updated, found.destinationOwnerId), forkType: "collection" });
  });

  const reviewDoc = {
    summary: "Approve, unapprove, decline or merge a pull request",
    tag,
    description:
      "Reviewers and editors of the destination approve and decline; its editors merge. The fork stays as it is. `prefer` settles conflicts, as with merges.",
    query: preferQuery,
    body: reviewBody,
    answer: reviewedAnswer,
  };
  routes.post("/pull-requests/:id/tasks", documented(reviewDoc), async (c) => {
    const actor = c.get("actor");
    const found = await requirePullRequest(c, database);
    const { action, comment } = parseOrThrow(reviewBody, parseJson(await c.req.text()));
    const { prefer } = parseOrThrow(preferQuery, c.req.query());
    await requireReviewer(database, actor, found, action === "merge");
    const reviewed = await reviewPullRequest(database, actor, found.id, {
      action,
      comment,
      merge: (tx, { sourceId, destinationId }) => {
        if (found.sourceWorkspaceId === null) throw noRelation();
        return mergeCollectionsIn(tx, actor, { sourceId, destinationId, strategy: "default", prefer });
      },
    });
    if (!reviewed) throw notFound();
    return c.json({
      id: reviewed.id,
      reviewedBy: { id: actor.userId, name: actor.name, username: actor.email },
      status: reviewed.status,
      updatedAt: reviewed.updatedAt.toISOString(),
    });
  });

  return routes;
}

/** For whoever may see both ends. */
async function requirePullRequest(
  c: Context<AppEnv, "/pull-requests/:id">,
  database: Database,
): Promise<PullRequest> {
  const id = c.req.param("id");
  const found = isUuid(id) ? await findPullRequest(database, id) : undefined;
  if (!found) throw notFound();
  for (const workspaceId of workspacesOf(found)) {
    await requireWorkspaceRole(database, c.get("actor"), workspaceId, "viewer");
  }
  return found;
}

const workspacesOf = ({ destinationWorkspaceId, sourceWorkspaceId }: PullRequest): string[] =>
  sourceWorkspaceId === null ? [destinationWorkspaceId] : [destinationWorkspaceId, sourceWorkspaceId];

async function requireReviewer(
  database: Database,
  actor: Actor,
  { id, destinationWorkspaceId }: PullRequest,
  isMerge: boolean,
): Promise<void> {
  const reviews = isMerge ? [] : await listReviews(database.db, id);
  if (reviews.some((given) => given.userId === actor.userId)) return;
  await requireWorkspaceRole(database, actor, destinationWorkspaceId, "editor");
}

async function requireReaders(
  database: Database,
  ids: readonly number[],
  workspaceIds: readonly string[],
): Promise<void> {
  const reviewers = await listUsers(database, ids);
  const unknown = ids.find((id) => !reviewers.some((user) => user.id === id));
  if (unknown !== undefined) throw problem("bad_request", `There is no user with the id ${unknown}.`);
  for (const { id, ...user } of reviewers) {
    const reviewer: Actor = { ...user, userId: id, via: "system", scopes: null };
    for (const workspaceId of workspaceIds) {
      const role = await findWorkspaceRole(database.db, reviewer, workspaceId);
      if (role === undefined) {
        throw problem(
          "forbidden",
          "You and all reviewers need Viewer access on both source and destination collections.",
        );
      }
    }
  }
}

const commonEntry = (row: PullRequestRow, destinationOwnerId: number) => ({
  id: row.id,
  title: row.title,
  description: row.description,
  status: row.status,
  sourceId: toUid(row.sourceOwnerId, row.sourceId),
  destinationId: toUid(destinationOwnerId, row.destinationId),
  createdAt: row.createdAt.toISOString(),
  createdBy: String(row.createdBy),
  updatedAt: row.updatedAt.toISOString(),
});

const listEntry = (found: PullRequest) => ({
  ...commonEntry(found, found.destinationOwnerId),
  ...(found.comment !== null && { comment: found.comment }),
  href: `/pull-requests/${found.id}`,
  updatedBy: String(found.updatedBy),
});

const fullEntry = (found: PullRequest, reviews: Awaited<ReturnType<typeof listReviews>>) => ({
  createdAt: found.createdAt.toISOString(),
  updatedAt: found.updatedAt.toISOString(),
  id: found.id,
  title: found.title,
  description: found.description,
  createdBy: String(found.createdBy),
  updatedBy: String(found.updatedBy),
  comment: found.comment,
  forkType: "collection",
  source: {
    id: toUid(found.sourceOwnerId, found.sourceId),
    name: found.currentSourceName ?? found.sourceName,
    forkName: found.forkLabel,
    exists: found.sourceWorkspaceId !== null,
  },
  destination: {
    id: toUid(found.destinationOwnerId, found.destinationId),
    name: found.destinationName,
    exists: true,
  },
  status: found.status,
  merge: { status: found.status === "merged" ? "successful" : "inactive" },
  reviewers: reviews.map(({ userId: id, status }) => ({ id: String(id), status })),
});

const duplicate = (): AppError =>
  problem("bad_request", "A pull request for this source and destination already exists.", {
    title: "Duplicate pull request",
    type: "https://api.postman.com/problems/bad-request",
  });

const notFound = (): AppError => problem("not_found", "The pull request does not exist.");
