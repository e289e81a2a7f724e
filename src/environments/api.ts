import { type Context, Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { readWrapped } from "../access/request.ts";
import { AppError } from "../lib/errors.ts";
import { bareId, isUuid, toUid } from "../lib/ids.ts";
import { resolveWorkspaceId } from "../workspaces/store.ts";
import { parseEnvironment, parseNewEnvironment } from "./environment.ts";
import {
  createEnvironment,
  deleteEnvironment,
  type EnvironmentHead,
  findEnvironment,
  listEnvironments,
  updateEnvironment,
} from "./store.ts";

/** `/environments` of the Postman API. */
export function environmentsApi(deps: Pick<Deps, "database" | "secretBox">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/environments", async (c) => {
    const workspace = c.req.query("workspace");
    if (workspace !== undefined && !isUuid(workspace)) return c.json({ environments: [] });
    const found = await listEnvironments(database, workspace === undefined ? {} : { workspaceId: workspace });
    return c.json({ environments: found.map(listEntry) });
  });

  routes.post("/environments", async (c) => {
    const input = parseNewEnvironment(await readWrapped(c, "environment"));
    const workspaceId = await resolveWorkspaceId(database, c.get("actor"), c.req.query("workspace"));
    const created = await createEnvironment(deps, c.get("actor"), { ...input, workspaceId });
    return c.json({ environment: reference(created) });
  });

  routes.get("/environments/:id", async (c) => {
    const environment = await findEnvironment(deps, pathId(c));
    if (!environment) throw notFound();
    return c.json({
      environment: {
        id: environment.id,
        name: environment.name,
        owner: String(environment.ownerId),
        createdAt: environment.createdAt.toISOString(),
        updatedAt: environment.updatedAt.toISOString(),
        values: environment.values,
        uid: toUid(environment.ownerId, environment.id),
        isPublic: false,
      },
    });
  });

  routes.put("/environments/:id", async (c) => {
    const input = parseEnvironment(await readWrapped(c, "environment"));
    const updated = await updateEnvironment(deps, c.get("actor"), pathId(c), input);
    if (!updated) throw notFound();
    return c.json({ environment: reference(updated) });
  });

  routes.delete("/environments/:id", async (c) => {
    const deleted = await deleteEnvironment(database, c.get("actor"), pathId(c));
    if (!deleted) throw notFound();
    return c.json({ environment: { id: deleted.id, uid: toUid(deleted.ownerId, deleted.id) } });
  });

  return routes;
}

const listEntry = (environment: EnvironmentHead) => ({
  id: environment.id,
  name: environment.name,
  createdAt: environment.createdAt.toISOString(),
  updatedAt: environment.updatedAt.toISOString(),
  owner: String(environment.ownerId),
  uid: toUid(environment.ownerId, environment.id),
  isPublic: false,
});

const reference = ({ id, name, ownerId }: EnvironmentHead) => ({ id, name, uid: toUid(ownerId, id) });

/** The id of the path, as id or uid; 400 for what can be neither. */
function pathId(c: Context<AppEnv, "/environments/:id">): string {
  const id = bareId(c.req.param("id"));
  if (id === undefined) throw notFound("bad_request");
  return id;
}

const notFound = (code: "not_found" | "bad_request" = "not_found"): AppError =>
  new AppError(code, "We could not find the environment you are looking for", {
    name: "instanceNotFoundError",
  });
