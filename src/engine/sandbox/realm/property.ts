import { toString } from "./text.ts";

/** A part of a request that knows what it is part of, as everything in Postman's collections does. */
export class Part {
  #parent: object | undefined;

  static setParent(part: Part, parent: object | undefined): void {
    part.#parent = parent;
  }

  /** What this is part of; for a member of a list what the list belongs to. */
  parent(): object | undefined {
    return this.#parent;
  }

  setParent(parent: object): void {
    this.#parent = parent;
  }

  forEachParent(options: unknown, visit?: unknown): void {
    const act = typeof options === "function" ? options : visit;
    if (typeof act !== "function") return;
    for (let above = this.#parent; above instanceof Part; above = above.#parent) act(above);
  }

  findInParents(name: string): unknown {
    const owner = this.findParentContaining(name);
    return owner && Reflect.get(owner, name);
  }

  findParentContaining(name: string): object | undefined {
    if (Reflect.get(this, name)) return this;
    let above = this.#parent;
    while (above && !Reflect.get(above, name)) above = above instanceof Part ? above.#parent : undefined;
    return above;
  }

  /** Fields whose names start with an underscore are notes in Postman; ours keep none. */
  meta(): Record<string, unknown> {
    return {};
  }

  describe(content: unknown): void {
    Reflect.set(this, "description", content);
  }

  toJSON(): unknown {
    return Object.fromEntries(Object.entries(this).filter(([, value]) => value !== undefined));
  }
}

/** A member of a list. */
export class Property extends Part {
  declare key: string;
  /** null for a parameter that has no `=`; absent for a file. */
  declare value?: string | null;
  declare disabled?: boolean;
  [extra: string]: unknown;

  constructor({ disabled, ...fields }: PropertyFields) {
    super();
    // In front, as in Postman: people see members as JSON.
    if (disabled !== undefined) setFields(this, { disabled });
    setFields(this, fields);
  }

  /** A member that is written as one text. */
  static parse(this: void, text: string): PropertyFields {
    const equals = text.indexOf("=");
    return equals === -1
      ? { key: text, value: null }
      : { key: text.slice(0, equals), value: text.slice(equals + 1) };
  }

  update(fields: unknown): void {
    // Members come from scripts: a field that is missing is emptied, as in Postman.
    const { key, value, ...others } = (typeof fields === "object" && fields !== null ? fields : {}) as {
      key?: unknown;
      value?: unknown;
    };
    setFields(this, { ...others, key: asText(key), value: asText(value) });
  }

  // The declared type is that of every object; Postman gives the value itself, which may be undefined.
  override valueOf(): object {
    return this.value as unknown as object;
  }

  override toString(): string {
    if (this.value === null || this.value === undefined) return this.key;
    return `${this.key}=${this.value}`;
  }
}

export interface PropertyFields {
  key: string;
  value?: string | null;
  disabled?: boolean;
  [extra: string]: unknown;
}

/** A parameter of a query or an urlencoded form: nothing but these fields belongs to it. */
export class QueryParam extends Property {
  constructor({ id, name, disabled, description, key, value, system }: PropertyFields) {
    const fields = { id, name, disabled, description, key, value, system };
    super(
      Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined)) as PropertyFields,
    );
  }
}

export class Header extends Property {
  static override parse(this: void, text: string): PropertyFields {
    const [, key = text, rest = ""] = /^([^:]*):\s*([\s\S]*)$/.exec(text) ?? [];
    return { key: key.trim(), value: rest };
  }

  override toString(): string {
    return `${this.key}: ${asText(this.value)}`;
  }
}

/** Defined, not assigned: a field may have the name of a method, and those cannot be assigned to. */
export function setFields(target: object, fields: object): void {
  for (const [key, value] of Object.entries(fields)) {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  }
}

/** Accepts `{key, value}`, `("key", "value")` and what `parse` reads from one text. */
export function toFields(
  item: unknown,
  value: unknown,
  parse: (text: string) => PropertyFields,
): PropertyFields | undefined {
  if (typeof item === "string" && value !== undefined) return { key: item, value: asText(value) };
  if (typeof item === "string") return parse(item);
  if (typeof item !== "object" || item === null) return undefined;
  // Members come from documents and from scripts: any other field is carried along.
  const fields = item as Record<string, unknown>;
  const key = fields["key"] ?? fields["name"];
  if (key === undefined || key === null) return undefined;
  return { ...fields, key: asText(key), ...valueField(fields) };
}

/** A file of a form has no value; everywhere else an absent one is a parameter without `=`. */
function valueField({ type, value }: Record<string, unknown>): { value?: string | null } {
  if (value === undefined && type === "file") return {};
  return { value: value === null || value === undefined ? null : asText(value) };
}

export function asText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : toString(value);
}
