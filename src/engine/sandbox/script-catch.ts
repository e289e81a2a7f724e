/**
 * Finds the places where a script catches errors: there a call is put in that words the error as Postman's engine does.
 * The code is only read as far as that takes; lines stay where they are.
 */
export function rewordCaught(code: string, functionName: string): string {
  if (!/\bcatch\s*\(/.test(code)) return code;
  const pieces: string[] = [];
  let copied = 0;
  for (const { at, name } of findCatches(code)) {
    pieces.push(code.slice(copied, at), ` ${functionName}(${name});`);
    copied = at;
  }
  pieces.push(code.slice(copied));
  return pieces.join("");
}

/** Sticky, so that each is tried at one place only. */
const catchClause = /catch\s*\(\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*\)\s*\{/uy;
const word = /[\p{ID_Start}$_][\p{ID_Continue}$]*|\d[\w.]*/uy;
const wordsBeforeRegex = new Set(
  "return typeof case in of delete void throw new do else instanceof yield await".split(" "),
);

function findCatches(code: string): Catch[] {
  const reader: Reader = { code, index: 0, isValue: false, isMember: false, braces: [], found: [] };
  while (reader.index < code.length) {
    const next = skipTrivia(code, reader.index);
    if (next > reader.index) reader.index = next;
    else if (!readCatch(reader) && !readWord(reader)) readSign(reader);
  }
  return reader.found;
}

interface Catch {
  /** Behind the brace that opens the block. */
  at: number;
  name: string;
}

interface Reader {
  readonly code: string;
  index: number;
  /** What was read last ends a value: a slash divides, and begins no regular expression. */
  isValue: boolean;
  /** A dot was read last: the next word is a name, whatever it says. */
  isMember: boolean;
  /** What each open brace belongs to: a template goes on after the brace of its expression. */
  braces: ("template" | "block")[];
  found: Catch[];
}

function readCatch(reader: Reader): boolean {
  catchClause.lastIndex = reader.index;
  const caught = reader.isMember ? null : catchClause.exec(reader.code);
  if (!caught) return false;
  reader.index = catchClause.lastIndex;
  reader.braces.push("block");
  reader.isValue = false;
  reader.found.push({ at: reader.index, name: caught[1] ?? "" });
  return true;
}

function readWord(reader: Reader): boolean {
  word.lastIndex = reader.index;
  const found = word.exec(reader.code)?.[0];
  if (found === undefined) return false;
  reader.index += found.length;
  reader.isValue = reader.isMember || !wordsBeforeRegex.has(found);
  reader.isMember = false;
  return true;
}

function readSign(reader: Reader): void {
  const { code, index, isValue } = reader;
  const character = code[index] ?? "";
  reader.isMember = character === ".";
  reader.isValue = true;
  if (character === '"' || character === "'") reader.index = endOfString(code, index);
  else if (character === "/" && !isValue) reader.index = endOfRegex(code, index);
  else if (character === "`") readTemplate(reader);
  else if (character === "}" && reader.braces.pop() === "template") readTemplate(reader);
  else {
    if (character === "{") reader.braces.push("block");
    reader.isValue = character === ")" || character === "]";
    reader.index++;
  }
}

/** On to the end of a template, or into the next expression of it. */
function readTemplate(reader: Reader): void {
  reader.index = endOfTemplate(reader.code, reader.index);
  if (reader.code[reader.index - 1] !== "{") return;
  reader.braces.push("template");
  reader.isValue = false;
}

function skipTrivia(code: string, index: number): number {
  if (/\s/.test(code[index] ?? "")) return index + 1;
  if (code.startsWith("//", index)) {
    const end = code.indexOf("\n", index);
    return end === -1 ? code.length : end;
  }
  if (code.startsWith("/*", index)) {
    const end = code.indexOf("*/", index + 2);
    return end === -1 ? code.length : end + 2;
  }
  return index;
}

function endOfString(code: string, start: number): number {
  const quote = code[start];
  let index = start + 1;
  while (index < code.length && code[index] !== quote && code[index] !== "\n") {
    index += code[index] === "\\" ? 2 : 1;
  }
  return index + 1;
}

function endOfRegex(code: string, start: number): number {
  let isInClass = false;
  let index = start + 1;
  for (; index < code.length && code[index] !== "\n"; index++) {
    const character = code[index];
    if (character === "\\") index++;
    else if (character === "[") isInClass = true;
    else if (character === "]") isInClass = false;
    else if (character === "/" && !isInClass) break;
  }
  return index + 1;
}

/** Behind the closing backtick, or behind the `${` that opens an expression. */
function endOfTemplate(code: string, start: number): number {
  let index = start + 1;
  for (; index < code.length; index++) {
    if (code[index] === "\\") index++;
    else if (code[index] === "`") return index + 1;
    else if (code.startsWith("${", index)) return index + 2;
  }
  return index;
}
