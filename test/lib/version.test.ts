import { expect, test } from "bun:test";

import { isOlder } from "../../src/lib/version.ts";

test.each([
  ["0.1.0", "0.2.0", true],
  ["0.9.0", "0.10.0", true],
  ["1.0.0", "0.9.9", false],
  ["1.2.3", "1.2.3", false],
  ["1.2.3", "1.2.4", true],
  ["2.0.0-rc.1", "2.0.1", true],
  ["unknown", "1.0.0", false],
])("%s before %s: %p", (one, other, expected) => {
  expect(isOlder(one, other)).toBe(expected);
});
