import type { Bridge } from "./bridge.ts";
import { toString as textOf } from "./text.ts";

interface Parts {
  href: string;
  origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
}

const names = [
  "href",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;

/** `URL` and `URLSearchParams`: the host parses, and only texts come back. */
export function createUrlClasses(bridge: Bridge) {
  const parse = (request: Record<string, unknown>): Parts => {
    const text = bridge.call("url", JSON.stringify(request));
    if (text === "") throw new TypeError("Invalid URL");
    return JSON.parse(text) as Parts;
  };

  let read: (url: URL, name: keyof Parts) => string;
  let write: (url: URL, name: keyof Parts, value: unknown) => void;

  class URL {
    #parts: Parts;
    #params: URLSearchParams | undefined;

    constructor(href: unknown, base?: unknown) {
      this.#parts = parse({ href: textOf(href), ...(base === undefined ? {} : { base: textOf(base) }) });
    }

    static canParse(href: unknown, base?: unknown): boolean {
      try {
        return new URL(href, base) instanceof URL;
      } catch {
        return false;
      }
    }

    /** Gives the accessors below their way in: private names are visible here only. */
    static {
      read = (url, name) => url.#parts[name];
      write = (url, name, value) => {
        url.#parts = parse({ href: url.#parts.href, change: name, value: textOf(value) });
        url.#params = undefined;
      };
    }

    get origin(): string {
      return this.#parts.origin;
    }

    get searchParams(): URLSearchParams {
      this.#params ??= new URLSearchParams(this.#parts.search, (search) => {
        this.#parts = parse({ href: this.#parts.href, change: "search", value: search });
      });
      return this.#params;
    }

    toString(): string {
      return this.#parts.href;
    }

    toJSON(): string {
      return this.#parts.href;
    }
  }
  for (const name of names) {
    Object.defineProperty(URL.prototype, name, {
      get(this: URL) {
        return read(this, name);
      },
      set(this: URL, value: unknown) {
        write(this, name, value);
      },
      enumerable: true,
      configurable: true,
    });
  }
  return { URL, URLSearchParams };
}

class URLSearchParams {
  #pairs: [string, string][] = [];
  readonly #changed: (search: string) => void;

  constructor(source: unknown = "", changed: (search: string) => void = () => {}) {
    this.#changed = typeof changed === "function" ? changed : () => {};
    if (typeof source === "string") this.#pairs = parsePairs(source.replace(/^\?/, ""));
    else if (typeof source === "object" && source !== null) {
      const pairs =
        Symbol.iterator in source ? [...(source as Iterable<[unknown, unknown]>)] : Object.entries(source);
      this.#pairs = pairs.map(([key, value]) => [String(key), String(value)]);
    }
  }

  get size(): number {
    return this.#pairs.length;
  }
  append(key: unknown, value: unknown): void {
    this.#replace([...this.#pairs, [String(key), String(value)]]);
  }
  delete(key: unknown): void {
    this.#replace(this.#pairs.filter(([name]) => name !== String(key)));
  }
  get(key: unknown): string | null {
    return this.#pairs.find(([name]) => name === String(key))?.[1] ?? null;
  }
  getAll(key: unknown): string[] {
    return this.#pairs.filter(([name]) => name === String(key)).map(([, value]) => value);
  }
  has(key: unknown): boolean {
    return this.#pairs.some(([name]) => name === String(key));
  }
  set(key: unknown, value: unknown): void {
    const at = this.#pairs.findIndex(([name]) => name === String(key));
    if (at === -1) return this.append(key, value);
    const rest = this.#pairs.filter(([name], index) => name !== String(key) || index === at);
    this.#replace(rest.map((pair) => (pair[0] === String(key) ? [pair[0], String(value)] : pair)));
  }
  sort(): void {
    this.#replace(this.#pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }
  forEach(visit: (value: string, key: string, params: URLSearchParams) => void): void {
    for (const [key, value] of this.#pairs) visit(value, key, this);
  }
  keys() {
    return this.#pairs.map(([key]) => key).values();
  }
  values() {
    return this.#pairs.map(([, value]) => value).values();
  }
  entries() {
    return this.#pairs.map(([key, value]): [string, string] => [key, value]).values();
  }
  [Symbol.iterator]() {
    return this.entries();
  }
  toString(): string {
    return this.#pairs.map(([key, value]) => `${encode(key)}=${encode(value)}`).join("&");
  }

  #replace(pairs: [string, string][]): void {
    this.#pairs = pairs;
    this.#changed(this.toString());
  }
}

const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll("%20", "+")
    .replaceAll(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

function decode(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function parsePairs(query: string): [string, string][] {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      if (equals === -1) return [decode(pair), ""];
      return [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    });
}
