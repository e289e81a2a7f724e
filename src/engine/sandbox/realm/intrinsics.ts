/**
 * Scripts of one run share a realm when the last one left no trace in it: building a realm costs far more than
 * looking. This keeps a run tidy, as Postman's users expect; it is no wall. Runs never share a realm.
 */
export interface Intrinsics {
  /** Takes global names of the last script away; false when anything else was added to the realm. */
  restore(): boolean;
}

const { ownKeys, deleteProperty, defineProperty } = Reflect;
const { getPrototypeOf } = Object;

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

  return {
    restore() {
      const now = ownKeys(globalThis);
      for (let index = 0; index < now.length; index++) {
        // The index is below the length.
        const name = now[index] as PropertyKey;
        if (!isKnown(name) && !deleteProperty(globalThis, name)) return false;
      }
      if (now.length < names.size || getPrototypeOf(prototype) !== null) return false;
      for (let index = 0; index < watched.length; index++) {
        const entry = watched[index];
        if (entry && ownKeys(entry.object).length !== entry.count) return false;
      }
      return true;
    },
  };
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
