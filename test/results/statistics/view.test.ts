import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { planFor } from "../../../src/results/statistics/plan.ts";
import { parseView, spanOfView } from "../../../src/results/statistics/view.ts";
import { changed, type MonitorView, monitorAddress } from "../../../web/parts/monitor-view.ts";

const now = new Date("2026-03-10T12:00:00Z");
const viewOf = (address: string): MonitorView => {
  const { searchParams } = new URL(address, "http://x");
  return parseView((name) => searchParams.get(name) ?? undefined, now);
};
const hour = 3_600_000;

test("a view stands in the URL: what is written there is read again", () => {
  const view = fc.record({
    range: fc.constantFrom("1h" as const, "24h" as const, "90d" as const),
    span: fc.option(
      fc
        .tuple(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: 1, max: 9_000_000 }))
        .map(([before, length]) => ({
          from: new Date(now.getTime() - (before + length) * 1000),
          to: new Date(now.getTime() - before * 1000),
        })),
      { nil: undefined },
    ),
    measure: fc.constantFrom("percentiles" as const, "sum" as const, "phases" as const),
    perRunner: fc.boolean(),
    request: fc.option(fc.integer({ min: 1, max: 999_999 }), { nil: undefined }),
    trigger: fc.constantFrom(undefined, "webhook" as const),
    result: fc.constantFrom(undefined, "failed" as const),
    runner: fc.option(fc.uuid(), { nil: undefined }),
    sort: fc.constantFrom("name" as const, "p95" as const),
    cursor: fc.option(fc.nat().map(String), { nil: undefined }),
  });

  fc.assert(
    fc.property(view, (each) => {
      // A span replaces the range, so that is not written beside it.
      const expected = each.span ? { ...each, range: "24h" as const } : each;
      expect(viewOf(monitorAddress("m", each))).toEqual(expected);
    }),
  );
});

test("an ordinary view leaves nothing in the URL", () => {
  expect(monitorAddress("m", viewOf("/"))).toBe("/monitors/m");
});

test("what is nonsense in a URL is as if it were not there", () => {
  const nonsense =
    "?range=8d&from=yesterday&measure=median&request=-1&trigger=cron&result=bad&runner=1&cursor=x&sort=y";

  expect(viewOf(nonsense)).toEqual(viewOf("/"));
});

test.each([
  ["?from=2026-03-10T08:00&to=2026-03-10T09:00", "2026-03-10T08:00:00.000Z", "2026-03-10T09:00:00.000Z"],
  ["?from=2026-03-10T08:00%2B01:00", "2026-03-10T07:00:00.000Z", "2026-03-10T12:00:00.000Z"],
  ["?to=2026-03-10T09:00&range=1h", "2026-03-10T08:00:00.000Z", "2026-03-10T09:00:00.000Z"],
  ["?from=2026-03-10T09:00&to=2026-03-10T08:00", "2026-03-10T08:00:00.000Z", "2026-03-10T09:00:00.000Z"],
  ["?at=2026-03-10T08:00&range=1h", "2026-03-10T07:30:00.000Z", "2026-03-10T08:30:00.000Z"],
  ["?from=2026-03-10T11:00&to=2036-03-10T11:00", "2026-03-10T11:00:00.000Z", "2026-03-10T12:00:00.000Z"],
  ["?from=0001-01-01T00:00&to=0001-01-02T00:00", "2006-03-15T12:00:00.000Z", "2006-03-15T12:00:01.000Z"],
  ["?range=7d", "2026-03-03T12:00:00.000Z", "2026-03-10T12:00:00.000Z"],
])("%s is the time from %s to %s", (query, since, until) => {
  const span = spanOfView(viewOf(query), now);

  expect([span.since.toISOString(), span.until.toISOString()]).toEqual([since, until]);
});

test("another filter begins the list of executions anew", () => {
  expect(changed(viewOf("?cursor=5&result=failed"), { result: undefined }).cursor).toBeUndefined();
});

const extent = { counted: 100, firstHour: now, firstRunAt: now, requests: 5 };
const spanOfHours = (hours: number) => ({ since: new Date(now.getTime() - hours * hour), until: now });

test("few runs are read one by one, many by the hour, a short time one by one always", () => {
  const isExact = (counted: number, hours: number) => {
    const plan = planFor({ ...extent, counted }, spanOfHours(hours));
    return [plan.runs.isExact, plan.requests.isExact];
  };

  expect(isExact(100, 24 * 90)).toEqual([true, true]);
  expect(isExact(6000, 24)).toEqual([true, false]);
  expect(isExact(60_000, 24)).toEqual([false, false]);
  expect(isExact(60_000, 2)).toEqual([true, true]);
});

test("runs that are not kept any more are read by the hour", () => {
  const gone = { ...extent, firstHour: new Date(now.getTime() - 100 * hour) };

  expect(planFor(gone, spanOfHours(200)).runs.isExact).toBe(false);
  expect(planFor({ ...gone, firstRunAt: null }, spanOfHours(200)).runs.isExact).toBe(false);
});

test.each([
  [30, 6],
  [90, 24],
])("points of %i days of many runs are %i hours wide, and begin where hours or days do", (days, hours) => {
  const since = new Date(now.getTime() - days * 24 * hour + 60_000);

  const { runs } = planFor({ ...extent, counted: 1e6 }, { since, until: now });

  expect(runs.bucketMs).toBe(hours * hour);
  expect(runs.since.getTime() % (hours === 24 ? 24 * hour : hour)).toBe(0);
});
