import { describe, expect, test } from "bun:test";

import type { Step } from "../../src/contract/events.ts";
import { causeOf, firstFailure } from "../../src/runs/cause.ts";
import { step } from "../web/samples.ts";

type StepError = Step["errors"][number];
type Response = NonNullable<Step["response"]>;

const passing = (position: number) => step({ position, assertions: [], errors: [] });

const withError = (error: Partial<StepError>): Step =>
  step({
    assertions: [],
    errors: [{ kind: "target", phase: "request", name: "Error", message: "it broke", ...error }],
  });

const withAnswer = (response: Partial<Response>, error = "expected 1 to equal 2", name = "AssertionError") =>
  step({
    response: {
      code: 200,
      status: "OK",
      headers: [],
      body: { bytes: 0 },
      wireBytes: 0,
      httpVersion: "1.1",
      ...response,
    },
    assertions: [{ name: "is fine", status: "failed", source: "test", error: { name, message: error } }],
  });

describe("the first failure", () => {
  test("is that of the earliest step, however the steps are ordered", () => {
    const found = firstFailure([step({ position: 7 }), passing(1), step({ position: 3 })]);

    expect(found?.step.position).toBe(3);
  });

  test("is the error when a step has both, because assertions fail because of it", () => {
    const both = step({ errors: [{ kind: "dns", phase: "request", name: "Error", message: "ENOTFOUND" }] });

    const found = firstFailure([both]);

    expect(found && "error" in found && found.error.kind).toBe("dns");
  });

  test("is undefined when nothing failed", () => {
    expect(firstFailure([passing(1), passing(2)])).toBeUndefined();
  });
});

describe("the side of an error", () => {
  test.each([
    [{ code: "ECONNREFUSED" }, "target", "Nothing listens on orders.internal: the connection was refused."],
    [{ code: "ECONNRESET" }, "target", "orders.internal closed the connection before it had answered."],
    [{ code: "ESOCKETTIMEDOUT", message: "no complete response within 50 ms" }, "target", "within 50 ms"],
    [{ code: "CERT_HAS_EXPIRED" }, "target", "The certificate of orders.internal has expired."],
    [{ code: "ERR_TLS_CERT_ALTNAME_INVALID" }, "target", "for another name"],
    [{ code: "SELF_SIGNED_CERT_IN_CHAIN" }, "unknown", "does not trust the certificate"],
    [{ code: "EHOSTUNREACH" }, "runner", "no way through the network"],
    [{ code: "ERR_SSL_WRONG_VERSION_NUMBER" }, "target", "secure connection"],
    [{ code: undefined }, "target", "it broke"],
    [{ kind: "dns", code: "ENOTFOUND" }, "runner", "orders.internal (ENOTFOUND)"],
    [{ kind: "proxy" }, "runner", "proxy"],
    [{ kind: "egress_denied", message: "blocked by policy: no" }, "policy", "blocked by policy: no"],
    [{ kind: "request" }, "script", `The request "Create order" could not be built: it broke`],
    [{ kind: "too_large" }, "policy", "larger than what a runner reads"],
    [{ kind: "script", phase: "test", name: "TypeError" }, "script", "The test script of"],
    [{ kind: "script_timeout", phase: "prerequest" }, "script", "The pre-request script of"],
    [{ kind: "script_memory", phase: "test" }, "script", "more memory"],
    [{ kind: "of the future" }, "unknown", "it broke"],
  ] as const)("%j is %s", (error, side, words) => {
    const reason = null;

    const cause = causeOf({ outcome: "errored", reason, detail: null }, [withError(error)]);

    expect(cause?.side).toBe(side);
    expect(cause?.sentence).toContain(words);
    expect(cause?.whatToDo).toMatch(/[.]$/);
  });
});

