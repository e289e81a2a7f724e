import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { backoffMs } from "../lib/retry.ts";
import { CallError, type ControlPlane } from "./client.ts";
import type { Instance, Registration } from "./registration.ts";
import type { RunBook } from "./run-book.ts";
import type { Tally } from "./tally.ts";
import type { UsageMeter } from "./usage.ts";

export interface LoopDeps {
  controlPlane: ControlPlane;
  registration: Registration;
  book: RunBook;
  tally: Tally;
  poll: Poll;
  clock: Clock;
  log: Log;
  usage: UsageMeter;
  /** The control plane wants this instance to finish what it has and end. */
  onDrain: () => void;
}

/** The claim of an instance that waits, shared by the loops. */
export class Poll {
  #waiting: AbortController | undefined;
  /** `performance.now()` of the last claim that got no answer. */
  #unansweredMs = -Infinity;

  /** The signal of a new claim, which ends with `abandon`, too. */
  begin(abandon: AbortSignal): AbortSignal {
    const waiting = new AbortController();
    this.#waiting = waiting;
    const stop = () => waiting.abort();
    abandon.addEventListener("abort", stop, { once: true, signal: waiting.signal });
    if (abandon.aborted) stop();
    return waiting.signal;
  }

  end(error?: unknown): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
    if (error instanceof CallError && error.isUnanswered) this.#unansweredMs = performance.now();
  }

  /** A heartbeat got no answer: the claim waits on a connection that may be as dead, and goes on over another one. */
  renew(): void {
    this.#waiting?.abort();
  }

  /** A run may have been handed out into the void; the control plane may still wait with an answer to an older claim. */
  mayHaveMissed({ waitSeconds, leaseSeconds }: Instance): boolean {
    return performance.now() - this.#unansweredMs < (waitSeconds + leaseSeconds) * 1000;
  }
}

const claimBackoff = { baseMs: 250, maxMs: 10_000 };
/** A missed heartbeat is repeated soon, so that a short outage does not cost the lease. */
const heartbeatBackoff = { baseMs: 500, maxMs: 3_000 };
/** Sent a third of a lease after the last one, it leaves a third for the next try when it gets no answer. */
const HEARTBEAT_LIMIT_OF_LEASE = 1 / 3;
/**
 * What the network may take on top of the time that the control plane waits, which is half a lease at most: a claim on a dead
 * connection is tried again while the lease of a run that went into the void still lasts.
 */
const CLAIM_MARGIN_OF_LEASE = 0.25;
/** An empty answer that comes sooner than this, in ms, did not wait: the next claim does. */
const EMPTY_TOO_SOON_MS = 500;

/**
 * Asks for work as long as there is a free place; one poll at a time. A poll under way may know of fewer places
 * than there are by now; that costs nothing, because it answers at once when there is work and is issued anew.
 *
 * `signal` ends the asking, but lets a poll that waits come to its answer: it may bring runs, which would be lost
 * otherwise. `abandon` gives that up, too.
 */
export async function claimRuns(deps: LoopDeps, signal: AbortSignal, abandon: AbortSignal): Promise<void> {
  const { book, clock } = deps;
  for (let failures = 0; !signal.aborted;) {
    const free = book.freePlaces();
    if (free === 0) {
      await book.changed.wait(signal);
      continue;
    }
    const didWell = await claimOnce(free, deps, signal, abandon);
    failures = didWell ? 0 : failures + 1;
    if (failures > 0) await clock.sleep(backoffMs(failures, claimBackoff), signal);
  }
}

