import { expect, test } from "bun:test";

import { comparisonOf } from "../../web/comparison.ts";

test.each([
  ["expected 500 to equal 201", "201", "500"],
  ["expected response to have status code 201 but got 500", "status code 201", "500"],
  ["expected response to have status reason 'OK' but got 'NOT FOUND'", "status reason 'OK'", "'NOT FOUND'"],
  ["expected { a: 1 } to deeply equal { a: 2 }", "{ a: 2 }", "{ a: 1 }"],
  ["expected 523 to be below 300", "below 300", "523"],
  ["expected 'go to hell' to equal 'x'", "'x'", "'go to hell'"],
  ["expected [ 1, 2 ] to include 3", "include 3", "[ 1, 2 ]"],
  ["expected { id: 7 } to have property 'name'", "property 'name'", "{ id: 7 }"],
  ["expected true to be false", "false", "true"],
  ["expected 'b' not to equal 'b'", "not equal 'b'", "'b'"],
  ["the order: expected 1 to equal 2", "2", "1"],
  ["expected 'a\nb' to equal 'c\nd'", "'c\nd'", "'a\nb'"],
])("%j wanted %p and got %p", (message, expected, got) => {
  expect(comparisonOf(message)).toEqual({ expected, got });
});

test.each(["undefined is not an object", "", `expected ${"x".repeat(6000)} to equal 1`])(
  "a message in other words is left alone: %#",
  (message) => {
    expect(comparisonOf(message)).toBeUndefined();
  },
);

test("a long message without an end takes no time that matters", () => {
  const message = `expected ${"' to ".repeat(900)}`;
  const startedAt = performance.now();

  comparisonOf(message);

  expect(performance.now() - startedAt).toBeLessThan(20_000);
});
