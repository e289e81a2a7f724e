import { type Context, Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { queryInteger, readWrapped } from "../access/request.ts";
import { AppError } from "../lib/errors.ts";
import { bareId, isUuid, toUid } from "../lib/ids.ts";
import { resolveWorkspaceId } from "../workspaces/store.ts";
import { decorate, minimalModel, parseCollection } from "./collection.ts";
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

const MAX_OFFSET = 1_000_000;
const PAGE = { default: 100, max: 1000 };

/** `/collections` of the Postman API. */
export function collectionsApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/collections", async (c) => {
    const workspace = c.req.query("workspace");
    if (workspace !== undefined && !isUuid(workspace)) return c.json({ collections: [] });
    const name = c.req.query("name");
    const filter: CollectionFilter = {
      ...(workspace !== undefined && { workspaceId: workspace }),
      ...(name !== undefined && { name }),
    };
    const limit = queryInteger(c, "limit", { min: 1, max: PAGE.max });
    const offset = queryInteger(c, "offset", { min: 0, max: MAX_OFFSET });
    if (limit === undefined && offset === undefined) {
      return c.json({ collections: (await listCollections(database, filter)).map(listEntry) });
    }
    const page = { limit: limit ?? PAGE.default, offset: offset ?? 0 };
    const [found, total] = await Promise.all([
      listCollections(database, { ...filter, ...page }),
      countCollections(database, filter),
    ]);
    return c.json({
      collections: found.map(listEntry),
      meta: { total, offset: page.offset, limit: page.limit },
    });
  });

  routes.post("/collections", async (c) => {
    const parsed = parseCollection(await readWrapped(c, "collection"));
    const workspaceId = await resolveWorkspaceId(database, c.get("actor"), c.req.query("workspace"));
    const created = await createCollection(database, c.get("actor"), { ...parsed, workspaceId });
    return c.json({ collection: reference(created) });
  });

  routes.get("/collections/:id", async (c) => {
    const collection = await findCollection(database, pathId(c));
    if (!collection) throw notFound();
    const decorated = decorate(collection.document, collection);
    const isMinimal = c.req.query("model") === "minimal";
    return c.json({ collection: isMinimal ? minimalModel(decorated) : decorated });
  });

  routes.put("/collections/:id", async (c) => {
    const parsed = parseCollection(await readWrapped(c, "collection"));
    const updated = await replaceCollection(database, c.get("actor"), pathId(c), parsed);
    if (!updated) throw notFound();
    return c.json({ collection: reference(updated) });
  });

  routes.delete("/collections/:id", async (c) => {
    const asked = c.req.param("id");
    const id = bareId(asked);
    const deleted = id && (await deleteCollection(database, c.get("actor"), id));
    if (!deleted) {
      throw new AppError("not_found", "The specified item does not exist.", {
        name: "instanceNotFoundError",
        details: { item: "collection", id: asked },
      });
    }
    return c.json({ collection: { id: deleted.id, uid: toUid(deleted.ownerId, deleted.id) } });
  });

  return routes;
}

const listEntry = (collection: CollectionHead) => ({
  id: collection.id,
  name: collection.name,
  owner: String(collection.ownerId),
  createdAt: collection.createdAt.toISOString(),
  updatedAt: collection.updatedAt.toISOString(),
  uid: toUid(collection.ownerId, collection.id),
  isPublic: false,
});

const reference = ({ id, name, ownerId }: CollectionHead) => ({ id, name, uid: toUid(ownerId, id) });

/** The id of the path, as id or uid; 400 for what can be neither. */
function pathId(c: Context<AppEnv, "/collections/:id">): string {
  const id = bareId(c.req.param("id"));
  if (id === undefined) throw notFound("bad_request");
  return id;
}

const notFound = (code: "not_found" | "bad_request" = "not_found"): AppError =>
  new AppError(code, "We could not find the collection you are looking for", {
    name: "instanceNotFoundError",
  });
