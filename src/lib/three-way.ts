import { isDeepStrictEqual } from "node:util";

import { AppError } from "./errors.ts";
import { isRecord } from "./parse.ts";

/** The two sides of a merge. What changed in the source is brought into the destination. */
export type Side = "source" | "destination";

/** One thing as it was when the two parted, and as it is now; undefined = it is not there. */
export interface Versions<T> {
  base: T;
  destination: T;
  source: T;
}

export type Fields = Record<string, unknown>;

/** Fields are named by their way from the top: `info.name`. */
export interface MergeRules {
  /** Who says who and when: not part of what people write, so never in conflict. */
  bookkeeping: ReadonlySet<string>;
  /** What is merged key by key. All else is one value: half a URL of one side and half of the other would be none. */
  openedRecords: ReadonlySet<string>;
  /** Lists whose entries have names that no other in the list has, and the key that holds the name. */
  namedEntries: ReadonlyMap<string, string>;
}

export interface FieldMerge {
  rules: MergeRules;
  /** Which side a conflict is left to; undefined = to the destination, and `onConflict` makes the merge fail. */
  prefer: Side | undefined;
  /** `request.url`: both sides changed it, and not to the same. */
  onConflict: (field: string) => void;
}

/** Field by field, in the order of the destination. */
export function mergeFields(versions: Versions<Fields>, merge: FieldMerge, prefix = ""): Fields {
  const { base, destination, source } = versions;
  const keys = [...new Set([...Object.keys(destination), ...Object.keys(source)])];
  const merged = keys.map((key): [string, unknown] => {
    const field = prefix + key;
    const values = { base: own(base, key), destination: own(destination, key), source: own(source, key) };
    if (merge.rules.bookkeeping.has(field)) return [key, values.destination ?? values.source];
    return [key, mergeValue(values, merge, field)];
  });
  // Not by assignments: to the key `__proto__` they would be lost.
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined));
}

const own = (fields: Fields, key: string): unknown => (Object.hasOwn(fields, key) ? fields[key] : undefined);

function mergeValue(versions: Versions<unknown>, merge: FieldMerge, field: string): unknown {
  const { base, destination, source } = versions;
  if (merge.rules.openedRecords.has(field) && isRecord(destination) && isRecord(source)) {
    return mergeFields({ base: isRecord(base) ? base : {}, destination, source }, merge, `${field}.`);
  }
  const picked = pick(versions);
  if (picked) return picked.value;
  return mergeNamedEntries(versions, merge, field) ?? leave(versions, merge, field);
}

/** Three-way: what one side alone changed, or both alike. Undefined = both changed it, and differently. */
export function pick<T>({ base, destination, source }: Versions<T>): { value: T } | undefined {
  if (isDeepStrictEqual(destination, source) || isDeepStrictEqual(base, source))
    return { value: destination };
  return isDeepStrictEqual(base, destination) ? { value: source } : undefined;
}

function leave(versions: Versions<unknown>, merge: FieldMerge, field: string): unknown {
  merge.onConflict(field);
  return versions[merge.prefer ?? "destination"];
}

/** Scripts by their event, variables by their key; undefined where a list is not of that kind. */
function mergeNamedEntries(versions: Versions<unknown>, merge: FieldMerge, field: string): unknown {
  const name = merge.rules.namedEntries.get(field);
  if (name === undefined) return undefined;
  const [base, destination, source] = [versions.base ?? [], versions.destination, versions.source].map(
    (list) => byName(list, name),
  );
  if (!base || !destination || !source) return undefined;
  const merged = [...new Set([...destination.keys(), ...source.keys()])].map((key) => {
    const entry = { base: base.get(key), destination: destination.get(key), source: source.get(key) };
    const picked = pick<unknown>(entry);
    return picked ? picked.value : leave(entry, merge, `${field}.${key}`);
  });
  return merged.filter((entry) => entry !== undefined);
}

function byName(list: unknown, name: string): Map<string, Fields> | undefined {
  if (!Array.isArray(list)) return undefined;
  const entries = new Map<string, Fields>();
  for (const entry of list) {
    const key: unknown = isRecord(entry) ? entry[name] : undefined;
    if (typeof key !== "string" || entries.has(key)) return undefined;
    entries.set(key, entry);
  }
  return entries;
}

/** Of more than this nobody would read. */
const MAX_TOLD = 100;

/** 409 with what both sides changed; how to go on stands in its sentence. */
export function conflictsFound(
  conflicts: readonly { name: string; field?: string; reason: string }[],
): AppError {
  const [first] = conflicts;
  const example = first ? ` ("${first.name}"${first.field ? `, ${first.field}` : ""}: ${first.reason})` : "";
  const count = conflicts.length === 1 ? "1 conflict" : `${conflicts.length} conflicts`;
  return new AppError(
    "conflict",
    `${count}${example}: make both sides equal there, or repeat with ?prefer=source or ?prefer=destination.`,
    { problem: {}, details: { conflicts: conflicts.slice(0, MAX_TOLD) } },
  );
}
