import type { Script } from "./script.ts";

/** `pm.test`: synchronous, promise or done-callback; a failing test never stops the script. */
export function createTest(script: Script, pm: () => unknown) {
  const test = (name: unknown, body?: unknown): unknown => {
    const settle = script.addTest();
    const title = String(name).slice(0, 10_000);
    const pass = () => settle({ name: title, status: "passed" });
    const fail = (error: unknown) => settle({ name: title, status: "failed", error: script.describe(error) });
    if (typeof body !== "function") {
      pass();
      return pm();
    }
    try {
      if (body.length > 0) {
        body((error: unknown) => (error ? fail(error) : pass()));
        return pm();
      }
      const outcome: unknown = body();
      if (isThenable(outcome)) waitFor(script, outcome, pass, fail);
      else pass();
    } catch (error) {
      fail(error);
    }
    return pm();
  };
  return Object.assign(test, {
    skip: (name: unknown) => {
      script.addTest()({ name: String(name).slice(0, 10_000), status: "skipped" });
      return pm();
    },
    index: () => script.testCount,
  });
}

function waitFor(
  script: Script,
  outcome: PromiseLike<unknown>,
  pass: () => void,
  fail: (error: unknown) => void,
) {
  script.hold();
  void Promise.resolve(outcome)
    .then(pass, fail)
    .then(() => script.release());
}

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
