/**
 * Scripts and people know the errors of Postman's engine, V8; ours words them differently. What V8 says is told from our
 * engine's text, which quotes the source; where V8 names a value that the text does not have, its shorter wording is used.
 */

/** The message as V8 words it; unchanged when it is none of those that are known. */
export function toV8Message(message: string): string {
  if (message.length > MAX_CHARS) return message;
  const fixed = FIXED.get(message.endsWith(".") ? message.slice(0, -1) : message);
  if (fixed !== undefined) return fixed;
  for (const [pattern, word] of PATTERNS) {
    const found = pattern.exec(message);
    if (found) return word(found);
  }
  return message;
}

/** Longer texts are those of a script: only the engine quotes so much. */
const MAX_CHARS = 10_000;

type Word = (found: RegExpExecArray) => string;

const FIXED = new Map([
  ["Attempted to assign to readonly property", "Assignment to constant variable."],
  ["Maximum call stack size exceeded", "Maximum call stack size exceeded"],
  ["Right hand side of instanceof is not an object", "Right-hand side of 'instanceof' is not an object"],
  ["Cannot convert a symbol to a string", "Cannot convert a Symbol value to a string"],
  ["Array length must be a positive integer of safe magnitude", "Invalid array length"],
  ["toFixed() argument must be between 0 and 100", "toFixed() digits argument must be between 0 and 100"],
  ["reduce of empty array with no initial value", "Reduce of empty array with no initial value"],
  [
    "String.prototype.repeat argument must be greater than or equal to 0 and not be Infinity",
    "Invalid count value",
  ],
  ["length cannot be negative", "Invalid typed array length"],
  ["Arguments contain a value that is out of range of code points", "Invalid code point"],
  ["Reflect.ownKeys requires the first argument be an object", "Reflect.ownKeys called on non-object"],
  ["Cannot set prototype of undefined or null", "Object.setPrototypeOf called on null or undefined"],
  ["URI error", "URI malformed"],
  ["Invalid Date", "Invalid time value"],
  ["Properties can only be defined on Objects", "Object.defineProperty called on non-object"],
  ["Promise constructor takes a function argument", "Promise resolver undefined is not a function"],
  ["JSON.stringify cannot serialize cyclic structures", "Converting circular structure to JSON"],
  ["JSON.stringify cannot serialize BigInt", "Do not know how to serialize a BigInt"],
  ["Not an integer", "The number cannot be converted to a BigInt because it is not an integer"],
  [
    "argument does not match any normalization form",
    "The normalization form should be one of NFC, NFD, NFKC, NFKD.",
  ],
  ["A Proxy's 'target' should be an Object", "Cannot create proxy with a non-object as target or handler"],
  ["A Proxy's 'handler' should be an Object", "Cannot create proxy with a non-object as target or handler"],
  [
    "'super()' must be called in derived constructor before accessing |this| or returning non-object",
    "Must call super constructor in derived class before accessing 'this' or returning from derived constructor",
  ],
  [
    "Spread syntax requires ...iterable not be null or undefined",
    "Spread syntax requires ...iterable[Symbol.iterator] to be a function",
  ],
  ["Unexpected EOF", "Invalid or unexpected token"],
  ["Unexpected end of script", "Unexpected end of input"],
]);

