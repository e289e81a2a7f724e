import { expect, test } from "bun:test";

import { type DueMonitor, planFiring, planFirings } from "../../src/schedules/due.ts";
import { silentLog } from "../support/database.ts";

const at = (time: string) => new Date(`2026-03-02T${time}Z`);
const everyMinute = (row: Partial<DueMonitor> = {}): DueMonitor => ({
  id: "m",
  cron: "* * * * *",
  timezone: "UTC",
  nextRunAt: at("10:00:00"),
  catchUpPolicy: "last",
  ...row,
});

test("a slot fires at its time and names the next one", () => {
  const firing = planFiring(everyMinute(), at("10:00:00.004"));

  expect(firing).toEqual({
    monitorId: "m",
    dueAt: at("10:00:00"),
    slotAt: at("10:00:00"),
    nextAt: at("10:01:00"),
    collapsed: 0,
    runs: true,
    validMs: 60_000,
  });
});

test("downtime collapses to its last slot, which counts the others", () => {
  const firing = planFiring(everyMinute(), at("10:05:30"));

  expect(firing).toMatchObject({
    dueAt: at("10:00:00"),
    slotAt: at("10:05:00"),
    nextAt: at("10:06:00"),
    collapsed: 5,
    runs: true,
  });
});

test("without catching up, a slot that is over a minute old does not run", () => {
  const hourly = { cron: "0 * * * *", catchUpPolicy: "none" } as const;

  const old = planFiring(everyMinute(hourly), at("10:01:00.001"));
  const fresh = planFiring(everyMinute(hourly), at("10:01:00"));

  expect(old.runs).toBe(false);
  expect(fresh.runs).toBe(true);
});

test("without catching up, the slot that is due right after downtime still runs", () => {
  const firing = planFiring(everyMinute({ catchUpPolicy: "none" }), at("10:05:01"));

  expect(firing).toMatchObject({ slotAt: at("10:05:00"), collapsed: 5, runs: true });
});

test.each([
  ["* * * * *", 60_000],
  ["*/5 * * * *", 300_000],
  ["0 * * * *", 900_000],
])("a run of %p waits at most %p ms for a runner", (cron, expected) => {
  const firing = planFiring(everyMinute({ cron }), at("10:00:00"));

  expect(firing.validMs).toBe(expected);
});

test("a schedule in a time zone keeps its wall clock across a change of the clocks", () => {
  const monitor = everyMinute({
    cron: "0 9 * * *",
    timezone: "Europe/Berlin",
    nextRunAt: new Date("2026-03-28T08:00:00Z"),
  });

  const firing = planFiring(monitor, new Date("2026-03-28T08:00:00Z"));

  expect(firing.nextAt).toEqual(new Date("2026-03-29T07:00:00Z"));
});

test("monitors with the same schedule share a plan, each under its own name", async () => {
  const firings = await planFirings(
    [everyMinute({ id: "a" }), everyMinute({ id: "b" })],
    at("10:03:00"),
    silentLog,
  );

  expect(firings.map((firing) => [firing.monitorId, firing.collapsed])).toEqual([
    ["a", 3],
    ["b", 3],
  ]);
});

test("a stored schedule that cannot be read does not hold up the others", async () => {
  const broken = everyMinute({ id: "broken", cron: "not a cron" });

  const firings = await planFirings([broken, everyMinute({ id: "fine" })], at("10:00:00"), silentLog);

  expect(firings).toMatchObject([
    { monitorId: "broken", nextAt: null },
    { monitorId: "fine", nextAt: at("10:01:00") },
  ]);
});
