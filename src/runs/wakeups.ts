import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { type QueuedWork, summarizeQueue } from "./queue.ts";

/** Missed notifications cost at most this long; also how often one query looks for all waiting polls together. */
const RECHECK_MS = 2000;

/** Which queued runs a waiting poll could take. */
export interface Interest {
  runnerId: string;
  /** Whose poll it is. */
  instanceId: string;
  /** Null = every workspace. */
  workspaceIds: ReadonlySet<string> | null;
}

/** One claim's place among the waiting ones; `leave` must be called. */
export interface WaitingPlace {
  /** Until the caller should look again, or its time is over. */
  next(): Promise<void>;
  readonly isOver: boolean;
  /** Its instance takes no more runs; its time is over, too. */
  readonly isDrained: boolean;
  leave(): void;
}

export interface QueueWakeups {
  /** Enter before looking at the queue: what is queued between the look and `next` then wakes at once. */
  enter(interest: Interest, waitMs: number, signal: AbortSignal): WaitingPlace;
  /** Ends the claims of an instance that wait here: it does not listen to them any more. */
  endThoseOf(instanceId: string): void;
}

/**
 * Wakes waiting claims of this server when runs are queued anywhere. One listener and one query serve all polls, and
 * a query wakes no more polls than there are runs: ten thousand idle runners cost one cheap statement every two seconds.
 * `notify` is the hint, that statement is the guarantee.
 */
export function createQueueWakeups(deps: Deps): QueueWakeups {
  const waiters = new Set<Waiter>();
  const entered = new Set<Waiter>();
  const check = createQueueCheck(deps, waiters);
  const drain = (instanceId: string) => {
    for (const waiter of entered) if (waiter.instanceId === instanceId) waiter.drain();
  };
  const lookAgain = (runnerId: string) => {
    for (const waiter of entered) if (waiter.runnerId === runnerId) waiter.wake();
  };
  const watch = createWatch(deps, waiters, { check, drain, lookAgain });
  const queue: WaitingRoom = { waiters, entered, check };
  deps.stopping.addEventListener("abort", () => {
    for (const waiter of entered) waiter.end();
  });

  return {
    enter(interest, waitMs, signal) {
      const waiter = new Waiter(queue, interest, signal);
      waiter.start(deps.stopping.aborted ? 0 : waitMs);
      watch();
      return waiter;
    },
    endThoseOf(instanceId) {
      for (const waiter of entered) if (waiter.instanceId === instanceId) waiter.end();
    },
  };
}

interface WaitingRoom {
  /** Who can be woken; the longest waiting first. */
  waiters: Set<Waiter>;
  /** All who have not left. */
  entered: Set<Waiter>;
  check: () => void;
}

/** A class, because ten thousand of them wait: methods are shared, closures would not be. */
class Waiter implements Interest, WaitingPlace {
  readonly runnerId: string;
  readonly instanceId: string;
  isDrained = false;
  readonly workspaceIds: ReadonlySet<string> | null;
  readonly #room: WaitingRoom;
  readonly #signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wokenOnce = false;
  #notified = false;
  #over = false;
  #resolve: (() => void) | undefined;

  constructor(room: WaitingRoom, { runnerId, instanceId, workspaceIds }: Interest, signal: AbortSignal) {
    this.runnerId = runnerId;
    this.instanceId = instanceId;
    this.workspaceIds = workspaceIds;
    this.#room = room;
    this.#signal = signal;
  }

  start(waitMs: number): void {
    this.#over = this.#signal.aborted || waitMs === 0;
    this.#timer = setTimeout(endWaiter, waitMs, this);
    this.#signal.addEventListener("abort", this);
    this.#room.waiters.add(this);
    this.#room.entered.add(this);
  }

  /** Of the signal: whoever asked has gone. */
  handleEvent(): void {
    this.end();
  }

  end(): void {
    this.#over = true;
    this.#resolve?.();
  }

