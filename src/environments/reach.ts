import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { bareId } from "../lib/ids.ts";
import { type EnvironmentHead, findEnvironmentHead } from "./store.ts";

type NotFound = (code?: "not_found" | "bad_request") => AppError;

/**
 * The environment of a path, by id or uid, for whoever has the role in its workspace. Throws 404 for an unknown one, what
 * `notFound` says of `bad_request` for what can be no id, and 403 for one out of the actor's reach.
 */
export async function reachEnvironment(
  database: Database,
  actor: Actor,
  {
    asked,
    role,
    notFound = environmentNotFound,
  }: { asked: string; role: WorkspaceRole; notFound?: NotFound },
): Promise<EnvironmentHead> {
  const id = bareId(asked);
  if (id === undefined) throw notFound("bad_request");
  const head = await findEnvironmentHead(database, id);
  if (!head) throw notFound();
  await requireWorkspaceRole(database, actor, head.workspaceId, role);
  return head;
}

export const environmentNotFound: NotFound = (code = "not_found") =>
  new AppError(code, "We could not find the environment you are looking for", {
    name: "instanceNotFoundError",
  });
