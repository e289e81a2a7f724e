/** What a comparison wanted and what it found, as the words of its message. */
export interface Comparison {
  expected: string;
  got: string;
}

/** A quoted text may contain the word that ends everything else. */
const subject = String.raw`('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|.+?)`;
const butGot = new RegExp(`(?:^|: )expected ${subject} (?:to|not to) (.+) but got (.+)$`, "s");
const plain = new RegExp(`(?:^|: )expected ${subject} (to|not to) (.+)$`, "s");
/** Long messages are shown as they are. */
const MAX_CHARS = 5000;

/**
 * Takes the message of a failed assertion apart: `expected 500 to equal 201` wanted 201 and got 500. Undefined when it is
 * not in the words of chai or of `pm.response`.
 */
export function comparisonOf(message: string): Comparison | undefined {
  if (message.length > MAX_CHARS) return undefined;
  const told = butGot.exec(message);
  if (told) return { expected: wanted("to", told[2] ?? ""), got: told[3] ?? "" };
  const found = plain.exec(message);
  return found ? { expected: wanted(found[2] ?? "", found[3] ?? ""), got: found[1] ?? "" } : undefined;
}

function wanted(link: string, rest: string): string {
  if (link === "not to") return `not ${rest}`;
  return rest.replace(/^(?:deeply equal|equal|have|be) /, "");
}
