import type { Database } from "../../db/connect.ts";
import type { MuteInForce, Telling } from "../../web/parts/telling.tsx";
import { isInForce } from "./mutes.ts";

/** Who hears of monitors, for the pages that show how they do. */

type Sql = Pick<Database, "sql">;

/** Whether anybody hears of a monitor when it fails or cannot be checked, and the mute that is in force. */
export async function readTelling(database: Sql, monitorId: string): Promise<Telling> {
  const { sql } = database;
  const [mutes, [heard]] = await Promise.all([
    readMutes(database, [monitorId]),
    sql<Omit<Telling, "mute">[]>`
      select ${mails(sql, "onFailure")} or coalesce(bool_or(r.on_failure), false) as failure,
             ${mails(sql, "onError")} or coalesce(bool_or(r.on_error), false) as error
        from monitors m left join alert_rules r on ${isWatching(sql)}
       where m.id = ${monitorId} group by m.id`,
  ]);
  return { failure: false, error: false, ...heard, mute: mutes.get(monitorId) ?? null };
}

/**
 * The mutes in force of these monitors. A mute of a rule counts when every rule that would tell of the monitor is muted; the
 * first of them to end says until when. One statement, whatever their number, that costs what there is of mutes, not of rules.
 */
export async function readMutes(
  { sql }: Sql,
  monitorIds: readonly string[],
): Promise<ReadonlyMap<string, MuteInForce>> {
  if (monitorIds.length === 0) return new Map();
  const ids = sql.array([...monitorIds]);
  const rows = await sql<(MuteInForce & { monitorId: string })[]>`
    with of_rules as materialized (
      select x.* from alert_mutes x
       where x.rule_id is not null and x.ended_at is null and (x.until_at is null or x.until_at > now())
    ), ruled as (
      select m.id as monitor_id, x.muted_by, x.reason, x.until_at
        from of_rules x join alert_rules r on r.id = x.rule_id
        join monitors m on m.id = any(${ids}::uuid[]) and ${isWatching(sql)}
       where not ${mails(sql, "onFailure")} and not ${mails(sql, "onError")} and ${isInForceFor(sql, "m.id")}
         and not exists (select 1 from alert_rules r
                          where ${isWatching(sql)} and not exists (
                            select 1 from of_rules x where x.rule_id = r.id and ${isInForceFor(sql, "m.id")}))
    ), own as (
      select x.monitor_id, x.muted_by, x.reason, x.until_at from alert_mutes x
       where x.monitor_id = any(${ids}::uuid[]) and ${isInForceFor(sql, "x.monitor_id")}
    ), found as (
      (select distinct on (monitor_id) 1 as place, * from own order by monitor_id, until_at desc nulls first)
      union all
      (select distinct on (monitor_id) 2, * from ruled order by monitor_id, until_at nulls last)
    )
    select distinct on (f.monitor_id) f.monitor_id as "monitorId", u.name as by, f.reason, f.until_at as until
      from found f join users u on u.id = f.muted_by order by f.monitor_id, f.place`;
  return new Map(rows.map(({ monitorId, ...mute }) => [monitorId, mute]));
}

const isInForceFor = (sql: Database["sql"], monitorId: "m.id" | "x.monitor_id") =>
  isInForce(sql, monitorId === "m.id" ? sql`m.id` : sql`x.monitor_id`);

/** Whether the rule `r` would tell that the monitor `m` fails or cannot be checked. */
const isWatching = (sql: Database["sql"]) => sql`
  (r.active and r.workspace_id = m.workspace_id and (r.monitor_id = m.id or r.monitor_id is null)
   and (r.on_failure or r.on_error)
   and exists (select 1 from alert_rule_channels rc join alert_channels c on c.id = rc.channel_id and c.active
                where rc.rule_id = r.id))`;

const mails = (sql: Database["sql"], when: "onFailure" | "onError") =>
  sql`coalesce(jsonb_array_length(m.notifications -> ${when}::text), 0) > 0`;
