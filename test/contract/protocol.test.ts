import { expect, test } from "bun:test";

import { commonVersion, formatRange, mismatchSentence, parseRange } from "../../src/contract/protocol.ts";

const range = (oldest: number, newest: number) => ({ oldest, newest });

test.each([
  [range(1, 1), range(1, 1), 1],
  [range(1, 3), range(2, 5), 3],
  [range(2, 5), range(1, 3), 3],
  [range(1, 1), range(2, 3), undefined],
  [range(4, 4), range(2, 3), undefined],
])("%j and %j have %p in common", (one, other, version) => {
  expect(commonVersion(one, other)).toBe(version);
});

test.each([
  ["3", range(3, 3)],
  ["1-3", range(1, 3)],
  [" 2 ", range(2, 2)],
  ["3-1", undefined],
  ["", undefined],
  ["one", undefined],
  ["1-2-3", undefined],
  ["9999999999", undefined],
  [undefined, undefined],
])("the header %p is read as %j", (text, expected) => {
  expect(parseRange(text)).toEqual(expected);
  if (expected) expect(parseRange(formatRange(expected))).toEqual(expected);
});

test("the side with the older versions is the one to upgrade", () => {
  expect(mismatchSentence(range(1, 1), range(2, 3))).toBe(
    "This runner speaks protocol 1, the control plane 2-3; upgrade the runner.",
  );
  expect(mismatchSentence(range(3, 4), range(1, 2))).toBe(
    "This runner speaks protocol 3-4, the control plane 1-2; upgrade the control plane.",
  );
});
