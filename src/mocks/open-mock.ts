import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { bareId } from "../lib/ids.ts";
import { mockNotFound } from "./mock.ts";
import { findMock, type MockWithReferences } from "./store.ts";

/** The mock of a path for somebody who has the role in its workspace. Throws 403, and `missing` for an id that there is not. */
export async function openMock(
  database: Database,
  actor: Actor,
  { id: idOrUid, role, missing = mockNotFound }: { id: string; role: WorkspaceRole; missing?: () => Error },
): Promise<MockWithReferences> {
  const id = bareId(idOrUid);
  const mock = id === undefined ? undefined : await findMock(database, id);
  if (!mock) throw missing();
  await requireWorkspaceRole(database, actor, mock.workspaceId, role);
  return mock;
}
