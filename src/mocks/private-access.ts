import type { Database } from "../../db/connect.ts";
import { findActorByApiKey } from "../access/keys/store.ts";
import { findWorkspaceRole } from "../access/workspace-rights.ts";

/** Whether a key opens a private mock: a valid one of somebody who may see its workspace, and not narrowed to other things. */
export async function mayCall(
  database: Database,
  key: string | undefined,
  workspaceId: string,
): Promise<boolean> {
  const actor = key ? await findActorByApiKey(database, key) : undefined;
  if (!actor || (actor.scopes !== null && !actor.scopes.includes("mocks:read"))) return false;
  return (await findWorkspaceRole(database.db, actor, workspaceId)) !== undefined;
}
