import type { Outcome } from "../contract/events.ts";
import type { Assignment } from "../contract/runner.ts";
import type { Clock } from "../lib/clock.ts";
import { toError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Secrets } from "../lib/secrets.ts";
import { isCallError, type ControlPlane } from "./client.ts";
import { DROP, executeRun, type RunEngine } from "./execute.ts";
import { sendSpool } from "./sender.ts";
import type { SpoolFolder } from "./spool-folder.ts";
import type { Tally } from "./tally.ts";
import { createWakeup, type Wakeup } from "./wakeup.ts";

/** The runs that this instance holds: executing, or executed and not yet delivered. */
export interface RunBook {
  /** Notified when a place becomes free or a run is done with. */
  readonly changed: Wakeup;
  readonly finished: Readonly<Record<Outcome | "dropped", number>>;
  executing(): number;
  held(): { runId: string; attempt: number }[];
  /** The runs that came lately, and those that are held. */
  arrived(): { runId: string; attempt: number }[];
  freePlaces(): number;
  start(assignment: Assignment): void;
  /** Stops a run, which then reports itself as aborted. */
  cancel(runId: string, attempt: number): void;
  /** Stops a run without a report, because nobody waits for it any more; false when it is not executing. */
  drop(runId: string, attempt: number): boolean;
  /** The lease of a run was renewed by a call that was sent at `sentMs` (`performance.now()`). */
  renew(runId: string, attempt: number, sentMs: number): void;
  /** Drops the executing runs that another instance may have been given by now; see `rerunsWhenLost`. */
  dropExpired(nowMs: number): { runId: string; attempt: number }[];
  cancelAll(): void;
}

export interface RunBookDeps {
  controlPlane: ControlPlane;
  engine: RunEngine;
  vault?: Secrets;
  tally: Tally;
  folder: SpoolFolder;
  openSealed: (sealed: string) => string;
  concurrency: number;
  clock: Clock;
  log: Log;
  /** Stops sending; what is not delivered stays on disk. */
  sendSignal: AbortSignal;
  /** An error that no run can outlive. */
  onFatal: (error: unknown) => void;
}

interface HeldRun {
  runId: string;
  attempt: number;
  stop: AbortController;
  /** The engine is at work; after that the run only waits to be delivered. */
  isExecuting: boolean;
  /** `performance.now()` at which another instance may get it; undefined when none ever does. */
  leaseEndsMs: number | undefined;
  leaseMs: number;
  /** Resolved when the engine has let go of it. */
  executed: PromiseWithResolvers<void>;
}

/**
 * A run is stopped after this part of its lease: its answer was on its way for a while after the lease began, and stopping
 * takes a moment.
 */
const SAFE_PART_OF_LEASE = 5 / 6;

/** Undelivered runs per place; past it no new ones are taken, so that a failing delivery cannot fill the disk. */
const UNDELIVERED_PER_PLACE = 4;

/** Far more than arrive during a lease and are neither held nor delivered at its end. */
const ARRIVALS_KEPT = 1_000;

