import type { Database } from "../../../db/connect.ts";
import { toError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Limit, LimitName, Limits } from "./limits.ts";
import { giveBackToWindows, takeFromWindows, type WindowGrant } from "./store.ts";

/** One limit and whom it counts, e.g. `{ limit: "mocks", subject: "mock:<id>" }`. */
export interface LimitAsk {
  limit: LimitName;
  subject: string;
}

/** How one limit stands after a call was counted, or refused. */
export interface Standing {
  limit: LimitName;
  allowed: number;
  /** Null = the calendar month. */
  windowSeconds: number | null;
  remaining: number;
  /** End of the window. */
  resetAt: Date;
  /** Until then, rounded up, at least 1. */
  resetSeconds: number;
  isExceeded: boolean;
}

export interface Verdict {
  isAllowed: boolean;
  /** Of each limit that was asked and is not switched off. */
  standings: Standing[];
}

/**
 * Counts calls against limits that all servers of a database share. It takes calls out of a window in advance and gives
 * back those that it does not need, so a call seldom waits for the database, and calls that wait do so for one statement
 * together. Never more calls pass than the limit says, on all servers together. While another server holds calls that it
 * was given and does not use (a sixteenth of what was left, for three seconds), some may be refused too early.
 */
export interface Limiter {
  /** Counts a call against all of the limits, or, when one of them refuses it, against none. */
  take(asks: readonly LimitAsk[]): Promise<Verdict>;
  /** Gives back what is left. */
  stop(): Promise<void>;
}

const TICK_MS = 1_000;
/** Calls taken in advance go back after this time without a call. */
const IDLE_MS = 2_000;
/** A window that was empty may be given something back, so it is looked at again after this time. */
const EMPTY_MS = 1_000;

export function createLimiter({ database, log }: { database: Database; log: Log }, limits: Limits): Limiter {
  const budgets = new Map<string, Budget>();
  const waiting = new Set<Budget>();
  let asking: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const budgetOf = ({ limit: name, subject }: LimitAsk): Budget | undefined => {
    const limit = limits[name];
    if (!limit) return undefined;
    const key = `${name} ${subject}`;
    const known = budgets.get(key) ?? new Budget(name, subject, limit);
    budgets.set(key, known);
    return known;
  };

  /** One statement at a time; whoever comes meanwhile shares the next one. */
  const askDatabase = async (): Promise<void> => {
    while (waiting.size > 0) {
      const next = [...waiting].filter((budget) => budget.waiting > 0);
      waiting.clear();
      if (next.length > 0) await refill(database, next);
    }
    asking = undefined;
  };

  const giveBack = async (idleMs: number): Promise<void> => {
    const now = performance.now();
    const idle = [...budgets].filter(([, budget]) => budget.isIdle(now, idleMs));
    for (const [key] of idle) budgets.delete(key);
    const unneeded = idle.flatMap(([, budget]) => budget.unneeded(now));
    if (unneeded.length > 0) await giveBackToWindows(database, unneeded);
  };

  const tick = async (): Promise<void> => {
    try {
      await giveBack(IDLE_MS);
    } catch (error) {
      // What was not given back ends with its window.
      log.warn("unused calls of limits were not given back", { error: toError(error).message });
    }
    timer = undefined;
    watch();
  };

  const watch = (): void => {
    if (timer !== undefined || budgets.size === 0) return;
    timer = setTimeout(() => void tick(), TICK_MS);
    timer.unref();
  };

  return {
    async take(asks) {
      const wanted = asks.flatMap((ask) => budgetOf(ask) ?? []);
      const now = performance.now();
      const answers = wanted.map((budget) => budget.take(now));
      for (const budget of wanted) if (budget.waiting > 0) waiting.add(budget);
      if (asking === undefined && waiting.size > 0) asking = askDatabase();
      watch();
      const taken = await Promise.all(answers.map((answer) => Promise.resolve(answer)));
      const isAllowed = taken.every(Boolean);
      if (!isAllowed) wanted.forEach((budget, index) => taken[index] && budget.putBack());
      return { isAllowed, standings: wanted.map((budget, index) => budget.standing(taken[index] !== true)) };
    },
    async stop() {
      clearTimeout(timer);
      await asking;
      await giveBack(0);
    },
  };
}

async function refill(database: Database, budgets: readonly Budget[]): Promise<void> {
  const askedAt = performance.now();
  const counts = budgets.map((budget) => budget.waiting);
  try {
    const asks = budgets.map(({ name: rule, subject, limit, waiting }) => ({
      rule,
      subject,
      limit,
      waiting,
    }));
    const grants = await takeFromWindows(database, asks);
    budgets.forEach((budget, index) => budget.receive(grants[index], counts[index] ?? 0, askedAt));
  } catch (error) {
    for (const budget of budgets) budget.fail(toError(error));
  }
}

interface Waiter {
  resolve: (isTaken: boolean) => void;
  reject: (error: Error) => void;
}

/** What this server holds of one window. Instants of the window are of `performance.now`: nobody can set that clock. */
class Budget {
  readonly name: LimitName;
  readonly subject: string;
  readonly limit: Limit;
  /** Calls that may pass without asking. */
  #held = 0;
  /** Calls that are left for everybody, as the database last said. */
  #left: number;
  #endsAt = 0;
  #resetAt = new Date(0);
  #emptyUntil = 0;
  #usedAt = 0;
  #waiters: Waiter[] = [];

  constructor(name: LimitName, subject: string, limit: Limit) {
    this.name = name;
    this.subject = subject;
    this.limit = limit;
    this.#left = limit.allowed;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /** Whether the call may pass; a promise when the database has to be asked. */
  take(now: number): boolean | Promise<boolean> {
    this.#usedAt = now;
    if (now >= this.#endsAt) this.#held = 0;
    else if (this.#held > 0) {
      this.#held--;
      return true;
    } else if (now < this.#emptyUntil) return false;
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** `count` of those who wait were asked for; of those who came since, whoever gets none is asked for next. */
  receive(grant: WindowGrant | undefined, count: number, askedAt: number): void {
    if (!grant) return this.fail(new Error(`no window for the limit ${this.name}`));
    this.#held += grant.granted;
    this.#left = grant.left;
    this.#resetAt = grant.endsAt;
    // From before the question, so that nothing is used after the end of the window.
    this.#endsAt = askedAt + grant.remainingMs;
    if (grant.granted < count) this.#emptyUntil = Math.min(this.#endsAt, performance.now() + EMPTY_MS);
    for (const { resolve } of this.#waiters.splice(0, Math.max(count, this.#held))) {
      const isTaken = this.#held > 0;
      if (isTaken) this.#held--;
      resolve(isTaken);
    }
  }

  fail(error: Error): void {
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }

  /** Another limit refused the call. */
  putBack(): void {
    this.#held++;
  }

  isIdle(now: number, idleMs: number): boolean {
    return this.#waiters.length === 0 && now - this.#usedAt >= idleMs;
  }

  unneeded(now: number): { rule: string; subject: string; calls: number; endsAt: Date }[] {
    if (this.#held === 0 || now >= this.#endsAt) return [];
    return [{ rule: this.name, subject: this.subject, calls: this.#held, endsAt: this.#resetAt }];
  }

  standing(isExceeded: boolean): Standing {
    const { allowed, windowSeconds } = this.limit;
    return {
      limit: this.name,
      allowed,
      windowSeconds,
      remaining: isExceeded ? 0 : this.#held + this.#left,
      resetAt: this.#resetAt,
      resetSeconds: Math.max(1, Math.ceil((this.#endsAt - performance.now()) / 1000)),
      isExceeded,
    };
  }
}
