import { instantOf, localOf } from "../../lib/local-time.ts";
import type { Span } from "../statistics/plan.ts";

/** A month of a calendar; `month` counts from 1. */
export interface Month {
  year: number;
  month: number;
}

const EARLIEST_YEAR = 2000;
const LATEST_YEAR = 2100;

/** `2026-11`; undefined for what is no month of this century. */
export function parseMonth(text: string | undefined): Month | undefined {
  const [, year = "", month = ""] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text ?? "") ?? [];
  const found = { year: Number(year), month: Number(month) };
  return found.month > 0 && found.year >= EARLIEST_YEAR && found.year < LATEST_YEAR ? found : undefined;
}

/** The month that a calendar of the time zone shows. */
export function monthAt(at: Date, timezone: string): Month {
  const local = localOf(at, timezone);
  return { year: Number(local.slice(0, 4)), month: Number(local.slice(5, 7)) };
}

export const monthText = ({ year, month }: Month): string => `${year}-${String(month).padStart(2, "0")}`;

export function nextMonth({ year, month }: Month, by: 1 | -1 = 1): Month {
  const index = year * 12 + (month - 1) + by;
  return { year: Math.floor(index / 12), month: (index % 12) + 1 };
}

export interface Day extends Span {
  /** `2026-11-22`. */
  date: string;
}

/** The days of a month by the clock of a time zone: not all have 24 hours. */
export function daysOf(month: Month, timezone: string): Day[] {
  const last = new Date(Date.UTC(month.year, month.month, 0)).getUTCDate();
  const starts = Array.from({ length: last }, (_, index) => {
    const date = `${monthText(month)}-${String(index + 1).padStart(2, "0")}`;
    return { date, since: midnight(date, timezone) };
  });
  const end = midnight(`${monthText(nextMonth(month))}-01`, timezone);
  return starts.map((day, index) => ({ ...day, until: starts[index + 1]?.since ?? end }));
}

function midnight(date: string, timezone: string): Date {
  const found = instantOf(`${date}T00:00`, timezone);
  if (!found) throw new Error(`${date} is no day`);
  return found;
}

/** From the first to the last instant of a month. */
export function spanOfMonth(month: Month, timezone: string): Span {
  return {
    since: midnight(`${monthText(month)}-01`, timezone),
    until: midnight(`${monthText(nextMonth(month))}-01`, timezone),
  };
}
