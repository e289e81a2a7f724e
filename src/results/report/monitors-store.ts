import type { Database } from "../../../db/connect.ts";
import type { ReportedMonitor } from "./report.ts";

/** Monitors of a workspace by name. */
export const listReportedMonitors = (
  { sql }: Database,
  workspaceId: string,
  { limit, offset }: { limit: number; offset: number },
) => sql<(ReportedMonitor & { name: string })[]>`
  select id, name, workspace_id as "workspaceId", timezone, now() - make_interval(days => keep_run_days) as "runsKeptSince"
    from monitors where workspace_id = ${workspaceId} order by name, id limit ${limit} offset ${offset}`;

/** Runs of the monitor that are older may be deleted. */
export async function findKeptSince({ sql }: Database, monitorId: string): Promise<Date> {
  const [row] = await sql<{ keptSince: Date }[]>`
    select now() - make_interval(days => keep_run_days) as "keptSince" from monitors where id = ${monitorId}`;
  if (!row) throw new Error(`the monitor ${monitorId} has just gone`);
  return row.keptSince;
}
