import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, ConvertSpec, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { problem } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { findWorkspace } from "../workspaces/store.ts";
import { loadDefinition } from "./definition.ts";
import { listFiles } from "./files-store.ts";
import { getSpec, nextCursor, readBody, readPage, requireRole } from "./request.ts";
import { badSpec, checkFiles, fileFormatOf, newSpec, specChange, specNotFound } from "./spec.ts";
import { createSpec, deleteSpec, listSpecs, renameSpec, type Spec } from "./store.ts";

const tag = "Specs";

/** `/specs` of the Postman API: specifications of APIs. Their files and tags are in `files-api.ts`. */
export function specsApi(
  deps: Pick<Deps, "database">,
  { convertSpec }: { convertSpec?: ConvertSpec } = {},
): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  const listQuery = z.object({
    workspaceId: z.string(),
    limit: z.string().optional(),
    cursor: z.string().optional(),
  });
  routes.get(
    "/specs",
    documented({ summary: "List the specifications of a workspace", tag, query: listQuery }),
    async (c) => {
      const workspaceId = await readWorkspace(c, deps, "viewer");
      const page = await listSpecs(database, c.get("actor"), { workspaceId, ...readPage(c) });
      return c.json({ specs: page.specs.map(specOf), meta: nextCursor(page.next) });
    },
  );

  routes.post(
    "/specs",
    documented({
      summary: "Create a specification",
      tag,
      query: z.object({ workspaceId: z.string() }),
      body: newSpec,
      status: 201,
    }),
    async (c) => {
      const workspaceId = await readWorkspace(c, deps, "editor");
      const { name, type, files } = await readBody(c, newSpec);
      const checked = checkFiles(type, files);
      const spec = await createSpec(database, c.get("actor"), { workspaceId, name, type, files: checked });
      return c.json(specOf(spec), 201);
    },
  );

  routes.get("/specs/:specId", documented({ summary: "Get a specification", tag }), async (c) => {
    const spec = await getSpec(deps, c.get("actor"), c.req.param("specId"), "viewer");
    const [root] = await listFiles(database, spec.id);
    return c.json({ ...specOf(spec), fileFormat: fileFormatOf(root?.path ?? "") });
  });

  routes.patch(
    "/specs/:specId",
    documented({ summary: "Rename a specification", tag, body: specChange }),
    async (c) => {
      const spec = await getSpec(deps, c.get("actor"), c.req.param("specId"), "editor");
      const { name } = await readBody(c, specChange);
      const renamed = await renameSpec(database, c.get("actor"), spec, name);
      if (!renamed) throw specNotFound();
      return c.json(specOf(renamed));
    },
  );

  routes.delete(
    "/specs/:specId",
    documented({ summary: "Delete a specification", tag, status: 204, answer: null }),
    async (c) => {
      const { id } = await getSpec(deps, c.get("actor"), c.req.param("specId"), "editor");
      if (!(await deleteSpec(database, c.get("actor"), id))) throw specNotFound();
      return c.body(null, 204);
    },
  );

  routes.get(
    "/specs/:specId/definitions",
    documented({
      summary: "Get the whole definition",
      tag,
      description: "JSON or YAML, as the root file is. Several files become one.",
    }),
    async (c) => {
      const spec = await getSpec(deps, c.get("actor"), c.req.param("specId"), "viewer");
      const { text, contentType } = await loadDefinition(database, spec, convertSpec);
      return c.body(text, 200, { "content-type": contentType });
    },
  );

  return routes;
}

/** As lists and answers to changes have it. */
export const specOf = (spec: Spec) => ({
  id: spec.id,
  name: spec.name,
  type: spec.type,
  createdBy: spec.ownerId,
  updatedBy: spec.updatedBy,
  createdAt: spec.createdAt.toISOString(),
  updatedAt: spec.updatedAt.toISOString(),
});

async function readWorkspace(
  c: Context<AppEnv>,
  deps: Pick<Deps, "database">,
  needed: "viewer" | "editor",
): Promise<string> {
  const id = c.req.query("workspaceId") ?? c.req.query("workspace");
  if (!id) throw badSpec("Missing parameter: 'workspaceId'", "invalidParamError");
  const workspace = isUuid(id) ? await findWorkspace(deps.database, id) : undefined;
  if (!workspace)
    throw problem("not_found", "We could not find the workspace you are looking for.", {
      type: "instanceNotFoundError",
      title: "Not Found",
    });
  await requireRole(deps, c.get("actor"), workspace.id, needed);
  return workspace.id;
}
