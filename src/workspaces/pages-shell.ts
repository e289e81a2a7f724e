import type { Context } from "hono";

import type { Shell } from "../../web/layout.tsx";
import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { createWorkspace, findOwnWorkspaceId, listWorkspaces, resolveWorkspaceId } from "./store.ts";

/** The frame of a page: who looks, the workspaces that they see, and the one in the query string. */
export async function loadShell(c: Context<AppEnv>, deps: Pick<Deps, "database" | "clock">): Promise<Shell> {
  const { workspaces } = await listWorkspaces(deps.database, c.get("actor"));
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
