import { isObject, toText } from "../json.ts";
import { libraryAliases } from "../sandbox/libraries/names.ts";
import { sugarMethods } from "./compatibility-sugar.ts";
import type { Add } from "./compatibility.ts";

/** Members of `pm` that are not as in Postman. */
const members: [name: string, level: Parameters<Add>[0], what: string][] = [
  ["vault", "different", "pm.vault reads the secrets that whoever runs it gives with --secrets."],
  ["visualizer", "different", "pm.visualizer does nothing: there is nobody to look at it."],
  ["datasets", "unsupported", "pm.datasets is not there: give a data file to the run."],
  ["mock", "unsupported", "pm.mock is not there: use a mock server of the control plane."],
  ["state", "unsupported", "pm.state is not there."],
  ["message", "unsupported", "pm.message belongs to gRPC and WebSocket, which cannot be run."],
];

/** Other code that does not do what it does in Postman. */
const patterns: [pattern: RegExp, level: Parameters<Add>[0], what: string][] = [
  [
    /\bpm\s*\.\s*vault\s*\.\s*(?:set|unset)\b/,
    "unsupported",
    "pm.vault.set and pm.vault.unset are refused: secrets can only be read.",
  ],
  [
    /\bpm\s*\.\s*test\s*\([^,]*,\s*async\b/,
    "different",
    "an async test fails when its promise rejects, where Postman calls it passed.",
  ],
  [/\bBackbone\s*\./, "unsupported", "the library Backbone is not there."],
];

/** Looks at the text of a script, not at what it does: names in comments do not count, names in texts do. */
export function checkScript(script: unknown, add: Add, requests: ReadonlySet<string>): void {
  const code = withoutComments(codeOf(script));
  checkCode(code, add);
  for (const [, , id = ""] of code.matchAll(/\brunRequest\s*\(\s*(["'`])([^"'`$]+)\1/g))
    if (!requests.has(id))
      add("unsupported", `a script runs the request "${id}", which is not in this collection.`);
  if (!isObject(script)) return;
  for (const name of namesIn(script["packages"])) checkLibrary(name, add);
  if (script["src"] !== undefined && code.trim() === "")
    add("unsupported", "a script lies in another file, which is not part of the collection.");
}

function checkCode(code: string, add: Add): void {
  for (const [name, level, what] of members)
    if (new RegExp(`\\bpm\\s*\\??\\.\\s*${name}\\b`).test(code)) add(level, what);
  for (const [pattern, level, what] of patterns) if (pattern.test(code)) add(level, what);
  for (const name of sugarMethods(code))
    add("unsupported", `the method ${name} of the library Sugar is not there.`);
  for (const [, , name = ""] of code.matchAll(/\brequire\s*\(\s*(["'`])([^"'`]+)\1/g))
    checkLibrary(name, add);
}

function checkLibrary(name: string, add: Add): void {
  if (Object.hasOwn(libraryAliases, name)) return;
  const where = /^(npm|jsr):/.test(name)
    ? "packages are not fetched from registries"
    : name.startsWith("@")
      ? "the package library of a Postman team is not here"
      : "it is none of the libraries that come with this program";
  add("unsupported", `a script requires "${name}": ${where}.`);
}

const namesIn = (packages: unknown): string[] => (isObject(packages) ? Object.keys(packages) : []);

function codeOf(script: unknown): string {
  const exec = isObject(script) ? script["exec"] : script;
  return Array.isArray(exec) ? exec.map(toText).join("\n") : toText(exec ?? "");
}

const withoutComments = (code: string): string =>
  code.replaceAll(/\/\*[^]*?\*\//g, " ").replaceAll(/(^|[\s;{}()])\/\/.*$/gm, "$1");