export function createRunBook(deps: RunBookDeps): RunBook {
  const held = new Map<string, HeldRun>();
  const finished = { passed: 0, failed: 0, errored: 0, aborted: 0, dropped: 0 };
  const arrivals: { runId: string; attempt: number }[] = [];
  const changed = createWakeup();
  const countExecuting = () => [...held.values()].filter(({ isExecuting }) => isExecuting).length;

  async function carryOut(assignment: Assignment, run: HeldRun): Promise<void> {
    const { runId, attempt, stop } = run;
    const log = deps.log.with({ runId, attempt, monitorId: assignment.monitorId });
    await stopEarlier(run);
    const spool = await deps.folder.create({ runId, attempt });
    const delivery = sendSpool(spool, {
      controlPlane: deps.controlPlane,
      clock: deps.clock,
      log: deps.log,
      signal: deps.sendSignal,
      timeoutMs: assignment.leaseSeconds * 1000,
      onCancel: () => stop.abort(),
      onRefused: () => stop.abort(DROP),
    });
    // Awaited below; an early failure must not count as unhandled while the engine is still at work.
    delivery.catch(() => stop.abort());
    log.info("run started", { monitorName: assignment.monitorName });
    const summary = await executeRun(assignment, {
      engine: deps.engine,
      ...(deps.vault && { vault: deps.vault }),
      openSealed: deps.openSealed,
      append: (line) => spool.append(line),
      signal: stop.signal,
      log,
      onEvent: (event) => deps.tally.noteEvent(event),
    }).finally(() => {
      spool.seal();
      endExecution(run);
    });
    finished[summary?.outcome ?? "dropped"] += 1;
    const { outcome = "dropped", reason, requestsTotal, durationMs } = summary ?? {};
    log.info("run finished", { outcome, reason, requestsTotal, durationMs });
    if ((await delivery) === "left") log.warn("result is kept on disk; it is sent after the next start");
  }

  function endExecution(run: HeldRun): void {
    run.isExecuting = false;
    run.executed.resolve();
    changed.notify();
  }

  /** The lease of an earlier attempt was lost, and this very instance got the run again. */
  async function stopEarlier({ runId, attempt }: HeldRun): Promise<void> {
    const earlier = [...held.values()].filter((run) => run.runId === runId && run.attempt < attempt);
    for (const run of earlier) {
      if (run.isExecuting) run.stop.abort(DROP);
      await run.executed.promise;
    }
  }

  /** Only a refused credential concerns the other runs as well. */
  function giveUp({ runId, attempt }: HeldRun, error: unknown): void {
    if (isCallError(error, "fatal")) return deps.onFatal(error);
    deps.log.error("result lost; its spool cannot be read", { runId, attempt, why: toError(error).message });
  }

  function start(assignment: Assignment): void {
    const { runId, attempt } = assignment;
    const key = keyOf(runId, attempt);
    if (held.has(key)) return;
    const leaseMs = assignment.leaseSeconds * 1000 * SAFE_PART_OF_LEASE;
    const run: HeldRun = {
      runId,
      attempt,
      stop: new AbortController(),
      isExecuting: true,
      leaseMs,
      leaseEndsMs: assignment.rerunsWhenLost ? performance.now() + leaseMs : undefined,
      executed: Promise.withResolvers(),
    };
    held.set(key, run);
    arrivals.push({ runId, attempt });
    if (arrivals.length > ARRIVALS_KEPT) arrivals.shift();
    deps.tally.noteQueueWait(assignment.queuedMs);
    carryOut(assignment, run)
      .catch((error: unknown) => giveUp(run, error))
      .finally(() => {
        held.delete(key);
        endExecution(run);
      });
  }

  const listHeld = () => [...held.values()].map(({ runId, attempt }) => ({ runId, attempt }));

  return {
    changed,
    finished,
    executing: countExecuting,
    held: listHeld,
    arrived: () => [...listHeld(), ...arrivals],
    freePlaces: () =>
      Math.max(
        0,
        Math.min(deps.concurrency - countExecuting(), deps.concurrency * UNDELIVERED_PER_PLACE - held.size),
      ),
    start,
    cancel: (runId, attempt) => held.get(keyOf(runId, attempt))?.stop.abort(),
    drop: (runId, attempt) => {
      const run = held.get(keyOf(runId, attempt));
      // Told about a run whose end was stored while the question was on its way.
      if (!run?.isExecuting) return false;
      run.stop.abort(DROP);
      return true;
    },
    renew: (runId, attempt, sentMs) => {
      const run = held.get(keyOf(runId, attempt));
      if (run?.leaseEndsMs !== undefined) run.leaseEndsMs = Math.max(run.leaseEndsMs, sentMs + run.leaseMs);
    },
    dropExpired: (nowMs) => {
      const expired = [...held.values()].filter(
        (run) => run.isExecuting && !run.stop.signal.aborted && (run.leaseEndsMs ?? Infinity) <= nowMs,
      );
      for (const run of expired) run.stop.abort(DROP);
      return expired.map(({ runId, attempt }) => ({ runId, attempt }));
    },
    cancelAll: () => {
      for (const { stop } of held.values()) stop.abort();
    },
  };
}

const keyOf = (runId: string, attempt: number): string => `${runId}/${attempt}`;
