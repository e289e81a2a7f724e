import type { Database } from "../../../db/connect.ts";
import type { Limit } from "./limits.ts";

/** What a server wants of one window. */
export interface WindowAsk {
  rule: string;
  subject: string;
  limit: Limit;
  /** Calls that wait for an answer. */
  waiting: number;
}

export interface WindowGrant {
  /** Calls that the server may let pass. */
  granted: number;
  /** Calls that are left for everybody. */
  left: number;
  endsAt: Date;
  /** Until then. */
  remainingMs: number;
}

/** Beyond what waits, a server is given this part of what is left, so that it need not ask for each call. */
const AHEAD_PART = 16;
/** What a server that dies takes along, at most. */
const MAX_AHEAD = 100;

/**
 * Takes from the windows, in one statement and in the order of their names, so that servers never wait for each other in
 * a circle. A window that is over starts afresh with the first who asks. Never gives more than the limit, however many
 * servers ask. The answers are in the order of `asks`, in which a window stands once.
 */
export async function takeFromWindows(
  { sql }: Database,
  asks: readonly WindowAsk[],
): Promise<(WindowGrant | undefined)[]> {
  const rows = await sql<(WindowGrant & { rule: string; subject: string })[]>`
    with asked as materialized (
      select a.*,
        date_trunc('milliseconds', case when a.seconds is null
          then (date_trunc('month', now() at time zone 'utc') + interval '1 month') at time zone 'utc'
          else now() + make_interval(secs => a.seconds) end) as ends_at,
        -- A crash of the database may lose the last counts; in return, nobody waits for the disk.
        set_config('synchronous_commit', 'off', true)
      from unnest(
        ${asks.map(({ rule }) => rule)}::text[],
        ${asks.map(({ subject }) => subject)}::text[],
        ${asks.map(({ limit }) => limit.allowed)}::int[],
        ${asks.map(({ limit }) => limit.windowSeconds)}::int[],
        ${asks.map(({ waiting }) => waiting)}::int[]) as a (rule, subject, allowed, seconds, waiting)
    ), fresh as materialized (
      select asked.*,
        least(allowed, waiting + least(${MAX_AHEAD}::int, allowed / ${AHEAD_PART}::int)) as granted
      from asked
    )
    insert into rate_windows as w (rule, subject, allowed, used, granted, ends_at)
    select rule, subject, allowed, granted, granted, ends_at from fresh order by rule, subject
    on conflict (rule, subject) do update set
      (allowed, used, granted, ends_at) = (
        select f.allowed, before.used + given.granted, given.granted, before.ends_at
        from fresh f,
          lateral (select
            case when w.ends_at <= now() then 0 else w.used end as used,
            case when w.ends_at <= now() then f.ends_at else w.ends_at end as ends_at) before,
          lateral (select greatest(0, f.allowed - before.used) as calls) unused,
          lateral (select least(unused.calls,
            f.waiting + least(${MAX_AHEAD}::int, unused.calls / ${AHEAD_PART}::int)) as granted) given
        where f.rule = excluded.rule and f.subject = excluded.subject)
    returning rule, subject, granted, greatest(0, allowed - used)::int as left, ends_at as "endsAt",
      greatest(0, extract(epoch from ends_at - now()) * 1000)::float8 as "remainingMs"`;
  const byName = new Map(rows.map((row) => [`${row.rule} ${row.subject}`, row]));
  return asks.map(({ rule, subject }) => byName.get(`${rule} ${subject}`));
}

/** Calls that a server was given and will not need; of a window that is over, nothing happens. */
export async function giveBackToWindows(
  { sql }: Database,
  unneeded: readonly { rule: string; subject: string; calls: number; endsAt: Date }[],
): Promise<void> {
  await sql`
    with back as materialized (
      select * from unnest(
        ${unneeded.map(({ rule }) => rule)}::text[],
        ${unneeded.map(({ subject }) => subject)}::text[],
        ${unneeded.map(({ calls }) => calls)}::int[],
        ${unneeded.map(({ endsAt }) => endsAt.toISOString())}::text[]) as b (rule, subject, calls, ends_at)
    ), locked as materialized (
      select w.rule, w.subject, back.calls from rate_windows w
      join back on back.rule = w.rule and back.subject = w.subject and back.ends_at::timestamptz = w.ends_at
      order by w.rule, w.subject for update of w
    )
    update rate_windows w set used = greatest(0, w.used - locked.calls)
    from locked where locked.rule = w.rule and locked.subject = w.subject`;
}

/** Windows that have been over for an hour. */
export async function removeOldWindows({ sql }: Database): Promise<void> {
  await sql`delete from rate_windows where ends_at < now() - interval '1 hour'`;
}
