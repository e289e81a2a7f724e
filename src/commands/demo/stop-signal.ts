export interface StopSignals {
  /** Aborts at the first Ctrl+C, SIGTERM or SIGHUP. */
  stop: AbortSignal;
  /** Aborts at a later one: the person does not want to wait. */
  hurry: AbortSignal;
  release(): void;
}

/** A terminal and npm both pass one Ctrl+C on; what follows within this time is the same one. */
const SAME_SIGNAL_MS = 1_000;

export function listenForStop(): StopSignals {
  const stop = new AbortController();
  const hurry = new AbortController();
  let firstAt = 0;
  const onSignal = () => {
    if (!stop.signal.aborted) {
      firstAt = performance.now();
      stop.abort();
    } else if (performance.now() - firstAt > SAME_SIGNAL_MS) hurry.abort();
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    stop: stop.signal,
    hurry: hurry.signal,
    release: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
