import { describe, expect, test } from "bun:test";

import { type CheckedMonitor, dayKindOf, stateOf, verdictOf } from "../../src/status/verdict.ts";

const well: CheckedMonitor = {
  active: true,
  outcome: "passed",
  isOverdue: false,
  inMaintenance: false,
  hasIncident: false,
};

describe("a system", () => {
  test.each<[string, Partial<CheckedMonitor>, ReturnType<typeof stateOf>]>([
    ["that passed and is checked in time is operational", {}, "operational"],
    ["whose check is overdue is unknown, not well", { isOverdue: true }, "unknown"],
    ["that was never checked is unknown", { outcome: null }, "unknown"],
    ["whose check could not tell is unknown", { outcome: "errored" }, "unknown"],
    ["whose check was stopped is unknown", { outcome: "aborted" }, "unknown"],
    ["that failed is down", { outcome: "failed" }, "down"],
    [
      "that failed is down although its next check is overdue",
      { outcome: "failed", isOverdue: true },
      "down",
    ],
    ["that nobody checks any more is not down for ever", { outcome: "failed", active: false }, "paused"],
    ["that is paused is not called well", { active: false }, "paused"],
    ["that passes and has an open incident is affected", { hasIncident: true }, "affected"],
    ["that is paused and has an open incident is affected", { active: false, hasIncident: true }, "affected"],
    [
      "that fails during announced maintenance is in maintenance",
      { outcome: "failed", inMaintenance: true },
      "maintenance",
    ],
  ])("%s", (_, facts, state) => {
    expect(stateOf({ ...well, ...facts })).toBe(state);
  });
});

describe("a day", () => {
  test.each<[string, [number, number, number], boolean, ReturnType<typeof dayKindOf>]>([
    ["without failures is green", [24, 0, 0], false, "passed"],
    ["with one failure of thousands is not", [9999, 1, 0], false, "disturbed"],
    ["with a twentieth of failures was bad", [19, 2, 0], false, "failed"],
    ["on which most checks could not tell is not green", [3, 0, 5], false, "unclear"],
    ["on which few checks could not tell is green", [5, 0, 3], false, "passed"],
    ["without checks has no colour", [0, 0, 0], false, "none"],
    ["without checks in maintenance is maintenance", [0, 0, 0], true, "maintenance"],
    ["with failures in maintenance shows them", [10, 5, 0], true, "failed"],
  ])("%s", (_, [passed, failed, unclear], hadMaintenance, kind) => {
    expect(dayKindOf({ passed, failed, unclear }, hadMaintenance)).toBe(kind);
  });
});

describe("the verdict", () => {
  test.each<[Parameters<typeof verdictOf>[0], number, string, string]>([
    [["operational", "operational"], 0, "All systems operational", "pass"],
    [["operational", "down", "affected"], 0, "2 of 3 systems are affected", "fail"],
    [["operational", "affected"], 1, "1 of 2 systems is affected", "warn"],
    [["down", "down"], 0, "All systems are affected", "fail"],
    [["down"], 0, "The system is affected", "fail"],
    [["operational"], 1, "There is an open incident", "warn"],
    [["operational", "unknown"], 0, "No known problems, but 1 of 2 systems has no recent data", "mute"],
    [["unknown", "unknown"], 0, "There is no recent data", "mute"],
    [["operational", "maintenance"], 0, "Maintenance is under way", "live"],
    [["operational", "paused"], 0, "All systems that are checked are operational", "pass"],
    [["paused"], 0, "Nothing is checked at the moment", "mute"],
    [[], 0, "Nothing is shown here yet", "mute"],
  ])("of %p with %i incidents", (states, incidents, sentence, tone) => {
    expect(verdictOf(states, incidents)).toMatchObject({ sentence, tone });
  });
});
