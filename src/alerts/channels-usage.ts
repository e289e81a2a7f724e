import type { Database } from "../../db/connect.ts";

/** How a channel is used. */
export interface ChannelUsage {
  rules: number;
  lastSent: { at: Date; ok: boolean } | null;
}

/** By channel, for lists. */
export async function usageOfChannels(
  { sql }: Pick<Database, "sql">,
  ids: readonly string[],
): Promise<Map<string, ChannelUsage>> {
  const rows = await sql<{ id: string; rules: number; at: Date | null; status: string | null }[]>`
    select c.id, (select count(*)::int from alert_rule_channels r where r.channel_id = c.id) as rules, d.at, d.status
      from unnest(${sql.array([...ids])}::uuid[]) as c(id)
      left join lateral (
        select coalesce(d.ended_at, d.created_at) as at, d.status from alert_deliveries d
         where d.channel_id = c.id and d.status in ('sent', 'failed', 'given_up')
         order by d.position desc limit 1) d on true`;
  return new Map(
    rows.map(({ id, rules, at, status }) => [id, { rules, lastSent: at && { at, ok: status === "sent" } }]),
  );
}

/** The names of the monitors whose rules use a channel, at most eleven; an empty name is a rule of a whole workspace. */
export async function monitorsOfChannel(
  { sql }: Pick<Database, "sql">,
  channelId: string,
): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select distinct coalesce(m.name, '') as name
      from alert_rule_channels c join alert_rules r on r.id = c.rule_id left join monitors m on m.id = r.monitor_id
     where c.channel_id = ${channelId} order by name limit 11`;
  return rows.map(({ name }) => name);
}
