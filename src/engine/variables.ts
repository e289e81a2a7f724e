import { dynamicVariable } from "../lib/dynamic-variables.ts";
import { asObjects, asText, isObject, toText } from "./json.ts";
import type { ScriptScopes, ScriptVariable } from "./sandbox/protocol.ts";
import type { Variable } from "./types.ts";
import { castIn, castOut } from "./variable-types.ts";

/** Variables whose values name variables are replaced again, this often at most; what is left stays as it is. */
const MAX_ROUNDS = 19;
/** Variables that name each other several times multiply; no request needs a text above this, in characters. */
const MAX_EXPANDED_CHARS = 16 * 1024 * 1024;

const placeholder = /\{\{([^{}]*?)\}\}/g;

export class ExpansionError extends Error {
  override readonly name = "VariableError";
}

/** Everything that `{{name}}` can mean at one moment of a run. */
export interface Scopes extends ScriptScopes {
  data: Record<string, unknown>;
}

export const toScriptVariables = (variables: unknown): ScriptVariable[] =>
  asObjects(variables).map((variable) => {
    const { key, id, value, type, enabled, disabled } = variable;
    return {
      key: toText(key ?? id),
      value: castIn(asText(type), value),
      ...(typeof type === "string" ? { type } : {}),
      enabled: enabled !== false && disabled !== true,
    };
  });

export const toFinalVariables = (variables: ScriptVariable[]): Variable[] =>
  variables.map(({ key, value, type, enabled }) => ({
    key,
    value,
    ...(type === undefined ? {} : { type }),
    enabled,
  }));

/** Replaces `{{name}}` in one text. Throws `ExpansionError` when the result grows out of hand. */
export type Resolve = (text: string) => string;

const VAULT = "vault:";

/** The secret of a name; undefined when there is none. */
export type ReadVault = (name: string) => string | undefined;

/** Nearest scope first: `pm.variables`, data row, environment, collection, globals, then the vault and Postman's `$` variables. */
export function createResolver(scopes: Scopes, readVault?: ReadVault): Resolve {
  const lists = [scopes.environment, scopes.collection, scopes.globals].map(indexByKey);
  const local = indexByKey(scopes.local);
  const find = (name: string): string | undefined => {
    const ofRun = local.get(name);
    if (ofRun !== undefined) return ofRun;
    if (Object.hasOwn(scopes.data, name)) return dataText(scopes.data[name]);
    for (const list of lists) {
      const found = list.get(name);
      if (found !== undefined) return found;
    }
    if (name.startsWith(VAULT)) return readVault?.(name.slice(VAULT.length));
    return name.startsWith("$") ? dynamicVariable(name) : undefined;
  };
  return (text) => expand(text, find);
}

/** A scope that changes becomes a new list, so an index is good for as long as its list. */
const indexes = new WeakMap<ScriptVariable[], Map<string, string>>();

function indexByKey(variables: ScriptVariable[]): Map<string, string> {
  const known = indexes.get(variables);
  if (known) return known;
  const index = new Map<string, string>();
  indexes.set(variables, index);
  // The last of several variables with one name wins, as in Postman's lists.
  for (const { key, value, type, enabled } of variables)
    if (enabled) index.set(key, toText(castOut(type, value)));
  return index;
}

/** A data row is a plain object: what is not text, number or boolean in it stays unresolved when it is null. */
const dataText = (value: unknown): string | undefined =>
  value === null || value === undefined ? undefined : toText(value);

function expand(text: string, find: (name: string) => string | undefined): string {
  let current = text;
  for (let round = 0; round < MAX_ROUNDS && current.includes("{{"); round++) {
    // Counted while replacing: one round alone can turn a megabyte into a terabyte.
    let chars = current.length;
    const next = current.replace(placeholder, (match, name: string) => {
      const value = find(name);
      if (value === undefined) return match;
      chars += value.length - match.length;
      if (chars > MAX_EXPANDED_CHARS)
        throw new ExpansionError(
          `variables expand to more than ${MAX_EXPANDED_CHARS / 1024 / 1024} MB; do they contain each other?`,
        );
      return value;
    });
    if (next === current) return current;
    current = next;
  }
  return current;
}

/** Replaces in every text of a small JSON value (auth parameters, form fields), to a fixed depth. */
export function resolveDeep(value: unknown, resolve: Resolve, depth = 8): unknown {
  if (typeof value === "string") return resolve(value);
  if (depth === 0) return value;
  if (Array.isArray(value)) return value.map((entry) => resolveDeep(entry, resolve, depth - 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, resolveDeep(entry, resolve, depth - 1)]),
  );
}