const PATTERNS: [RegExp, Word][] = [
  [
    /^(undefined|null) is not an object \(evaluating '([\s\S]*)'\)$/,
    ([, value = "", code = ""]) => access(value, code),
  ],
  [
    /^(undefined|null) is not an object \(near '[\s\S]*'\)$/,
    ([, value]) => `Cannot read properties of ${value}`,
  ],
  [/^([\s\S]*?) is not a function\. \(In '/, ([, code = ""]) => `${callee(code)} is not a function`],
  [
    /^([\s\S]*?) is not a function \((?:near|evaluating) '/,
    ([, code = ""]) => `${callee(code)} is not a function`,
  ],
  [
    / is not a constructor \(evaluating 'new ([\s\S]*)'\)$/,
    ([, code = ""]) => `${constructed(code)} is not a constructor`,
  ],
  [/^(Cannot access '[\s\S]*' before initialization)\.$/, ([, text = ""]) => text],
  [
    /^Cannot destructure property '(.*)' from null or undefined value$/,
    ([, name]) => `Cannot destructure property '${name}' of 'undefined' as it is undefined.`,
  ],
  [
    /^(.*) is not an Object\. \(evaluating '(['"]?)([^'"]*)\2 in [\s\S]*'\)$/,
    ([, value = "", , name]) =>
      `Cannot use 'in' operator to search for '${name}' in ${value.replace(/^(['"])(.*)\1$/, "$2")}`,
  ],
  [
    /^Invalid mix of BigInt and other type/,
    () => "Cannot mix BigInt and other types, use explicit conversions",
  ],
  [
    /^Cannot call a class constructor (.*) without \|new\|$/,
    ([, name]) => `Class constructor ${name} cannot be invoked without 'new'`,
  ],
  [
    /^Cannot call a constructor (.*) without \|new\|$/,
    ([, name]) => `${name} constructor cannot be invoked without 'new'`,
  ],
  [/^Array\.prototype\.\w+ callback must be a function$/, () => "undefined is not a function"],
  [
    /^Cannot declare an? \w+(?: \w+)? twice: '(.*)'\.$/,
    ([, name]) => `Identifier '${name}' has already been declared`,
  ],
  [/^invalid language tag: /, () => "Incorrect locale information provided"],
  [/^(Unexpected token '[\s\S]*?')\. /, ([, text = ""]) => text],
  [
    /^Unexpected (identifier|number|string)\b(?: ('[^']*'))?/,
    ([, kind = "", text]) => unexpected(kind, text),
  ],
  [/^Cannot use the keyword '([^']*)' as /, ([, word]) => `Unexpected token '${word}'`],
  [/^Unexpected keyword '([^']*)'/, ([, word]) => `Unexpected token '${word}'`],
];

function unexpected(kind: string, text: string | undefined): string {
  return kind === "identifier" && text !== undefined ? `Unexpected identifier ${text}` : `Unexpected ${kind}`;
}

/** What V8 says about code that looked for a member of undefined or null. */
function access(value: string, code: string): string {
  if (/^delete\s/.test(code)) return "Cannot convert undefined or null to object";
  const [, looped] = /^\S[\s\S]*? of ([\s\S]+)$/.exec(code) ?? [];
  if (looped !== undefined && !looped.includes("=")) return `${callee(looped)} is not iterable`;
  if (code.startsWith("[") && code.endsWith("]")) return `${value} is not iterable`;
  const equals = assignmentAt(code);
  const target = (equals === -1 ? code : code.slice(0, equals)).trim();
  const name = lastMember(target);
  const [verb, doing] = equals === -1 ? ["read", "reading"] : ["set", "setting"];
  return `Cannot ${verb} properties of ${value}${name === undefined ? "" : ` (${doing} '${name}')`}`;
}

/** Index of the `=` of an assignment outside of brackets and texts; -1 when there is none. */
function assignmentAt(code: string): number {
  let depth = 0;
  for (let index = 0; index < code.length; index++) {
    const character = code[index] ?? "";
    if (QUOTES.includes(character)) index = endOfText(code, index);
    else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    else if (character === "=" && depth === 0) {
      const next = code[index + 1];
      if (next === "=" || next === ">") return -1;
      return /[!<>=]/.test(code[index - 1] ?? "") ? -1 : index;
    }
  }
  return -1;
}

/** The name after the last dot, or in the last brackets when it is written there. */
function lastMember(code: string): string | undefined {
  const [, named] = /\.\s*(#?[\p{ID_Start}$_][\p{ID_Continue}$]*)$/u.exec(code) ?? [];
  if (named !== undefined) return named;
  const [, , quoted, index] = /\[\s*(?:(['"])((?:(?!\1)[^\\])*)\1|(\d+))\s*\]$/.exec(code) ?? [];
  return quoted ?? index;
}

const QUOTES = "'\"`";

function endOfText(code: string, start: number): number {
  const quote = code[start];
  let index = start + 1;
  while (index < code.length && code[index] !== quote) index += code[index] === "\\" ? 2 : 1;
  return index;
}

/** An expression as V8 prints it: without arguments, `a["b"]` as `a.b`, literals as values in between. */
function callee(code: string): string {
  let text = "";
  for (let index = 0; index < code.length; index++) {
    const character = code[index] ?? "";
    if (character === "(" && text !== "") {
      index = closing(code, index);
      text += "(...)";
    } else if (!/\s/.test(character)) {
      text += character;
    } else if (/\w\s+\w/.test(code.slice(index - 1, index + 20))) text += " ";
  }
  return text.replaceAll(/\[(['"])(.*?)\1\]/g, ".$2").replace(/^\((\d+)\)/, "$1");
}

function closing(code: string, start: number): number {
  let depth = 0;
  for (let index = start; index < code.length; index++) {
    const character = code[index] ?? "";
    if (QUOTES.includes(character)) index = endOfText(code, index);
    else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character) && --depth === 0) return index;
  }
  return code.length;
}

const constructed = (code: string): string =>
  code.startsWith("(") ? "(intermediate value)" : callee(code).replace(/\(\.\.\.\)$/, "");
