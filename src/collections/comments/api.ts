import { type Context, Hono } from "hono";
import { z } from "zod";

import type { CommentedType } from "../../../db/schema.ts";
import type { AppEnv, Deps } from "../../access/context.ts";
import { documented } from "../../access/endpoint.ts";
import { requireWorkspaceRole } from "../../access/workspace-rights.ts";
import { type AppError, problem } from "../../lib/errors.ts";
import { parseJson, parseOrThrow } from "../../lib/parse.ts";
import { findPlace, idOf } from "../elements.ts";
import { listUsers } from "../named-users.ts";
import { reachCollection } from "../reach.ts";
import { type CollectionHead, findCollection } from "../store.ts";
import {
  type Comment,
  createComment,
  deleteComment,
  findComment,
  findThread,
  listComments,
  resolveThread,
  type Subject,
  type Tags,
  updateComment,
} from "./store.ts";

const tag = "Comments";
const MAX_BODY_CHARS = 10_000;
const MAX_TAGS = 50;
const MAX_ID = 2_147_483_647;

const userId = z.union([z.string().regex(/^\d{1,9}$/, "must be the id of a user"), z.number().int().min(0)]);
const commentText = {
  body: z.string().min(1).max(MAX_BODY_CHARS),
  /** Users named in the body, by what they are called there. */
  tags: z
    .record(z.string().max(255), z.object({ type: z.literal("user"), id: userId }))
    .refine((tags) => Object.keys(tags).length <= MAX_TAGS, `must NOT name more than ${MAX_TAGS} users`)
    .optional(),
};
const newBody = z.object({ ...commentText, threadId: z.number().int().min(1).max(MAX_ID).optional() });
const updateBody = z.object(commentText);
const listQuery = z.object({
  cursor: z.coerce.number().int().min(1).max(MAX_ID).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
});
const comment = z.object({
  id: z.number(),
  threadId: z.number(),
  status: z.enum(["Open", "Resolved"]),
  createdBy: z.number(),
  createdAt: z.string(),
  updatedAt: z.string(),
  body: z.string(),
  tags: z.record(z.string(), z.object({ type: z.string(), id: z.string() })).optional(),
});
const oneAnswer = z.object({ data: comment });

/** What can be commented on, and where. `:elementId` is missing for the collection itself. */
const places: { type: CommentedType; path: `/collections/:id${string}` }[] = [
  { type: "collection", path: "/collections/:id/comments" },
  { type: "folder", path: "/collections/:id/folders/:elementId/comments" },
  { type: "request", path: "/collections/:id/requests/:elementId/comments" },
  { type: "response", path: "/collections/:id/responses/:elementId/comments" },
];

/**
 * Comments on collections and what is in them, as in the Postman API. Whoever may read an element may comment on it: that
 * changes nothing in it.
 */
export function commentsApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  for (const place of places) mountPlace(routes, database, place);

  const resolveDoc = { summary: "Resolve a thread of comments", tag, answer: null, status: 204 };
  routes.post("/comments-resolutions/:threadId", documented(resolveDoc), async (c) => {
    const id = toId(c.req.param("threadId"));
    const thread = id === undefined ? undefined : await findThread(database, id);
    if (!thread) throw notFound();
    await requireWorkspaceRole(database, c.get("actor"), thread.workspaceId, "viewer");
    await resolveThread(database, c.get("actor"), thread);
    return c.body(null, 204);
  });

  const apiBuilderDoc = documented({
    summary: "Comments on a collection of an API",
    tag,
    description: "Collections of Postman's API Builder are ordinary collections here.",
    status: 501,
    contentType: "application/problem+json",
  });
  routes.on(
    ["PUT", "DELETE"],
    "/apis/:id/collections/:collectionId/comments/:commentId",
    apiBuilderDoc,
    () => {
      throw problem(
        "not_implemented",
        "Collections do not live inside of APIs here: use /collections/{collectionId}/comments/{commentId}.",
      );
    },
  );
  return routes;
}

