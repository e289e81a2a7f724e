import type { Context } from "hono";

import type { Database } from "../../db/connect.ts";
import type { AppEnv } from "../access/context.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { problem } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { findIncident, type Incident } from "./incidents-store.ts";
import { findStatusPage, type StatusPage } from "./store.ts";

/** The page of the path. 404 when there is none, 403 without the role in its workspace. */
export async function openStatusPage(
  c: Context<AppEnv>,
  database: Database,
  role: WorkspaceRole,
): Promise<StatusPage> {
  const id = c.req.param("id") ?? "";
  const page = isUuid(id) ? await findStatusPage(database, id) : undefined;
  if (!page) throw problem("not_found", "There is no such status page; it may have been deleted.");
  await requireWorkspaceRole(database, c.get("actor"), page.workspaceId, role);
  return page;
}

/** The incident of the path, on that page. */
export async function openIncident(
  c: Context<AppEnv>,
  database: Database,
  page: StatusPage,
): Promise<Incident> {
  const id = c.req.param("incidentId") ?? "";
  const incident = isUuid(id) ? await findIncident(database, page.id, id) : undefined;
  if (!incident) throw noIncident();
  return incident;
}

export const noIncident = () =>
  problem("not_found", "There is no such incident on this status page; it may have been deleted.");
