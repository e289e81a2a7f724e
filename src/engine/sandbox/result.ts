import type {
  ScriptAssertion,
  ScriptFault,
  ScriptHttpRequest,
  ScriptResult,
  ScriptVariable,
} from "./protocol.ts";

/**
 * What a script process may claim about a script. It runs code that nobody vouches for: anything else ends it. Written out
 * because every script of every run passes here, where a schema library took more time than the rest of the way.
 * Gives copies that hold nothing but what is known. All throw a `ResultError`.
 */
export function parseResult(value: unknown): ScriptResult {
  const { scopes, request, assertions, console, nextRequest, skipRequest, error } = object(value);
  const result: ScriptResult = {
    scopes: toScopes(scopes),
    assertions: list(assertions, toAssertion),
    console: list(console, toConsoleEntry),
  };
  if (request !== undefined) result.request = toRequest(request);
  if (nextRequest !== undefined) result.nextRequest = nextRequest === null ? null : text(nextRequest);
  if (skipRequest !== undefined) result.skipRequest = flag(skipRequest);
  if (error !== undefined) result.error = { kind: "script", ...toError(error) };
  return result;
}

/** Console and assertions of a script that is still running. */
export function parsePartial(value: unknown): Partial<Pick<ScriptResult, "console" | "assertions">> {
  const { console, assertions } = object(value);
  return {
    ...(console === undefined ? {} : { console: list(console, toConsoleEntry) }),
    ...(assertions === undefined ? {} : { assertions: list(assertions, toAssertion) }),
  };
}

export class ResultError extends Error {
  override readonly name = "ResultError";
}

type Fields = Record<string, unknown>;

function object(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ResultError("not an object");
  // Any object has members of some kind.
  return value as Fields;
}

function list<T>(value: unknown, read: (item: unknown) => T): T[] {
  if (!Array.isArray(value)) throw new ResultError("not a list");
  return value.map(read);
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new ResultError("not a text");
  return value;
}

function flag(value: unknown): boolean {
  if (typeof value !== "boolean") throw new ResultError("neither true nor false");
  return value;
}

function number(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new ResultError("not a number");
  return value;
}

function oneOf<T extends string>(value: unknown, known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new ResultError(`none of ${known.join(", ")}`);
  return found;
}

const toError = (value: unknown): ScriptFault => {
  const { name, message, line } = object(value);
  const fault = { name: text(name), message: text(message) };
  return line === undefined ? fault : { ...fault, line: lineNumber(line) };
};

function lineNumber(value: unknown): number {
  const line = number(value);
  if (!Number.isSafeInteger(line) || line < 1) throw new ResultError("not the number of a line");
  return line;
}

const statuses = ["passed", "failed", "skipped"] as const;

const toAssertion = (value: unknown): ScriptAssertion => {
  const { name, status, error } = object(value);
  const assertion = { name: text(name), status: oneOf(status, statuses) };
  return error === undefined ? assertion : { ...assertion, error: toError(error) };
};

const levels = ["log", "info", "warn", "error", "debug", "clear"] as const;

const toConsoleEntry = (value: unknown): ScriptResult["console"][number] => {
  const { level, atMs, messages } = object(value);
  return { level: oneOf(level, levels), atMs: number(atMs), messages: list(messages, text) };
};

const scopeNames = ["local", "environment", "collection", "globals"] as const;

function toScopes(value: unknown): ScriptResult["scopes"] {
  const given = object(value);
  const scopes: ScriptResult["scopes"] = {};
  for (const name of scopeNames) if (given[name] !== undefined) scopes[name] = list(given[name], toVariable);
  return scopes;
}

const toVariable = (given: unknown): ScriptVariable => {
  const { key, value, type, enabled } = object(given);
  const variable = { key: text(key), value, enabled: flag(enabled) };
  return type === undefined ? variable : { ...variable, type: text(type) };
};

function toRequest(value: unknown): ScriptHttpRequest {
  const { method, url, header, body, auth } = object(value);
  const name = text(method);
  if (name.length > MAX_METHOD_CHARS) throw new ResultError("the method is too long");
  return {
    method: name,
    url: typeof url === "string" ? url : object(url),
    header: list(header, toHeader),
    ...(body === undefined ? {} : { body: object(body) }),
    ...(auth === undefined ? {} : { auth: object(auth) }),
  };
}

const MAX_METHOD_CHARS = 100;

const toHeader = (given: unknown): ScriptHttpRequest["header"][number] => {
  const { key, value, disabled } = object(given);
  const header = { key: text(key), value: text(value) };
  return disabled === undefined ? header : { ...header, disabled: flag(disabled) };
};

/** Enforces the console limit on this side, too: the child's own count is only a courtesy. */
export function capConsole(entries: ScriptResult["console"], maxBytes: number): ScriptResult["console"] {
  // The entry that says what was dropped comes on top, and counts in UTF-16 units are shorter than bytes.
  let left = maxBytes * 3 + 1024;
  const kept: ScriptResult["console"] = [];
  for (const entry of entries) {
    for (const message of entry.messages) left -= Buffer.byteLength(message) + 8;
    if (left < 0) break;
    kept.push(entry);
  }
  return kept;
}
