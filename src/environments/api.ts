import { type Context, Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { readWrapped } from "../access/request.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { problem } from "../lib/errors.ts";
import { bareId, isUuid, toUid } from "../lib/ids.ts";
import { parseJson } from "../lib/parse.ts";
import { resolveWorkspaceId } from "../workspaces/store.ts";
import { parseEnvironment, parseNewEnvironment } from "./environment.ts";
import { parsePatch, patchBody, patchEnvironment } from "./patch.ts";
import { environmentNotFound, reachEnvironment } from "./reach.ts";
import { environmentRevisionsApi } from "./revisions-api.ts";
import { environmentAnswers as answers, environmentBody, newEnvironmentBody } from "./schemas.ts";
import {
  changeEnvironment,
  createEnvironment,
  deleteEnvironment,
  type Environment,
  type EnvironmentHead,
  findEnvironment,
  listEnvironments,
  updateEnvironment,
} from "./store.ts";

const inWorkspace = z.object({ workspace: z.string().optional() });
const tag = "Environments";

/** `/environments` of the Postman API. */
export function environmentsApi(deps: Pick<Deps, "database" | "secretBox">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();
  routes.use("/environments/*", requireLength);
  const reach = (c: Context<AppEnv, "/environments/:id">, role: WorkspaceRole) =>
    reachEnvironment(database, c.get("actor"), { asked: c.req.param("id"), role });

  const listDoc = { summary: "List environments", tag, query: inWorkspace, answer: answers.list };
  routes.get("/environments", documented(listDoc), async (c) => {
    const workspace = c.req.query("workspace");
    if (workspace !== undefined && !isUuid(workspace)) return c.json({ environments: [] });
    const found = await listEnvironments(database, {
      visibleTo: c.get("actor"),
      ...(workspace !== undefined && { workspaceId: workspace }),
    });
    return c.json({ environments: found.map(listEntry) });
  });

  const createDoc = {
    summary: "Create an environment",
    tag,
    query: inWorkspace,
    body: newEnvironmentBody,
    answer: answers.reference,
  };
  routes.post("/environments", documented(createDoc), async (c) => {
    const input = parseNewEnvironment(await readWrapped(c, "environment"));
    const workspaceId = await resolveWorkspaceId(database, c.get("actor"), c.req.query("workspace"));
    await requireWorkspaceRole(database, c.get("actor"), workspaceId, "editor");
    const created = await createEnvironment(deps, c.get("actor"), { ...input, workspaceId });
    return c.json({ environment: reference(created) });
  });

  const getDoc = { summary: "Get an environment", tag, answer: answers.full };
  routes.get("/environments/:id", documented(getDoc), async (c) => {
    const environment = await findEnvironment(deps, (await reach(c, "viewer")).id);
    if (!environment) throw environmentNotFound();
    return c.json({ environment: fullEntry(environment) });
  });

  const replaceDoc = {
    summary: "Replace the name or the variables of an environment",
    tag,
    body: environmentBody,
    answer: answers.reference,
  };
  routes.put("/environments/:id", documented(replaceDoc), async (c) => {
    const { id } = await reach(c, "editor");
    const input = parseEnvironment(await readWrapped(c, "environment"));
    const updated = await updateEnvironment(deps, c.get("actor"), id, input);
    if (!updated) throw environmentNotFound();
    return c.json({ environment: reference(updated) });
  });

  const patchDoc = {
    summary: "Change parts of an environment by JSON Patch",
    tag,
    description:
      "RFC 6902 on `/name`, `/values`, `/values/N` and `/values/N/PROPERTY`. `add` at `/values/N` inserts. All operations are done or none.",
    body: patchBody,
    answer: answers.full,
  };
  routes.patch("/environments/:id", documented(patchDoc), async (c) => {
    if (bareId(c.req.param("id")) === undefined) throw problem("bad_request", "Invalid Environment ID");
    const { id } = await reach(c, "editor");
    const operations = parsePatch(parseJson(await c.req.text()));
    const patched = await changeEnvironment(deps, c.get("actor"), id, (environment) =>
      patchEnvironment(environment, operations),
    );
    if (!patched) throw environmentNotFound();
    return c.json({ environment: fullEntry(patched) });
  });

  const deleteDoc = { summary: "Delete an environment", tag, answer: answers.deleted };
  routes.delete("/environments/:id", documented(deleteDoc), async (c) => {
    const { id } = await reach(c, "editor");
    const deleted = await deleteEnvironment(database, c.get("actor"), id);
    if (!deleted) throw environmentNotFound();
    return c.json({ environment: { id: deleted.id, uid: toUid(deleted.ownerId, deleted.id) } });
  });

  return routes.route("/", environmentRevisionsApi(deps));
}

/** Postman wants to be told how long a body is before it reads it. */
const requireLength = createMiddleware<AppEnv>((c, next) => {
  if (c.req.header("transfer-encoding") !== undefined) {
    throw problem("length_required", "A valid Content-Length header is required");
  }
  return next();
});

const listEntry = (environment: EnvironmentHead) => ({
  id: environment.id,
  name: environment.name,
  createdAt: environment.createdAt.toISOString(),
  updatedAt: environment.updatedAt.toISOString(),
  owner: String(environment.ownerId),
  uid: toUid(environment.ownerId, environment.id),
  isPublic: false,
});

const fullEntry = (environment: Environment) => ({
  id: environment.id,
  name: environment.name,
  owner: String(environment.ownerId),
  createdAt: environment.createdAt.toISOString(),
  updatedAt: environment.updatedAt.toISOString(),
  values: environment.values,
  uid: toUid(environment.ownerId, environment.id),
  isPublic: false,
});

const reference = ({ id, name, ownerId }: EnvironmentHead) => ({ id, name, uid: toUid(ownerId, id) });
