import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { backoffMs } from "../lib/retry.ts";
import { CallError, isCallError, type ControlPlane } from "./client.ts";
import { shrinkEvent } from "./shrink.ts";
import { BATCH_BYTES, type Batch, type RunSpool } from "./spool.ts";

/** A batch waits this long for company, in ms, unless it is full or the last one. */
const GATHER_MS = 250;
/** Undelivered results are given up this long after their last event. */
export const KEEP_UNSENT_MS = 24 * 60 * 60 * 1000;
const backoff = { baseMs: 200, maxMs: 10_000 };

/** `delivered`: all stored. `refused`: the control plane does not want it. `left`: stays on disk for the next start. */
export type Delivery = "delivered" | "refused" | "left";

export interface SendDeps {
  controlPlane: ControlPlane;
  clock: Clock;
  log: Log;
  /** Stops sending and leaves the rest on disk. */
  signal: AbortSignal;
  /** How long one call may take before it is tried on another connection, in ms; default: as any call. */
  timeoutMs?: number;
  /** The control plane asks to cancel the run. */
  onCancel?: () => void;
  /** Nobody wants the result any more; called before the spool is deleted. */
  onRefused?: () => void;
}

/** Sends a run's events in order until the last one is acknowledged, and deletes the spool then. */
export async function sendSpool(spool: RunSpool, deps: SendDeps): Promise<Delivery> {
  const log = deps.log.with({ runId: spool.runId, attempt: spool.attempt });
  try {
    const delivery = await sendAll(spool, { ...deps, log });
    if (delivery === "refused") deps.onRefused?.();
    await (delivery === "left" ? spool.close() : spool.remove());
    return delivery;
  } catch (error) {
    await spool.close();
    throw error;
  }
}

async function sendAll(spool: RunSpool, deps: SendDeps): Promise<Delivery> {
  for (;;) {
    await gather(spool, deps);
    if (deps.signal.aborted) return "left";
    const batch = await spool.nextBatch();
    if (!batch) return "delivered";
    const delivery = await sendBatch(spool, batch, deps);
    if (delivery !== "delivered") return delivery;
  }
}

/** Waits until a batch is worth sending: something is there, and it is full, the last, or not fresh any more. */
async function gather(spool: RunSpool, { clock, signal }: SendDeps): Promise<void> {
  while (!spool.complete && spool.unsentBytes === 0 && !signal.aborted) await spool.changed.wait(signal);
  const fresh = new AbortController();
  const stop = () => fresh.abort();
  signal.addEventListener("abort", stop, { once: true });
  const waited = clock.sleep(GATHER_MS, fresh.signal).then(stop);
  while (!spool.complete && spool.unsentBytes < BATCH_BYTES && !fresh.signal.aborted)
    await spool.changed.wait(fresh.signal);
  stop();
  signal.removeEventListener("abort", stop);
  await waited;
}

async function sendBatch(spool: RunSpool, batch: Batch, deps: SendDeps): Promise<Delivery> {
  const { controlPlane, signal, log } = deps;
  const failingSince = performance.now();
  let lines = batch.lines;
  for (let attempt = 1; ; attempt++) {
    let waitMs = backoffMs(attempt, backoff);
    try {
      const answer = await controlPlane.sendEvents(
        { runId: spool.runId, attempt: spool.attempt, events: lines },
        { signal, ...(deps.timeoutMs !== undefined && { timeoutMs: deps.timeoutMs }) },
      );
      if (answer.cancel) deps.onCancel?.();
      if (spool.acknowledge(batch, answer.acknowledgedSeq)) return "delivered";
      log.warn("events were not acknowledged", { lastSeq: batch.lastSeq });
    } catch (error) {
      if (signal.aborted) return "left";
      if (isCallError(error, "too_large") && lines === batch.lines) {
        log.warn("events are too large; sent without details", { why: error.message });
        lines = batch.lines.map(shrinkEvent);
        continue;
      }
      if (!isCallError(error, "retryable")) return refusalOf(error, deps);
      waitMs = Math.max(waitMs, error.retryAfterMs ?? 0);
    }
    if (performance.now() - failingSince > KEEP_UNSENT_MS) {
      log.error("result given up; the control plane did not take it for 24 hours");
      return "refused";
    }
    await deps.clock.sleep(waitMs, signal);
    if (signal.aborted) return "left";
  }
}

function refusalOf(error: unknown, { log }: SendDeps): Delivery {
  if (!(error instanceof CallError) || error.kind === "fatal") throw error;
  if (error.kind === "refused" || error.kind === "too_large")
    log.error("result refused", { why: error.message });
  else log.warn("run is not ours any more; its events are dropped", { why: error.message });
  return "refused";
}
