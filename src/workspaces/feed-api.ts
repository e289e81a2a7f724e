import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { decodeCursor, encodeCursor } from "../lib/cursor.ts";
import { problem } from "../lib/errors.ts";
import { toUid } from "../lib/ids.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { type Activity, listActivities } from "./activities-store.ts";
import { requireWorkspace } from "./store.ts";
import {
  listTagged,
  listTags,
  parseTags,
  replaceTags,
  taggableTypes,
  tagsBody,
  type TaggedElement,
} from "./tags-store.ts";

type FeedDeps = Pick<Deps, "database">;

const tag = "Workspaces";
const tagsAnswer = z.object({ tags: z.array(z.object({ slug: z.string() })) });
const taggedQuery = z.object({
  limit: z.coerce.number().int().min(1).max(50).default(10),
  direction: z.enum(["asc", "desc"]).default("desc"),
  cursor: z.string().optional(),
  entityType: z.enum(taggableTypes).optional(),
});
const taggedAnswer = z.object({
  data: z.object({ entities: z.array(z.object({ entityId: z.string(), entityType: z.string() })) }),
  meta: z.object({ count: z.int(), nextCursor: z.string().optional() }),
});

const MAX_ACTIVITIES = 100;
const activitiesQuery = z.object({
  userId: z.string().optional(),
  elementType: z.string().max(100).optional(),
  limit: z.string().optional(),
  cursor: z.string().optional(),
});
const activitiesAnswer = z.object({
  data: z.array(
    z.object({
      id: z.int(),
      workspaceId: z.uuid(),
      createdAt: z.iso.datetime(),
      updatedAt: z.iso.datetime(),
      user: z.object({ id: z.int(), name: z.string(), username: z.string(), isPartner: z.boolean() }),
      action: z.enum(["create", "update", "destroy"]),
      elementType: z.string(),
      trigger: z.string(),
      elementId: z.string(),
      elementName: z.string(),
    }),
  ),
  meta: z.object({ nextCursor: z.string().nullable() }),
});

const notFound = () => problem("not_found", "Workspace not found");

/** Tags of workspaces, what carries a tag, and what happened in a workspace. */
export function workspaceFeedApi(deps: FeedDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", tagRoutes(deps));
  routes.route("/", activityRoutes(deps));
  return routes;
}

function tagRoutes({ database }: FeedDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/workspaces/:id/tags",
    documented({ summary: "List the tags of a workspace", tag, answer: tagsAnswer }),
    async (c) => {
      const asked = { id: c.req.param("id"), needed: "viewer", notFound } as const;
      const { id } = await requireWorkspace(database, c.get("actor"), asked);
      return c.json(toTags(await listTags(database, { type: "workspace", id })));
    },
  );

  routes.put(
    "/workspaces/:id/tags",
    documented({ summary: "Replace the tags of a workspace", tag, body: tagsBody, answer: tagsAnswer }),
    async (c) => {
      const asked = { id: c.req.param("id"), needed: "editor", notFound } as const;
      const { id } = await requireWorkspace(database, c.get("actor"), asked);
      const slugs = parseTags(parseJson(await c.req.text()));
      return c.json(toTags(await replaceTags(database, c.get("actor"), { type: "workspace", id }, slugs)));
    },
  );

  routes.get(
    "/tags/:slug/entities",
    documented({
      summary: "List what carries a tag",
      tag,
      query: taggedQuery,
      answer: taggedAnswer,
    }),
    async (c) => {
      const slug = c.req.param("slug");
      const query = parseOrThrow(taggedQuery, c.req.query(), "query", { name: "badRequest" });
      const found = await listTagged(database, c.get("actor"), {
        slug,
        type: query.entityType,
        direction: query.direction,
        limit: query.limit,
        // As in Postman: a wrong one begins at the beginning.
        after: query.cursor === undefined ? undefined : decodeCursor(query.cursor),
      });
      if (!found) throw problem("not_found", `Slug '${slug}' does not exist.`);
      return c.json({
        data: { entities: found.elements.map(toEntity) },
        meta: {
          count: found.elements.length,
          ...(found.next && { nextCursor: encodeCursor(found.next) }),
        },
      });
    },
  );

  return routes;
}

const toTags = (slugs: string[]) => ({ tags: slugs.map((slug) => ({ slug })) });

const toEntity = ({ type, id, ownerId }: TaggedElement) => ({
  entityId: ownerId === null ? id : toUid(ownerId, id),
  entityType: type,
});

function activityRoutes({ database }: FeedDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/workspaces/:id/activities",
    documented({
      summary: "List what happened in a workspace",
      description: "Newest first, from the audit trail.",
      tag,
      query: activitiesQuery,
      answer: activitiesAnswer,
    }),
    async (c) => {
      const asked = { id: c.req.param("id"), needed: "viewer", notFound } as const;
      const { id } = await requireWorkspace(database, c.get("actor"), asked);
      const { userId, elementType, limit, cursor } = activitiesQuery.parse(c.req.query());
      const { activities, next } = await listActivities(database, id, {
        userId: userId === undefined ? undefined : integer(userId, "User ID must be an integer."),
        elementType,
        limit: Math.min(
          limit === undefined ? 15 : integer(limit, "querystring.limit should be integer"),
          MAX_ACTIVITIES,
        ),
        before: cursor === undefined || cursor === "" ? undefined : placeOf(cursor),
      });
      return c.json({
        data: activities.map((activity) => ({ workspaceId: id, ...toActivity(activity) })),
        meta: { nextCursor: next === undefined ? null : cursorOf(next) },
      });
    },
  );

  return routes;
}

function integer(sent: string, message: string): number {
  if (!/^[1-9]\d{0,8}$/.test(sent)) throw problem("bad_request", message);
  return Number(sent);
}

const cursorOf = (id: number): string => Buffer.from(String(id)).toString("base64url");

function placeOf(cursor: string): number {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (!/^\d{1,15}$/.test(text)) throw problem("bad_request", "Invalid cursor");
  return Number(text);
}

/** Postman knows three verbs. */
function verbOf(action: string): "create" | "update" | "destroy" {
  if (action.endsWith(".created")) return "create";
  return action.endsWith(".deleted") ? "destroy" : "update";
}

const toActivity = ({ id, at, user, action, via, elementType, elementId, elementName }: Activity) => ({
  id,
  createdAt: at.toISOString(),
  updatedAt: at.toISOString(),
  user: {
    id: user?.id ?? 0,
    name: user?.name ?? "system",
    username: user?.email.split("@")[0] ?? "system",
    isPartner: false,
  },
  action: verbOf(action),
  elementType,
  trigger: via,
  elementId,
  elementName: elementName ?? "",
});
