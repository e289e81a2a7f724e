import type { Clock } from "../lib/clock.ts";
import { toError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { isCallError, type ControlPlane } from "./client.ts";
import { KEEP_UNSENT_MS, sendSpool } from "./sender.ts";
import type { LeftSpool, SpoolFolder } from "./spool-folder.ts";

export interface LeftRunsDeps {
  controlPlane: ControlPlane;
  folder: SpoolFolder;
  clock: Clock;
  log: Log;
  /** Stops sending; what is not delivered stays on disk. */
  sendSignal: AbortSignal;
}

const LOOK_EVERY_MS = 60_000;

/**
 * Sends what dead instances of this runner left behind, until `signal` aborts. A run without its end is sent as far
 * as it is known; how it ended is not ours to invent: its lease expires.
 */
export async function sendLeftRuns(deps: LeftRunsDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const left = await deps.folder.takeOverLeft();
    for (const spool of left) await sendLeft(spool, deps);
    await deps.clock.sleep(LOOK_EVERY_MS, signal);
  }
}

async function sendLeft(left: LeftSpool, deps: LeftRunsDeps): Promise<void> {
  const log = deps.log.with({ runId: left.runId, attempt: left.attempt });
  if (deps.sendSignal.aborted) return;
  if (deps.clock.now().getTime() - left.writtenAt.getTime() > KEEP_UNSENT_MS) {
    log.error("result of an earlier process given up; it is older than 24 hours");
    return left.remove();
  }
  try {
    const delivery = await sendSpool(await left.open(), {
      controlPlane: deps.controlPlane,
      clock: deps.clock,
      log: deps.log,
      signal: deps.sendSignal,
    });
    log.info("result of an earlier process sent", { delivery });
  } catch (error) {
    if (isCallError(error, "fatal")) throw error;
    // The file stays; a person can look at it, and one unreadable file must not keep the others from being sent.
    log.error("result of an earlier process cannot be read", { why: toError(error).message });
  }
}
