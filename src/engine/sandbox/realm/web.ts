import type { Bridge } from "./bridge.ts";
import { toBytes } from "./bytes.ts";
import { AbortController, AbortSignal, DOMException, Event, EventTarget } from "./events.ts";
import { createSubtle } from "./subtle.ts";
import { createTextClasses } from "./web-text.ts";
import { createUrlClasses } from "./web-url.ts";

/** Globals of the web platform that scripts use, made in the realm: none is an object of the host. */
export function createWebGlobals(bridge: Bridge): Record<string, unknown> {
  const randomBytes = (length: number) => Uint8Array.fromBase64(bridge.call("random", "", length));
  return {
    ...createUrlClasses(bridge),
    ...createTextClasses(bridge),
    AbortController,
    AbortSignal,
    DOMException,
    Event,
    EventTarget,
    atob,
    btoa,
    queueMicrotask: (task: () => void) => void Promise.resolve().then(task),
    structuredClone: (value: unknown) => clone(value, new Map()),
    crypto: {
      getRandomValues<T extends ArrayBufferView>(view: T): T {
        if (view.byteLength > 65_536) throw new RangeError("getRandomValues gives 65536 bytes at most");
        toBytes(view).set(randomBytes(view.byteLength));
        return view;
      },
      randomUUID: () => uuid(randomBytes(16)),
      subtle: createSubtle(bridge),
    },
    performance: { now: () => Number(bridge.call("now")) },
  };
}

export function uuid(bytes: Uint8Array): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toHex();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function btoa(value: unknown): string {
  const text = String(value);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 255) throw new DOMException("Invalid character", "InvalidCharacterError");
    bytes[index] = code;
  }
  return bytes.toBase64();
}

/** Base64 → one character for each byte. */
export function atob(value: unknown): string {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.fromBase64(String(value).replaceAll(/\s/g, ""));
  } catch {
    throw new DOMException("Invalid character", "InvalidCharacterError");
  }
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += 8192) {
    pieces.push(String.fromCharCode(...bytes.subarray(start, start + 8192)));
  }
  return pieces.join("");
}

function clone(value: unknown, seen: Map<unknown, unknown>): unknown {
  if (typeof value === "function" || typeof value === "symbol") {
    throw new DOMException(`${String(value)} could not be cloned.`, "DataCloneError");
  }
  if (typeof value !== "object" || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const copy = emptyCopy(value);
  seen.set(value, copy);
  fill(copy, value, seen);
  return copy;
}

function fill(copy: object, value: object, seen: Map<unknown, unknown>): void {
  if (value instanceof Map && copy instanceof Map) {
    for (const [key, item] of value) copy.set(clone(key, seen), clone(item, seen));
  } else if (value instanceof Set && copy instanceof Set) {
    for (const item of value) copy.add(clone(item, seen));
  } else if (Array.isArray(copy) || Object.getPrototypeOf(copy) === Object.prototype) {
    for (const [key, item] of Object.entries(value)) {
      Object.defineProperty(copy, key, {
        value: clone(item, seen),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  }
}

function emptyCopy(value: object): object {
  if (Array.isArray(value)) return Array.from({ length: value.length });
  if (value instanceof Date) return new Date(value);
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (value instanceof Uint8Array) return value.slice();
  if (value instanceof Error) return Object.assign(new Error(value.message), { name: value.name });
  return {};
}
