import type { Database } from "../../../db/connect.ts";

/** Runners that have run a monitor, by name; at most 200. */
export const listRunnersOfHistory = ({ sql }: Database, monitorId: string) => sql<
  { id: string; name: string }[]
>`
  select w.id, w.name from runners w
   where w.id in (select runner_id from run_hours where monitor_id = ${monitorId}
                  union select runner_id from monitor_runners where monitor_id = ${monitorId})
   order by w.name, w.id limit 200`;
