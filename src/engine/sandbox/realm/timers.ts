import type { Script } from "./script.ts";

interface Timer {
  script: Script;
  run: () => void;
  repeats: boolean;
}

export interface Timers {
  globals: Record<string, unknown>;
  fire: (id: number) => void;
  /** Numbers begin anew: a script does not learn how many timers others have set. */
  reset: () => void;
}

/** `setTimeout` and the like: a script has not ended while one of its timers is set. */
export function createTimers(current: () => Script | undefined): Timers {
  const timers = new Map<number, Timer>();
  let nextId = 1;

  const start = (callback: unknown, delay: unknown, values: unknown[], repeats: boolean): number => {
    if (typeof callback !== "function") throw new TypeError("the callback of a timer must be a function");
    const script = current();
    if (!script || script.ended) return 0;
    const id = nextId++;
    const delayMs = Math.min(Math.max(Number(delay) || 0, repeats ? 1 : 0), 2_147_483_647);
    // A negative number asks for a timer that repeats.
    const refusal = script.bridge.call("timer", String(delayMs), repeats ? -id : id);
    if (refusal !== "") throw new RangeError(refusal);
    script.hold();
    timers.set(id, { script, run: () => void callback(...values), repeats });
    return id;
  };

  const clear = (id: unknown): void => {
    const timer = timers.get(Number(id));
    if (!timer) return;
    timers.delete(Number(id));
    timer.script.bridge.call("clearTimer", "", Number(id));
    // Not at once: a timer that clears itself has more to do in this turn.
    queueMicrotask(() => timer.script.release());
  };

  return {
    globals: {
      setTimeout: (callback: unknown, delay?: unknown, ...values: unknown[]) =>
        start(callback, delay, values, false),
      setInterval: (callback: unknown, delay?: unknown, ...values: unknown[]) =>
        start(callback, delay, values, true),
      setImmediate: (callback: unknown, ...values: unknown[]) => start(callback, 0, values, false),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    },
    reset() {
      timers.clear();
      nextId = 1;
    },
    fire(id) {
      const timer = timers.get(id);
      if (!timer?.repeats) timers.delete(id);
      if (!timer || timer.script.ended) return;
      try {
        timer.run();
      } catch (error) {
        timer.script.fail(error);
      }
      if (!timer.repeats) timer.script.release();
    },
  };
}
