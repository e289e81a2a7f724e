import { expect, test } from "bun:test";

import { Tally } from "../../src/engine/outcome.ts";
import type { Assertion, Step, StepErrorKind } from "../../src/engine/types.ts";

const assertion = (status: Assertion["status"]): Assertion => ({ name: status, status, source: "test" });

const step = (name: string, statuses: Assertion["status"][] = [], kinds: StepErrorKind[] = []): Step => ({
  position: 1,
  iteration: 0,
  itemId: "id",
  name,
  path: [],
  startedMs: 0,
  durationMs: 0,
  skipped: false,
  redirects: [],
  assertions: statuses.map(assertion),
  console: [],
  errors: kinds.map((kind) => ({ kind, phase: "request", name: "Error", message: `the ${kind} message` })),
});

const summaryOf = (steps: Step[], stop?: Parameters<Tally["summary"]>[1]) => {
  const tally = new Tally();
  for (const each of steps) tally.add(each);
  return tally.summary(5, stop);
};

test("a run in which nothing is wrong passed, without a reason", () => {
  const summary = summaryOf([step("a", ["passed", "skipped"])]);

  expect(summary.outcome).toBe("passed");
  expect(summary).not.toHaveProperty("reason");
  expect(summary).not.toHaveProperty("detail");
});

test("a failed assertion fails the run and says how many, where", () => {
  expect(summaryOf([step("a", ["passed"]), step("b", ["failed", "failed", "passed"])])).toMatchObject({
    outcome: "failed",
    reason: "assertion_failed",
    detail: '2 of 4 assertions failed in "b"',
    requestsTotal: 2,
    requestsFailed: 1,
  });
});

test("failures in several requests name the first", () => {
  expect(summaryOf([step("a", ["failed"]), step("b", ["failed"])]).detail).toBe(
    '2 of 2 assertions failed, first in "a"',
  );
});

test.each<[StepErrorKind, string, string]>([
  ["target", "failed", "target_unreachable"],
  ["dns", "errored", "dns"],
  ["proxy", "errored", "proxy"],
  ["egress_denied", "errored", "egress_denied"],
  ["request", "errored", "request_invalid"],
  ["too_large", "errored", "too_large"],
  ["script", "errored", "script_error"],
  ["script_timeout", "errored", "script_timeout"],
  ["script_memory", "errored", "script_memory"],
])("an error of kind %s makes the run %s (%s)", (kind, outcome, reason) => {
  const summary = summaryOf([step("a", ["passed"], [kind])]);

  expect(summary).toMatchObject({ outcome, reason, errorsTotal: 1, requestsFailed: 1 });
  expect(summary.detail).toContain(`the ${kind} message`);
});

test("a failed assertion is a fact that an error beside it does not take back", () => {
  expect(summaryOf([step("a", [], ["script"]), step("b", ["failed"])]).outcome).toBe("failed");
});

test("a dead target explains the failed assertions", () => {
  expect(summaryOf([step("a", ["failed"]), step("b", ["failed"], ["target"])]).reason).toBe(
    "target_unreachable",
  );
});

test("the first of several errors gives the reason", () => {
  expect(summaryOf([step("a", [], ["dns"]), step("b", [], ["script"])]).reason).toBe("dns");
});

test("aborted wins over everything", () => {
  expect(summaryOf([step("a", ["failed"], ["target"])], { reason: "cancelled" })).toMatchObject({
    outcome: "aborted",
    reason: "cancelled",
  });
  expect(summaryOf([step("a", ["failed"])], { reason: "run_timeout", limitMs: 100 })).toMatchObject({
    outcome: "aborted",
    reason: "run_timeout",
    detail: "The run was stopped at its time limit of 100 ms.",
  });
});

test("skipped requests were not made", () => {
  expect(summaryOf([{ ...step("a"), skipped: true }])).toMatchObject({ requestsTotal: 0, outcome: "passed" });
});
