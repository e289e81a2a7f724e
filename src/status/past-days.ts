import type { Deps } from "../access/context.ts";
import { type CountedDay, countDays, type DayQuestion } from "./view-store.ts";

/** Days that are over do not change any more, but for runs that end long after they were queued. */
const FRESH_MS = 10 * 60_000;
/** Those that may still change much. */
const RECENT_DAYS = 2;
const MAX_REMEMBERED = 200;

export type CountDays = (question: DayQuestion) => Promise<CountedDay[]>;

/** Counts as `countDays` does, but reads only the last days each time: a quarter of a year is many rows. */
export function rememberPastDays({ database, clock }: Pick<Deps, "database" | "clock">): CountDays {
  const remembered = new Map<string, { until: number; counts: Promise<CountedDay[]> }>();

  const past = ({ monitorIds, days }: DayQuestion): Promise<CountedDay[]> => {
    const now = clock.now().getTime();
    const key = JSON.stringify([monitorIds, days[0]?.startsAt, days.at(-1)?.endsAt]);
    const last = remembered.get(key);
    if (last && last.until > now) return last.counts;
    const counts = countDays(database, { monitorIds, days });
    counts.catch(() => remembered.delete(key));
    remembered.delete(key);
    remembered.set(key, { until: now + FRESH_MS, counts });
    for (const oldest of remembered.keys()) {
      if (remembered.size <= MAX_REMEMBERED) break;
      remembered.delete(oldest);
    }
    return counts;
  };

  return async ({ monitorIds, days }) => {
    const from = Math.max(0, days.length - RECENT_DAYS);
    const [before, recent] = await Promise.all([
      past({ monitorIds, days: days.slice(0, from) }),
      countDays(database, { monitorIds, days: days.slice(from) }),
    ]);
    return [...before, ...recent.map((day) => ({ ...day, index: day.index + from }))];
  };
}
