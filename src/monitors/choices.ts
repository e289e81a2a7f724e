import type { Database } from "../../db/connect.ts";

/** A monitor as forms offer it. */
export interface MonitorChoice {
  id: string;
  name: string;
  folder: string;
}

/** More than a person ticks one by one; beyond it forms offer tags. */
const MAX_CHOICES = 500;

/** Monitors of a workspace by folder and name, at most 500. */
export const listMonitorChoices = (
  { sql }: Pick<Database, "sql">,
  workspaceId: string,
): Promise<MonitorChoice[]> => sql<MonitorChoice[]>`
  select id, name, folder from monitors where workspace_id = ${workspaceId}
   order by folder, lower(name), id limit ${MAX_CHOICES}`;

/** Tags of the monitors of a workspace, by name. */
export async function listMonitorTags(
  { sql }: Pick<Database, "sql">,
  workspaceId: string,
): Promise<string[]> {
  const rows = await sql<{ tag: string }[]>`
    select distinct unnest(tags) as tag from monitors where workspace_id = ${workspaceId} order by tag limit 200`;
  return rows.map(({ tag }) => tag);
}

/** The time zone of most monitors of a workspace; forms about it begin with that. UTC without any. */
export async function usualTimezone({ sql }: Pick<Database, "sql">, workspaceId: string): Promise<string> {
  const [row] = await sql<{ timezone: string }[]>`
    select timezone from monitors where workspace_id = ${workspaceId}
     group by timezone order by count(*) filter (where cron is not null) desc, count(*) desc, timezone limit 1`;
  return row?.timezone ?? "UTC";
}
