import type { Database } from "../../db/connect.ts";
import type { MonitorUse } from "../../web/parts/monitor-uses.tsx";

/** More are on the overview. */
const MAX_SHOWN = 20;

/** The monitors that use an environment, and how the last run of each went. */
export async function listEnvironmentUses(
  { sql }: Database,
  environmentId: string,
): Promise<{ monitors: MonitorUse[]; total: number }> {
  const rows = await sql<(MonitorUse & { total: number })[]>`
    select m.id, m.name, m.active, r.id as "runId", r.status, r.queued_at as "queuedAt",
           count(*) over ()::int as total
      from monitors m
      left join lateral (
        select id, queued_at,
               case status when 'queued' then 'queued' when 'leased' then 'running' else outcome end as status
          from runs where monitor_id = m.id order by queued_at desc limit 1) r on true
     where m.environment_id = ${environmentId}
     order by m.name, m.id limit ${MAX_SHOWN}`;
  return { monitors: rows, total: rows[0]?.total ?? 0 };
}
