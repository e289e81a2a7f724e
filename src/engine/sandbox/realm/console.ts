import type { ConsoleEntry } from "../../types.ts";
import { inspect } from "./inspect.ts";

export interface ConsoleSink {
  maxBytes: number;
  elapsedMs(): number;
  add(entry: ConsoleEntry): void;
}

/** Counts what a script prints and keeps no more than the limit, however much that is. */
export function createConsoleRecorder(sink: ConsoleSink) {
  let usedBytes = 0;
  let droppedEntries = 0;
  let droppedBytes = 0;
  return {
    write(level: ConsoleEntry["level"], values: unknown[]) {
      // Past the limit the values are not even formatted: a loop that prints must cost as little as it can.
      if (usedBytes >= sink.maxBytes) {
        droppedEntries++;
        for (const value of values) droppedBytes += typeof value === "string" ? value.length : 0;
        return;
      }
      const messages = values.map((value) => {
        const text = inspect(value);
        const left = Math.max(0, sink.maxBytes - usedBytes);
        usedBytes += text.length;
        if (text.length <= left) return text;
        droppedBytes += text.length - left;
        return text.slice(0, left);
      });
      usedBytes += 8;
      sink.add({ level, atMs: sink.elapsedMs(), messages });
    },
    /** The entry that says what is missing; undefined when nothing is. */
    dropped(): ConsoleEntry | undefined {
      if (droppedEntries === 0 && droppedBytes === 0) return undefined;
      const what = `${droppedEntries} more entries and at least ${droppedBytes} more bytes were dropped`;
      const message = `Console output is limited to ${sink.maxBytes} bytes: ${what}`;
      return { level: "warn", atMs: sink.elapsedMs(), messages: [message] };
    },
  };
}

type Write = (level: ConsoleEntry["level"], values: unknown[]) => void;

/** What `count` and `time` of one script go on from. */
export class ConsoleCounts {
  readonly counts = new Map<string, number>();
  readonly starts = new Map<string, number>();
}

/** The `console` of scripts. */
export function createConsole(write: Write, current: () => ConsoleCounts) {
  return {
    log: (...values: unknown[]) => write("log", values),
    info: (...values: unknown[]) => write("info", values),
    warn: (...values: unknown[]) => write("warn", values),
    error: (...values: unknown[]) => write("error", values),
    debug: (...values: unknown[]) => write("debug", values),
    trace: (...values: unknown[]) => write("debug", values),
    dir: (value: unknown) => write("log", [value]),
    table: (value: unknown) => write("log", [value]),
    clear: () => write("clear", []),
    group: (...values: unknown[]) => write("log", values),
    groupCollapsed: (...values: unknown[]) => write("log", values),
    groupEnd: () => {},
    assert: (condition: unknown, ...values: unknown[]) => {
      if (!condition) write("error", ["Assertion failed", ...values]);
    },
    count: (label = "default") => {
      const { counts } = current();
      counts.set(label, (counts.get(label) ?? 0) + 1);
      write("log", [`${label}: ${counts.get(label)}`]);
    },
    time: (label = "default") => void current().starts.set(label, Date.now()),
    timeEnd: (label = "default") =>
      write("log", [`${label}: ${Date.now() - (current().starts.get(label) ?? Date.now())}ms`]),
  };
}
