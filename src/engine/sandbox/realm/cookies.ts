import type { CookieOperation, ScriptCookie } from "../protocol.ts";
import { PropertyList } from "./property-list.ts";
import { Property, type PropertyFields, setFields } from "./property.ts";
import { toString } from "./text.ts";

/** A cookie as scripts see it: it has a `name`, and is found by it. */
class Cookie extends Property {
  constructor(fields: PropertyFields) {
    const { key, value, expires, maxAge, domain, path, secure, httpOnly, hostOnly } = fields;
    super({ key });
    // Cookies are found by `key` like all members, and shown as `name`.
    Object.defineProperty(this, "key", { enumerable: false });
    const shown = {
      name: key,
      expires: typeof expires === "string" ? new Date(expires) : null,
      // Zero where the server has set none.
      maxAge: Number(maxAge ?? 0),
      domain,
      path,
      secure,
      httpOnly,
      hostOnly,
      value: value ? encoded(value) : undefined,
    };
    setFields(this, Object.fromEntries(Object.entries(shown).filter(([, field]) => field !== undefined)));
  }

  override valueOf(): object {
    // A text, as Postman gives it, where the declared type is that of every object.
    return decoded(this.value ?? "") as unknown as object;
  }

  override toString(): string {
    const { expires, maxAge, domain, hostOnly, path, secure, httpOnly } = this;
    const parts = [`${this.key}=${this.value ?? ""}`];
    if (expires instanceof Date && !Number.isNaN(expires.getTime()))
      parts.push(`Expires=${expires.toUTCString()}`);
    if (typeof maxAge === "number" && maxAge !== 0) parts.push(`Max-Age=${maxAge}`);
    if (typeof domain === "string" && !hostOnly) parts.push(`Domain=${domain}`);
    if (typeof path === "string") parts.push(`Path=${path}`);
    if (secure) parts.push("Secure");
    if (httpOnly) parts.push("HttpOnly");
    return parts.join("; ");
  }
}

const encoded = (text: string): string => encodeURIComponent(decoded(text).toWellFormed());

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `pm.cookies`: the cookies that were sent to, or came from, the URL of the request. */
export class CookieList extends PropertyList {
  readonly #ask: AskCookies | undefined;

  constructor(cookies: ScriptCookie[], ask?: AskCookies) {
    super(
      cookies.map((cookie) => ({ ...cookie, key: cookie.name })),
      false,
      Cookie,
    );
    this.#ask = ask;
  }

  /** Members have their values encoded, as in Postman; asked for by name they are given as they are meant. */
  override get(key: unknown): unknown {
    const value = super.get(key);
    return typeof value === "string" ? decoded(value) : value;
  }

  override toObject(...options: Parameters<PropertyList["toObject"]>): Record<string, unknown> {
    const object = super.toObject(...options);
    return Object.fromEntries(
      Object.entries(object).map(([key, value]) => [key, typeof value === "string" ? decoded(value) : value]),
    );
  }

  jar(): CookieJar {
    if (!this.#ask) throw new TypeError("cookies of a response have no jar");
    return new CookieJar(this.#ask);
  }
}

export type AskCookies = (operation: CookieOperation) => Promise<ScriptCookie[]>;
type Callback = (error: unknown, result?: unknown) => void;

/** `pm.cookies.jar()`: every method takes a callback, or gives a promise without one. */
export class CookieJar {
  readonly #ask: AskCookies;

  constructor(ask: AskCookies) {
    this.#ask = ask;
  }

  getAll(url: unknown, options?: unknown, callback?: Callback) {
    const answer = this.#ask({ op: "getAll", url: String(url) }).then((cookies) => new CookieList(cookies));
    return settle(answer, typeof options === "function" ? (options as Callback) : callback);
  }

  get(url: unknown, name: string, callback?: Callback) {
    const found = this.#ask({ op: "getAll", url: String(url) }).then((cookies) => {
      const found = cookies.find((cookie) => cookie.name === name);
      return found ? decoded(found.value) : null;
    });
    return settle(found, callback);
  }

  set(url: unknown, cookie: unknown, value?: unknown, callback?: Callback) {
    const done = [callback, value].find((argument) => typeof argument === "function") as Callback | undefined;
    const parsed = toCookie(cookie, value);
    const stored = this.#ask({ op: "set", url: String(url), cookie: parsed }).then(
      (cookies) =>
        new Cookie({ ...(cookies.find(({ name }) => name === parsed.name) ?? parsed), key: parsed.name }),
    );
    return settle(stored, done);
  }

  unset(url: unknown, name: unknown, callback?: Callback) {
    return settle(
      this.#ask({ op: "unset", url: String(url), name: String(name) }).then(() => null),
      callback,
    );
  }

  clear(url: unknown, callback?: Callback) {
    return settle(
      this.#ask({ op: "clear", url: String(url) }).then(() => null),
      callback,
    );
  }
}

function settle<T>(answer: Promise<T>, callback: Callback | undefined): Promise<T> | undefined {
  if (typeof callback !== "function") return answer;
  void tell(answer, callback);
  return undefined;
}

/** What a callback throws is reported as an unhandled rejection, which ends the script with that error. */
async function tell(answer: Promise<unknown>, callback: Callback): Promise<void> {
  let result: unknown;
  try {
    result = await answer;
  } catch (error) {
    callback(error);
    return;
  }
  callback(null, result);
}

/** `("name", "value")`, `"name=value; Path=/"` or an object of Postman's cookie fields. */
function toCookie(cookie: unknown, value: unknown): ScriptCookie {
  if (typeof cookie === "string" && typeof value !== "string") return parseCookie(cookie);
  if (typeof cookie === "string") return { name: cookie, value: String(value) };
  if (typeof cookie !== "object" || cookie === null) throw new TypeError("a cookie needs a name");
  const { key, ...fields } = cookie as Record<string, unknown>;
  const expires = fields["expires"];
  return {
    ...fields,
    name: String(fields["name"] ?? key),
    value: toString(fields["value"] ?? ""),
    ...(expires instanceof Date || typeof expires === "string" ? { expires: cookieDate(expires) } : {}),
  };
}

/** In the form of cookies: what cannot be read is no date there either. */
const cookieDate = (when: Date | string | number): string => new Date(when).toUTCString();

function parseCookie(text: string): ScriptCookie {
  const [pair = "", ...attributes] = text.split(";").map((part) => part.trim());
  const equals = pair.indexOf("=");
  const cookie: ScriptCookie = { name: pair.slice(0, Math.max(0, equals)), value: pair.slice(equals + 1) };
  for (const attribute of attributes) {
    const [name = "", content = ""] = attribute.split("=");
    const key = name.toLowerCase();
    if (key === "path") cookie.path = content;
    if (key === "domain") cookie.domain = content;
    if (key === "secure") cookie.secure = true;
    if (key === "httponly") cookie.httpOnly = true;
    if (key === "samesite") cookie.sameSite = content;
    if (key === "expires") cookie.expires = cookieDate(content);
    if (key === "max-age") cookie.expires = cookieDate(Date.now() + Number(content) * 1000);
  }
  return cookie;
}
