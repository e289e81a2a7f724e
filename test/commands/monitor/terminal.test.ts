import { expect, test } from "bun:test";

import { formatTable } from "../../../src/commands/client/table.ts";
import { describeStep } from "../../../src/commands/monitor/step-lines.ts";
import type { Step } from "../../../src/engine/types.ts";
import { step } from "../../web/samples.ts";

// What the server answers is what an engine made.
const engineStep = (change: Parameters<typeof step>[0]): Step => step(change) as Step;

/** Clears the screen of a terminal, and sets its title. */
const hostile = "\u001b[2J\u001b]0;mine\u0007\u009b2J";

test("a step shows what was asked, answered, logged and checked", () => {
  const lines = describeStep(
    engineStep({
      console: [{ atMs: 1, level: "warn", messages: ["stock is", "low"] }],
      assertions: [
        {
          name: "is created",
          source: "test",
          status: "failed",
          error: { name: "AssertionError", message: "500" },
        },
      ],
    }),
  );

  expect(lines[0]).toBe("↳ Orders / Create order");
  expect(lines[1]).toStartWith("  POST https://orders.internal/v1/orders [500 Internal Server Error, ");
  expect(lines.slice(2, 4)).toEqual(["  warn: stock is low", "  ✗ is created\n      AssertionError: 500"]);
});

test("what servers and scripts wrote does not steer the terminal of whoever looks", () => {
  const lines = describeStep(
    engineStep({
      name: hostile,
      console: [{ atMs: 1, level: "log", messages: [hostile] }],
      assertions: [{ name: hostile, source: "test", status: "passed" }],
    }),
  );

  // oxlint-disable-next-line no-control-regex
  expect(lines.join("\n")).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
});

test("a name stays in its cell of a table", () => {
  expect(
    formatTable([
      ["NAME", "STATE"],
      [`a\nb${hostile[0]}`, "active"],
    ]),
  ).toBe("NAME       STATE\na b\\u001b  active");
});
