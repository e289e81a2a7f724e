import { z } from "zod";

import { isUuid } from "../lib/ids.ts";
import { isTimeZone, nextRunAt } from "../monitors/schedule.ts";

/** When summaries are sent; pure. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer than any change of the clock. */
const SLACK_MS = 4 * HOUR_MS;

export const summaryFields = z.object({
  workspace: z.string().refine(isUuid, "must be the id of a workspace").toLowerCase(),
  channel: z.string().refine(isUuid, "Choose a channel.").toLowerCase(),
  period: z.enum(["daily", "weekly"]),
  hour: z.int().min(0).max(23).default(9),
  /** 0 = Sunday. */
  weekday: z.int().min(0).max(6).default(1),
  timezone: z
    .string()
    .max(100)
    .refine(isTimeZone, 'This time zone is unknown: give an IANA name such as "Europe/Berlin".')
    .default("UTC"),
});
export type SummaryInput = z.infer<typeof summaryFields>;

/** When a summary is due, again and again. */
export interface SummarySchedule {
  period: "daily" | "weekly";
  hour: number;
  /** Of a weekly one. */
  weekday: number | null;
  timezone: string;
}

/** The same as a schedule of a monitor. */
export const cronOf = ({ period, hour, weekday }: SummarySchedule): string =>
  period === "daily" ? `0 ${hour} * * *` : `0 ${hour} * * ${weekday ?? 1}`;

/** The first time after `after` at which it is due. */
export function nextSummaryAt(schedule: SummarySchedule, after: Date): Date {
  const next = nextRunAt(cronOf(schedule), schedule.timezone, after);
  if (!next) throw new Error("an hour of the day that never comes");
  return next;
}

/**
 * The period that is told at `now` by one that was due at `dueAt`, and when it is due next. After a downtime that swallowed
 * several periods the last one is told.
 */
export function periodOf(
  schedule: SummarySchedule,
  { dueAt, now }: { dueAt: Date; now: Date },
): { from: Date; to: Date; nextAt: Date } {
  let to = dueAt;
  let nextAt = nextSummaryAt(schedule, to);
  while (nextAt <= now) {
    to = nextAt;
    nextAt = nextSummaryAt(schedule, to);
  }
  const length = schedule.period === "daily" ? DAY_MS : 7 * DAY_MS;
  const from = nextSummaryAt(schedule, new Date(to.getTime() - length - SLACK_MS));
  return { from, to, nextAt };
}
