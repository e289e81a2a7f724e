/* oxlint-disable no-undef -- Evaluated inside a context that has `chai` and `evaluate`. */
(function () {
  const { expect, assert, Assertion, AssertionError, util, config } = chai;

  const show = (value) => {
    if (typeof value === "function" && !(value instanceof Assertion)) return "function " + value.name;
    if (value instanceof Assertion) return "assertion " + showFlags(value);
    try {
      return typeof value + " " + util.inspect(value);
    } catch (error) {
      return "uninspectable " + error.message;
    }
  };

  /** All flags in their order; where stacks start is the business of each implementation. */
  const showFlags = (assertion) => {
    const copy = {};
    util.transferFlags(assertion, copy);
    const flags = Object.keys(copy.__flags).filter((key) => key !== "ssfi");
    return flags.map((key) => key + "=" + show(copy.__flags[key])).join(", ");
  };

  /** Frames above the script's own count, too: there are to be none, the engine's aside. */
  const frames = (stack) =>
    String(stack)
      .split("\n")
      .filter((line) => !line.includes("[native code]"))
      .slice(0, 2)
      .map((line) => line.replace(/:\d+:\d+$/, ""));

  const showError = (error) => {
    if (!(error instanceof Error)) return "thrown " + show(error);
    // The engine describes what it could not call.
    const message = error.message.replace(/is an instance of \w+/, "is no function");
    const lines = [error.name + ": " + message];
    if (!(error instanceof AssertionError)) return lines[0];
    for (const key of ["actual", "expected", "showDiff", "operator"]) {
      lines.push(key + (key in error ? "=" + show(error[key]) : " absent"));
    }
    return [...lines, ...frames(error.stack)].join("\n");
  };

  const observe = (act) => {
    try {
      return show(act());
    } catch (error) {
      return showError(error);
    }
  };

  /** Each step takes a word of the chain, or calls a method, on what an earlier one gave. */
  const runChain = ([subject, steps]) => {
    const found = [expect(evaluate(subject))];
    const log = [];
    for (const { on, word, values } of steps) {
      const base = found[on % found.length];
      log.push(
        observe(() => {
          const next = values ? base[word](...values.map((value) => evaluate(value))) : base[word];
          if (next instanceof Assertion) found.push(next);
          return next;
        }),
      );
    }
    return [...log, ...found.map(show)].join("\n");
  };

  return { observe, runChain, chai, expect, assert, Assertion, util, config };
})();