function mountPlace(
  routes: Hono<AppEnv>,
  database: Deps["database"],
  { type, path }: (typeof places)[number],
): void {
  const listDoc = {
    summary: `List the comments on a ${type}`,
    tag,
    query: listQuery,
    answer: z.looseObject({ data: z.array(comment) }),
  };
  routes.get(path, documented(listDoc), async (c) => {
    const { subject } = await reachSubject(c, database, type);
    const { cursor, limit } = parseOrThrow(listQuery, c.req.query());
    const found = await listComments(database, subject, { limit: limit + 1, before: cursor });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const meta = found.length > limit && last && { meta: { nextCursor: String(last.id) } };
    return c.json({ data: page.map(entryOf), ...meta });
  });

  const createDoc = {
    summary: `Comment on a ${type}`,
    tag,
    description: "With `threadId` as an answer to another comment.",
    body: newBody,
    answer: oneAnswer,
    status: 201,
  };
  routes.post(path, documented(createDoc), async (c) => {
    const { subject } = await reachSubject(c, database, type);
    const { body, tags, threadId } = parseOrThrow(newBody, parseJson(await c.req.text()));
    const wanted = { body, tags: await readTags(database, tags), threadId };
    const created = await createComment(database, c.get("actor"), subject, wanted);
    if (!created) throw notFound();
    return c.json({ data: entryOf(created) }, 201);
  });

  const updateDoc = {
    summary: `Change a comment of yours on a ${type}`,
    tag,
    body: updateBody,
    answer: oneAnswer,
  };
  routes.put(`${path}/:commentId`, documented(updateDoc), async (c) => {
    const { subject, found } = await reachComment(c, database, type);
    if (found.createdBy !== c.get("actor").userId)
      throw problem("forbidden", "Only its author changes a comment.");
    const { body, tags } = parseOrThrow(updateBody, parseJson(await c.req.text()));
    const wanted = { body, tags: await readTags(database, tags) };
    const updated = await updateComment(database, c.get("actor"), { subject, id: found.id }, wanted);
    if (!updated) throw notFound();
    return c.json({ data: entryOf(updated) });
  });

  const deleteDoc = {
    summary: `Delete a comment on a ${type}`,
    tag,
    description:
      "Of your own, or as an admin of the workspace. With the first comment the whole thread goes.",
    answer: null,
    status: 204,
  };
  routes.delete(`${path}/:commentId`, documented(deleteDoc), async (c) => {
    const actor = c.get("actor");
    const { subject, head, found } = await reachComment(c, database, type);
    if (found.createdBy !== actor.userId) {
      await requireWorkspaceRole(database, actor, head.workspaceId, "admin");
    }
    if (!(await deleteComment(database, actor, subject, found))) throw notFound();
    return c.body(null, 204);
  });
}

/** What the path names, for whoever may read it; 404 when it is not there. */
async function reachSubject(
  c: Context<AppEnv>,
  database: Deps["database"],
  type: CommentedType,
): Promise<{ subject: Subject; head: CollectionHead }> {
  const head = await reachCollection(database, c.get("actor"), {
    asked: c.req.param("id") ?? "",
    role: "viewer",
    notFound,
  });
  if (type === "collection") {
    return { head, subject: { collectionId: head.id, type, elementId: head.id } };
  }
  const collection = await findCollection(database, head.id);
  const place = collection && findPlace(collection.document, type, c.req.param("elementId") ?? "");
  if (!place) throw notFound();
  return { head, subject: { collectionId: head.id, type, elementId: idOf(place.element) } };
}

async function reachComment(c: Context<AppEnv>, database: Deps["database"], type: CommentedType) {
  const { subject, head } = await reachSubject(c, database, type);
  const id = toId(c.req.param("commentId") ?? "");
  const found = id === undefined ? undefined : await findComment(database, subject, id);
  if (!found) throw notFound();
  return { subject, head, found };
}

const toId = (text: string): number | undefined => {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return id <= MAX_ID ? id : undefined;
};

async function readTags(
  database: Deps["database"],
  sent: z.infer<typeof newBody>["tags"],
): Promise<Tags | null> {
  if (!sent || Object.keys(sent).length === 0) return null;
  const ids = Object.values(sent).map(({ id }) => Number(id));
  const known = await listUsers(database, ids);
  const unknown = ids.find((id) => !known.some((user) => user.id === id));
  if (unknown !== undefined)
    throw problem("bad_request", `There is no user with the id ${unknown} to be tagged.`);
  return Object.fromEntries(
    Object.entries(sent).map(([name, { type, id }]) => [name, { type, id: String(id) }]),
  );
}

const entryOf = (found: Comment) => ({
  id: found.id,
  threadId: found.threadId,
  status: found.isResolved ? "Resolved" : "Open",
  createdBy: found.createdBy,
  createdAt: found.createdAt.toISOString(),
  updatedAt: found.updatedAt.toISOString(),
  body: found.body,
  ...(found.tags && { tags: found.tags }),
});

const notFound = (): AppError => problem("not_found", "Not Found");
