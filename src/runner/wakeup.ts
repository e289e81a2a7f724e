/** Wakes whoever waits for a change; a notification without a waiter is forgotten, so check the state first. */
export interface Wakeup {
  notify(): void;
  /** Resolves at the next notification, or early when `signal` aborts. */
  wait(signal?: AbortSignal): Promise<void>;
}

export function createWakeup(): Wakeup {
  const waiting = new Set<() => void>();
  return {
    notify: () => {
      for (const wake of waiting) wake();
    },
    wait: (signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        if (signal?.aborted) return resolve();
        waiting.add(wake);
        signal?.addEventListener("abort", wake, { once: true });
      }),
  };
}
