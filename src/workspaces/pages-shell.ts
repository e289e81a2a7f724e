import type { Context } from "hono";

import type { Shell } from "../../web/layout.tsx";
import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { readRoles } from "../access/workspace-rights.ts";
import { createWorkspace, findOwnWorkspaceId, listWorkspaces, resolveWorkspaceId } from "./store.ts";

/** The frame of a page: who looks, the workspaces that they see, and the one in the query string. */
export async function loadShell(c: Context<AppEnv>, deps: Pick<Deps, "database" | "clock">): Promise<Shell> {
  const actor = c.get("actor");
  const [{ workspaces }, roleIn] = await Promise.all([
    listWorkspaces(deps.database, actor),
    readRoles(deps.database, actor),
  ]);
  const { name, email, role } = actor;
  const wanted = c.req.query("workspace");
  return {
    user: { name, email, isAdmin: role === "admin" },
    csrfToken: c.get("csrfToken"),
    workspaces: workspaces.map((workspace) => ({
      id: workspace.id,
      name: workspace.name,
      isReadOnly: roleIn(workspace) === "viewer",
    })),
    workspaceId: workspaces.find((workspace) => workspace.id === wanted)?.id,
    now: deps.clock.now(),
  };
}

/** Name of a workspace of the shell, for rows. */
export const workspaceName = (shell: Shell, id: string): string =>
  shell.workspaces.find((workspace) => workspace.id === id)?.name ?? "";

/** Whether a page shows no way to change what it is about; the server checks it again. */
export const isReadOnly = (shell: Shell, workspaceId: string): boolean =>
  shell.workspaces.some((workspace) => workspace.id === workspaceId && workspace.isReadOnly === true);

/** Where an upload goes: the chosen workspace, else one that the person may change; the first one is made on the way. */
export async function workspaceForUpload(
  { database }: Pick<Deps, "database">,
  actor: Actor,
  wanted: string,
): Promise<string> {
  if (wanted !== "") return resolveWorkspaceId(database, actor, wanted);
  const own = await findOwnWorkspaceId(database, actor);
  if (own !== undefined) return own;
  const { id } = await createWorkspace(database, actor, { name: "My Workspace", type: "team" });
  return id;
}
