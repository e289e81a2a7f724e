import type { Database } from "../../db/connect.ts";
import { alertLimits } from "./alert.ts";
import type { Carried } from "./carried.ts";
import type { AlertMessage } from "./message.ts";
import type { Receipt } from "./senders/sender.ts";

/** Longer than an attempt can take: whoever has not said how it ended by then is dead. */
export const LEASE_SECONDS = 30;
/** So that one receiver that hangs leaves room for the others. */
const PER_RECEIVER = 4;
/** Attempts, about five minutes, for which a message of an earlier alert goes first. */
const HEAD_START = 6;

export interface DueDelivery {
  id: string;
  alertId: string;
  channelId: string | null;
  /** Addresses that stand in a monitor. */
  recipients: string[] | null;
  message: AlertMessage;
  /** Instead of a channel that was deleted. */
  through: Carried | null;
  /** Of this attempt, from 1. */
  attempt: number;
  ageSeconds: number;
}

/**
 * Takes deliveries that are due, each for one server and the time of a lease. Of one alert and receiver the oldest that is not
 * done comes first, so that no recovery overtakes what it ends. The next alert of the same condition waits, too, but not for
 * ever: a message that breaks its receiver must not keep a new one back.
 */
export const claimDeliveries = ({ sql }: Pick<Database, "sql">, limit: number): Promise<DueDelivery[]> => sql<
  DueDelivery[]
>`
  with receivers as materialized (
    select receiver,
           count(*) filter (where status = 'sending' and next_attempt_at > now()) as under_way
      from alert_deliveries where status in ('pending', 'sending')
     group by 1 having bool_or(next_attempt_at <= now())
  ), due as materialized (
    select d.id from receivers r cross join lateral (
      select d.id, d.position from alert_deliveries d
       where d.receiver = r.receiver and d.status in ('pending', 'sending')
         and d.next_attempt_at <= now() and not exists (
           select 1 from alert_deliveries e
            where e.position < d.position and e.status in ('pending', 'sending')
              and (e.alert_id = d.alert_id
                   or (e.rule_id = d.rule_id and e.monitor_id = d.monitor_id and e.condition = d.condition
                       and e.attempt < ${HEAD_START}))
              and e.channel_id is not distinct from d.channel_id and e.recipients is not distinct from d.recipients)
       order by d.position limit greatest(${PER_RECEIVER} - r.under_way, 0)) d
     order by d.position limit ${limit}
  ), taken as (
    select d.id from alert_deliveries d
     where d.id = any(array(select id from due)) and d.status in ('pending', 'sending') and d.next_attempt_at <= now()
     order by d.position for update of d skip locked
  )
  update alert_deliveries d
     set status = 'sending', attempt = attempt + 1, next_attempt_at = now() + make_interval(secs => ${LEASE_SECONDS})
    from taken where d.id = taken.id
  returning d.id, d.alert_id as "alertId", d.channel_id as "channelId", d.recipients, d.message - 'through' as message,
            d.message -> 'through' as through, d.attempt,
            extract(epoch from now() - d.created_at)::float8 as "ageSeconds"`;

type Claimed = Pick<DueDelivery, "id" | "attempt">;

/** Only the holder of the lease says how its attempt ended. False when it has lost it. */
export async function markEnded(
  { sql }: Pick<Database, "sql">,
  { id, attempt }: Claimed,
  { outcome, receipt }: { outcome: "sent" | "failed" | "given_up"; receipt: Receipt },
): Promise<boolean> {
  const rows = await sql`
    update alert_deliveries set status = ${outcome}, ended_at = now(), response_status = ${receipt.status},
           response = ${receipt.response}, message = message #- '{through,sealedConfig}'
     where id = ${id} and attempt = ${attempt} and status = 'sending' returning id`;
  return rows.length > 0;
}

export const markRetry = (
  { sql }: Pick<Database, "sql">,
  { id, attempt }: Claimed,
  { afterMs, receipt }: { afterMs: number; receipt: Receipt },
) => sql`
  update alert_deliveries
     set status = 'pending', next_attempt_at = now() + ${afterMs} * interval '1 ms', response_status = ${receipt.status},
         response = ${receipt.response}
   where id = ${id} and attempt = ${attempt} and status = 'sending'`;

/** What has ended long ago leaves the log, some at a time; who was told of an open alert is known until its end. */
export const pruneLog = ({ sql }: Pick<Database, "sql">) => sql`
  delete from alert_deliveries where id = any(array(
    select id from alert_deliveries
     where created_at < now() - make_interval(days => ${alertLimits.logDays}) and status not in ('pending', 'sending')
       and not exists (select 1 from alert_states s
                        where s.alert_id = alert_deliveries.alert_id and s.state = 'firing')
     order by created_at limit 5000))`;
