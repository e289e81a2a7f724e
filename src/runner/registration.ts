import type { z } from "zod";

import type { registerResponse } from "../contract/runner.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { retry } from "../lib/retry.ts";
import { isCallError, type ControlPlane } from "./client.ts";

export type Instance = z.output<typeof registerResponse>;

export interface Registration {
  current(): Instance;
  /**
   * Registers again when the control plane does not know `stale` any more; callers at the same time share one call.
   * Throws what `register` throws: a control plane that speaks another protocol by now says so here.
   */
  renew(stale: Instance): Promise<void>;
}

/** What an instance says about itself; see `registerRequest`. */
export interface Identity {
  hostname: string;
  uniqueId: string;
  version: string;
  osType: string;
  concurrency: number;
  publicKey: string;
}

export interface RegistrationDeps {
  controlPlane: ControlPlane;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

const backoff = { baseMs: 500, maxMs: 10_000 };

/** Registers this process, trying until it works. Throws `CallError` when trying again cannot help. */
export async function register(identity: Identity, deps: RegistrationDeps): Promise<Registration> {
  const { controlPlane, clock, log, signal } = deps;
  const call = () => controlPlane.register({ ...identity, clock: clock.now().toISOString() }, { signal });

  let instance = await retry(call, {
    clock,
    backoff,
    signal,
    shouldRetry: (error) => isCallError(error, "retryable"),
  });
  log.info("runner registered", { runnerName: instance.runnerName, instanceId: instance.instanceId });

  let renewing: Promise<void> | undefined;
  async function replace(): Promise<void> {
    log.warn("control plane does not know this instance any more; registering again");
    instance = await retry(call, {
      clock,
      backoff,
      signal,
      shouldRetry: (error) => isCallError(error, "retryable"),
    });
  }
  return {
    current: () => instance,
    renew: (stale) => {
      if (stale !== instance) return Promise.resolve();
      renewing ??= replace().finally(() => (renewing = undefined));
      return renewing;
    },
  };
}
