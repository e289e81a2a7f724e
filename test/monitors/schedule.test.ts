import { describe, expect, test } from "bun:test";

import { AppError } from "../../src/lib/errors.ts";
import { describeSchedule, nextRunAt, nextRuns, parseSchedule } from "../../src/monitors/schedule.ts";

const refusal = (cron: string, timezone = "UTC") => {
  try {
    parseSchedule(cron, timezone);
  } catch (error) {
    if (error instanceof AppError) return { message: error.message, ...error.body };
    throw error;
  }
  return undefined;
};

const isoRuns = (cron: string, timezone: string, after: string, count: number) =>
  nextRuns(cron, timezone, new Date(after), count).map((instant) => instant.toISOString());

describe("parseSchedule", () => {
  test.each(["* * * * *", "*/5 * * * *", "0 9 * * MON-FRI", "0 0 29 2 *", "0 0 L * *"])(
    "accepts %s",
    (cron) => {
      expect(parseSchedule(cron, "Europe/Berlin")).toEqual({ cron, timezone: "Europe/Berlin" });
    },
  );

  test("the six fields that reading a monitor answers can be written back", () => {
    expect(parseSchedule("0 */5 * * * *", "UTC").cron).toBe("*/5 * * * *");
  });

  test("spaces are made one", () => {
    expect(parseSchedule("  0   9 * *\t1 ", "UTC").cron).toBe("0 9 * * 1");
  });

  test.each([
    ["", "it has 1 fields"],
    ["* * * *", "it has 4 fields"],
    ["*/30 * * * * *", "it has 6 fields"],
    ["@daily", "it has 1 fields"],
    ["60 * * * *", "invalid value for minute: 60"],
    ["0 0 30 2 *", "it never fires"],
    ["0 0 31 4,6,9,11 *", "it never fires"],
    ["a b c d e", ""],
  ])("refuses the cron %p and names it", (cron, why) => {
    expect(refusal(cron)).toMatchObject({
      name: "cronPatternNotAllowedError",
      details: { pattern: cron },
      message: expect.stringContaining(why),
    });
  });

  test.each(["", "Mars/Phobos", "CEST5"])("refuses the time zone %p and names the field", (timezone) => {
    expect(refusal("0 9 * * *", timezone)).toMatchObject({
      name: "invalidParamsError",
      details: { param: "schedule.timezone" },
    });
  });
});

describe("the calculator", () => {
  test("the next run is strictly after the given instant", () => {
    const slot = new Date("2026-05-01T10:05:00Z");

    expect(nextRunAt("*/5 * * * *", "UTC", slot)?.toISOString()).toBe("2026-05-01T10:10:00.000Z");
  });

  test("a daily time follows the time zone across a DST change", () => {
    expect(isoRuns("0 9 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 2)).toEqual([
      "2026-03-28T08:00:00.000Z",
      "2026-03-29T07:00:00.000Z",
    ]);
  });

  test("a time that the clock skips in spring fires right after the gap", () => {
    expect(isoRuns("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2)).toEqual([
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
  });

  test("a time that the clock repeats in autumn fires once", () => {
    expect(isoRuns("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  test("an interval keeps its rhythm through the repeated hour", () => {
    expect(isoRuns("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", 4)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-25T01:00:00.000Z",
      "2026-10-25T01:30:00.000Z",
      "2026-10-25T02:00:00.000Z",
    ]);
  });
});

test.each([
  ["* * * * *", "Every minute"],
  ["*/5 * * * *", "Every 5 minutes"],
  ["15 * * * *", "Every hour at minute 15"],
  ["5 9 * * *", "Every day at 09:05 (Europe/Berlin)"],
  ["0 9 * * MON-FRI", "Monday to Friday at 09:00 (Europe/Berlin)"],
  ["0 9 * * 7", "Every Sunday at 09:00 (Europe/Berlin)"],
  ["0 0 1 * *", "Every month on day 1 at 00:00 (Europe/Berlin)"],
  ["*/7 1-3 * 2 *", "Cron */7 1-3 * 2 * (Europe/Berlin)"],
])("%s in words is %s", (cron, words) => {
  expect(describeSchedule(cron, "Europe/Berlin")).toBe(words);
});
