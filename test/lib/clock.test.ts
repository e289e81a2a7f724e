import { expect, test } from "bun:test";

import { systemClock } from "../../src/lib/clock.ts";

test("a sleep ends early, without an error, when its signal aborts", async () => {
  const controller = new AbortController();
  const sleeping = systemClock.sleep(60_000, controller.signal);

  controller.abort();

  await expect(sleeping).resolves.toBeUndefined();
});

test("a sleep with an aborted signal does not begin", async () => {
  await expect(systemClock.sleep(60_000, AbortSignal.abort())).resolves.toBeUndefined();
});
