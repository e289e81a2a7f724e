import type { Script, ScriptEvent } from "./collection.ts";
import type { ScriptAssertion, ScriptFault } from "./sandbox/protocol.ts";
import type { Assertion, ScriptLocation } from "./types.ts";

const MAX_NAME_CHARS = 200;
const MAX_TEXT_CHARS = 200;

/** What a script threw, with the place in that script instead of the number of its line. */
export function located<Fault extends ScriptFault>(
  fault: Fault,
  script: Script,
): Omit<Fault, "line"> & { location?: ScriptLocation } {
  const { line, ...rest } = fault;
  return line === undefined ? rest : { ...rest, location: locationOf(script, line) };
}

/** An assertion of a script as its step tells it. */
export function toAssertion(source: ScriptEvent, script: Script, assertion: ScriptAssertion): Assertion {
  const { name, status, error } = assertion;
  return error ? { name, status, source, error: located(error, script) } : { name, status, source };
}

function locationOf(script: Script, line: number): ScriptLocation {
  const { owner } = script;
  const text = linesOf(script)[line - 1] ?? "";
  return { ...owner, name: cut(owner.name, MAX_NAME_CHARS), line, text: cut(text.trim(), MAX_TEXT_CHARS) };
}

const cut = (text: string, maxChars: number): string =>
  text.length > maxChars ? `${text.slice(0, maxChars)}…` : text;

const known = new WeakMap<Script, string[]>();

/** Kept for as long as the script: a hundred thousand failing assertions of one must not each look for their line. */
function linesOf(script: Script): string[] {
  const lines = known.get(script) ?? script.code.split(lineBreak);
  known.set(script, lines);
  return lines;
}

/** As JavaScript counts lines. */
const lineBreak = /\r\n|[\n\r\u2028\u2029]/;
