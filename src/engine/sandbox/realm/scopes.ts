import { toText } from "../../json.ts";
import { castIn, castOut, isType } from "../../variable-types.ts";
import type { ScriptVariable } from "../protocol.ts";
import { PropertyList } from "./property-list.ts";
import { Property, type PropertyFields } from "./property.ts";

/** Variables that name each other are replaced again this often, as Postman does. */
const MAX_ROUNDS = 19;
/** Variables can multiply: no text may grow beyond this, in characters. */
const MAX_EXPANDED_CHARS = 16 * 1024 * 1024;

/** A value as its declared type gives it out. */
const typed = ({ value, type }: ScriptVariable): unknown => castOut(type, value);

/** A variable as it stands in a list of Postman's; its value may be anything, which the list does not mind. */
const toFields = ({ key, value, type, enabled }: ScriptVariable): PropertyFields =>
  ({ ...(enabled ? {} : { disabled: true }), type: type ?? "any", value, key }) as PropertyFields;

/** One of `pm.environment`, `pm.globals`, `pm.collectionVariables`. */
export class VariableScope {
  name: string | undefined;
  #variables: ScriptVariable[];
  #changed = false;
  /** Set to undefined by this script: null for the later ones, as in Postman. */
  readonly #emptied = new Set<ScriptVariable>();
  readonly #resolve: (text: string) => string;

  constructor(variables: ScriptVariable[], resolve: (text: string) => string, name?: string) {
    this.#variables = variables;
    this.#resolve = resolve;
    if (name !== undefined) this.name = name;
  }

  /** The complete new list; undefined when the script changed nothing. */
  static changes(scope: VariableScope): ScriptVariable[] | undefined {
    if (!scope.#changed) return undefined;
    for (const variable of scope.#emptied) variable.value ??= null;
    return scope.#variables;
  }

  static all(scope: VariableScope): ScriptVariable[] {
    return scope.#variables;
  }

  static replace(scope: VariableScope, variables: ScriptVariable[]): void {
    scope.#variables = variables;
    scope.#changed = true;
  }

  #find(key: string): ScriptVariable | undefined {
    return this.#variables.findLast((variable) => variable.enabled && variable.key === key);
  }

  get(key: unknown): unknown {
    const variable = this.#find(String(key));
    return variable && typed(variable);
  }

  has(key: unknown): boolean {
    return this.#find(String(key)) !== undefined;
  }

  set(key: unknown, value: unknown, asType?: string): void {
    this.#changed = true;
    const type = isType(asType) ? asType : undefined;
    const existing = this.#find(String(key));
    const variable = existing ?? { key: String(key), value, type: type ?? "any", enabled: true };
    if (!existing) this.#variables.push(variable);
    if (type !== undefined) variable.type = type;
    variable.value = castIn(variable.type, value);
    if (variable.value === undefined) this.#emptied.add(variable);
  }

  unset(key: string): void {
    const before = this.#variables.length;
    // One that is disabled stays, as in Postman.
    this.#variables = this.#variables.filter((variable) => variable.key !== key || !variable.enabled);
    this.#changed ||= this.#variables.length !== before;
  }

  clear(): void {
    this.#variables = [];
    this.#changed = true;
  }

  /** A copy to look at; changes go through `set` and `unset`. */
  get values(): PropertyList {
    const list = new PropertyList();
    // Values of variables are not only text, which the list does not mind.
    list.members = this.#variables.map((variable) => new Property(toFields(variable)));
    return list;
  }

  toObject(excludeDisabled = false): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (const variable of this.#variables) {
      if (variable.enabled || !excludeDisabled) object[variable.key] = typed(variable);
    }
    return object;
  }

  toJSON(): unknown {
    return { ...(this.name === undefined ? {} : { name: this.name }), values: this.values };
  }

  replaceIn(template: unknown): unknown {
    return replaceIn(template, (name) => valueOf(this, name), this.#resolve);
  }
}

/** A variable that has no value is an empty text where it is put in. */
function valueOf(scope: VariableScope, name: string): unknown {
  const value = scope.get(name);
  return value === undefined && scope.has(name) ? "" : value;
}

/** `pm.variables`: reads every scope, nearest first; writes to the run's own. */
export class VariablesView {
  readonly #local: VariableScope;
  readonly #lookup: (name: string) => unknown;
  readonly #textOf: (name: string) => unknown;
  readonly #all: () => Record<string, unknown>;
  readonly #dynamic: (text: string) => string;

  constructor(
    local: VariableScope,
    scopes: VariableScope[],
    data: Record<string, unknown>,
    dynamic: (text: string) => string,
  ) {
    this.#local = local;
    this.#dynamic = dynamic;
    this.#lookup = (name) => {
      if (local.has(name)) return local.get(name);
      if (Object.hasOwn(data, name)) return data[name];
      return scopes.find((scope) => scope.has(name))?.get(name);
    };
    this.#textOf = (name) => {
      const found = this.#lookup(name);
      return found === undefined && [local, ...scopes].some((scope) => scope.has(name)) ? "" : found;
    };
    this.#all = () => {
      const merged: Record<string, unknown> = {};
      for (const scope of scopes.toReversed()) Object.assign(merged, scope.toObject());
      return Object.assign(merged, data, local.toObject());
    };
  }

  get(key: unknown): unknown {
    return this.#lookup(String(key));
  }

  has(key: unknown): boolean {
    return this.#textOf(String(key)) !== undefined;
  }

  set(key: unknown, value: unknown, type?: string): void {
    this.#local.set(key, value, type);
  }

  unset(key: string): void {
    this.#local.unset(key);
  }

  clear(): void {
    this.#local.clear();
  }

  toObject(_excludeDisabled = false): Record<string, unknown> {
    return this.#all();
  }

  toJSON(): unknown {
    return this.#all();
  }

  replaceIn(template: unknown): unknown {
    return replaceIn(template, this.#textOf, this.#dynamic);
  }
}

type Lookup = (name: string) => unknown;

/** Replaces `{{name}}` in a text, or in every text of an object or list. */
export function replaceIn(template: unknown, lookup: Lookup, dynamic: (name: string) => string): unknown {
  if (typeof template === "string") return expand(template, lookup, dynamic);
  if (Array.isArray(template)) return template.map((item) => replaceIn(item, lookup, dynamic));
  if (typeof template !== "object" || template === null) return template;
  const source = "toJSON" in template && typeof template.toJSON === "function" ? template.toJSON() : template;
  return Object.fromEntries(
    Object.entries(source as object).map(([key, item]) => [key, replaceIn(item, lookup, dynamic)]),
  );
}

function expand(text: string, lookup: Lookup, dynamic: (name: string) => string): string {
  let current = text;
  for (let round = 0; round < MAX_ROUNDS && current.includes("{{"); round++) {
    let chars = current.length;
    const next = current.replace(/\{\{([^{}]*)\}\}/g, (whole, name: string) => {
      const found = lookup(name);
      const value = found === undefined ? (name.startsWith("$") ? dynamic(name) : "") : toText(found);
      if (found === undefined && value === "") return whole;
      chars += value.length - whole.length;
      if (chars > MAX_EXPANDED_CHARS) throw new RangeError("variables expand to more than 16 MB");
      return value;
    });
    if (next === current) return current;
    current = next;
  }
  return current;
}
