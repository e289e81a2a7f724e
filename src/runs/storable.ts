/**
 * Text as Postgres can store it: `text` and `jsonb` take no NUL, `jsonb` no half of a surrogate pair. APIs under test
 * and scripts produce both, and one such character must not cost a run its result.
 */
export const storableText = (text: string): string => text.replaceAll("\0", "\u{FFFD}").toWellFormed();

// Both appear in JSON text as escapes only; a hit may be a false alarm (an escaped backslash), never a miss.
const suspicious = /\\u(?:0000|d[89a-f])/i;

/** JSON for a `jsonb` parameter; characters that cannot be stored become U+FFFD. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return suspicious.test(json) ? JSON.stringify(replaceDeep(value)) : json;
}

function replaceDeep(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(replaceDeep);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [storableText(key), replaceDeep(entry)]),
  );
}
