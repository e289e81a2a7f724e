import type { Context } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { bareId } from "../lib/ids.ts";

/** The monitor that a page or an endpoint is about. */
export interface ReachedMonitor {
  id: string;
  name: string;
  workspaceId: string;
  workspaceName: string;
  cron: string | null;
  timezone: string;
  createdAt: Date;
}

/** The monitor of the path (`:id`, also a uid): 404 when there is none, 403 for whoever may not see its workspace. */
export async function reachMonitor(
  c: Context<AppEnv>,
  { database }: Pick<Deps, "database">,
): Promise<ReachedMonitor> {
  const id = bareId(c.req.param("id") ?? "");
  const [monitor] =
    id === undefined
      ? []
      : await database.sql<ReachedMonitor[]>`
          select m.id, m.name, m.workspace_id as "workspaceId", w.name as "workspaceName", m.cron, m.timezone,
                 m.created_at as "createdAt"
            from monitors m join workspaces w on w.id = m.workspace_id where m.id = ${id}`;
  if (!monitor) {
    const message = "The specified monitor does not exist; it may have been deleted.";
    throw new AppError("not_found", message, { name: "instanceNotFoundError" });
  }
  await requireWorkspaceRole(database, c.get("actor"), monitor.workspaceId, "viewer");
  return monitor;
}
