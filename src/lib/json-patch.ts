import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import { problem } from "./errors.ts";
import { isRecord } from "./parse.ts";

/** One operation of a JSON Patch (RFC 6902). */
export const patchOperation = z.object({
  op: z.enum(["add", "remove", "replace", "move", "copy", "test"]),
  /** JSON Pointer (RFC 6901). */
  path: z.string(),
  /** Of `move` and `copy`. */
  from: z.string().optional(),
  /** Of `add`, `replace` and `test`. */
  value: z.unknown().optional(),
});

export type PatchOperation = z.infer<typeof patchOperation>;

/** A pointer that is none; in Postman's words, like the other errors here. */
export const invalidPath = () => problem("bad_request", "Invalid path in JSON Patch operation");
const noSuchPath = () => problem("bad_request", "Cannot perform the operation at a path that does not exist");
const emptyValue = () => problem("bad_request", "Patch operations with empty value are not supported");

/** The document after all operations, or none of them: the given one is left as it is. Throws 400, and 409 for a `test`. */
export function applyPatch(document: unknown, operations: readonly PatchOperation[]): unknown {
  const root = { document: structuredClone(document) };
  for (const operation of operations) applyOperation(root, operation);
  return root.document;
}

/** What a pointer names: the key in what holds it; the document itself hangs below a root. */
interface Place {
  holder: Record<string, unknown> | unknown[];
  key: string;
}

function applyOperation(root: { document: unknown }, operation: PatchOperation): void {
  const place = placeOf(root, operation.path);
  switch (operation.op) {
    case "add":
      return insert(place, valueOf(operation));
    case "remove":
      return remove(place);
    case "replace":
      return replace(place, valueOf(operation));
    case "test":
      return compare(place, operation);
    case "copy":
      return insert(place, structuredClone(read(placeOf(root, fromOf(operation)))));
    case "move":
      return move(root, operation);
  }
}

function valueOf(operation: PatchOperation): unknown {
  if (operation.value === undefined) throw emptyValue();
  return structuredClone(operation.value);
}

function fromOf(operation: PatchOperation): string {
  if (operation.from === undefined) throw invalidPath();
  return operation.from;
}

function move(root: { document: unknown }, operation: PatchOperation): void {
  const from = fromOf(operation);
  // Nothing can be moved into itself.
  if (operation.path.startsWith(`${from}/`)) throw invalidPath();
  const source = placeOf(root, from);
  const value = read(source);
  if (operation.path === from) return;
  remove(source);
  insert(placeOf(root, operation.path), value);
}

/** Reference tokens of a pointer, unescaped. */
function tokensOf(pointer: string): string[] {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) throw invalidPath();
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function placeOf(root: { document: unknown }, pointer: string): Place {
  const tokens = ["document", ...tokensOf(pointer)];
  const key = tokens.pop() ?? "document";
  let holder: unknown = root;
  for (const token of tokens) holder = read({ holder: asHolder(holder), key: token });
  return { holder: asHolder(holder), key };
}

function asHolder(value: unknown): Place["holder"] {
  if (Array.isArray(value) || isRecord(value)) return value;
  throw noSuchPath();
}

/** Digits without leading zeros, at most `last`. */
function indexOf(token: string, last: number): number {
  if (!/^(0|[1-9]\d{0,8})$/.test(token)) throw invalidPath();
  const index = Number(token);
  if (index > last) throw noSuchPath();
  return index;
}

function read({ holder, key }: Place): unknown {
  if (Array.isArray(holder)) return holder[indexOf(key, holder.length - 1)];
  if (!Object.hasOwn(holder, key)) throw noSuchPath();
  return holder[key];
}

function insert({ holder, key }: Place, value: unknown): void {
  if (Array.isArray(holder))
    holder.splice(key === "-" ? holder.length : indexOf(key, holder.length), 0, value);
  else define(holder, key, value);
}

function replace(place: Place, value: unknown): void {
  read(place);
  const { holder, key } = place;
  if (Array.isArray(holder)) holder[Number(key)] = value;
  else define(holder, key, value);
}

function remove(place: Place): void {
  read(place);
  const { holder, key } = place;
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function compare(place: Place, operation: PatchOperation): void {
  if (operation.value === undefined) throw emptyValue();
  if (!isDeepStrictEqual(read(place), operation.value)) {
    throw problem("conflict", `The test of the value at ${operation.path} failed.`);
  }
}

/** A plain assignment to `__proto__` would change what the object inherits from. */
function define(holder: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}
