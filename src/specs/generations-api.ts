import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, ConvertSpec, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { requireScope } from "../access/rights.ts";
import { mountOfCollections, mountTasks } from "./collection-generations-api.ts";
import { generateCollection, type GenerateDeps, syncSpecWithCollection } from "./generate.ts";
import {
  getCollection,
  getLink,
  pageQuery,
  requireElement,
  requireOpenApi,
  started,
  stateOf,
  taskAnswer,
} from "./generation-request.ts";
import { listGeneratedCollections, updateSyncOptions } from "./links-store.ts";
import { getSpec, nextCursor, readBody, readPage } from "./request.ts";

const tag = "Specs";

const newCollection = z.object({
  name: z.string().trim().min(1).max(255),
  options: z
    .object({
      requestNameSource: z.enum(["Fallback", "URL"]).default("Fallback"),
      indentCharacter: z.enum(["Tab", "Space"]).default("Space"),
      parametersResolution: z.enum(["Example", "Schema"]).default("Example"),
      folderStrategy: z.enum(["Paths", "Tags"]).default("Paths"),
      includeAuthInfoInExample: z.boolean().default(true),
      enableOptionalParameters: z.boolean().default(true),
      keepImplicitHeaders: z.boolean().default(false),
      includeDeprecated: z.boolean().default(true),
      alwaysInheritAuthentication: z.boolean().default(false),
      nestedFolderHierarchy: z.boolean().default(false),
    })
    .prefault({}),
});
const syncOptions = z.object({
  syncOptions: z.object({
    syncExamples: z.boolean().optional(),
    deleteOrphanedRequests: z.boolean().optional(),
  }),
});

/** Collections out of specifications and the other way round, and what keeps both alike. */
export function generationsApi(
  deps: Pick<Deps, "database" | "log">,
  { convertSpec }: { convertSpec?: ConvertSpec } = {},
): Hono<AppEnv> {
  const work: GenerateDeps = { ...deps, convertSpec };
  const routes = new Hono<AppEnv>();
  mountOfSpecs(routes, work);
  mountOfCollections(routes, work);
  mountTasks(routes, work);
  return routes;
}

function mountOfSpecs(routes: Hono<AppEnv>, deps: GenerateDeps): void {
  const { database } = deps;

  routes.post(
    "/specs/:specId/generations/:elementType",
    documented({
      summary: "Generate a collection from a specification",
      tag,
      body: newCollection,
      answer: taskAnswer,
      status: 202,
    }),
    async (c) => {
      requireElement(c.req.param("elementType"), "collection");
      const actor = c.get("actor");
      requireScope(actor, "collections", "write");
      const spec = await getSpec(deps, actor, c.req.param("specId"), "editor");
      const wanted = await readBody(c, newCollection);
      requireOpenApi(spec.type);
      return started(c, await generateCollection(deps, actor, spec, wanted));
    },
  );

  routes.get(
    "/specs/:specId/generations/:elementType",
    documented({
      summary: "List the collections that were generated from a specification",
      tag,
      query: pageQuery,
    }),
    async (c) => {
      requireElement(c.req.param("elementType"), "collection");
      const actor = c.get("actor");
      const spec = await getSpec(deps, actor, c.req.param("specId"), "viewer");
      const page = await listGeneratedCollections(database, actor, spec.id, readPage(c));
      const collections = await Promise.all(
        page.elements.map(async (one) => ({
          id: one.id,
          name: one.name,
          state: await stateOf(deps, "collection", one),
          createdAt: one.createdAt.toISOString(),
          updatedAt: one.updatedAt.toISOString(),
          createdBy: one.createdBy,
        })),
      );
      return c.json({ collections, meta: nextCursor(page.next) });
    },
  );

  routes.patch(
    "/specs/:specId/collections/:collectionId/sync-options",
    documented({ summary: "Change how a generated collection is kept in sync", tag, body: syncOptions }),
    async (c) => {
      const actor = c.get("actor");
      const spec = await getSpec(deps, actor, c.req.param("specId"), "editor");
      const link = await getLink(deps, spec.id, c.req.param("collectionId"));
      const { syncOptions: change } = await readBody(c, syncOptions);
      // Keys that were not sent are absent, whatever the type of an optional property allows.
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      return c.json({ syncOptions: await updateSyncOptions(database, actor, link, given) });
    },
  );

  routes.put(
    "/specs/:specId/synchronizations",
    documented({
      summary: "Bring a specification up to a collection",
      description: "Adds what the collection has and the specification lacks; what stands there stays.",
      tag,
      query: z.object({ collectionUid: z.string() }),
      answer: taskAnswer,
      status: 202,
    }),
    async (c) => {
      const actor = c.get("actor");
      const spec = await getSpec(deps, actor, c.req.param("specId"), "editor");
      const collection = await getCollection(
        c,
        deps,
        c.req.query("collectionUid"),
        "viewer",
        "collectionUid",
      );
      requireOpenApi(spec.type);
      const link = await getLink(deps, spec.id, collection.id);
      return started(c, await syncSpecWithCollection(deps, actor, link, spec));
    },
  );
}