describe("the side of a failed assertion", () => {
  test.each([
    [{ code: 500, status: "Internal Server Error" }, "target", "500 Internal Server Error: the API met"],
    [{ code: 503, status: "" }, "target", "with 503: what stands in front"],
    [{ code: 401, status: "Unauthorized" }, "unknown", "refused the credentials"],
    [{ code: 404, status: "Not Found" }, "unknown", "does not know this address"],
    [{ code: 407, status: "" }, "runner", "a proxy asks"],
    [{ code: 429, status: "" }, "target", "refuses so many"],
    [{ code: 422, status: "" }, "target", `is not what "is fine" expects: expected 1 to equal 2`],
    [{ code: 200 }, "target", `is not what "is fine" expects`],
  ] as const)("after an answer of %j is %s", (response, side, words) => {
    const cause = causeOf({ outcome: "failed", reason: "assertion_failed", detail: null }, [
      withAnswer(response),
    ]);

    expect(cause?.side).toBe(side);
    expect(cause?.sentence).toContain(words);
  });

  test("about the response time names the phase that took it", () => {
    const slow = { ...withAnswer({}, "expected 134 to be below 100") };

    const cause = causeOf({ outcome: "failed", reason: "assertion_failed", detail: null }, [slow]);

    expect(cause?.sentence).toBe(`"Create order" was answered, but too slowly: it took 134 ms.`);
    expect(cause?.whatToDo).toContain("the API itself was slow");
  });

  test("about another number is not taken for slowness", () => {
    const other = withAnswer({}, "expected 7 to be below 5");

    const cause = causeOf({ outcome: "failed", reason: "assertion_failed", detail: null }, [other]);

    expect(cause?.sentence).toContain("is not what");
  });

  test.each([
    ["ReferenceError", 200, "script"],
    ["TypeError", 200, "unknown"],
    ["TypeError", 500, "target"],
    ["JSONError", 200, "target"],
  ] as const)("that ended in a %s after %d is %s", (name, code, side) => {
    const cause = causeOf({ outcome: "failed", reason: "assertion_failed", detail: null }, [
      withAnswer({ code }, "undefined is not an object", name),
    ]);

    expect(cause?.side).toBe(side);
  });

  test("without an answer is the script's", () => {
    const { response: _response, ...unsent } = withAnswer({});

    const cause = causeOf({ outcome: "failed", reason: "assertion_failed", detail: null }, [unsent]);

    expect(cause?.side).toBe("script");
  });
});

describe("the cause of a run", () => {
  test("is unknown to a run that passed or goes on", () => {
    expect(causeOf({ outcome: "passed", reason: null, detail: null }, [])).toBeUndefined();
    expect(causeOf({ outcome: null, reason: null, detail: null }, [step()])).toBeUndefined();
  });

  test("is what the verdict is about, not an earlier trouble beside it", () => {
    const script = withError({ kind: "script", phase: "test", name: "TypeError" });
    const refused = withError({ code: "ECONNREFUSED" });

    const cause = causeOf({ outcome: "failed", reason: "target_unreachable", detail: null }, [
      { ...script, position: 1 },
      { ...refused, position: 2 },
    ]);

    expect(cause?.sentence).toContain("Nothing listens");
  });

  test.each([
    ["errored", "runner_lost", "runner"],
    ["errored", "no_runner", "runner"],
    ["errored", "internal", "runner"],
    ["aborted", "cancelled", "policy"],
    ["aborted", "run_timeout", "policy"],
    ["errored", "collection_invalid", "script"],
  ] as const)("that is %s by %s is %s, whatever its steps did", (outcome, reason, side) => {
    expect(causeOf({ outcome, reason, detail: null }, [step()])?.side).toBe(side);
  });

  test.each([
    ["assertion_failed", "target"],
    ["dns", "runner"],
    ["egress_denied", "policy"],
    ["script_error", "script"],
    ["of_the_future", "unknown"],
    [null, "unknown"],
  ] as const)("by %p without its steps is %s, in the words of the runner", (reason, side) => {
    const cause = causeOf({ outcome: "errored", reason, detail: "It was so." }, []);

    expect(cause).toMatchObject({ side, sentence: "It was so." });
  });

  test("is short, however long the message of an error is", () => {
    const long = withError({ message: "x".repeat(50_000) });

    const cause = causeOf({ outcome: "failed", reason: "target_unreachable", detail: null }, [long]);

    expect(cause?.sentence.length).toBe(500);
  });
});
