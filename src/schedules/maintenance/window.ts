import { z } from "zod";

import { wrongField } from "../../access/fields.ts";
import { isUuid } from "../../lib/ids.ts";
import { isTimeZone, nextRuns, parseSchedule } from "../../monitors/schedule.ts";
import { tagSlug } from "../../workspaces/tags-store.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A month of work is a pause, not a maintenance. */
const MAX_MINUTES = 31 * 24 * 60;
const MAX_MONITORS = 1000;
/** A form is filled in within this; what began earlier was measured already. */
const PAST_MS = 5 * MINUTE_MS;

/** How far ahead the periods of a recurring window are written, and how many at once. */
export const planAheadDays = 35;
const PLAN_MOST = 200;

const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^[^\0]*$/, "must not hold a NUL character");

const instant = z.iso.datetime({ offset: true }).transform((value) => new Date(value));

/** When: once, or again and again. */
const times = {
  once: z.object({ from: instant.optional(), to: instant }).optional(),
  recurring: z
    .object({
      cron: z.string().max(200),
      timezone: z.string().max(100).default("UTC"),
      durationMinutes: z.int().min(1).max(MAX_MINUTES),
    })
    .optional(),
};

/** What it is about: exactly one of the three. */
const subjects = {
  all: z.literal(true).optional(),
  monitors: z
    .array(z.string().refine(isUuid, "must be the id of a monitor").toLowerCase())
    .min(1, "Choose at least one monitor, or all of them.")
    .max(MAX_MONITORS)
    .optional(),
  tag: tagSlug.optional(),
};

const words = {
  name: text(200).min(1, "Give the maintenance a name."),
  reason: text(2000).default(""),
  behaviour: z.enum(["skip", "silence"]).default("skip"),
};

/** Body of a new window, but for its workspace. */
export const newWindowFields = z.object({ ...words, ...times, ...subjects });

/** Body of a change: what is absent stays. */
export const windowChangeFields = z.object({
  name: words.name.optional(),
  reason: text(2000).optional(),
  behaviour: z.enum(["skip", "silence"]).optional(),
  ...times,
  ...subjects,
});

export type Subject =
  | { covers: "all"; monitorIds: string[]; tag: null }
  | { covers: "monitors"; monitorIds: string[]; tag: null }
  | { covers: "tag"; monitorIds: string[]; tag: string };

export type When =
  /** `startsAt` absent = now. */
  | { kind: "once"; startsAt: Date | undefined; endsAt: Date }
  | { kind: "recurring"; cron: string; timezone: string; durationMinutes: number };

type SentSubject = Pick<z.infer<typeof windowChangeFields>, "all" | "monitors" | "tag">;
type SentTimes = Pick<z.infer<typeof windowChangeFields>, "once" | "recurring">;

/** Undefined when the body does not say; 400 for more than one answer. */
export function subjectOf({ all, monitors, tag }: SentSubject): Subject | undefined {
  if ([all, monitors, tag].filter((given) => given !== undefined).length > 1) {
    throw wrongField("monitors", 'A maintenance is about one thing: send "all", "monitors" or "tag".');
  }
  if (all) return { covers: "all", monitorIds: [], tag: null };
  if (monitors) return { covers: "monitors", monitorIds: [...new Set(monitors)], tag: null };
  return tag === undefined ? undefined : { covers: "tag", monitorIds: [], tag };
}

/** Undefined when the body does not say; 400 for both answers, for an end before the start and for a schedule that is none. */
export function whenOf({ once, recurring }: SentTimes): When | undefined {
  if (once && recurring)
    throw wrongField("once", 'A maintenance takes place "once" or is "recurring": send one of them.');
  if (once) return { kind: "once", startsAt: once.from, endsAt: once.to };
  return recurring && readRecurring(recurring);
}

function readRecurring(sent: NonNullable<SentTimes["recurring"]>): When {
  if (!isTimeZone(sent.timezone)) {
    throw wrongField(
      "timezone",
      `The time zone "${sent.timezone}" is unknown: give an IANA name such as "Europe/Berlin".`,
    );
  }
  const { cron, timezone } = parseSchedule(sent.cron, sent.timezone);
  const starts = nextRuns(cron, timezone, new Date(0), 25).map((start) => start.getTime());
  const isTooOften = starts.some((start, index) => index > 0 && start - (starts[index - 1] ?? 0) < HOUR_MS);
  if (isTooOften)
    throw wrongField("cron", "A maintenance may begin once an hour at most: choose fewer starts.");
  return { kind: "recurring", cron, timezone, durationMinutes: sent.durationMinutes };
}

/** The time of a single window; 400 when it is over already, reaches into what was measured, or is too long. */
export function onceBetween(when: When & { kind: "once" }, now: Date): { startsAt: Date; endsAt: Date } {
  const asked = when.startsAt ?? now;
  if (asked.getTime() < now.getTime() - PAST_MS) {
    throw wrongField("from", "A maintenance cannot begin in the past: what was measured stays measured.");
  }
  const startsAt = asked < now ? now : asked;
  if (when.endsAt <= startsAt)
    throw wrongField("to", "A maintenance must end after it begins: choose a later end.");
  if (when.endsAt.getTime() - startsAt.getTime() > MAX_MINUTES * MINUTE_MS) {
    throw wrongField("to", "A maintenance lasts 31 days at most: pause the monitors instead.");
  }
  return { startsAt, endsAt: when.endsAt };
}

export interface Period {
  startsAt: Date;
  endsAt: Date;
}

/**
 * The periods of a recurring window that begin after `after`, at most 200, within `planAheadDays` of `now`; the
 * next one always, however far away. `plannedUntil` is where the next call goes on.
 */
export function planPeriods(
  when: Omit<When & { kind: "recurring" }, "kind">,
  { after, now }: { after: Date; now: Date },
): { periods: Period[]; plannedUntil: Date } {
  const horizon = now.getTime() + planAheadDays * 24 * HOUR_MS;
  const starts = nextRuns(when.cron, when.timezone, after, PLAN_MOST);
  const near = starts.filter((start, index) => index === 0 || start.getTime() <= horizon);
  const periods = near.map((startsAt) => ({
    startsAt,
    endsAt: new Date(startsAt.getTime() + when.durationMinutes * MINUTE_MS),
  }));
  const last = near.at(-1) ?? after;
  // When all up to the horizon is written, the next call need not look at it again.
  const isCut = near.length === PLAN_MOST;
  return { periods, plannedUntil: new Date(isCut ? last.getTime() : Math.max(last.getTime(), horizon)) };
}
