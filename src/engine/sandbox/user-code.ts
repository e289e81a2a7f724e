import { Script, type ScriptOptions } from "node:vm";

import { rewordName, runnerName } from "./realm/names.ts";
import { rewordCaught } from "./script-catch.ts";
import { usesAwait } from "./script-code.ts";

/** Errors that the code catches are worded as in Postman; should that ever break the code, it runs as it is. */
export function compileUserCode(code: string, options: ScriptOptions): Script {
  const filename = fileNameOf(code);
  const compile = (text: string): Script => new Script(wrap(text, filename), { ...options, filename });
  const reworded = rewordCaught(code, rewordName);
  if (reworded !== code) {
    try {
      checkBody(reworded);
      return compile(reworded);
    } catch {
      // The plain code tells what is wrong with it.
    }
  }
  const script = compile(code);
  checkBody(code);
  return script;
}

/**
 * Scripts hand functions to later ones: a name of its own tells on a stack which code is whose. It says nothing about what
 * else ran in this process.
 */
const fileNameOf = (code: string): string => `script-${Bun.hash(code).toString(36)}`;

/**
 * The code hands itself to the realm, so that the time limit covers it and `var` stays inside. The semicolon takes its
 * meaning from a leading 'use strict', as in Postman: scripts that carry one may rely on being sloppy. Lines stay where they are.
 */
const wrap = (code: string, filename: string): string =>
  `${runnerName}("${filename}", ${usesAwait(code) ? "async " : ""}function () {;${code}\n})`;

/** Of this realm, taken before `disarmHostRealm`: it parses, and what it makes is never run. */
const { Function: PlainFunction } = globalThis;
const { constructor: AsyncFunction } = Object.getPrototypeOf(async () => {}) as {
  constructor: typeof Function;
};

/** Throws for code that would end the function around it and go on at the top of the realm, where names stay. */
function checkBody(code: string): void {
  try {
    void (usesAwait(code) ? new AsyncFunction(code) : new PlainFunction(code));
  } catch {
    throw new SyntaxError("Unexpected token '}'");
  }
}

/**
 * Why code cannot be parsed, and the line, from 1 (0 = not known). An `await` at the wrong place is what people are told of,
 * not the word behind it.
 */
export function parseError(code: string, error: unknown): { message: string; line: number } {
  return { message: messageOf(code, error), line: lineOf(code, error) };
}

function messageOf(code: string, error: unknown): string {
  if (usesAwait(code)) {
    try {
      checkBody(code.replaceAll(/\bawait\b/g, "void"));
      return "await is only valid in async functions and the top level bodies of modules";
    } catch {
      // Something else is wrong with it.
    }
  }
  return error instanceof Error ? error.message : "the script cannot be parsed";
}

/**
 * A brace too many ends the function around the code, and one too few takes its end: parsed by itself, the code tells the line
 * where that shows first.
 */
function lineOf(code: string, error: unknown): number {
  const lines = [lineIn(error), usesAwait(code) ? 0 : lineWhenAlone(code)].filter((line) => line > 0);
  const lineCount = code.split(/\r\n|[\n\r\u2028\u2029]/).length;
  return lines.length === 0 ? 0 : Math.min(...lines, lineCount);
}

function lineWhenAlone(code: string): number {
  try {
    void new Script(code, { filename: "script" });
    return 0;
  } catch (error) {
    // Inside of the function it may return.
    return error instanceof Error && error.message.startsWith("Return statements") ? 0 : lineIn(error);
  }
}

/** JavaScriptCore notes it on the error. */
function lineIn(error: unknown): number {
  const line: unknown = error instanceof Error && "line" in error ? error.line : 0;
  return typeof line === "number" && Number.isSafeInteger(line) && line > 0 ? line : 0;
}
