import { stat } from "node:fs/promises";

import type { Clock } from "../../lib/clock.ts";

const LOOK_EVERY_MS = 2_000;

/** Resolves to true when another file lies under the name of a program, to false when `signal` aborts before. */
export async function watchProgram(path: string, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const own = await identityOf(path);
  while (!signal.aborted) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    const now = await identityOf(path);
    // Missing for a moment is no new program yet.
    if (now !== undefined && now !== own && !signal.aborted) return true;
  }
  return false;
}

const identityOf = (path: string): Promise<string | undefined> =>
  stat(path).then(
    ({ dev, ino, mtimeMs }) => `${dev} ${ino} ${mtimeMs}`,
    () => undefined,
  );
