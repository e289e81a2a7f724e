import { Header, Part, Property, type PropertyFields, setFields, toFields } from "./property.ts";

type Predicate = (item: Property, index: number) => boolean;
type MakeProperty = {
  new (fields: PropertyFields): Property;
  parse(this: void, text: string): PropertyFields;
};

/** An ordered list of key-value pairs with the methods that Postman's lists have. */
export class PropertyList {
  members: Property[];
  readonly #ignoresCase: boolean;
  readonly #Member: MakeProperty;
  #parent: object | undefined;

  constructor(items: unknown = [], ignoresCase = false, Member: MakeProperty = Property) {
    this.#ignoresCase = ignoresCase;
    this.#Member = Member;
    this.members = [];
    this.populate(items);
  }

  static isPropertyList(value: unknown): value is PropertyList {
    return value instanceof PropertyList;
  }

  /** What the list, and so each member of it, is part of. */
  static setParent<T extends PropertyList>(list: T, parent: object): T {
    list.#parent = parent;
    for (const member of list.members) if (member instanceof Part) Part.setParent(member, parent);
    return list;
  }

  get Type(): MakeProperty {
    return this.#Member;
  }

  /** The members by key, in lower case where the list ignores case; several of one key in a list. */
  get reference(): Record<string, Property | Property[]> {
    const found: Record<string, Property | Property[]> = {};
    for (const member of this.members) {
      const key = this.#normal(member.key);
      const before = Object.hasOwn(found, key) ? found[key] : undefined;
      found[key] = before === undefined ? member : [before, member].flat();
    }
    return found;
  }

