import { describe, expect, test } from "bun:test";

import {
  meanTimes,
  measureDowntime,
  pausesOf,
  type StateChange,
} from "../../../src/results/report/downtime.ts";
import { daysOf, monthAt, nextMonth, parseMonth, spanOfMonth } from "../../../src/results/report/month.ts";

const MINUTE = 60_000;
/** A minute of one day. */
const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 20, 0, minute));
const day = { since: at(0), until: at(1440) };
const states = (...changes: [number, StateChange["state"]][]): StateChange[] =>
  changes.map(([minute, state]) => ({ at: at(minute), state }));

/** From, to, minutes. */
const spans = (changes: StateChange[], excluded: [number, number][] = []) =>
  measureDowntime(
    changes,
    excluded.map(([from, to]) => ({ since: at(from), until: at(to) })),
    day,
  ).spans.map(({ from, to, downMs, isOver }) => [
    (from.getTime() - at(0).getTime()) / MINUTE,
    (to.getTime() - at(0).getTime()) / MINUTE,
    downMs / MINUTE,
    isOver,
  ]);

describe("an API is down", () => {
  test("from the first failure to the next pass", () => {
    expect(spans(states([10, "passed"], [100, "failed"], [143, "passed"]))).toEqual([[100, 143, 43, true]]);
  });

  test("until the end of the span when it has not passed again", () => {
    expect(spans(states([10, "passed"], [1400, "failed"]))).toEqual([[1400, 1440, 40, false]]);
  });

  test("from the beginning of the span when it was so before", () => {
    expect(spans(states([-50, "failed"], [30, "passed"]))).toEqual([[0, 30, 30, true]]);
  });

  test("not while executions could not tell, which do not end it either", () => {
    const changes = states([100, "failed"], [110, "errored"], [120, "failed"], [125, "passed"]);

    expect(spans(changes)).toEqual([[100, 125, 15, true]]);
    expect(measureDowntime(changes, [], day).unknownMs).toBe(10 * MINUTE);
  });

  test("not because of an error alone", () => {
    expect(spans(states([10, "passed"], [100, "errored"], [200, "passed"]))).toEqual([]);
  });

  test("without maintenance in the middle", () => {
    expect(spans(states([100, "failed"], [160, "passed"]), [[110, 130]])).toEqual([[100, 160, 40, true]]);
  });

  test("without maintenance that two windows announce", () => {
    expect(
      spans(states([100, "failed"], [160, "passed"]), [
        [120, 140],
        [110, 130],
      ]),
    ).toEqual([[100, 160, 30, true]]);
  });

  test("not at all when it was within maintenance", () => {
    expect(spans(states([100, "failed"], [110, "passed"]), [[90, 200]])).toEqual([]);
  });
});

test("time before the first state is not measured", () => {
  expect(measureDowntime(states([440, "passed"]), [], day).measuredMs).toBe(1000 * MINUTE);
});

test("mean times are of what was down", () => {
  const downtime = measureDowntime(
    states(
      [0, "passed"],
      [100, "failed"],
      [110, "passed"],
      [200, "failed"],
      [230, "passed"],
      [1430, "failed"],
    ),
    [],
    day,
  );

  // Over: 10 and 30 minutes. Down: 10 + 30 + 10 of 1,440; three times.
  expect(meanTimes(downtime)).toEqual({ repairMs: 20 * MINUTE, betweenMs: ((1440 - 50) / 3) * MINUTE });
});

test("without a failure there are no mean times", () => {
  const downtime = measureDowntime(states([0, "passed"]), [], day);

  expect(meanTimes(downtime)).toEqual({ repairMs: null, betweenMs: null });
});

test("pauses are between switching off and on; the last one goes on", () => {
  const switches = [
    { at: at(10), active: false },
    { at: at(20), active: false },
    { at: at(30), active: true },
    { at: at(40), active: true },
    { at: at(50), active: false },
  ];

  expect(pausesOf(switches, at(1440))).toEqual([
    { since: at(10), until: at(30) },
    { since: at(50), until: at(1440) },
  ]);
});

describe("months", () => {
  test.each(["2026-13", "2026-00", "26-01", "1999-12", "2100-01", "2026-1", "", undefined])(
    "%p is none",
    (text) => {
      expect(parseMonth(text)).toBeUndefined();
    },
  );

  test("follow each other over years", () => {
    expect(nextMonth({ year: 2026, month: 12 })).toEqual({ year: 2027, month: 1 });
    expect(nextMonth({ year: 2026, month: 1 }, -1)).toEqual({ year: 2025, month: 12 });
  });

  test("begin and end at midnight of the time zone", () => {
    expect(spanOfMonth({ year: 2026, month: 10 }, "Europe/Berlin")).toEqual({
      since: new Date("2026-09-30T22:00:00Z"),
      until: new Date("2026-10-31T23:00:00Z"),
    });
  });

  test("have a day of 25 hours where the clock is put back, and one of 23 where it is put forward", () => {
    const hours = (month: number, date: string) => {
      const found = daysOf({ year: 2026, month }, "Europe/Berlin").find((one) => one.date === date);
      return found && (found.until.getTime() - found.since.getTime()) / (60 * MINUTE);
    };

    expect([hours(10, "2026-10-24"), hours(10, "2026-10-25"), hours(3, "2026-03-29")]).toEqual([24, 25, 23]);
  });

  test("leave no time between their days", () => {
    const days = daysOf({ year: 2024, month: 2 }, "America/Sao_Paulo");

    expect(days).toHaveLength(29);
    expect(days.slice(1).map(({ since }) => since)).toEqual(days.slice(0, -1).map(({ until }) => until));
  });

  test("are those that a calendar there shows", () => {
    expect(monthAt(new Date("2026-10-31T23:30:00Z"), "Europe/Berlin")).toEqual({ year: 2026, month: 11 });
    expect(monthAt(new Date("2026-10-31T23:30:00Z"), "UTC")).toEqual({ year: 2026, month: 10 });
  });
});
