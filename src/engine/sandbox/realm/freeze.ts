import { nativeErrors } from "./native-errors.ts";

const { ownKeys, deleteProperty, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { freeze, getPrototypeOf, is, isExtensible } = Object;

export interface FrozenRealm {
  /**
   * Takes away what the last run left behind. False when something of it cannot be taken away: the realm must
   * not be used again.
   */
  clear(): boolean;
  /** False when a script has changed one of the few things that are not frozen. */
  isUntouched(): boolean;
}

/**
 * Makes everything that scripts can reach in this realm read-only, so that scripts of several runs can use it one after
 * another: there is no place left where one could keep anything for the next. A few objects that the engine is fast with
 * only as long as they are not frozen are looked at after each script instead; `clear` takes global names of scripts away.
 * `roots`: what scripts reach beside the globals, everything behind them included.
 */
export function freezeRealm(roots: unknown[]): FrozenRealm {
  const behindAccessors = takeAssignments();
  const globalNames = lockGlobals();
  const watched = hotObjects();
  freezeReachable([...roots, ...behindAccessors, ...hiddenIntrinsics(), getPrototypeOf(globalThis)], watched);
  const isUntouched = watch(watched);
  const known = new Set<PropertyKey>(globalNames);
  const isKnown = known.has.bind(known);
  const globalPrototype: unknown = getPrototypeOf(globalThis);
  const blank = / ?/;

  return {
    isUntouched,
    clear() {
      // First: what follows uses patterns, which a script may have changed.
      if (!isUntouched()) return false;
      const names = ownKeys(globalThis);
      if (names.length !== known.size && !removeUnknown(names, isKnown)) return false;
      // `RegExp.$1` and the like show what was matched last, whichever script did.
      blank.exec("");
      return isExtensible(globalThis) && getPrototypeOf(globalThis) === globalPrototype;
    },
  };
}

function removeUnknown(names: PropertyKey[], isKnown: (name: PropertyKey) => boolean): boolean {
  for (let index = 0; index < names.length; index++) {
    // The index is below the length.
    const name = names[index] as PropertyKey;
    if (!isKnown(name) && !deleteProperty(globalThis, name)) return false;
  }
  return true;
}

/**
 * An assignment to an object whose prototype has a read-only member of that name fails: `error.name = …`, `object.toString = …`.
 * As accessors these members let the assignment through to the object itself. Gives the values that they hide.
 */
function takeAssignments(): unknown[] {
  const { prototype: objects }: { prototype: object } = Object;
  return [
    ...ownKeys(objects).map((name) => letAssign(objects, name)),
    ...nativeErrors.flatMap(({ prototype }) =>
      ["name", "message", "constructor", "toString"].map((name) => letAssign(prototype, name)),
    ),
    ...["constructor", "toString", "call", "apply", "bind"].map((name) =>
      letAssign(Function.prototype, name),
    ),
  ];
}

function letAssign(prototype: object, name: PropertyKey): unknown {
  const descriptor = getOwnPropertyDescriptor(prototype, name);
  if (!descriptor || !("value" in descriptor)) return undefined;
  const value: unknown = descriptor.value;
  defineProperty(prototype, name, {
    get: () => value,
    set(this: unknown, assigned: unknown) {
      if (!isObject(this) || this === prototype) return;
      defineProperty(this, name, { value: assigned, writable: true, enumerable: true, configurable: true });
    },
    enumerable: false,
    configurable: false,
  });
  return value;
}

/** What is global stays what it is; new names may be added. */
function lockGlobals(): PropertyKey[] {
  const names = ownKeys(globalThis);
  for (const name of names) {
    const descriptor = getOwnPropertyDescriptor(globalThis, name);
    if (!descriptor) continue;
    const { enumerable = false } = descriptor;
    const isAccessor = !("value" in descriptor);
    defineProperty(
      globalThis,
      name,
      isAccessor
        ? { ...descriptor, configurable: false }
        : { value: descriptor.value as unknown, enumerable, writable: false, configurable: false },
    );
  }
  return names;
}

/** Loops over lists and the methods of texts that take patterns have a fast way that ends when one of these changes in any way. */
const hotObjects = (): object[] => [
  Array,
  Array.prototype,
  // Iterators of lists have their own prototype.
  getPrototypeOf([][Symbol.iterator]()) as object,
  RegExp,
  RegExp.prototype,
];

type Facts = Pick<PropertyDescriptor, "configurable" | "enumerable" | "writable" | "get" | "set"> & {
  value?: unknown;
};

/** What it gives tells whether the objects are as they were. It runs after scripts: no built-in method takes part in it. */
function watch(objects: object[]): () => boolean {
  const remembered = objects.map((object) => ({
    object,
    prototype: getPrototypeOf(object) as unknown,
    members: ownKeys(object).map((name) => ({ name, facts: factsOf(object, name) })),
  }));
  return () => {
    for (let index = 0; index < remembered.length; index++) {
      const entry = remembered[index];
      if (!entry) return false;
      const { object, prototype, members } = entry;
      if (!isExtensible(object) || getPrototypeOf(object) !== prototype) return false;
      if (ownKeys(object).length !== members.length) return false;
      for (let at = 0; at < members.length; at++) {
        const member = members[at];
        if (!member || !isSame(factsOf(object, member.name), member.facts)) return false;
      }
    }
    return true;
  };
}

const factsOf = (object: object, name: PropertyKey): Facts | undefined =>
  getOwnPropertyDescriptor(object, name);

function isSame(now: Facts | undefined, before: Facts | undefined): boolean {
  if (!now || !before) return false;
  return (
    is(now.value, before.value) &&
    now.get === before.get &&
    now.set === before.set &&
    now.writable === before.writable &&
    now.enumerable === before.enumerable &&
    now.configurable === before.configurable
  );
}

const asyncGenerator = async function* () {};

/** Objects that no global leads to: only syntax and results of calls do. */
function hiddenIntrinsics(): unknown[] {
  const strictArguments = (function () {
    // oxlint-disable-next-line prefer-rest-params -- The object itself is wanted.
    return arguments;
  })();
  const iterators: unknown[] = [
    [][Symbol.iterator](),
    ""[Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    "".matchAll(/x/g),
    [].values().map((value) => value),
    Iterator.from({ next: () => ({ done: true, value: undefined }) }),
    new Intl.Segmenter().segment(""),
    new Intl.Segmenter().segment("")[Symbol.iterator](),
  ];
  return [
    ...iterators,
    async () => {},
    function* () {},
    (function* () {})(),
    asyncGenerator,
    asyncGenerator(),
    getPrototypeOf(Uint8Array),
    strictArguments,
    getOwnPropertyDescriptor(strictArguments, "callee"),
    Proxy.revocable({}, {}).revoke,
  ];
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

function freezeReachable(roots: unknown[], left: object[]): void {
  const seen = new Set<unknown>([globalThis]);
  const todo: unknown[] = [...roots];
  for (const name of ownKeys(globalThis)) pushMember(todo, globalThis, name);
  while (todo.length > 0) {
    const object = todo.pop();
    if (!isObject(object) || seen.has(object)) continue;
    seen.add(object);
    if (!left.includes(object)) freeze(object);
    for (const name of ownKeys(object)) pushMember(todo, object, name);
    todo.push(getPrototypeOf(object));
  }
}

function pushMember(todo: unknown[], object: object, name: PropertyKey): void {
  const descriptor = getOwnPropertyDescriptor(object, name);
  todo.push(descriptor?.value, descriptor?.get, descriptor?.set);
}
