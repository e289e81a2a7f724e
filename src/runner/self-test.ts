import { defaultRunOptions, type RunInput } from "../engine/types.ts";
import type { Clock } from "../lib/clock.ts";
import { toError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { backoffMs, retry } from "../lib/retry.ts";
import { isCallError, type ControlPlane } from "./client.ts";
import type { RunEngine } from "./execute.ts";
import type { Registration } from "./registration.ts";

/** Executes something and says in one sentence what is wrong here; undefined = nothing. */
export type SelfTest = (signal: AbortSignal) => Promise<string | undefined>;

const LIMIT_MS = 60_000;

/** One step whose script asserts something and whose request is never sent: nothing here depends on a network. */
const collection = {
  info: {
    name: "self-test",
    schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
  },
  item: [
    {
      name: "script",
      event: [
        {
          listen: "prerequest",
          script: {
            exec: [
              "pm.test('a script runs and asserts', () => pm.expect([6, 7].reduce((a, b) => a * b)).to.equal(42));",
              "pm.execution.skipRequest();",
            ],
          },
        },
      ],
      request: { method: "GET", url: "http://self-test.invalid/" },
    },
  ],
};

/** The boot self-test of an engine: its script process starts, is locked, and a script in it passes a test. */
export function createSelfTest(engine: RunEngine): SelfTest {
  return async (signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    const options = { ...defaultRunOptions, scriptTimeoutMs: LIMIT_MS / 2, runTimeoutMs: LIMIT_MS };
    const input: RunInput = { collection, options };
    try {
      for await (const event of engine.run(input, { signal: limit })) {
        if (event.type !== "run_finished") continue;
        const { outcome, detail, assertionsTotal } = event.summary;
        if (outcome === "passed" && assertionsTotal === 1) return undefined;
        return `Scripts do not run here: ${detail ?? `the self-test ended as ${outcome}`}`;
      }
      return "Scripts do not run here: the engine stopped without a result.";
    } catch (error) {
      return `Scripts do not run here: ${toError(error).message}`;
    }
  };
}

export interface SelfTestDeps {
  selfTest: SelfTest;
  controlPlane: ControlPlane;
  registration: Registration;
  clock: Clock;
  log: Log;
}

const againBackoff = { baseMs: 5_000, maxMs: 60_000 };
const reportBackoff = { baseMs: 500, maxMs: 10_000 };
const MAX_FAILURE_CHARS = 1_000;

/**
 * Resolves once the self-test has passed and the control plane knows, or `signal` aborts. A failing one is reported and
 * repeated: what is wrong here may be put right without a restart, and until then no run may come.
 */
export async function passSelfTest(deps: SelfTestDeps, signal: AbortSignal): Promise<void> {
  const { selfTest, clock, log } = deps;
  for (let attempt = 1; !signal.aborted; attempt++) {
    const failure = await selfTest(signal);
    if (signal.aborted) return;
    await report(failure, deps, signal);
    if (failure === undefined) return log.info("self-test passed");
    log.error("self-test failed; no run is taken until it passes", { why: failure });
    await clock.sleep(backoffMs(attempt, againBackoff), signal);
  }
}

const shouldRetry = (error: unknown): boolean => isCallError(error, "retryable");

async function report(failure: string | undefined, deps: SelfTestDeps, signal: AbortSignal): Promise<void> {
  const { controlPlane, registration, clock } = deps;
  const call = () =>
    controlPlane.selfTest(
      {
        instanceId: registration.current().instanceId,
        failure: failure?.slice(0, MAX_FAILURE_CHARS) ?? null,
      },
      { signal },
    );
  try {
    await retry(call, { clock, backoff: reportBackoff, signal, shouldRetry });
  } catch (error) {
    if (signal.aborted || isCallError(error, "not_found")) return; // An older control plane has no place for it.
    throw error;
  }
}
