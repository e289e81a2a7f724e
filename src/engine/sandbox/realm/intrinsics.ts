/**
 * Scripts of one run share a realm, because building one costs twenty times as much as proving that the last
 * script left no trace in it. What scripts hardly ever patch is frozen; the rest is compared after each script.
 */

interface Watched {
  object: object;
  keys: PropertyKey[];
  /** value, get, set of each key in turn. */
  parts: unknown[];
}

export interface Intrinsics {
  /** Takes global names of the last script away; false when anything else differs from the fresh realm. */
  restore(): boolean;
}

const { ownKeys, getOwnPropertyDescriptor, deleteProperty, defineProperty } = Reflect;
const { is, freeze, getPrototypeOf } = Object;

/** Takes away what leads out of the realm or lets a script outlive itself. Call before anything else runs. */
export function removeDangers(): void {
  const dangers = [
    "ShadowRealm", // its inner realm sees the globals of the process
    "WebAssembly", // its loops ignore time limits inside the process
    "SharedArrayBuffer",
    "Atomics", // `wait` blocks without a limit
    "FinalizationRegistry", // its callbacks run after the script
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
  const watched: Watched[] = [];
  for (const object of [...patchable(), ...more]) watched.push(remember(object));
  freezeRest(new Set(watched.map((entry) => entry.object)));
  const globals = new Set<PropertyKey>(ownKeys(globalThis));
  const globalParts = remember(globalThis);
  const has = globals.has.bind(globals);

  return {
    restore() {
      const now = ownKeys(globalThis);
      for (let index = 0; index < now.length; index++) {
        // Object.hasOwn was read at boot: `now[index]` exists within the length.
        const key = now[index] as PropertyKey;
        if (!has(key) && !deleteProperty(globalThis, key)) return false;
      }
      if (!isSame(globalParts)) return false;
      for (let index = 0; index < watched.length; index++) {
        if (!isSame(watched[index] as Watched)) return false;
      }
      return true;
    },
  };
}

function remember(object: object): Watched {
  const keys = ownKeys(object);
  const parts: unknown[] = [];
  for (const key of keys) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    parts.push(descriptor?.value, descriptor?.get, descriptor?.set);
  }
  return { object, keys, parts };
}

function isSame({ object, keys, parts }: Watched): boolean {
  const now = ownKeys(object);
  if (now.length !== keys.length) return false;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as PropertyKey;
    if (now[index] !== key) return false;
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (descriptor === undefined || !is(descriptor.value, parts[index * 3])) return false;
    if (descriptor.get !== parts[index * 3 + 1] || descriptor.set !== parts[index * 3 + 2]) return false;
  }
  return true;
}

/** What scripts and libraries do patch; freezing these would make `own.toString = …` fail on their heirs. */
function patchable(): object[] {
  const constructors = [
    Object,
    Function,
    Array,
    String,
    Number,
    Boolean,
    Symbol,
    Date,
    RegExp,
    Promise,
    Map,
    Set,
    Error,
    TypeError,
    RangeError,
    SyntaxError,
    ReferenceError,
  ];
  return [...constructors, ...constructors.map(({ prototype }) => prototype as object), Math, JSON];
}

function freezeRest(known: Set<object>): void {
  const seen = new Set<object>([globalThis, ...known]);
  const todo: unknown[] = ownKeys(globalThis).map((key) => getOwnPropertyDescriptor(globalThis, key)?.value);
  todo.push(
    function* () {},
    async function* () {},
    async () => {},
    [][Symbol.iterator](),
    ""[Symbol.iterator](),
  );
  todo.push(new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), "".matchAll(/./g));
  while (todo.length > 0) {
    const object = todo.pop();
    if ((typeof object !== "object" && typeof object !== "function") || object === null) continue;
    if (seen.has(object)) continue;
    seen.add(object);
    if (typeof object === "object" || "prototype" in object) {
      freeze(object);
      for (const key of ownKeys(object)) todo.push(getOwnPropertyDescriptor(object, key)?.value);
    }
    todo.push(getPrototypeOf(object));
  }
}