  drain(): void {
    this.isDrained = true;
    this.end();
  }

  wake(): void {
    this.#wokenOnce = this.#notified = true;
    this.#resolve?.();
  }

  get isOver(): boolean {
    return this.#over;
  }

  async next(): Promise<void> {
    if (!this.#notified && !this.#over) await new Promise<void>((woken) => (this.#resolve = woken));
    this.#notified = false;
    this.#room.waiters.add(this);
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this);
    this.#room.waiters.delete(this);
    this.#room.entered.delete(this);
    // It may have been woken for a run that it did not take.
    if (this.#wokenOnce) this.#room.check();
  }
}

const endWaiter = (waiter: Waiter): void => waiter.end();

/** Looks at the queue for all waiting polls; calls during a look lead to one more look. */
function createQueueCheck({ database, log }: Deps, waiters: Set<Waiter>): () => void {
  let checking = false;
  let again = false;
  const run = async (): Promise<void> => {
    checking = true;
    do {
      again = false;
      try {
        await wakeForQueue(database, waiters);
      } catch (error) {
        // The next look is the recovery.
        log.warn("queue check failed", { error: toError(error).message });
      }
    } while (again);
    checking = false;
  };
  return () => {
    if (waiters.size === 0) return;
    if (checking) again = true;
    else void run();
  };
}

/** Listens from the first waiting poll on, and looks every now and then while there is any. */
function createWatch(
  { database, clock, log, stopping }: Deps,
  waiters: Set<Waiter>,
  {
    check,
    drain,
    lookAgain,
  }: {
    check: () => void;
    drain: (instanceId: string) => void;
    lookAgain: (runnerId: string) => void;
  },
) {
  let isListening = false;
  let isRechecking = false;

  const listen = async (): Promise<void> => {
    isListening = true;
    try {
      // One that is missed costs the rest of a wait: the next claim or heartbeat says the same.
      await database.sql.listen("instance_drained", drain);
      // Its key may have ended: whoever waits with it is to hear that, and not only when there is work.
      await database.sql.listen("runner_changed", lookAgain);
      // The second `check` runs after every reconnection: notifications in between are gone.
      await database.sql.listen("run_queued", check, check);
    } catch (error) {
      isListening = false;
      log.warn("queue listener failed", { error: toError(error).message });
    }
  };
  const recheck = async (): Promise<void> => {
    isRechecking = true;
    while (waiters.size > 0 && !stopping.aborted) {
      await clock.sleep(RECHECK_MS, stopping);
      check();
    }
    isRechecking = false;
  };
  return () => {
    if (!isListening) void listen();
    if (!isRechecking) void recheck();
  };
}

async function wakeForQueue(database: Database, waiters: Set<Waiter>): Promise<void> {
  const work = await summarizeQueue(database);
  for (const waiter of chooseWaiters(work, waiters)) {
    waiters.delete(waiter);
    waiter.wake();
  }
}

/** Longest waiting first, one per run, so that a single run does not wake ten thousand polls. */
export function chooseWaiters<T extends Omit<Interest, "instanceId">>(
  work: readonly QueuedWork[],
  waiters: Iterable<T>,
): T[] {
  const left = work.map((item) => ({ ...item }));
  let total = left.reduce((sum, item) => sum + item.runs, 0);
  const chosen: T[] = [];
  for (const waiter of total > 0 ? waiters : []) {
    const item = left.find((candidate) => candidate.runs > 0 && suits(waiter, candidate));
    if (!item) continue;
    item.runs--;
    chosen.push(waiter);
    if (--total === 0) break;
  }
  return chosen;
}

const suits = (waiter: Omit<Interest, "instanceId">, work: QueuedWork): boolean =>
  (work.runnerId === null || work.runnerId === waiter.runnerId) &&
  (waiter.workspaceIds === null || waiter.workspaceIds.has(work.workspaceId));
