import type { Hono } from "hono";
import { z } from "zod";

import type { AppEnv } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { requireScope } from "../access/rights.ts";
import { findCollection } from "../collections/store.ts";
import { bareId } from "../lib/ids.ts";
import { findTask, type Task } from "../tasks/store.ts";
import { needed } from "./definition.ts";
import { type GenerateDeps, generateSpec, syncCollectionWithSpec } from "./generate.ts";
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
import { listGeneratedSpecs } from "./links-store.ts";
import { getSpec, nextCursor, readBody, readPage } from "./request.ts";
import { badSpec, specNotFound } from "./spec.ts";

const tag = "Specs";

const newSpec = z.object({
  name: z.string().trim().min(1).max(255),
  type: z.enum(["OPENAPI:2.0", "OPENAPI:3.0", "OPENAPI:3.1"]),
  format: z.enum(["JSON", "YAML"]),
});

export function mountOfCollections(routes: Hono<AppEnv>, deps: GenerateDeps): void {
  const { database } = deps;

  routes.post(
    "/collections/:collectionUid/generations/:elementType",
    documented({
      summary: "Generate a specification from a collection",
      tag,
      body: newSpec,
      answer: taskAnswer,
      status: 202,
    }),
    async (c) => {
      requireElement(c.req.param("elementType"), "spec");
      requireScope(c.get("actor"), "specs", "write");
      const collection = await getCollection(c, deps, c.req.param("collectionUid"), "editor");
      const wanted = await readBody(c, newSpec);
      return started(c, await generateSpec(deps, c.get("actor"), collection, wanted));
    },
  );

  routes.get(
    "/collections/:collectionUid/generations/:elementType",
    documented({
      summary: "List the specifications that were generated from a collection",
      tag,
      query: pageQuery,
    }),
    async (c) => {
      requireElement(c.req.param("elementType"), "spec");
      const collection = await getCollection(c, deps, c.req.param("collectionUid"), "viewer");
      const page = await listGeneratedSpecs(database, c.get("actor"), collection.id, readPage(c));
      const specs = await Promise.all(
        page.elements.map(async (one) => ({
          id: one.id,
          name: one.name,
          state: await stateOf(deps, "spec", one),
          createdAt: one.createdAt.toISOString(),
          updatedAt: one.updatedAt.toISOString(),
          createdBy: one.createdBy,
          updatedBy: one.updatedBy,
        })),
      );
      return c.json({ specs, meta: nextCursor(page.next) });
    },
  );

  routes.put(
    "/collections/:collectionUid/synchronizations",
    documented({
      summary: "Bring a collection up to its specification",
      description: "Adds what the specification has and the collection lacks; scripts and values stay.",
      tag,
      query: z.object({ specId: z.string() }),
      answer: taskAnswer,
      status: 202,
    }),
    async (c) => {
      const actor = c.get("actor");
      const collection = await getCollection(c, deps, c.req.param("collectionUid"), "editor");
      const specId = c.req.query("specId");
      if (!specId) throw badSpec("Missing parameter: 'specId'", "invalidParamError");
      const spec = await getSpec(deps, actor, specId, "viewer");
      requireOpenApi(spec.type);
      const link = await getLink(deps, spec.id, collection.id);
      return started(c, await syncCollectionWithSpec(deps, actor, link, collection.workspaceId));
    },
  );

  const format = z.object({ format: z.enum(["json", "yaml"]).optional() });
  routes.get(
    "/collections/:collectionId/transformations",
    documented({
      summary: "Get a collection as OpenAPI 3.0",
      tag: "Collections",
      query: format,
      answer: z.object({ output: z.string() }),
    }),
    async (c) => {
      const wanted = format.safeParse(c.req.query());
      if (!wanted.success) throw badSpec("Query param format must be json or yaml.", "invalidParamsError");
      const { id } = await getCollection(c, deps, c.req.param("collectionId"), "viewer");
      const collection = await findCollection(database, id);
      if (!collection) throw specNotFound();
      const { text = "" } = await needed(deps.convertSpec)({
        action: "openapi",
        collection: collection.document,
        version: "3.0",
        format: wanted.data.format ?? "json",
      });
      return c.json({ output: text });
    },
  );
}

export function mountTasks(routes: Hono<AppEnv>, { database }: GenerateDeps): void {
  const path = "/:elementType{specs|collections}/:elementId/tasks/:taskId";
  routes.get(
    path,
    documented({ summary: "Get how a generation or synchronization goes", tag }),
    async (c) => {
      const { elementId, elementType, taskId } = c.req.param();
      const task = await findTask(database, c.get("actor"), taskId);
      const isOfElement = task?.elementId === bareId(elementId) && `${task?.elementType}s` === elementType;
      if (!task || !isOfElement) throw specNotFound("The task you are trying to access does not exist.");
      return c.json(taskOf(task));
    },
  );
}

function taskOf({ kind, elementType, status, result, reason }: Task) {
  const isOther = kind === "spec.generation" || kind === "collection.generation";
  const model = isOther ? (elementType === "spec" ? "collection" : "spec") : elementType;
  const meta = { model, action: kind.split(".")[1] ?? kind };
  if (status === "failed") return { status, meta, details: reason ?? "" };
  return { status, meta, ...(status === "completed" && { details: result ?? {} }) };
}
