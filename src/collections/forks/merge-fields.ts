import { isDeepStrictEqual } from "node:util";

import { isRecord } from "../../lib/parse.ts";

/** The two sides of a merge. What changed in the source is brought into the destination. */
export type Side = "source" | "destination";

/** One thing as it was when the two parted, and as it is now; undefined = it is not there. */
export interface Versions<T> {
  base: T;
  destination: T;
  source: T;
}

export interface FieldMerge {
  /** Which side a conflict is left to; undefined = to the destination, and `onConflict` makes the merge fail. */
  prefer: Side | undefined;
  /** `request.url`: both sides changed it, and not to the same. */
  onConflict: (field: string) => void;
}

/** Who says who and when: not part of what people write, so never in conflict. */
const bookkeeping: ReadonlySet<string> = new Set([
  "uid",
  "owner",
  "fork",
  "createdAt",
  "updatedAt",
  "lastUpdatedBy",
  "info._postman_id",
  "info.uid",
  "info.fork",
  "info.createdAt",
  "info.updatedAt",
  "info.lastUpdatedBy",
  "info._exporter_id",
  "info._collection_link",
]);

/** What is merged key by key. All else is one value: half a URL of one side and half of the other would be none. */
const openedRecords: ReadonlySet<string> = new Set(["info", "request"]);
/** Lists whose entries have names that nobody else in the list has. */
const nameOfEntries: Readonly<Record<string, string>> = { event: "listen", variable: "key", values: "key" };

type Fields = Record<string, unknown>;

/** True when nothing but bookkeeping differs. */
export const sameFields = (one: Fields, other: Fields): boolean =>
  isDeepStrictEqual(withoutBookkeeping(one), withoutBookkeeping(other));

function withoutBookkeeping(fields: Fields, prefix = ""): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([key]) => !bookkeeping.has(prefix + key))
      .map(([key, value]) => [
        key,
        key === "info" && isRecord(value) ? withoutBookkeeping(value, "info.") : value,
      ]),
  );
}

/** Field by field, in the order of the destination. */
export function mergeFields(versions: Versions<Fields>, merge: FieldMerge, prefix = ""): Fields {
  const { base, destination, source } = versions;
  const merged: Fields = {};
  for (const key of new Set([...Object.keys(destination), ...Object.keys(source)])) {
    const field = prefix + key;
    const value = bookkeeping.has(field)
      ? (destination[key] ?? source[key])
      : mergeValue({ base: base[key], destination: destination[key], source: source[key] }, merge, field);
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

function mergeValue(versions: Versions<unknown>, merge: FieldMerge, field: string): unknown {
  const { base, destination, source } = versions;
  if (openedRecords.has(field) && isRecord(destination) && isRecord(source)) {
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
  const name = nameOfEntries[field];
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
