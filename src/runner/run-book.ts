import type { Outcome } from "../contract/events.ts";
import type { Assignment } from "../contract/runner.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { ControlPlane } from "./client.ts";
import { DROP, executeRun, type RunEngine } from "./execute.ts";
import { sendSpool } from "./sender.ts";
import type { SpoolFolder } from "./spool-folder.ts";
import { createWakeup, type Wakeup } from "./wakeup.ts";

/** The runs that this instance holds: executing, or executed and not yet delivered. */
export interface RunBook {
  /** Notified when a place becomes free or a run is done with. */
  readonly changed: Wakeup;
  readonly finished: Readonly<Record<Outcome | "dropped", number>>;
  executing(): number;
  held(): { runId: string; attempt: number }[];
  freePlaces(): number;
  start(assignment: Assignment): void;
  /** Stops a run, which then reports itself as aborted. */
  cancel(runId: string, attempt: number): void;
  /** Stops a run without a report: another instance has it. */
  drop(runId: string, attempt: number): void;
  cancelAll(): void;
}

export interface RunBookDeps {
  controlPlane: ControlPlane;
  engine: RunEngine;
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

/** Undelivered runs per place; past it no new ones are taken, so that a failing delivery cannot fill the disk. */
const UNDELIVERED_PER_PLACE = 4;

export function createRunBook(deps: RunBookDeps): RunBook {
  const held = new Map<string, { runId: string; attempt: number; stop: AbortController }>();
  const finished = { passed: 0, failed: 0, errored: 0, aborted: 0, dropped: 0 };
  const changed = createWakeup();
  let executing = 0;

  async function carryOut(assignment: Assignment, stop: AbortController): Promise<void> {
    const { runId, attempt } = assignment;
    const log = deps.log.with({ runId, attempt, monitorId: assignment.monitorId });
    const spool = await deps.folder.create({ runId, attempt });
    const delivery = sendSpool(spool, {
      controlPlane: deps.controlPlane,
      clock: deps.clock,
      log: deps.log,
      signal: deps.sendSignal,
      onCancel: () => stop.abort(),
      onRefused: () => stop.abort(DROP),
    });
    // Awaited below; an early failure must not count as unhandled while the engine is still at work.
    delivery.catch(() => stop.abort());
    log.info("run started", { monitorName: assignment.monitorName });
    const summary = await executeRun(assignment, {
      engine: deps.engine,
      openSealed: deps.openSealed,
      append: (line) => spool.append(line),
      signal: stop.signal,
      log,
    }).finally(() => {
      spool.seal();
      executing -= 1;
      changed.notify();
    });
    finished[summary?.outcome ?? "dropped"] += 1;
    const { outcome = "dropped", reason, requestsTotal, durationMs } = summary ?? {};
    log.info("run finished", { outcome, reason, requestsTotal, durationMs });
    if ((await delivery) === "left") log.warn("result is kept on disk; it is sent after the next start");
  }

  function start(assignment: Assignment): void {
    const { runId, attempt } = assignment;
    const key = keyOf(runId, attempt);
    if (held.has(key)) return;
    const stop = new AbortController();
    held.set(key, { runId, attempt, stop });
    executing += 1;
    carryOut(assignment, stop)
      .catch(deps.onFatal)
      .finally(() => {
        held.delete(key);
        changed.notify();
      });
  }

  return {
    changed,
    finished,
    executing: () => executing,
    held: () => [...held.values()].map(({ runId, attempt }) => ({ runId, attempt })),
    freePlaces: () =>
      Math.max(
        0,
        Math.min(deps.concurrency - executing, deps.concurrency * UNDELIVERED_PER_PLACE - held.size),
      ),
    start,
    cancel: (runId, attempt) => held.get(keyOf(runId, attempt))?.stop.abort(),
    drop: (runId, attempt) => held.get(keyOf(runId, attempt))?.stop.abort(DROP),
    cancelAll: () => {
      for (const { stop } of held.values()) stop.abort();
    },
  };
}

const keyOf = (runId: string, attempt: number): string => `${runId}/${attempt}`;
