import { parse, stringify } from "./json-text.ts";
import type { Modules } from "./modules.ts";
import { toString } from "./text.ts";
import { toV8Message } from "./v8-messages.ts";

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

/** Postman's `JSON`: the same results, errors of its own name that point at the place in the text. */
export interface PostmanJson {
  parse(this: void, text: unknown, reviver?: Reviver): unknown;
  stringify(this: void, ...values: unknown[]): unknown;
}

interface Locator {
  parse(text: string, options: { mode: "json"; reviver?: Reviver }): unknown;
}

export function createJson(modules: Modules): PostmanJson {
  const explain = (text: unknown, reviver: Reviver | undefined, thrown: unknown): unknown => {
    if (text === undefined) return new SyntaxError('"undefined" is not valid JSON');
    try {
      // Slow, and only for what is known to be wrong: it tells where.
      const locator = modules.internal("json-locator") as Locator;
      locator.parse(toString(text), { mode: "json", ...(reviver ? { reviver } : {}) });
    } catch (error) {
      return error;
    }
    return thrown;
  };
  return {
    parse: (text, reviver) => {
      const source = withoutMark(text);
      try {
        // The engine's parser takes anything and makes text of it, as Postman's does.
        return parse(source as string, reviver);
      } catch (thrown) {
        throw named(explain(source, reviver, thrown));
      }
    },
    stringify: (...values) => {
      try {
        return Reflect.apply(stringify, undefined, values);
      } catch (thrown) {
        throw named(withCircle(thrown, values[0]));
      }
    },
  };
}

/** Byte order marks as Postman takes them off, those of texts that were decoded wrongly too. */
const MARKS = /^(?:[\uFEFF\uBBBF]|\u00FE\u00FF|\u00FF\u00FE|\u00EF\u00BB\u00BF)/;

const withoutMark = (text: unknown): unknown => (typeof text === "string" ? text.replace(MARKS, "") : text);

function named(error: unknown): unknown {
  if (error instanceof Error) error.name = "JSONError";
  return error;
}

function withCircle(thrown: unknown, value: unknown): unknown {
  if (!(thrown instanceof TypeError)) return thrown;
  const message = toV8Message(thrown.message);
  const circle = message === "Converting circular structure to JSON" ? findCircle(value) : undefined;
  thrown.message = message + (circle ?? "");
  return thrown;
}

/** The way from an object back to itself, as V8 shows it. */
function findCircle(value: unknown): string | undefined {
  const path: { key: string; object: object }[] = [];
  const done = new Set<object>();
  const visit = (object: object, key: string): string | undefined => {
    const start = path.findIndex((step) => step.object === object);
    if (start !== -1) return describeCircle(path.slice(start), key);
    if (done.has(object) || path.length > 1000) return undefined;
    path.push({ key, object });
    for (const [name, item] of Object.entries(object)) {
      const found = typeof item === "object" && item !== null ? visit(item as object, name) : undefined;
      if (found !== undefined) return found;
    }
    path.pop();
    done.add(object);
    return undefined;
  };
  return typeof value === "object" && value !== null ? visit(value, "") : undefined;
}

const made = (object: object | undefined): string =>
  `object with constructor '${object?.constructor.name ?? "Object"}'`;

const property = (key: string, parent: object | undefined): string =>
  Array.isArray(parent) ? `index ${key}` : `property '${key}'`;

function describeCircle(path: { key: string; object: object }[], lastKey: string): string {
  const [first, ...others] = path;
  const lines = others.map(
    ({ key, object }, index) => `\n    |     ${property(key, path[index]?.object)} -> ${made(object)}`,
  );
  const shown = lines.length > 2 ? [lines[0], "\n    |     ...", lines.at(-1)] : lines;
  const closing = `\n    --- ${property(lastKey, path.at(-1)?.object)} closes the circle`;
  return `\n    --> starting at ${made(first?.object)}${shown.join("")}${closing}`;
}
