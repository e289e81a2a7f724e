import { expect, test } from "bun:test";

import type { Clock } from "../../src/lib/clock.ts";
import { backoffMs, retry } from "../../src/lib/retry.ts";

const backoff = { baseMs: 100, maxMs: 1_000 };

/** A clock whose sleeps end at once and are remembered. */
function recordingClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  return { slept, now: () => new Date(0), sleep: async (delayMs) => void slept.push(delayMs) };
}

test("the delay doubles up to its limit and is jittered over its upper half", () => {
  expect([1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, backoff, () => 1))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
  expect(backoffMs(1, backoff, () => 0)).toBe(50);
});

test("a call is retried until it succeeds", async () => {
  const clock = recordingClock();
  let calls = 0;

  const result = await retry(
    async () => {
      calls += 1;
      if (calls < 3) throw new Error("not yet");
      return calls;
    },
    { clock, backoff, shouldRetry: () => true },
  );

  expect(result).toBe(3);
  expect(clock.slept).toHaveLength(2);
});

test("an error that is not to be retried is thrown at once", async () => {
  const clock = recordingClock();

  const attempt = retry(() => Promise.reject(new Error("fatal")), {
    clock,
    backoff,
    shouldRetry: () => false,
  });

  await expect(attempt).rejects.toThrow("fatal");
  expect(clock.slept).toEqual([]);
});

test("an aborted signal ends the retries with the last error", async () => {
  const controller = new AbortController();
  const clock: Clock = {
    now: () => new Date(0),
    sleep: async () => controller.abort(),
  };

  const attempt = retry(() => Promise.reject(new Error("down")), {
    clock,
    backoff,
    signal: controller.signal,
    shouldRetry: () => true,
  });

  await expect(attempt).rejects.toThrow("down");
});
