import { isRecord } from "../../lib/parse.ts";

/** What a change was, for the audit trail: what differs only, and never a secret. */
export interface AuditChange extends Record<string, unknown> {
  /** Absent when something was made. */
  before?: Record<string, unknown>;
  /** Absent when something was deleted. */
  after?: Record<string, unknown>;
}

const SECRET_NAMES =
  /(secret|password|token|passphrase|authorization|credential|hash|(^|api|access|private|runner)_?key)$/i;
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

/** Of an update: what of `before` the input speaks of, and the input. */
export function updateOf(before: object, input: object): AuditChange {
  const from = asRecord(before);
  const sent = Object.entries(input).filter(([, value]) => value !== undefined);
  return changeOf(Object.fromEntries(sent.map(([name]) => [name, from[name]])), Object.fromEntries(sent));
}

/** The last safety for what was not made by `changeOf`. */
export const withoutSecretValues = (change: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(change).map(([name, value]) => [name, redactField(name, value, 0)]));

const MAKING = /\.(created|invited|shared|forked)$/;
const ENDING = /\.(deleted|revoked)$/;

/** As it is read: whatever a feature noted of its change, as before and after. */
export function asBeforeAndAfter(
  action: string,
  change: Record<string, unknown> | null,
): Record<string, unknown> {
  if (change === null) return {};
  const { before, after, ...rest } = change;
  const facts = Object.keys(rest).length > 0 ? rest : undefined;
  if (before === undefined && after === undefined) {
    if (ENDING.test(action)) return { before: rest };
    return MAKING.test(action) || facts ? { after: rest } : {};
  }
  if (after === undefined && !ENDING.test(action)) return { before, after: rest };
  return { ...(before !== undefined && { before }), ...(after !== undefined && { after }), ...facts };
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
