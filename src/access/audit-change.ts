import { isRecord } from "../lib/parse.ts";

/** What a change was, for the audit trail: what differs only, and never a secret. */
export interface AuditChange extends Record<string, unknown> {
  /** Absent when something was made. */
  before?: Record<string, unknown>;
  /** Absent when something was deleted. */
  after?: Record<string, unknown>;
}

const SECRET_NAMES =
  /^(.*(secret|password|token|passphrase|authorization|credential|hash)|(.*_)?(api|private)?key)$/i;
const REDACTED = "***";
/** Documents are told apart by their size; their text is in their history, not here. */
const MAX_TEXT = 500;
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;

/**
 * Before and after of a change, without what stayed the same. Secrets are replaced: by the name of their field, and
 * values of variables whatever they are called. Long texts and lists are cut.
 */
export function changeOf(before: object | undefined, after: object | undefined): AuditChange {
  const [from, to] = [asRecord(before), asRecord(after)];
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const changed = names.filter((name) => JSON.stringify(from[name]) !== JSON.stringify(to[name]));
  const pick = (values: Record<string, unknown>) =>
    Object.fromEntries(
      changed.flatMap((name) =>
        values[name] === undefined ? [] : [[name, redactField(name, values[name], 0)]],
      ),
    );
  return { ...(before && { before: pick(from) }), ...(after && { after: pick(to) }) };
}

const asRecord = (value: object | undefined): Record<string, unknown> => ({ ...value });

function redactField(name: string, value: unknown, depth: number): unknown {
  if (SECRET_NAMES.test(name) && typeof value !== "boolean" && value !== null) return REDACTED;
  return redact(value, depth);
}

function redact(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.length > MAX_TEXT ? cut(value) : value;
  if (Array.isArray(value)) {
    const kept = depth >= MAX_DEPTH ? [] : value.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1));
    return kept.length < value.length ? [...kept, `… ${value.length - kept.length} more`] : kept;
  }
  if (value instanceof Date) return value.toISOString();
  if (!isRecord(value)) return value;
  if (depth >= MAX_DEPTH) return "…";
  const entries = Object.entries(value).map(([name, field]): [string, unknown] => [
    name,
    // A variable, or a header: its value may be anything.
    name === "value" && "key" in value ? REDACTED : redactInVariable(value, name, field, depth),
  ]);
  return Object.fromEntries(entries);
}

/** The name of a variable is no secret, though it stands in a field that is called `key`. */
const redactInVariable = (
  owner: Record<string, unknown>,
  name: string,
  field: unknown,
  depth: number,
): unknown =>
  name === "key" && "value" in owner ? redact(field, depth + 1) : redactField(name, field, depth + 1);

const cut = (text: string): string => `${text.slice(0, MAX_TEXT)}… (${text.length} characters)`;
