import type { Context } from "hono";

import type { Deps } from "../access/context.ts";
import {
  commonVersion,
  formatRange,
  mismatchSentence,
  parseRange,
  type ProtocolRange,
  protocolRange,
} from "../contract/protocol.ts";
import { runnerHeaders } from "../contract/runner.ts";
import { AppError } from "../lib/errors.ts";
import { createRunnerGate } from "./auth.ts";
import type { RunnerIdentity } from "./runner.ts";

/** Who calls, and in which version of the protocol. */
export interface Caller extends RunnerIdentity {
  protocol: number;
}

/**
 * Lets in calls with the id and a live key of a runner, in a version of the protocol that is spoken here. Asked again
 * before work is handed out: a claim waits longer than a key may live.
 */
export type RunnerDoor = (c: Context) => Promise<Caller>;

/** Errors: 401 for a wrong id or key, 426 with the versions that are spoken here, 400 for what is no runner at all. */
export function createRunnerDoor(
  deps: Pick<Deps, "database" | "clock" | "log">,
  range: ProtocolRange = protocolRange,
): RunnerDoor {
  const gate = createRunnerGate(deps);
  return async (c) => {
    const protocol = readProtocol(c, range);
    const key = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const id = c.req.header(runnerHeaders.runner);
    const runner = key && id ? await gate.check(id, key) : undefined;
    if (!runner) throw unauthenticated();
    return { ...runner, protocol };
  };
}

function readProtocol(c: Context, range: ProtocolRange): number {
  const spoken = parseRange(c.req.header(runnerHeaders.protocol));
  if (!spoken) {
    throw new AppError(
      "bad_request",
      `The header ${runnerHeaders.protocol} is missing or not a number; this address is for runners only.`,
    );
  }
  if (commonVersion(spoken, range) !== undefined) return spoken.newest;
  c.header(runnerHeaders.protocols, formatRange(range));
  // The first runners do not say what else they speak: they speak nothing else.
  const oldest = Number(c.req.header(runnerHeaders.oldestProtocol) ?? spoken.newest);
  throw new AppError("upgrade_required", mismatchSentence({ ...spoken, oldest }, range));
}

export const unauthenticated = (): AppError =>
  new AppError("unauthenticated", "The runner id or key is wrong; create the runner or reset its key.");
