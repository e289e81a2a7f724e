/**
 * Scripts of one run share a realm unless the last one has changed what is built in: building a realm costs far more than
 * looking. This keeps a run tidy; it is no wall. Runs never share a realm.
 */
export interface Intrinsics {
  /** Remembers every built-in function: not done unasked, because reading them all creates them. */
  watch(): void;
  /**
   * False when anything that every script finds was changed. Names that a script added stay, as in Postman: people
   * hand functions from one script to the next that way.
   */
  restore(): boolean;
}

const { ownKeys, deleteProperty, defineProperty, get, getOwnPropertyDescriptor } = Reflect;
const { getPrototypeOf, is } = Object;

/** Takes away what leads out of the realm or lets a script outlive itself. Call before anything else runs. */
export function removeDangers(): void {
  const dangers = [
    "ShadowRealm", // its inner realm sees the globals of the process
    "WebAssembly", // its loops ignore time limits inside the process
    "SharedArrayBuffer",
    "Atomics", // `wait` blocks without a limit
    "FinalizationRegistry", // its callbacks run after the script
    "WeakRef",
    "Temporal", // Postman has none
    "Loader",
    "gc",
    "console",
  ];
  for (const name of dangers) deleteProperty(globalThis, name);
  // The call sites that it hands out belong to the host realm.
  defineProperty(Error, "prepareStackTrace", { value: undefined, writable: false, configurable: false });
}

/** Call last: what is on the realm now is what every script finds. */
export function watchIntrinsics(more: object[]): Intrinsics {
  // Keys only: reading the values would create every built-in function, which takes longer than all the rest.
  const watched = [...watchedObjects(), ...more].map((object) => ({ object, count: ownKeys(object).length }));
  const names = new Set<PropertyKey>(ownKeys(globalThis));
  const isKnown = names.has.bind(names);
  const { prototype } = Object;
  let remembered: Member[] | undefined;

  return {
    watch() {
      remembered ??= [...watched.map(({ object }) => object), ...otherObjects()].flatMap(membersOf);
    },
    restore() {
      const now = ownKeys(globalThis);
      let known = 0;
      // The index is below the length.
      for (let index = 0; index < now.length; index++) if (isKnown(now[index] as PropertyKey)) known++;
      if (known < names.size || getPrototypeOf(prototype) !== null) return false;
      for (let index = 0; index < watched.length; index++) {
        const entry = watched[index];
        if (entry && ownKeys(entry.object).length !== entry.count) return false;
      }
      return remembered === undefined || isUnchanged(remembered);
    },
  };
}

interface Member {
  object: object;
  name: PropertyKey;
  value: unknown;
  isGetter: boolean;
}

function membersOf(object: object): Member[] {
  return ownKeys(object).map((name) => {
    const descriptor = getOwnPropertyDescriptor(object, name);
    const isGetter = descriptor !== undefined && !("value" in descriptor);
    const value: unknown = isGetter ? get(descriptor, "get") : descriptor?.value;
    return { object, name, isGetter, value };
  });
}

function isUnchanged(members: Member[]): boolean {
  for (let index = 0; index < members.length; index++) {
    // The index is below the length.
    const { object, name, value, isGetter } = members[index] as Member;
    const holder = isGetter ? getOwnPropertyDescriptor(object, name) : object;
    if (!holder || !is(get(holder, isGetter ? "get" : name), value)) return false;
  }
  return true;
}

/** What can be changed beside the objects whose keys are counted. */
function otherObjects(): object[] {
  const classes = [
    TypeError,
    RangeError,
    SyntaxError,
    WeakMap,
    WeakSet,
    ArrayBuffer,
    Uint8Array,
    BigInt,
    Symbol,
  ];
  const iterator: object = [][Symbol.iterator]();
  const prototypes: object[] = [
    getPrototypeOf(Uint8Array.prototype) as object,
    getPrototypeOf(iterator) as object,
    getPrototypeOf(getPrototypeOf(iterator)) as object,
  ];
  return [...classes, ...classes.map((own) => own.prototype as object), ...prototypes, Reflect, Intl, Proxy];
}

function watchedObjects(): object[] {
  const constructors = [
    Object,
    Function,
    Array,
    String,
    Number,
    Boolean,
    Date,
    RegExp,
    Promise,
    Map,
    Set,
    Error,
  ];
  return [...constructors, ...constructors.map(({ prototype }) => prototype as object), Math, JSON];
}
