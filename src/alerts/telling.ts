import type { Database } from "../../db/connect.ts";
import type { Telling } from "../../web/parts/telling.tsx";
import { isInForce } from "./mutes.ts";

/** `until` comes out of JSON as text. */
type Row = Omit<Telling, "mute"> & {
  monitorId: string;
  mute: { by: string; reason: string; until: string | null } | null;
};

/**
 * Of each monitor whether anybody hears of it when it fails, and the mute that is in force; for pages that show how
 * monitors do. A mute of a rule counts when every rule that would tell of the monitor is muted; the first to end says until
 * when. One statement, whatever their number.
 */
export async function readTelling(
  { sql }: Pick<Database, "sql">,
  monitorIds: readonly string[],
): Promise<ReadonlyMap<string, Telling>> {
  if (monitorIds.length === 0) return new Map();
  const mute = sql`jsonb_build_object('by', u.name, 'reason', x.reason, 'until', x.until_at) as mute, x.until_at`;
  const rows = await sql<Row[]>`
    with shown as materialized (
      select m.id as monitor_id, m.workspace_id,
             coalesce(jsonb_array_length(m.notifications -> 'onFailure'), 0) > 0 as mails_failure,
             coalesce(jsonb_array_length(m.notifications -> 'onError'), 0) > 0 as mails_error
        from monitors m where m.id = any(${sql.array([...monitorIds])}::uuid[])
    ), watching as materialized (
      select s.monitor_id, r.id as rule_id, r.on_failure, r.on_error
        from shown s join alert_rules r
          on r.workspace_id = s.workspace_id and (r.monitor_id = s.monitor_id or r.monitor_id is null)
       where r.active and (r.on_failure or r.on_error)
         and exists (select 1 from alert_rule_channels rc join alert_channels c on c.id = rc.channel_id and c.active
                      where rc.rule_id = r.id)
    ), own as (
      select distinct on (a.monitor_id) a.monitor_id, ${mute}
        from shown a join alert_mutes x on x.monitor_id = a.monitor_id join users u on u.id = x.muted_by
       where ${isInForce(sql)} order by a.monitor_id, x.until_at desc nulls first
    ), of_rules as (
      select distinct on (a.monitor_id, a.rule_id) a.monitor_id, a.rule_id, ${mute}
        from watching a join alert_mutes x on x.rule_id = a.rule_id join users u on u.id = x.muted_by
       where ${isInForce(sql)} order by a.monitor_id, a.rule_id, x.until_at desc nulls first
    )
    select s.monitor_id as "monitorId", s.mails_failure or coalesce(bool_or(w.on_failure), false) as failure,
           s.mails_error or coalesce(bool_or(w.on_error), false) as error,
           coalesce(o.mute, case when not (s.mails_failure or s.mails_error) and bool_and(r.mute is not null)
                                 then (array_agg(r.mute order by r.until_at nulls last))[1] end) as mute
      from shown s left join own o on o.monitor_id = s.monitor_id
      left join watching w on w.monitor_id = s.monitor_id
      left join of_rules r on r.monitor_id = w.monitor_id and r.rule_id = w.rule_id
     group by s.monitor_id, s.mails_failure, s.mails_error, o.mute`;
  return new Map(
    rows.map(({ monitorId, mute: found, ...telling }) => [
      monitorId,
      {
        ...telling,
        mute: found && { ...found, until: found.until === null ? null : new Date(found.until) },
      },
    ]),
  );
}
