import { isAscii } from "node:buffer";

import { getHeader } from "./http/headers.ts";
import type { KeptBody, HeaderList } from "./types.ts";

/** NUL and lone surrogates: legal in JavaScript, refused by Postgres' jsonb. */
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000\ud800-\udfff]/;

/** The same text in a form that any store accepts. */
export function safeText(text: string): string {
  if (!unsafe.test(text)) return text;
  return text.toWellFormed().replaceAll("\u0000", "\ufffd");
}

/** Plain data in which every text, keys included, is safe to store; a copy where something had to be replaced. */
export function safeData<T>(value: T): T {
  // The shape is kept: texts become texts, lists lists and objects objects with the same keys.
  return unsafeInJson.test(JSON.stringify(value)) ? (safeValue(value) as T) : value;
}

/**
 * Nearly every event is safe already: looking is cheaper than copying, and the engine writes JSON faster than anything here
 * could look. It escapes NUL and lone surrogates, and nothing else in this form but what a text itself has written so.
 */
const unsafeInJson = /\\u(?:0000|d[89a-f])/;

function safeValue(value: unknown): unknown {
  if (typeof value === "string") return safeText(value);
  if (Array.isArray(value)) return value.map(safeValue);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) copy[safeText(key)] = safeValue(entry);
  return copy;
}

/** What an event keeps of a body: the beginning, if it is text. `bytes` is the whole size. */
export function keepBody(body: Uint8Array, headers: HeaderList, maxBytes: number): KeptBody {
  const bytes = body.length;
  if (maxBytes <= 0 || bytes === 0) return { bytes };
  const text = decodeText(body.subarray(0, maxBytes), charsetOf(headers));
  if (text === undefined) return { bytes };
  return bytes > maxBytes ? { bytes, text, truncated: true } : { bytes, text };
}

const charsetOf = (headers: HeaderList): string =>
  /charset\s*=\s*"?([\w-]+)/i.exec(getHeader(headers, "content-type") ?? "")?.[1] ?? "utf-8";

/** Undefined when the bytes are not text. A character cut in two at the end is left out. */
function decodeText(bytes: Uint8Array, charset: string): string | undefined {
  // Most bodies are: a decoder of its own for each costs more than to look.
  if (/^utf-?8$/i.test(charset) && isAscii(bytes) && !bytes.includes(0))
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const start = bytes.subarray(0, 1024);
  if (start.includes(0) && !/^utf-?16/i.test(charset)) return undefined;
  try {
    // Any label may come from a server; the constructor throws on one that it does not know.
    return new TextDecoder(charset as "utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    // An unknown charset or bytes that are not in it: binary, as far as a person can tell.
    return undefined;
  }
}
