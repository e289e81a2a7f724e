import { expect, test } from "bun:test";

import type { RunSummary } from "../../src/contract/events.ts";
import { HEALTHY_SECONDS } from "../../src/fleet/runner.ts";
import {
  contiguousSeq,
  type EndedRun,
  judgeWrite,
  leaseTimes,
  mayRerun,
  mayRetry,
  slotEnd,
  slotStart,
  streakEffect,
  validMs,
  verdictOf,
  worstOutcome,
} from "../../src/runs/run.ts";

const held = { status: "leased", attempt: 2, runnerId: "r", reason: null, acknowledgedSeq: 5 } as const;
const write = { runnerId: "r", attempt: 2, lastSeq: 6 };
const at = (time: string) => new Date(`2026-03-02T${time}Z`);

test.each([
  ["the holder of the lease may write", held, write, "accept"],
  ["an older attempt may not", held, { ...write, attempt: 1 }, "lease_lost"],
  ["an attempt that never was may not", held, { ...write, attempt: 3 }, "lease_lost"],
  ["another runner may not", held, { ...write, runnerId: "x" }, "lease_lost"],
  ["a run that was given back takes no writes", { ...held, status: "queued" }, write, "lease_lost"],
  [
    "the last batch, sent twice, counts once",
    { ...held, status: "finished" },
    { ...write, lastSeq: 5 },
    "duplicate",
  ],
  ["nothing new may follow the end", { ...held, status: "finished" }, write, "lease_lost"],
  [
    "a run that the sweep ended takes not even duplicates",
    { ...held, status: "finished", reason: "runner_lost" },
    { ...write, lastSeq: 5 },
    "lease_lost",
  ],
  ["a run that does not exist is unknown", undefined, write, "unknown"],
] as const)("%s", (_rule, run, attempted, verdict) => {
  expect(judgeWrite(run, attempted)).toBe(verdict);
});

test("the acknowledged number stops before the first gap", () => {
  expect(contiguousSeq(2, [3, 4, 6])).toBe(4);
  expect(contiguousSeq(2, [4])).toBe(2);
  expect(contiguousSeq(0, [])).toBe(0);
});

test("a summary that says passed does not outvote failed assertions", () => {
  // Only these fields matter here; the contract has parsed the rest.
  const passed = { outcome: "passed" } as RunSummary;

  expect(verdictOf(passed, 0)).toEqual({ outcome: "passed", reason: null, detail: null });
  expect(verdictOf(passed, 2)).toEqual({
    outcome: "failed",
    reason: "assertion_failed",
    detail: "2 assertions failed.",
  });
});

test("the outcome of an execution is the worst of its runs, and failed is worse than errored", () => {
  expect(worstOutcome(["passed", "passed"])).toBe("passed");
  expect(worstOutcome(["passed", "aborted"])).toBe("aborted");
  expect(worstOutcome(["aborted", "errored", "passed"])).toBe("errored");
  expect(worstOutcome(["errored", "failed"])).toBe("failed");
});

const run = (outcome: EndedRun["outcome"], reason: string | null = null, startedAt: Date | null = null) => ({
  outcome,
  reason,
  startedAt,
});

test.each([
  ["passing resets the streak", [run("passed")], "reset"],
  ["failing advances it", [run("failed", "assertion_failed")], "advance"],
  ["not being able to tell advances it", [run("errored", "no_runner")], "advance"],
  ["running out of time advances it", [run("aborted", "run_timeout")], "advance"],
  ["cancelling leaves it", [run("passed"), run("aborted", "cancelled")], "keep"],
  ["a failure beside a cancelled run advances it", [run("failed"), run("aborted", "cancelled")], "advance"],
] as const)("%s", (_rule, runs, effect) => {
  expect(streakEffect(runs)).toBe(effect);
});

test("a slot that starts up to a minute late ran; after that it is late", () => {
  expect(slotStart(at("10:00:00"), at("10:01:00"))).toMatchObject({ status: "ran", delayMs: 60_000 });
  expect(slotStart(at("10:00:00"), at("10:01:00.001"))).toMatchObject({ status: "late", delayMs: 60_001 });
});

test.each([
  ["ran when a run reported", [run("passed", null, at("10:00:01"))], "ran"],
  ["late when the first run started late", [run("passed", null, at("10:02:00"))], "late"],
  [
    "ran when one of two runners was lost",
    [run("errored", "runner_lost", at("10:00:01")), run("passed", null, at("10:00:02"))],
    "ran",
  ],
  ["lost when all runners were", [run("errored", "runner_lost", at("10:00:01"))], "lost"],
  [
    "lost rather than missed",
    [run("errored", "no_runner"), run("errored", "runner_lost", at("10:00:01"))],
    "lost",
  ],
  ["missed when no runner came", [run("errored", "no_runner")], "missed"],
  ["skipped when cancelled before it started", [run("aborted", "cancelled")], "skipped"],
] as const)("a slot ends %s", (_rule, runs, status) => {
  expect(slotEnd(at("10:00:00"), runs).status).toBe(status);
});

test("a queued run is valid until its next slot, at least a minute, at most a quarter of an hour", () => {
  expect(validMs(1000)).toBe(60_000);
  expect(validMs(300_000)).toBe(300_000);
  expect(validMs(86_400_000)).toBe(900_000);
  expect(validMs(undefined)).toBe(900_000);
});

test.each([
  [30, { leaseSeconds: 30, heartbeatSeconds: 10, waitSeconds: 15 }],
  [6, { leaseSeconds: 6, heartbeatSeconds: 2, waitSeconds: 3 }],
  // However long the lease, a runner at work must not look unhealthy.
  [600, { leaseSeconds: 600, heartbeatSeconds: 30, waitSeconds: 25 }],
])("a lease of %d seconds gives these times: %j", (leaseSeconds, times) => {
  expect(leaseTimes(leaseSeconds)).toEqual(times);
  expect(times.heartbeatSeconds).toBeLessThan(HEALTHY_SECONDS / 2);
});

const untouched = { retryAttempts: 2, retried: 0, rerunLost: true, lost: 0, cancelRequestedAt: null };
const cancelled = { ...untouched, cancelRequestedAt: new Date(0) };

test.each([
  ["failed, with retries left", untouched, "failed", true],
  ["errored, with retries left", untouched, "errored", true],
  ["passed", untouched, "passed", false],
  ["aborted", untouched, "aborted", false],
  ["failed, with one retry left", { ...untouched, retried: 1 }, "failed", true],
  ["failed, with none left", { ...untouched, retried: 2 }, "failed", false],
  ["failed, without retries", { ...untouched, retryAttempts: null }, "failed", false],
  ["failed, and cancelled", cancelled, "failed", false],
  ["failed after it was lost", { ...untouched, lost: 2 }, "failed", true],
] as const)("a run that %s is retried: %p %p %p", (_case, run, outcome, expected) => {
  expect(mayRetry(run, outcome)).toBe(expected);
});

test.each([
  ["the first time", untouched, true],
  ["the second time", { ...untouched, lost: 1 }, true],
  ["the third time", { ...untouched, lost: 2 }, false],
  ["where that is not allowed", { ...untouched, rerunLost: false }, false],
  ["after it was cancelled", cancelled, false],
  ["after it was retried", { ...untouched, retried: 2 }, true],
])("a run that is lost %s is run again: %p %p", (_case, run, expected) => {
  expect(mayRerun(run)).toBe(expected);
});