  #normal(key: unknown): string {
    return this.#ignoresCase ? String(key).toLowerCase() : String(key);
  }

  #same(left: unknown, right: unknown): boolean {
    return this.#normal(left) === this.#normal(right);
  }

  #make(item: unknown, value?: unknown): Property | undefined {
    if (item instanceof this.#Member) {
      Part.setParent(item, this.#parent);
      return item;
    }
    const fields = toFields(item, value, this.#Member.parse);
    if (!fields) return undefined;
    const made = new this.#Member(fields);
    if (this.#parent) Part.setParent(made, this.#parent);
    return made;
  }

  parent(): object | undefined {
    return this.#parent;
  }

  eachParent(visit: (parent: object, before: object | undefined) => void): void {
    let before: object | undefined;
    let above = this.#parent;
    while (above) {
      visit(above, before);
      before = above;
      above = above instanceof Part ? above.parent() : undefined;
    }
  }

  count(): number {
    return this.members.length;
  }

  /** The last member with this key, as Postman's multi-value lists answer. */
  one(key: unknown): Property | undefined {
    return this.members.findLast((item) => this.#same(item.key, key));
  }

  get(key: unknown): unknown {
    const value = this.one(key)?.value;
    return value === null ? "" : value;
  }

  has(item: unknown, ...values: unknown[]): boolean {
    if (typeof item !== "string") return this.members.some((member) => member === item);
    const found = this.members.filter((member) => this.#same(member.key, item));
    return values.length === 0 ? found.length > 0 : found.some(({ value }) => value === values[0]);
  }

  add(item: unknown, value?: unknown): void {
    const property = this.#make(item, value);
    if (property) this.#place(property, -1);
  }

  append(item: unknown): void {
    this.add(item);
  }

  prepend(item: unknown): void {
    this.insert(item, this.members[0]);
  }

  insert(item: unknown, before?: unknown): void {
    const property = this.#make(item);
    if (property) this.#place(property, typeof before === "number" ? before : this.indexOf(before));
  }

  insertAfter(item: unknown, after: unknown): void {
    const at = this.indexOf(after) + 1;
    this.insert(item, at === 0 || at >= this.members.length ? undefined : this.members[at]);
  }

  /** A member stands in a list once: it moves when it is put in again. */
  #place(property: Property, at: number): void {
    const old = this.members.indexOf(property);
    if (old !== -1) this.members.splice(old, 1);
    this.members.splice(at < 0 ? this.members.length : at, 0, property);
  }

  upsert(item: unknown, value?: unknown): boolean | null {
    if (item === undefined || item === null) return null;
    const property = toFields(item, value, this.#Member.parse);
    if (!property) return null;
    // Only what has a key can be found: a whole line as text is added.
    const existing = typeof item === "string" && value === undefined ? undefined : this.one(property.key);
    if (existing) setFields(existing, property);
    else this.add(item, value);
    return !existing;
  }

  remove(which: unknown): void {
    let isGone: (item: Property, index: number) => unknown = (item) => item === which;
    if (typeof which === "function") isGone = (item, index) => Reflect.apply(which, this, [item, index]);
    if (typeof which === "string") isGone = (item) => this.#same(item.key, which);
    // In place: scripts hold on to `members`.
    const kept = this.members.filter((item, index) => !isGone(item, index));
    this.members.splice(0, this.members.length, ...kept);
  }

  indexOf(which: unknown): number {
    const item = typeof which === "string" ? this.one(which) : which;
    return item === undefined ? -1 : this.members.findIndex((member) => member === item);
  }

  idx(index: number): Property | undefined {
    return this.members[index];
  }

  clear(): void {
    this.members.length = 0;
  }

  populate(items: unknown): void {
    if (typeof items === "string") {
      for (const line of items.split(/\r?\n/)) if (line.trim()) this.add(line);
    } else if (Array.isArray(items)) {
      for (const item of items) this.add(item);
    } else if (items instanceof PropertyList) {
      for (const item of items.members) this.add(item.toJSON());
    } else if (typeof items === "object" && items !== null) {
      for (const [key, value] of Object.entries(items)) this.add({ key, value });
    }
  }

  repopulate(items: unknown): void {
    this.clear();
    this.populate(items);
  }

  assimilate(source: unknown, prune = false): void {
    const items: unknown[] =
      source instanceof PropertyList ? source.members : Array.isArray(source) ? source : [];
    const keys = new Set<string>();
    for (const item of items) {
      const fields = typeof item === "string" ? undefined : toFields(item, undefined, this.#Member.parse);
      if (!fields) continue;
      this.upsert(item);
      keys.add(fields.key);
    }
    // As in Postman, which looks for the keys in lower case here.
    if (prune) for (const key of Object.keys(this.reference)) if (!keys.has(key)) this.remove(key);
  }

  all(): Property[] {
    return [...this.members];
  }

  each(visit: (item: Property, index: number) => void, context?: unknown): void {
    for (const [index, item] of this.all().entries())
      Reflect.apply(visit, context ?? this.#parent, [item, index]);
  }

  map<T>(change: (item: Property, index: number) => T, context?: unknown): T[] {
    return this.members.map(change, context ?? this);
  }

  filter(matches: Predicate | object, context?: unknown): Property[] {
    return this.members.filter(toPredicate(matches), context);
  }

  find(matches: Predicate | object, context?: unknown): Property | undefined {
    return this.members.find(toPredicate(matches), context);
  }

  reduce<T>(combine: (sum: T, item: Property, index: number) => T, initial: T): T {
    return this.members.reduce(combine, initial);
  }

  /** Repeated keys are gathered in arrays; keys of a list that ignores case come in lower case. */
  toObject(
    excludeDisabled = false,
    caseSensitive = false,
    _multiple = false,
    sanitizeKeys = false,
  ): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    const isShown = ({ key, disabled }: Property) =>
      !(disabled && excludeDisabled) && !(sanitizeKeys && !key);
    for (const { key: name, value } of this.members.filter(isShown)) {
      const key = caseSensitive ? name : this.#normal(name);
      const before = Object.hasOwn(object, key) ? object[key] : undefined;
      const text = value ?? "";
      object[key] = before === undefined ? text : [before, text].flat();
    }
    return object;
  }

  toString(): string {
    return this.members
      .filter((item) => !item.disabled)
      .map(String)
      .join("&");
  }

  toJSON(): unknown[] {
    return this.members.map((item) => item.toJSON());
  }

  *[Symbol.iterator]() {
    yield* this.members;
  }
}

/** A function, or the fields that a member must have. */
function toPredicate(matches: Predicate | object): Predicate {
  // Whatever can be called is called with a member and its index.
  if (typeof matches === "function") return matches as Predicate;
  const wanted = Object.entries(matches);
  return (item) => wanted.every(([key, value]) => item[key] === value);
}

/** Header lines, case-insensitive. */
export class HeaderList extends PropertyList {
  constructor(items: unknown = []) {
    super(items, true, Header);
  }

  override get(key: unknown): string | undefined {
    return this.one(key)?.value ?? undefined;
  }

  override toJSON(): unknown[] {
    return this.members.map((item) =>
      item.value === null ? { ...Object.fromEntries(Object.entries(item)), value: "" } : item.toJSON(),
    );
  }

  override toString(): string {
    return this.members
      .filter((item) => !item.disabled)
      .map((item) => `${String(item)}\r\n`)
      .join("");
  }

  contentSize(): number {
    return this.toString().length;
  }
}
