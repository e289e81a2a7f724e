import { expect, test } from "bun:test";

import type { RunEvent } from "../../src/contract/events.ts";
import { packEvents, unpackUpTo } from "../../src/runs/packed-events.ts";

/** Three batches of some 10,000 characters each, which pack to almost nothing. */
const batches = [1, 2, 3].map((seq): RunEvent[] => [
  { seq, type: "run_started", collectionName: "a".repeat(10_000), stepsPlanned: seq },
]);
const packed = batches.map((batch) => packEvents(batch).events);

test.each([
  ["all of them where there is room", 40_000, 3],
  ["those that fit", 25_000, 2],
  ["the first however large it is", 100, 1],
])("of batches that pack to nothing are unpacked %s", (_what, maxChars, count) => {
  expect(unpackUpTo(packed, maxChars)).toEqual({ events: batches.slice(0, count).flat(), batches: count });
});
