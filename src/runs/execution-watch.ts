import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";

/** A missed notification costs at most this long. */
const RECHECK_MS = 1000;

export interface ExecutionWatch {
  /** Resolves when the execution has ended, when `signal` aborts or the server stops, or after `waitMs`. */
  wait(executionId: string, waitMs: number, signal: AbortSignal): Promise<void>;
}

/** Wakes requests that wait for an execution: one listener for all; one statement a second is the guarantee. */
export function createExecutionWatch({ database, clock, log, stopping }: Deps): ExecutionWatch {
  const waiters = new Map<string, Set<() => void>>();
  let isListening = false;
  let isRechecking = false;

  const wake = (executionId: string): void => {
    for (const finish of waiters.get(executionId) ?? []) finish();
  };
  const wakeEnded = async (): Promise<void> => {
    const ended = await database.sql<{ id: string }[]>`
      select id from unnest(${database.sql.array([...waiters.keys()])}::uuid[]) as w(id)
       where not exists (select 1 from executions e where e.id = w.id and e.finished_at is null)`;
    for (const { id } of ended) wake(id);
  };
  const recheck = async (): Promise<void> => {
    isRechecking = true;
    while (waiters.size > 0 && !stopping.aborted) {
      try {
        await wakeEnded();
      } catch (error) {
        // The next turn is the recovery.
        log.warn("execution check failed", { error: toError(error).message });
      }
      await clock.sleep(RECHECK_MS, stopping);
    }
    isRechecking = false;
  };
  const listen = async (): Promise<void> => {
    isListening = true;
    try {
      await database.sql.listen("execution_finished", wake);
    } catch (error) {
      isListening = false;
      log.warn("execution listener failed", { error: toError(error).message });
    }
  };

  return {
    async wait(executionId, waitMs, signal) {
      if (signal.aborted || stopping.aborted) return;
      const ended = Promise.withResolvers<void>();
      const finish = () => ended.resolve();
      const timer = setTimeout(finish, waitMs);
      const mine = waiters.get(executionId) ?? new Set();
      waiters.set(executionId, mine.add(finish));
      signal.addEventListener("abort", finish);
      stopping.addEventListener("abort", finish);
      if (!isListening) void listen();
      if (!isRechecking) void recheck();
      await ended.promise;
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      stopping.removeEventListener("abort", finish);
      mine.delete(finish);
      if (mine.size === 0) waiters.delete(executionId);
    },
  };
}