/** One long poll; false when the next one should not follow at once. */
async function claimOnce(
  free: number,
  deps: LoopDeps,
  signal: AbortSignal,
  abandon: AbortSignal,
): Promise<boolean> {
  const { controlPlane, registration, book, poll } = deps;
  const instance = registration.current();
  const { instanceId, waitSeconds, leaseSeconds } = instance;
  const arrived = poll.mayHaveMissed(instance) ? book.arrived() : undefined;
  const startedMs = performance.now();
  try {
    const { assignments, drain } = await controlPlane.claim(
      {
        instanceId,
        free: Math.min(free, 1000),
        waitSeconds: Math.min(waitSeconds, 60),
        ...(arrived && { arrived }),
      },
      { signal: poll.begin(abandon), timeoutMs: (waitSeconds + leaseSeconds * CLAIM_MARGIN_OF_LEASE) * 1000 },
    );
    poll.end();
    for (const assignment of assignments) book.start(assignment);
    if (drain) deps.onDrain();
    return assignments.length > 0 || performance.now() - startedMs > EMPTY_TOO_SOON_MS;
  } catch (error) {
    poll.end(error);
    if (signal.aborted) return false;
    await recover(error, instance, deps, signal);
    return false;
  }
}

/** Renews the leases of all held runs, and is the sign of life of an idle instance. */
export async function sendHeartbeats(deps: LoopDeps, signal: AbortSignal): Promise<void> {
  const { registration, clock } = deps;
  for (let failures = 0; ;) {
    const everyMs = registration.current().heartbeatSeconds * 1000;
    const waitMs = failures > 0 ? Math.min(everyMs, backoffMs(failures, heartbeatBackoff)) : everyMs;
    await clock.sleep(waitMs, signal);
    if (signal.aborted) return;
    failures = (await heartbeatOnce(deps, signal)) ? 0 : failures + 1;
  }
}

async function heartbeatOnce(deps: LoopDeps, signal: AbortSignal): Promise<boolean> {
  const { controlPlane, registration, book, tally, poll, clock, log, usage } = deps;
  const instance = registration.current();
  // Before the call: the control plane counts from later, and a lease must not be thought longer than it is.
  const sentMs = performance.now();
  const runs = book.held();
  try {
    const answer = await controlPlane.heartbeat(
      { instanceId: instance.instanceId, runs, clock: clock.now().toISOString(), usage: usage() },
      { signal, timeoutMs: instance.leaseSeconds * 1000 * HEARTBEAT_LIMIT_OF_LEASE },
    );
    for (const { runId, attempt, reason } of answer.cancel) {
      log.info("run is cancelled", { runId, attempt, reason });
      book.cancel(runId, attempt);
    }
    const lost = new Set(answer.lost.map(({ runId, attempt }) => `${runId}/${attempt}`));
    const renewed = runs.filter(({ runId, attempt }) => !lost.has(`${runId}/${attempt}`));
    for (const { runId, attempt } of renewed) book.renew(runId, attempt, sentMs);
    tally.leasesRenewed += renewed.length;
    tally.leasesLost += lost.size;
    for (const { runId, attempt } of answer.lost) {
      if (book.drop(runId, attempt)) log.warn("lease is lost; the run is dropped", { runId, attempt });
    }
    if (answer.drain) deps.onDrain();
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    if (error instanceof CallError && error.isUnanswered) poll.renew();
    await recover(error, instance, deps, signal);
    return false;
  }
}

const LEASE_LOOK_MS = 500;

/**
 * Stops runs that another instance would run again, as soon as their lease may be over: the control plane may have given
 * them away, and nobody may execute them twice at once.
 */
export async function watchLeases({ book, clock, log }: LoopDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const { runId, attempt } of book.dropExpired(performance.now())) {
      log.warn("lease could not be renewed; the run is left to another instance", { runId, attempt });
    }
    await clock.sleep(LEASE_LOOK_MS, signal);
  }
}

/** Throws unless the next turn of the loop can go well. An instance that is not welcome any more registers again. */
async function recover(
  error: unknown,
  instance: Instance,
  deps: LoopDeps,
  signal: AbortSignal,
): Promise<void> {
  if (!(error instanceof CallError) || error.kind === "fatal") throw error;
  if (error.kind === "retryable") return;
  deps.log.warn("call refused", { why: error.message });
  try {
    await deps.registration.renew(instance);
  } catch (failure) {
    if (!signal.aborted) throw failure;
  }
}
