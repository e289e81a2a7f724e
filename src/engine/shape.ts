import { hash as digest } from "node:crypto";

import type { Shape } from "./types.ts";

/** Larger answers have no shape: reading JSON takes some milliseconds a megabyte, and the run waits for it. */
const MAX_BYTES = 256 * 1024;
const MAX_PATHS = 200;
const MAX_DEPTH = 12;
/** Of a list; lists of one answer hold things of one kind. */
const MAX_ENTRIES = 50;
/** Values that are looked at, whatever they are in. */
const MAX_VISITS = 5_000;
const MAX_PATH_CHARS = 300;

/** Most answers that are no JSON show it at once. */
const opening = /^\s{0,60}[[{]/;

/**
 * The fields of a JSON answer and their kinds: sorted distinct lines such as `$.books[].title: string`. Undefined for
 * anything else than an object or a list, and for what is no JSON. Never a value: names that look like one (numbers, ids,
 * addresses, dates) are `*`, which also keeps the shape of a map the same when its entries change.
 */
export function shapeOf(body: Buffer): Shape | undefined {
  if (body.length > MAX_BYTES || !opening.test(body.toString("latin1", 0, 64))) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    return undefined;
  }
  const walk: Walk = { lines: new Set(), visitsLeft: MAX_VISITS, isTruncated: false };
  visit(walk, value, "$", 0);
  const paths = [...walk.lines].toSorted();
  const hash = digest("sha256", paths.join("\n")).slice(0, 16);
  return { hash, paths, ...(walk.isTruncated && { truncated: true }) };
}

interface Walk {
  lines: Set<string>;
  visitsLeft: number;
  isTruncated: boolean;
}

function visit(walk: Walk, value: unknown, path: string, depth: number): void {
  if (walk.visitsLeft-- <= 0) return void (walk.isTruncated = true);
  note(walk, `${path}: ${kindOf(value)}`);
  if (typeof value !== "object" || value === null) return;
  if (depth >= MAX_DEPTH) return void (walk.isTruncated = true);
  if (Array.isArray(value)) {
    for (let index = 0; index < Math.min(value.length, MAX_ENTRIES); index++)
      visit(walk, value[index], `${path}[]`, depth + 1);
    return;
  }
  // An object that JSON.parse made.
  const fields = value as Record<string, unknown>;
  for (const name in fields) {
    if (walk.visitsLeft <= 0) return void (walk.isTruncated = true);
    visit(walk, fields[name], `${path}${step(name)}`, depth + 1);
  }
}

function note(walk: Walk, line: string): void {
  if (walk.lines.has(line)) return;
  if (walk.lines.size >= MAX_PATHS || line.length > MAX_PATH_CHARS) walk.isTruncated = true;
  else walk.lines.add(line);
}

const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
};

/** What most names are: without a digit they are no value. */
const word = /^[A-Za-z_$][A-Za-z_$-]{0,99}$/;
const plainName = /^[A-Za-z_$][\w$-]*$/;
/** Numbers, dates and times, e-mail and IP addresses; UUIDs and other long words with digits in them. */
const valueLike = /^[\d.:+TZ -]*\d[\d.:+TZ -]*$|@|^(?=.*\d)[\da-fA-F-]{12,}$|^(?=.*\d)[\w-]{20,}$/;

function step(name: string): string {
  if (word.test(name)) return `.${name}`;
  if (name.length > 100 || valueLike.test(name)) return ".*";
  return plainName.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
