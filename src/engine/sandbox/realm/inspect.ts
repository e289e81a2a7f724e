import { reword } from "./errors.ts";

/** Longest text of one console argument, in characters. */
const MAX_TEXT = 1_000_000;
const MAX_DEPTH = 8;
const MAX_ITEMS = 1000;

/** A value as a person reads it in a console: strings as they are, objects as JSON with the odd cases spelled out. */
export function inspect(value: unknown): string {
  if (typeof value === "string") return value.slice(0, MAX_TEXT);
  const writer = { left: MAX_TEXT, seen: new Set<object>() };
  try {
    return write(value, 0, writer);
  } catch {
    return "[object that cannot be shown]";
  }
}

interface Writer {
  left: number;
  seen: Set<object>;
}

function write(value: unknown, depth: number, writer: Writer): string {
  if (writer.left <= 0) return "…";
  const text =
    typeof value === "object" && value !== null ? writeObject(value, depth, writer) : scalar(value);
  writer.left -= text.length;
  return text;
}

function scalar(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, MAX_TEXT));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "symbol") return value.toString();
  if (typeof value === "function") return `[Function: ${value.name || "anonymous"}]`;
  return String(value);
}

function writeObject(object: object, depth: number, writer: Writer): string {
  if (object instanceof Error) return `${object.name}: ${reword(object).message}`;
  if (object instanceof Date) return JSON.stringify(object);
  if (object instanceof RegExp) return String(object);
  if (writer.seen.has(object)) return "[Circular]";
  if (depth >= MAX_DEPTH) return Array.isArray(object) ? "[Array]" : "[Object]";
  writer.seen.add(object);
  const text = writeMembers(object, depth, writer);
  writer.seen.delete(object);
  return text;
}

function writeMembers(object: object, depth: number, writer: Writer): string {
  if (Array.isArray(object))
    return `[${list(object, object.length, (item) => write(item, depth + 1, writer))}]`;
  if (object instanceof Map) {
    return `Map{${list(object, object.size, ([key, item]) => `${write(key, depth + 1, writer)}=>${write(item, depth + 1, writer)}`)}}`;
  }
  if (object instanceof Set)
    return `Set{${list(object, object.size, (item) => write(item, depth + 1, writer))}}`;
  if (ArrayBuffer.isView(object)) {
    const items = object instanceof Uint8Array ? [...object.subarray(0, 50)] : [];
    return `${object.constructor.name}(${object.byteLength})[${items.join(",")}]`;
  }
  if ("toJSON" in object && typeof object.toJSON === "function")
    return write(object.toJSON(), depth + 1, writer);
  const entries = Object.keys(object);
  // Any object can be read by its own keys.
  const fields = object as Record<string, unknown>;
  return `{${list(entries, entries.length, (key) => `${JSON.stringify(key)}:${write(fields[key], depth + 1, writer)}`)}}`;
}

function list<T>(items: Iterable<T>, size: number, show: (item: T) => string): string {
  const shown: string[] = [];
  for (const item of items) {
    if (shown.length === MAX_ITEMS) {
      shown.push(`… ${size - MAX_ITEMS} more`);
      break;
    }
    shown.push(show(item));
  }
  return shown.join(",");
}
