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

function* findCatches(code: string): Generator<{ at: number; name: string }> {
  /** What each open `${` or brace belongs to: a template goes on after its own closing brace. */
  const braces: ("template" | "block")[] = [];
  let isValue = false;
  let isMember = false;
  let index = 0;
  while (index < code.length) {
    const character = code[index] ?? "";
    const skipped = skipTrivia(code, index);
    if (skipped > index) {
      index = skipped;
      continue;
    }
    catchClause.lastIndex = index;
    const caught = isMember ? null : catchClause.exec(code);
    if (caught) {
      index = catchClause.lastIndex;
      braces.push("block");
      [isValue, isMember] = [false, false];
      yield { at: index, name: caught[1] ?? "" };
      continue;
    }
    word.lastIndex = index;
    const found = word.exec(code)?.[0];
    if (found !== undefined) {
      index += found.length;
      isValue = isMember || !wordsBeforeRegex.has(found);
      isMember = false;
      continue;
    }
    isMember = character === ".";
    if (character === '"' || character === "'") index = endOfString(code, index);
    else if (character === "/" && !isValue) index = endOfRegex(code, index);
    else if (character === "`" || (character === "}" && braces.pop() === "template")) {
      index = endOfTemplate(code, index);
      if (code[index - 1] === "{") {
        braces.push("template");
        isValue = false;
        continue;
      }
    } else {
      if (character === "{") braces.push("block");
      isValue = character === ")" || character === "]";
      index++;
      continue;
    }
    isValue = true;
  }
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
