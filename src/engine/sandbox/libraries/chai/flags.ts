/**
 * What an assertion knows. Never changed in place: assertions of one chain share it, so that a word like `to` or `have`
 * copies nothing. The start of the stack that a failure shows is kept apart, for it changes with every assertion.
 */
export interface Flags {
  readonly lockSsfi: unknown;
  readonly object: unknown;
  readonly message: unknown;
  readonly eql: unknown;
  /** Flags that few assertions have (`negate`, `deep`, `contains` …), newest first. */
  readonly more: Flag | undefined;
}

interface Flag {
  readonly key: PropertyKey;
  readonly value: unknown;
  readonly next: Flag | undefined;
}

/** Flags as plugins see them, and as anything has them that is no assertion. */
export type FlagRecord = Record<PropertyKey, unknown>;

export const emptyRecord = (): FlagRecord =>
  // Typed as any by the library of the language.
  Object.create(null) as FlagRecord;

export function readFlag(flags: Flags, key: PropertyKey): unknown {
  switch (key) {
    case "object":
      return flags.object;
    case "message":
      return flags.message;
    case "lockSsfi":
      return flags.lockSsfi;
    case "eql":
      return flags.eql;
    default: {
      let { more } = flags;
      while (more !== undefined) {
        if (more.key === key) return more.value;
        more = more.next;
      }
      return undefined;
    }
  }
}

export function withFlag(flags: Flags, key: PropertyKey, value: unknown): Flags {
  const { lockSsfi, object, message, eql, more } = flags;
  switch (key) {
    case "object":
      return { lockSsfi, object: value, message, eql, more };
    case "message":
      return { lockSsfi, object, message: value, eql, more };
    case "lockSsfi":
      return { lockSsfi: value, object, message, eql, more };
    case "eql":
      return { lockSsfi, object, message, eql: value, more };
    default:
      return { lockSsfi, object, message, eql, more: withMore(more, key, value) };
  }
}

function withMore(more: Flag | undefined, key: PropertyKey, value: unknown): Flag {
  const known = find(more, key);
  if (!known) return { key, value, next: more };
  if (known.value === value && more) return more;
  return replace(more, known, value);
}

function find(more: Flag | undefined, key: PropertyKey): Flag | undefined {
  let flag = more;
  while (flag !== undefined && flag.key !== key) flag = flag.next;
  return flag;
}

/** In its old place: plugins may list the flags, in the order in which they were first set. */
function replace(more: Flag | undefined, known: Flag, value: unknown): Flag {
  if (!more || more === known) return { key: known.key, value, next: known.next };
  return { key: more.key, value: more.value, next: replace(more.next, known, value) };
}

export function toRecord(flags: Flags, ssfi: unknown): FlagRecord {
  const { lockSsfi, object, message, eql } = flags;
  const record = Object.assign(emptyRecord(), { ssfi, lockSsfi, object, message, eql });
  const more: Flag[] = [];
  for (let flag = flags.more; flag !== undefined; flag = flag.next) more.unshift(flag);
  for (const { key, value } of more) record[key] = value;
  return record;
}
