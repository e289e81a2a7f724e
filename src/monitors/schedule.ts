import { Cron } from "croner";

import { AppError } from "../lib/errors.ts";

/** A checked schedule: five cron fields, one space apart, and an IANA time zone. */
export interface Schedule {
  cron: string;
  timezone: string;
}

const CRON_FIELDS = 5;

/**
 * Checks a cron pattern and a time zone. Accepts six fields when the first is `0`, because that is how
 * reading a monitor answers, so what was read can be written back.
 *
 * Errors: 400 `cronPatternNotAllowedError` for a pattern that is malformed or never fires, 400
 * `invalidParamsError` for an unknown time zone.
 */
export function parseSchedule(cron: string, timezone: string): Schedule {
  if (!isTimeZone(timezone)) {
    throw new AppError(
      "bad_request",
      `The request had invalid parameters: the time zone "${timezone}" is unknown, send an IANA name such as "Europe/Berlin".`,
      { name: "invalidParamsError", details: { param: "schedule.timezone" } },
    );
  }
  const fields = cron.trim().split(/\s+/);
  if (fields.length === CRON_FIELDS + 1 && fields[0] === "0") fields.shift();
  if (fields.length !== CRON_FIELDS) throw cronNotAllowed(cron, `it has ${fields.length} fields, not five`);

  const schedule = { cron: fields.join(" "), timezone };
  let first: Date | null;
  try {
    // The probe must not depend on today: whether a pattern ever fires is a property of the pattern.
    first = calculator(schedule.cron, timezone).nextRun(new Date(0));
  } catch (error) {
    throw cronNotAllowed(cron, reasonOf(error));
  }
  if (first === null) throw cronNotAllowed(cron, "it never fires: no date matches it");
  return schedule;
}

/** The first instant after `after` at which the schedule fires; undefined when there is none. */
export const nextRunAt = (cron: string, timezone: string, after: Date): Date | undefined =>
  calculator(cron, timezone).nextRun(after) ?? undefined;

/** The next `count` instants after `after`, earliest first. */
export const nextRuns = (cron: string, timezone: string, after: Date, count: number): Date[] =>
  calculator(cron, timezone).nextRuns(count, after);

/** True for every name or offset that the time zone data of this program knows. */
export function isTimeZone(timezone: string): boolean {
  if (timezone === "") return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: timezone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Cron as a calculator only, never as the timer. A time that a DST change skips fires after it; a repeated one fires once. */
const calculator = (cron: string, timezone: string) =>
  new Cron(cron, { timezone, mode: "5-part", fixedTimeRule: "no-wildcard", paused: true });

const cronNotAllowed = (pattern: string, why: string): AppError =>
  new AppError(
    "bad_request",
    `Invalid cron pattern. Enter a valid cron pattern, such as "0 17 * * *" (${why})`,
    { name: "cronPatternNotAllowedError", details: { pattern } },
  );

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = message.replace(/^CronPattern: /, "").replace(/\.$/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** The schedule in words for a page, e.g. `Every 5 minutes` or `Every day at 09:30 (Europe/Berlin)`. */
export function describeSchedule(cron: string, timezone: string): string {
  const [minute = "*", hour = "*", day = "*", month = "*", weekday = "*"] = cron.split(" ");
  const everyDay = day === "*" && month === "*" && weekday === "*";
  if (everyDay && hour === "*") {
    const interval = describeMinutes(minute);
    if (interval) return interval;
  }
  const time = timeOfDay(minute, hour);
  const days = describeDays(day, month, weekday);
  return time && days ? `${days} at ${time} (${timezone})` : `Cron ${cron} (${timezone})`;
}

function describeMinutes(minute: string): string | undefined {
  if (minute === "*" || minute === "*/1") return "Every minute";
  const step = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (step && 60 % Number(step) === 0) return `Every ${step} minutes`;
  return /^\d+$/.test(minute) ? `Every hour at minute ${Number(minute)}` : undefined;
}

function timeOfDay(minute: string, hour: string): string | undefined {
  if (!/^\d+$/.test(minute) || !/^\d+$/.test(hour)) return undefined;
  return `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
}

function describeDays(day: string, month: string, weekday: string): string | undefined {
  if (month !== "*") return undefined;
  if (day === "*" && weekday === "*") return "Every day";
  if (weekday === "*") return /^\d+$/.test(day) ? `Every month on day ${Number(day)}` : undefined;
  if (day !== "*") return undefined;
  if (/^(1-5|mon-fri)$/i.test(weekday)) return "Monday to Friday";
  const name = /^[0-7]$/.test(weekday) ? dayNames[Number(weekday)] : undefined;
  return name && `Every ${name}`;
}
