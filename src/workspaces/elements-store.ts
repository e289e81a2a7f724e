import type { Database } from "../../db/connect.ts";

export interface NamedElement {
  id: string;
  name: string;
  ownerId: number;
}

const MAX_LISTED = 10_000;

/** What a workspace holds, names only, oldest first. */
export async function listElements(database: Database, workspaceId: string) {
  const [collections, environments, monitors, mocks, specs] = await Promise.all([
    listNamed(database, "collections", workspaceId),
    listNamed(database, "environments", workspaceId),
    listMonitors(database, workspaceId),
    listNamed(database, "mocks", workspaceId),
    listNamed(database, "specs", workspaceId),
  ]);
  return { collections, environments, monitors, mocks, specs };
}

const listNamed = (
  { sql }: Database,
  table: "collections" | "environments" | "mocks" | "specs",
  workspaceId: string,
) => sql<NamedElement[]>`
  select id, name, owner_id as "ownerId" from ${sql(table)}
   where workspace_id = ${workspaceId} order by created_at, id limit ${MAX_LISTED}`;

const listMonitors = ({ sql }: Database, workspaceId: string) => sql<(NamedElement & { active: boolean })[]>`
  select id, name, owner_id as "ownerId", active from monitors
   where workspace_id = ${workspaceId} order by created_at, id limit ${MAX_LISTED}`;
