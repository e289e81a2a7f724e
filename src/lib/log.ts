export type LogLevel = "debug" | "info" | "warn" | "error";

export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** One line per event: the message is a fixed phrase, the facts are fields. Never secrets, never bodies. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with fields that every line carries. */
  with(fields: LogFields): Log;
}

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface LogOptions {
  write: (line: string) => void;
  now: () => Date;
  format: "json" | "human";
  level: LogLevel;
  fields?: LogFields;
}

/** JSON lines for programs, aligned lines for a person at a terminal. */
export function createLog(options: LogOptions): Log {
  const emit = (level: LogLevel, message: string, fields: LogFields = {}) => {
    if (rank[level] < rank[options.level]) return;
    const all = { ...options.fields, ...fields };
    const timestamp = options.now().toISOString();
    const line =
      options.format === "json"
        ? JSON.stringify({ timestamp, level, message, ...all })
        : humanLine(timestamp, level, message, all);
    options.write(`${line}\n`);
  };
  return {
    debug: (message, fields) => emit("debug", message, fields),
    info: (message, fields) => emit("info", message, fields),
    warn: (message, fields) => emit("warn", message, fields),
    error: (message, fields) => emit("error", message, fields),
    with: (fields) => createLog({ ...options, fields: { ...options.fields, ...fields } }),
  };
}

function humanLine(timestamp: string, level: LogLevel, message: string, fields: LogFields): string {
  const facts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(" ");
  return `${timestamp.slice(11, 19)} ${level.padEnd(5)} ${message}${facts ? `  ${facts}` : ""}`;
}
