import { nativeErrors } from "./realm/native-errors.ts";

/**
 * The last line of the language wall. Should a script ever hold an object of the host realm, nothing on it leads
 * to code that runs there: constructors of functions are gone and everything else is frozen.
 * Irreversible, and only for a process that does nothing but run scripts.
 */
export function disarmHostRealm(): void {
  const functionPrototypes = [
    Function.prototype,
    Object.getPrototypeOf(async () => {}) as object,
    Object.getPrototypeOf(function* () {}) as object,
    Object.getPrototypeOf(async function* () {}) as object,
  ];
  const others = [Object.prototype, ...nativeErrors.map(({ prototype }) => prototype as object)];
  for (const prototype of [...functionPrototypes, ...others])
    Reflect.deleteProperty(prototype, "constructor");
  freezeReachable([...functionPrototypes, ...others, ...nativeErrors, ...commonConstructors]);
}

const commonConstructors = [
  Object,
  Function,
  Array,
  Promise,
  Symbol,
  Map,
  Set,
  RegExp,
  String,
  Number,
  Boolean,
];

function freezeReachable(roots: unknown[]): void {
  const seen = new Set<unknown>([globalThis]);
  const todo = [...roots];
  while (todo.length > 0) {
    const object = todo.pop();
    if ((typeof object !== "object" && typeof object !== "function") || object === null) continue;
    if (seen.has(object)) continue;
    seen.add(object);
    Object.freeze(object);
    for (const key of Reflect.ownKeys(object)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
      todo.push(descriptor?.value, descriptor?.get, descriptor?.set);
    }
    todo.push(Object.getPrototypeOf(object));
  }
}
