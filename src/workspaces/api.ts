import { Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { badQuery, queryInteger, readWrapped } from "../access/request.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { decodeCursor, encodeCursor } from "../lib/cursor.ts";
import { AppError } from "../lib/errors.ts";
import { bareId, toUid } from "../lib/ids.ts";
import { listElements, type NamedElement } from "./elements-store.ts";
import { workspaceFeedApi } from "./feed-api.ts";
import { workspaceRolesApi } from "./roles-api.ts";
import { workspaceAnswers as answers, changeBody, listQuery, newBody } from "./schemas.ts";
import {
  createWorkspace,
  deleteWorkspace,
  findWorkspace,
  listWorkspaces,
  updateWorkspace,
  type Workspace,
  type WorkspaceFilter,
} from "./store.ts";
import { workspaceTransfersApi } from "./transfers-api.ts";
import { workspaceUpdatesApi } from "./updates-api.ts";
import { parseNewWorkspace, parseVisibility, parseWorkspace } from "./workspace.ts";

type Query = (name: string) => string | undefined;

/** `/workspaces` of the Postman API. */
export function workspacesApi(deps: Pick<Deps, "database" | "beforeDeletion">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();
  routes.route("/", workspaceRolesApi(deps));
  routes.route("/", workspaceFeedApi(deps));
  routes.route("/", workspaceUpdatesApi(deps));
  routes.route("/", workspaceTransfersApi(deps));

  const listDoc = { summary: "List workspaces", tag: "Workspaces", query: listQuery, answer: answers.list };
  routes.get("/workspaces", documented(listDoc), async (c) => {
    const limit = queryInteger(c, "limit", {
      min: 1,
      max: 100,
      message: "The limit parameter must not exceed 100.",
      errorName: "badRequestError",
    });
    const filter = filterOf((name) => c.req.query(name));
    if (filter === "nothing") return c.json({ workspaces: [] });
    const { workspaces, next } = await listWorkspaces(database, c.get("actor"), {
      ...filter,
      ...(limit !== undefined && { limit }),
    });
    return c.json({
      workspaces: workspaces.map(listEntry),
      ...(limit !== undefined && { meta: { nextCursor: next ? encodeCursor(next) : "" } }),
    });
  });

  const createDoc = {
    summary: "Create a workspace",
    tag: "Workspaces",
    body: newBody,
    answer: answers.reference,
  };
  routes.post("/workspaces", documented(createDoc), async (c) => {
    const input = parseNewWorkspace(await readWrapped(c, "workspace"));
    const { id, name } = await createWorkspace(database, c.get("actor"), input);
    return c.json({ workspace: { id, name } });
  });

  const readDoc = { summary: "Read a workspace", tag: "Workspaces", answer: answers.one };
  routes.get("/workspaces/:id", documented(readDoc), async (c) => {
    const workspace = await findWorkspace(database, c.req.param("id"));
    if (!workspace) {
      return c.json(
        { error: { name: "workspaceNotFoundError", message: "Workspace not found", statusCode: 404 } },
        404,
      );
    }
    await requireWorkspaceRole(database, c.get("actor"), workspace.id, "viewer");
    const elements = await listElements(database, workspace.id);
    return c.json({ workspace: { ...full(workspace), ...nonEmpty(elements) } });
  });

  const changeDoc = {
    summary: "Change a workspace",
    tag: "Workspaces",
    body: changeBody,
    answer: answers.reference,
  };
  routes.put("/workspaces/:id", documented(changeDoc), async (c) => {
    const input = parseWorkspace(await readWrapped(c, "workspace"));
    const updated = await updateWorkspace(database, c.get("actor"), c.req.param("id"), input);
    if (!updated) throw notFound("not_found");
    return c.json({ workspace: { id: updated.id, name: updated.name } });
  });

  const deleteDoc = { summary: "Delete a workspace", tag: "Workspaces", answer: answers.deleted };
  routes.delete("/workspaces/:id", documented(deleteDoc), async (c) => {
    const id = c.req.param("id");
    // 400, not 404: so it is documented, and Postman's own client shows the body of a 400 only.
    if (!(await deleteWorkspace(database, c.get("actor"), id, deps.beforeDeletion)))
      throw notFound("bad_request");
    return c.json({ workspace: { id: id.toLowerCase() } });
  });

  return routes;
}

const notFound = (code: "not_found" | "bad_request"): AppError =>
  new AppError(code, "The specified workspace does not exist.", { name: "instanceNotFoundError" });

const listEntry = (workspace: Workspace) => ({
  id: workspace.id,
  name: workspace.name,
  type: workspace.type,
  visibility: workspace.visibility,
  createdBy: String(workspace.createdBy),
  about: workspace.about,
  createdAt: workspace.createdAt.toISOString(),
  updatedAt: workspace.updatedAt.toISOString(),
});

const full = (workspace: Workspace) => ({
  id: workspace.id,
  name: workspace.name,
  type: workspace.type,
  description: workspace.description,
  visibility: workspace.visibility,
  createdBy: String(workspace.createdBy),
  updatedBy: String(workspace.updatedBy),
  createdAt: workspace.createdAt.toISOString(),
  updatedAt: workspace.updatedAt.toISOString(),
  about: workspace.about,
});

const reference = ({ id, name, ownerId }: NamedElement) => ({ id, name, uid: toUid(ownerId, id) });

/** Lists without members are left out, as Postman does. */
function nonEmpty(elements: Awaited<ReturnType<typeof listElements>>) {
  const { collections, environments, mocks, monitors, specs } = elements;
  return {
    ...(collections.length > 0 && { collections: collections.map(reference) }),
    ...(environments.length > 0 && { environments: environments.map(reference) }),
    ...(mocks.length > 0 && { mocks: mocks.map((mock) => ({ ...reference(mock), deactivated: false })) }),
    ...(monitors.length > 0 && {
      monitors: monitors.map((monitor) => ({ ...reference(monitor), deactivated: !monitor.active })),
    }),
    ...(specs.length > 0 && { specs: specs.map(reference) }),
  };
}

/** What the query asks for; "nothing" when it asks for something that cannot exist here. */
function filterOf(query: Query): WorkspaceFilter | "nothing" {
  const [type, createdBy, elementType, elementId, cursor] = [
    "type",
    "createdBy",
    "elementType",
    "elementId",
    "cursor",
  ].map(query);
  const filter: WorkspaceFilter = {};
  if (type !== undefined) filter.visibility = parseVisibility(type);
  if (createdBy !== undefined) {
    if (!/^\d{1,9}$/.test(createdBy)) throw badQuery("createdBy must be an integer.", "invalidParamError");
    filter.createdBy = Number(createdBy);
  }
  if (cursor) {
    const after = decodeCursor(cursor);
    if (!after) throw badQuery("Invalid cursor query parameter passed.");
    filter.after = after;
  }
  if (elementType === undefined) return filter;
  if (elementType !== "collection" && elementType !== "specification") {
    throw badQuery("elementType must be one of: collection, specification");
  }
  if (!elementId) throw badQuery("elementId is required when elementType is provided");
  const id = bareId(elementId);
  if (id === undefined) return "nothing";
  return { ...filter, ...(elementType === "collection" ? { collectionId: id } : { specId: id }) };
}
