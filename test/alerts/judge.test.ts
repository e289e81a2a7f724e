import { describe, expect, test } from "bun:test";

import {
  advance,
  type ExecutionVerdict,
  judgeExecution,
  observe,
  percentile95,
  type Policy,
  postmanPolicy,
} from "../../src/alerts/judge.ts";

const runs = (text: string) =>
  text.split("").map((letter) => {
    if (letter === "p") return { outcome: "passed" as const, reason: null };
    if (letter === "f") return { outcome: "failed" as const, reason: "assertion_failed" };
    if (letter === "l") return { outcome: "errored" as const, reason: "runner_lost" };
    if (letter === "n") return { outcome: "errored" as const, reason: "no_runner" };
    if (letter === "c") return { outcome: "aborted" as const, reason: "cancelled" };
    if (letter === "t") return { outcome: "aborted" as const, reason: "run_timeout" };
    return { outcome: "errored" as const, reason: "script_error" };
  });

test.each<[string, number, ExecutionVerdict]>([
  ["p", 1, "passed"],
  ["f", 1, "failed"],
  ["f", 3, "failed"], // a quorum above the number of runs means all of them
  ["ppf", 1, "failed"],
  ["ppf", 2, "passed"],
  ["pff", 2, "failed"],
  ["fff", 3, "failed"],
  ["pe", 1, "passed"], // a runner that errored is not a failed target
  ["fe", 2, "unclear"],
  ["fl", 2, "unclear"],
  ["e", 1, "errored"],
  ["t", 1, "errored"],
  ["el", 1, "errored"],
  ["l", 1, "missed"],
  ["nn", 1, "missed"],
  ["c", 1, "cancelled"],
  ["cp", 1, "passed"],
])("an execution with the runs %p and a quorum of %d is %s", (text, quorum, verdict) => {
  expect(judgeExecution(runs(text), quorum)).toBe(verdict);
});

describe("an execution that could not tell", () => {
  test("neither ends a failure nor counts as one", () => {
    expect(observe("errored", "failure")).toBe("nothing");
    expect(observe("errored", "error")).toBe("holds");
  });

  test("ends no failure when its runner was lost, either", () => {
    expect(observe("missed", "failure")).toBe("nothing");
    expect(observe("passed", "missed")).toBe("gone");
  });
});

/** What is told of a row of observations: h holds, g gone, n nothing. */
function tellings(policy: Policy, observations: string): string {
  let now: { state: "ok" | "firing"; streak: number; sent: number } = { state: "ok", streak: 0, sent: 0 };
  const words = { h: "holds", g: "gone", n: "nothing" } as const;
  return observations
    .split("")
    .map((letter) => {
      // One of the three.
      const step = advance(now, policy, words[letter as "h" | "g" | "n"]);
      const sent = step.changed ? 0 : now.sent;
      now = {
        state: step.state,
        streak: step.streak,
        sent: sent + (step.tell && step.tell !== "recovered" ? 1 : 0),
      };
      return step.tell === undefined ? "." : { firing: "F", again: "A", recovered: "R" }[step.tell];
    })
    .join("");
}

const after = (threshold: number): Policy => ({
  threshold,
  everyTime: false,
  limit: null,
  recovery: "always",
});
const each: Policy = { threshold: 1, everyTime: true, limit: null, recovery: "always" };

test.each<[string, Policy, string, string]>([
  ["after three in a row, once, and the end", after(3), "hhhhhg", "..F..R"],
  ["not of fewer, nor of their end", after(3), "hhghhg", "......"],
  ["what tells nothing neither counts nor ends", after(3), "hnhnhng", "....F.R"],
  ["of every one, when so wanted", each, "hhhg", "FAAR"],
  ["no more than the limit while it lasts", { ...each, limit: 2 }, "hhhhgh", "FA..RF"],
  ["nothing of the end when it is not wanted", { ...each, recovery: "never" }, "hg", "F."],
  ["as in Postman: mails until the limit, then the first success", postmanPolicy(3), "hhhhhg", "FAA..R"],
  ["as in Postman: no recovery when the limit was not reached", postmanPolicy(3), "hhg", "FA."],
])("told is: %s", (_, policy, observations, told) => {
  expect(tellings(policy, observations)).toBe(told);
});

test("an alert that began while it was muted is told with the next failure, and its end only if it was told", () => {
  const unheard = { state: "firing" as const, streak: 4, sent: 0 };

  expect(advance(unheard, after(3), "holds").tell).toBe("firing");
  expect(advance(unheard, after(3), "gone")).toMatchObject({ state: "ok", changed: true, tell: undefined });
});

test("the 95th percentile is a value that was measured", () => {
  expect(percentile95([])).toBeUndefined();
  expect(percentile95([7])).toBe(7);
  expect(percentile95(Array.from({ length: 100 }, (_, index) => 100 - index))).toBe(95);
});
