import type postgres from "postgres";

import type { Database } from "../../../db/connect.ts";

/** From when to when a maintenance window was, is or will be open. */
export interface MaintenancePeriod {
  id: string;
  windowId: string;
  workspaceId: string;
  name: string;
  reason: string;
  /** `skip`: slots are not run; `silence`: runs take place and nobody is told. */
  behaviour: "skip" | "silence";
  startsAt: Date;
  /** The first instant that is not in it. */
  endsAt: Date;
  /** The monitors that it is about; null = every monitor of the workspace. */
  monitorIds: string[] | null;
}

/** Of one monitor, or of a workspace; what overlaps `[since, until)`. */
export type MaintenanceQuestion = ({ monitorId: string } | { workspaceId: string }) & {
  since: Date;
  until: Date;
};

const MAX_LISTED = 1000;

/**
 * The periods that overlap `[since, until)`, earliest first, at most 1,000; those of windows that were deleted since
 * included, as far as they took place. Future ones of a recurring window are known for about a month.
 */
export async function listMaintenance(
  { sql }: Pick<Database, "sql">,
  question: MaintenanceQuestion,
): Promise<MaintenancePeriod[]> {
  const isAbout =
    "monitorId" in question
      ? sql`exists (select 1 from monitors m where m.id = ${question.monitorId}
                       and p.workspace_id = m.workspace_id and ${coversMonitor(sql)})`
      : sql`p.workspace_id = ${question.workspaceId}`;
  return await sql<MaintenancePeriod[]>`
    select ${periodColumns(sql)} from maintenance_periods p join maintenance_windows w on w.id = p.window_id
     where ${isAbout} and p.starts_at < ${question.until} and p.ends_at > ${question.since}
     order by p.starts_at, p.id limit ${MAX_LISTED}`;
}

/** What is open now, of each monitor asked for; for lists and overviews. */
export async function listMonitorsInMaintenance(
  { sql }: Pick<Database, "sql">,
  monitorIds: readonly string[],
): Promise<Map<string, MaintenancePeriod>> {
  const rows = await sql<(MaintenancePeriod & { monitorId: string })[]>`
    select distinct on (m.id) m.id as "monitorId", ${periodColumns(sql)}
      from maintenance_periods p join maintenance_windows w on w.id = p.window_id
      join monitors m on m.workspace_id = p.workspace_id and ${coversMonitor(sql)}
     where m.id = any(${sql.array([...monitorIds])}::uuid[]) and p.starts_at <= now() and p.ends_at > now()
     order by m.id, p.ends_at desc`;
  return new Map(rows.map(({ monitorId, ...period }) => [monitorId, period]));
}

type Client = postgres.Sql | postgres.TransactionSql;

/** Whether the period `p` is about the monitor `m` of its workspace. */
export const coversMonitor = (sql: Client) =>
  sql`(p.covers = 'all' or (p.covers = 'monitors' and m.id = any(p.monitor_ids))
       or (p.covers = 'tag' and p.tag = any(m.tags)))`;

export const periodColumns = (sql: Client) => sql`
  p.id, p.window_id as "windowId", p.workspace_id as "workspaceId", w.name, w.reason, p.behaviour,
  p.starts_at as "startsAt", p.ends_at as "endsAt",
  case p.covers when 'all' then null when 'monitors' then p.monitor_ids
       else (select coalesce(array_agg(m.id), '{}') from monitors m
              where m.workspace_id = p.workspace_id and p.tag = any(m.tags)) end as "monitorIds"`;
