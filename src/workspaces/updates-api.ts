import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { type WorkspaceRole } from "../access/workspace-rights.ts";
import { problem } from "../lib/errors.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { requireWorkspace } from "./store.ts";
import {
  changeUpdate,
  createUpdate,
  deleteUpdate,
  findUpdate,
  listUpdates,
  type UpdateInput,
  type UpdatePlace,
  type WorkspaceUpdate,
} from "./updates-store.ts";

const PER_PAGE = 25;
const MAX_ID = 2_147_483_647;
const categories = ["improvement", "new_feature", "bug_fix", "breaking_change", "announcement"] as const;

/** Postgres stores no NUL in a text. */
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((sent) => !sent.includes("\0"), "must not hold a NUL character");
const createBody = z.object({
  topic: text(255),
  description: text(20_000),
  category: z.enum(categories),
  isPinned: z.boolean().optional(),
  relatedResources: z
    .array(
      z.object({
        resource: z.enum([
          "collection",
          "request",
          "response",
          "folder",
          "extensibleCollection",
          "extensibleCollectionItem",
        ]),
        resourceId: text(100),
      }),
    )
    .max(10)
    .optional(),
});
const changeBody = createBody.partial();
const listQuery = z.object({ cursor: z.string().optional(), category: z.string().optional() });
const updateAnswer = z.object({
  id: z.int(),
  topic: z.string(),
  description: z.string(),
  workspaceId: z.uuid(),
  createdBy: z.union([z.int(), z.object({ id: z.int(), name: z.string(), username: z.string() })]),
  updatedBy: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  category: z.string(),
  isPinned: z.boolean(),
  relatedResources: z.array(z.object({ resource: z.string(), resourceId: z.string() })),
});

const tag = "Workspaces";

/** `/workspaces/:id/updates` of the Postman API: news for the readers of a workspace. */
export function workspaceUpdatesApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/workspaces/:id/updates",
    documented({
      summary: "List the news of a workspace",
      tag,
      query: listQuery,
      answer: z.object({
        data: z.array(updateAnswer),
        meta: z.object({ nextCursor: z.string().nullable() }),
      }),
    }),
    async (c) => {
      const workspaceId = await workspaceOf(c, "viewer");
      const { cursor, category } = listQuery.parse(c.req.query());
      const { updates, next } = await listUpdates(database, workspaceId, {
        categories: category === undefined ? undefined : parseCategories(category),
        after: cursor === undefined || cursor === "" ? undefined : placeOf(cursor),
        limit: PER_PAGE,
      });
      return c.json({
        data: updates.map(toBody),
        meta: { nextCursor: next === undefined ? null : cursorOf(next) },
      });
    },
  );

  routes.post(
    "/workspaces/:id/updates",
    documented({ summary: "Publish news in a workspace", tag, body: createBody, answer: updateAnswer }),
    async (c) => {
      const workspaceId = await workspaceOf(c, "editor");
      const input = parseOrThrow(createBody, parseJson(await c.req.text()));
      return c.json(toPlain(await createUpdate(database, c.get("actor"), workspaceId, input)));
    },
  );

  routes.get(
    "/workspaces/:id/updates/:updateId",
    documented({ summary: "Read news of a workspace", tag, answer: updateAnswer }),
    async (c) => {
      const workspaceId = await workspaceOf(c, "viewer");
      const update = await findUpdate(database, workspaceId, updateId(c));
      if (!update) throw updateNotFound();
      return c.json(toBody(update));
    },
  );

  routes.patch(
    "/workspaces/:id/updates/:updateId",
    documented({ summary: "Change news of a workspace", tag, body: changeBody, answer: updateAnswer }),
    async (c) => {
      const workspaceId = await workspaceOf(c, "editor");
      const change = withoutUndefined(parseOrThrow(changeBody, parseJson(await c.req.text())));
      const place = { workspaceId, id: updateId(c) };
      const changed = await changeUpdate(database, c.get("actor"), place, change);
      if (!changed) throw updateNotFound();
      return c.json(toPlain(changed));
    },
  );

  routes.delete(
    "/workspaces/:id/updates/:updateId",
    documented({ summary: "Delete news of a workspace", tag, answer: null, status: 204 }),
    async (c) => {
      const place = { workspaceId: await workspaceOf(c, "editor"), id: updateId(c) };
      if (!(await deleteUpdate(database, c.get("actor"), place))) throw updateNotFound();
      return c.body(null, 204);
    },
  );

  /** Id of the workspace of the path, for whoever has the role in it. */
  async function workspaceOf(c: Context<AppEnv>, needed: WorkspaceRole): Promise<string> {
    const id = c.req.param("id") ?? "";
    return (await requireWorkspace(database, c.get("actor"), { id, needed, notFound })).id;
  }

  return routes;
}

const notFound = () => problem("not_found", "Workspace not found");
const updateNotFound = () => problem("not_found", "The requested resource was not found.");

function updateId(c: Context<AppEnv>): number {
  const sent = c.req.param("updateId") ?? "";
  if (!/^\d{1,10}$/.test(sent) || Number(sent) > MAX_ID) throw updateNotFound();
  return Number(sent);
}

function parseCategories(sent: string): string[] {
  const wanted = sent.split(",").map((category) => category.trim());
  const unknown = wanted.find((category) => !categories.some((known) => known === category));
  if (unknown === undefined) return wanted;
  throw problem("bad_request", `category must be one of ${categories.join(", ")}.`);
}

const cursorOf = ({ isPinned, id }: UpdatePlace): string =>
  Buffer.from(`${isPinned ? 1 : 0} ${id}`).toString("base64url");

function placeOf(cursor: string): UpdatePlace {
  const [, pinned, id] = /^([01]) (\d{1,10})$/.exec(Buffer.from(cursor, "base64url").toString("utf8")) ?? [];
  if (id === undefined || Number(id) > MAX_ID) throw problem("bad_request", "Invalid cursor");
  return { isPinned: pinned === "1", id: Number(id) };
}

/** What was not sent stays, so it must not be there at all. */
const withoutUndefined = (change: object): Partial<UpdateInput> =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));

const toPlain = (update: Omit<WorkspaceUpdate, "author">) => ({
  id: update.id,
  topic: update.topic,
  description: update.description,
  workspaceId: update.workspaceId,
  createdBy: update.createdBy,
  updatedBy: update.updatedBy,
  createdAt: update.createdAt.toISOString(),
  updatedAt: update.updatedAt.toISOString(),
  category: update.category,
  isPinned: update.isPinned,
  relatedResources: update.relatedResources,
});

const toBody = ({ author: { id, name, email }, ...update }: WorkspaceUpdate) => ({
  ...toPlain(update),
  createdBy: { id, name, username: email.split("@")[0] ?? email },
});
