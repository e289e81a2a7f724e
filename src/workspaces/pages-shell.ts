import type { Context } from "hono";

import type { Shell } from "../../web/layout.tsx";
import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { createWorkspace, listWorkspaces, resolveWorkspaceId } from "./store.ts";

/** The frame of a page: who looks, which workspaces there are, and the one in the query string. */
export async function loadShell(c: Context<AppEnv>, deps: Pick<Deps, "database" | "clock">): Promise<Shell> {
  const { workspaces } = await listWorkspaces(deps.database);
  const { name, email, role } = c.get("actor");
  const wanted = c.req.query("workspace");
  return {
    user: { name, email, isAdmin: role === "admin" },
    csrfToken: c.get("csrfToken"),
    workspaces: workspaces.map((workspace) => ({ id: workspace.id, name: workspace.name })),
    workspaceId: workspaces.find((workspace) => workspace.id === wanted)?.id,
    now: deps.clock.now(),
  };
}

/** Name of a workspace of the shell, for rows. */
export const workspaceName = (shell: Shell, id: string): string =>
  shell.workspaces.find((workspace) => workspace.id === id)?.name ?? "";

/** Where an upload goes: the chosen workspace, else the person's own; the first one is made on the way. */
export async function workspaceForUpload(
  { database }: Pick<Deps, "database">,
  actor: Actor,
  wanted: string,
): Promise<string> {
  if (wanted !== "") return resolveWorkspaceId(database, actor, wanted);
  const { workspaces } = await listWorkspaces(database, { limit: 1 });
  if (workspaces.length > 0) return resolveWorkspaceId(database, actor, undefined);
  const { id } = await createWorkspace(database, actor, { name: "My Workspace", type: "team" });
  return id;
}
