import type { Database } from "../../db/connect.ts";

/** Days that a page draws. */
export const DAYS = 90;

/** A slot may come this much later than its time before what is known is old. */
const OVERDUE_MINUTES = 5;
/** Without a schedule nobody knows when the next check comes. */
const OLD_HOURS = 26;

export interface EntryRecord {
  id: string;
  monitorId: string;
  name: string;
  group: string;
  active: boolean;
  outcome: "passed" | "failed" | "errored" | "aborted" | null;
  stateSince: Date | null;
  checkedAt: Date | null;
  isOverdue: boolean;
}

/** In the order of the page. */
export const readEntries = ({ sql }: Pick<Database, "sql">, pageId: string) => sql<EntryRecord[]>`
  select e.id, m.id as "monitorId", e.shown_name as name, e.group_name as "group", m.active, m.state as outcome,
         m.state_since as "stateSince", last.at as "checkedAt",
         case when m.cron is null then coalesce(last.at < now() - make_interval(hours => ${OLD_HOURS}), true)
              else coalesce(m.next_run_at < now() - make_interval(mins => ${OVERDUE_MINUTES}), false) end as "isOverdue"
    from status_page_entries e join monitors m on m.id = e.monitor_id
    left join lateral (
      -- The newest are at the end of the index; one that still runs was not a check yet.
      select max(r.finished_at) as at from (
        select finished_at from runs where monitor_id = m.id and finished_at is not null
         order by queued_at desc limit 1) r) last on true
   where e.status_page_id = ${pageId} order by e.position, e.id`;

export interface PageDay {
  /** `2026-11-22`. */
  date: string;
  startsAt: Date;
  endsAt: Date;
}

/** The days of a page, oldest first, as long as they are in its time zone. */
export const readDays = ({ sql }: Pick<Database, "sql">, timezone: string, days: number) => sql<PageDay[]>`
  select to_char(d, 'YYYY-MM-DD') as date, d at time zone ${timezone} as "startsAt",
         (d + interval '1 day') at time zone ${timezone} as "endsAt"
    from generate_series(date_trunc('day', now() at time zone ${timezone}) - make_interval(days => ${days - 1}),
                         date_trunc('day', now() at time zone ${timezone}), interval '1 day') d order by d`;

export interface CountedDay {
  monitorId: string;
  /** Of the days asked for, from 0. */
  index: number;
  passed: number;
  failed: number;
  unclear: number;
}

/** What to count: days that follow each other. */
export interface DayQuestion {
  monitorIds: readonly string[];
  days: readonly PageDay[];
}

/** From hourly counts: an hour belongs to the day in which it begins. */
export async function countDays(
  { sql }: Pick<Database, "sql">,
  { monitorIds, days }: DayQuestion,
): Promise<CountedDay[]> {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last || monitorIds.length === 0) return [];
  const starts = sql.array(days.map(({ startsAt }) => startsAt.toISOString()));
  return sql<CountedDay[]>`
    -- Apart, or each row would read the whole list out of its text again.
    with bounds as materialized (select ${starts}::timestamptz[] as starts)
    select monitor_id as "monitorId", width_bucket(hour, starts) - 1 as index, sum(passed)::int as passed,
           sum(failed)::int as failed, sum(errored + aborted)::int as unclear
      from run_hours, bounds
     where monitor_id = any(${sql.array([...monitorIds])}::uuid[])
       and hour >= ${first.startsAt} and hour < ${last.endsAt} group by 1, 2`;
}
