/** What a clock on the wall shows somewhere, as `<input type="datetime-local">` has it: `2026-11-22T09:00`. */

/** Names of all time zones, for choices. */
export const listTimeZones = (): string[] => ["UTC", ...Intl.supportedValuesOf("timeZone")];

const MINUTE_MS = 60_000;

/** What the clock of the time zone shows at the instant, to the minute. */
export function localOf(at: Date, timezone: string): string {
  const shown = new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS + offsetMs(at, timezone));
  return shown.toISOString().slice(0, 16);
}

/**
 * The instant at which the clock of the time zone shows the text; the first of two where the clock is put back, the
 * instant after the gap where it is put forward. Undefined for what is no date and time.
 */
export function instantOf(local: string, timezone: string): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?$/.exec(local.trim());
  if (!match) return undefined;
  const asUtc = Date.parse(`${match[1]}T${match[2]}${match[3] ?? ":00"}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  // The offset before and after: where they differ, the clock changes that day.
  const offsets = [asUtc - DAY_MS, asUtc + DAY_MS].map((at) => offsetMs(new Date(at), timezone));
  const fitting = offsets
    .map((offset) => asUtc - offset)
    .filter((at) => at + offsetMs(new Date(at), timezone) === asUtc);
  const [before = 0] = offsets;
  return new Date(fitting.length > 0 ? Math.min(...fitting) : asUtc - before);
}

const DAY_MS = 24 * 60 * MINUTE_MS;

/** One for each zone that was asked for: to make one takes longer than to use it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timezone: string): Intl.DateTimeFormat {
  const known = clocks.get(timezone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  clocks.set(timezone, clock);
  return clock;
}

/** Local time minus UTC. */
function offsetMs(at: Date, timezone: string): number {
  const parts = clockOf(timezone).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const shown = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return shown - Math.floor(at.getTime() / 1000) * 1000;
}
