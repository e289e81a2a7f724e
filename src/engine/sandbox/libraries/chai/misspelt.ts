import config from "chai/lib/chai/config.js";

/** Names that are never meant when another one is misspelt. */
const builtins = new Set(["__flags", "__methods", "_obj", "assert"]);
/** A suggestion differs in fewer characters than this. */
const MAX_DISTANCE = 4;

/** True for a property whose absence is an error: anything but what the language and its tools ask of any object. */
export const isMisspelt = (key: PropertyKey): key is string =>
  typeof key === "string" && !config.proxyExcludedKeys.includes(key);

/** Names the closest property of those that exist. */
export function misspelt(key: string, known: Iterable<string>): Error {
  let suggestion: string | undefined;
  let shortest = MAX_DISTANCE;
  for (const name of known) {
    if (builtins.has(name) || Object.hasOwn(Object.prototype, name)) continue;
    const found = distance(key, name, shortest);
    if (found < shortest) {
      suggestion = name;
      shortest = found;
    }
  }
  const hint = suggestion === undefined ? "" : `. Did you mean "${suggestion}"?`;
  return new Error(`Invalid Chai property: ${key}${hint}`);
}

/** For a method that has to be called before the chain goes on. */
export const notCalled = (method: string, key: string): Error =>
  new Error(`Invalid Chai property: ${method}.${key}. See docs for proper usage of "${method}".`);

/** Own and inherited names, nearest first. */
export function namesOf(object: object): Set<string> {
  const names = new Set<string>();
  let holder: object | null = object;
  while (holder !== null) {
    for (const name of Object.getOwnPropertyNames(holder)) names.add(name);
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return names;
}

/**
 * The last object of the prototype chain of all assertions: only names that nothing else has get here, so that those that
 * exist are read as those of any object.
 */
export function endOfAssertions(prototype: object): object {
  return new Proxy(Object.create(Object.prototype) as object, {
    get(target, key, assertion: object) {
      if (!(key in target) && assertion !== prototype && config.useProxy && isMisspelt(key)) {
        throw misspelt(key, namesOf(assertion));
      }
      return Reflect.get(target, key, assertion) as unknown;
    },
  });
}

/** Levenshtein's distance of two texts, or a number from `limit` on where it is at least that. */
function distance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  // So it is in chai: the same names are to be suggested.
  previous[right.length] = 0;
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      if (Math.abs(row - column) >= limit) {
        current[column] = limit;
        continue;
      }
      const isSame = left.charCodeAt(row - 1) === right.charCodeAt(column - 1);
      current[column] = Math.min(
        (previous[column] ?? limit) + 1,
        (current[column - 1] ?? limit) + 1,
        (previous[column - 1] ?? limit) + (isSame ? 0 : 1),
      );
    }
    previous = current;
  }
  return previous[right.length] ?? limit;
}
