import { toString } from "./text.ts";

export interface Property {
  key: string;
  /** null for a parameter that has no `=`. */
  value: string | null;
  disabled?: boolean;
  [extra: string]: unknown;
}

type Predicate = (item: Property, index: number) => boolean;

/** An ordered list of key-value pairs with the methods that Postman's lists have. */
export class PropertyList {
  members: Property[];
  readonly #ignoresCase: boolean;

  constructor(items: unknown = [], ignoresCase = false) {
    this.#ignoresCase = ignoresCase;
    this.members = [];
    this.populate(items);
  }

  get count() {
    return () => this.members.length;
  }

  #same(left: unknown, right: unknown): boolean {
    const [a, b] = [String(left), String(right)];
    return this.#ignoresCase ? a.toLowerCase() === b.toLowerCase() : a === b;
  }

  /** The last active member with this key, as Postman's multi-value lists answer. */
  one(key: string): Property | undefined {
    return this.members.findLast((item) => this.#same(item.key, key));
  }

  get(key: string): string | null | undefined {
    return this.members.findLast((item) => this.#same(item.key, key) && !item.disabled)?.value;
  }

  has(item: string | Property, value?: unknown): boolean {
    const key = typeof item === "string" ? item : item.key;
    return this.members.some(
      (member) => this.#same(member.key, key) && (value === undefined || member.value === value),
    );
  }

  add(item: unknown, value?: unknown): void {
    const property = toProperty(item, value);
    if (property) this.members.push(property);
  }

  append(item: unknown): void {
    this.add(item);
  }

  prepend(item: unknown): void {
    const property = toProperty(item);
    if (property) this.members.unshift(property);
  }

  insert(item: unknown, before?: number | string): void {
    const property = toProperty(item);
    if (!property) return;
    const at = typeof before === "string" ? this.indexOf(before) : (before ?? -1);
    this.members.splice(at < 0 ? this.members.length : at, 0, property);
  }

  upsert(item: unknown, value?: unknown): boolean {
    const property = toProperty(item, value);
    if (!property) return false;
    const existing = this.one(property.key);
    if (existing) Object.assign(existing, property);
    else this.members.push(property);
    return !existing;
  }

  remove(which: string | Property | Predicate): void {
    const isGone: Predicate =
      typeof which === "function"
        ? which
        : (item) => this.#same(item.key, typeof which === "string" ? which : which.key);
    this.members = this.members.filter((item, index) => !isGone(item, index));
  }

  indexOf(which: string | Property): number {
    const key = typeof which === "string" ? which : which.key;
    return this.members.findIndex((item) => this.#same(item.key, key));
  }

  idx(index: number): Property | undefined {
    return this.members[index];
  }

  clear(): void {
    this.members = [];
  }

  populate(items: unknown): void {
    if (typeof items === "string") {
      for (const line of items.split(/\r?\n/)) if (line.trim()) this.add(line);
    } else if (Array.isArray(items)) {
      for (const item of items) this.add(item);
    } else if (items instanceof PropertyList) {
      for (const item of items.members) this.add({ ...item });
    } else if (typeof items === "object" && items !== null) {
      for (const [key, value] of Object.entries(items)) this.add({ key, value });
    }
  }

  repopulate(items: unknown): void {
    this.clear();
    this.populate(items);
  }

  assimilate(items: unknown): void {
    for (const item of new PropertyList(items, this.#ignoresCase).members) this.upsert(item);
  }

  all(): Property[] {
    return [...this.members];
  }

  each(visit: (item: Property, index: number) => void): void {
    for (const [index, item] of this.all().entries()) visit(item, index);
  }

  map<T>(change: (item: Property, index: number) => T): T[] {
    return this.members.map(change);
  }

  filter(matches: Predicate): Property[] {
    return this.members.filter(matches);
  }

  find(matches: Predicate): Property | undefined {
    return this.members.find(matches);
  }

  reduce<T>(combine: (sum: T, item: Property, index: number) => T, initial: T): T {
    return this.members.reduce(combine, initial);
  }

  /** Repeated keys are gathered in arrays; keys of a list that ignores case come in lower case. */
  toObject(excludeDisabled = false, caseSensitive = false): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (const { key: name, value, disabled } of this.members) {
      if (disabled && excludeDisabled) continue;
      const key = this.#ignoresCase && !caseSensitive ? name.toLowerCase() : name;
      const before = object[key];
      const text = value ?? "";
      object[key] = before === undefined ? text : [before, text].flat();
    }
    return object;
  }

  toString(): string {
    return this.members
      .filter((item) => !item.disabled)
      .map((item) => (item.value === null ? item.key : `${item.key}=${item.value}`))
      .join("&");
  }

  toJSON(): Property[] {
    return this.members;
  }

  *[Symbol.iterator]() {
    yield* this.members;
  }
}

/** Header lines, case-insensitive. */
export class HeaderList extends PropertyList {
  constructor(items: unknown = []) {
    super(items, true);
  }

  override get(key: string): string | undefined {
    return super.get(key) ?? undefined;
  }

  override toJSON(): Property[] {
    return this.members.map((item) => (item.value === null ? { ...item, value: "" } : item));
  }

  override toString(): string {
    return this.members
      .filter((item) => !item.disabled)
      .map((item) => `${item.key}: ${item.value}\r\n`)
      .join("");
  }

  contentSize(): number {
    return this.toString().length;
  }
}

/** Accepts `{key, value}`, `("key", "value")`, `"Key: value"` and `"key=value"`. */
export function toProperty(item: unknown, value?: unknown): Property | undefined {
  if (typeof item === "string" && value !== undefined) return { key: item, value: asText(value) };
  if (typeof item === "string") {
    const [, key = item, rest = ""] = /^([^:=]*)[:=]\s*([\s\S]*)$/.exec(item) ?? [];
    return { key: key.trim(), value: rest };
  }
  if (typeof item !== "object" || item === null) return undefined;
  // Members come from documents and from scripts: any other field is carried along.
  const fields = item as Record<string, unknown>;
  const key = fields["key"] ?? fields["name"];
  if (key === undefined || key === null) return undefined;
  const { value: content } = fields;
  return {
    ...fields,
    key: asText(key),
    value: content === null || content === undefined ? null : asText(content),
  };
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : toString(value);
}
