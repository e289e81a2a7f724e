/** Errors, events and aborting of the web platform, as far as scripts use them. */
export class DOMException extends Error {
  readonly code = 0;

  constructor(message = "", name = "Error") {
    super(message);
    Object.defineProperty(this, "name", { value: name, configurable: true, writable: true });
  }
}

export class Event {
  readonly type: string;
  readonly cancelable: boolean;
  defaultPrevented = false;
  target: EventTarget | null = null;

  constructor(type: unknown, options: { cancelable?: boolean } = {}) {
    this.type = String(type);
    this.cancelable = options.cancelable ?? false;
  }

  preventDefault(): void {
    if (this.cancelable) this.defaultPrevented = true;
  }
}

type Listener = ((event: Event) => void) | { handleEvent(event: Event): void };

export class EventTarget {
  readonly #listeners = new Map<string, Map<Listener, { once: boolean }>>();

  addEventListener(type: string, listener: Listener, options?: { once?: boolean } | boolean): void {
    const ofType = this.#listeners.get(type) ?? new Map<Listener, { once: boolean }>();
    this.#listeners.set(type, ofType);
    const once = typeof options === "object" && options.once === true;
    if (!ofType.has(listener)) ofType.set(listener, { once });
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener);
  }

  dispatchEvent(event: Event): boolean {
    event.target = this;
    const ofType = this.#listeners.get(event.type);
    for (const [listener, { once }] of Array.from(ofType ?? [])) {
      if (once) ofType?.delete(listener);
      if (typeof listener === "function") listener.call(this, event);
      else listener.handleEvent(event);
    }
    return !event.defaultPrevented;
  }
}

let abortOf: (signal: AbortSignal, reason: unknown) => void;

export class AbortSignal extends EventTarget {
  aborted = false;
  reason: unknown;
  onabort: ((event: Event) => void) | null = null;

  static {
    abortOf = (signal, reason) => {
      if (signal.aborted) return;
      signal.aborted = true;
      signal.reason = reason ?? new DOMException("This operation was aborted", "AbortError");
      const event = new Event("abort");
      signal.onabort?.(event);
      signal.dispatchEvent(event);
    };
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal();
    abortOf(signal, reason);
    return signal;
  }

  static timeout(delayMs: number): AbortSignal {
    const signal = new AbortSignal();
    const elapsed = () =>
      abortOf(signal, new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    setTimeout(elapsed, delayMs);
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const combined = new AbortSignal();
    for (const signal of signals) {
      if (signal.aborted) abortOf(combined, signal.reason);
      else signal.addEventListener("abort", () => abortOf(combined, signal.reason));
    }
    return combined;
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }
}

export class AbortController {
  readonly signal = new AbortSignal();

  abort(reason?: unknown): void {
    abortOf(this.signal, reason);
  }
}
