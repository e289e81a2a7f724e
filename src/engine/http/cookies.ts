import { Cookie, CookieJar, MemoryCookieStore, parseDate } from "tough-cookie";

import { toError } from "../../lib/errors.ts";
import { isObject } from "../json.ts";
import type { CookieOperation, ScriptCookie } from "../sandbox/protocol.ts";
import type { CookieJarDocument } from "../types.ts";

/** A run keeps no more than this: each cookie costs time on every request. */
const MAX_COOKIES = 3000;
/** Cookies that would make the header longer, in characters, are left out of it. */
const MAX_HEADER_CHARS = 64 * 1024;

/** The cookies of one run. */
export interface RunCookies {
  /** The Cookie header for a URL; empty when there is none. */
  headerFor(url: string): string;
  store(url: string, setCookie: string): void;
  list(url: string): ScriptCookie[];
  apply(operation: CookieOperation): { cookies: ScriptCookie[] } | { error: { message: string } };
  /** For the next run that starts with it. */
  toDocument(): CookieJarDocument;
}

/** Host-only, path, secure and expiry rules are tough-cookie's; wrong Set-Cookie headers are ignored, as browsers do. */
export function createCookies(document?: CookieJarDocument): RunCookies {
  const cookieStore = new MemoryCookieStore();
  const jar = new CookieJar(cookieStore, {
    looseMode: true,
    rejectPublicSuffixes: false,
    // Postman's jar takes a Secure cookie from anybody; what counts is where it is sent.
    enforceSecureOriginOnStorage: false,
  });
  let count = 0;
  for (const cookie of readCookies(document)) {
    cookieStore.putCookie(cookie, () => {});
    count++;
  }

  const cookiesFor = (url: string): Cookie[] => {
    if (count === 0) return [];
    try {
      return jar.getCookiesSync(url);
    } catch {
      // Not a URL with a host: no cookie can belong to it.
      return [];
    }
  };
  /** Throws for a cookie that the URL may not set, unless `ignoreError`. */
  const store = (url: string, cookie: string | Cookie, ignoreError = true) => {
    // Setting a cookie again counted twice: look before refusing.
    if (count >= MAX_COOKIES) cookieStore.getAllCookies((_error, cookies) => (count = cookies?.length ?? 0));
    if (count >= MAX_COOKIES) return;
    if (jar.setCookieSync(cookie, url, { ignoreError }) !== undefined) count++;
  };
  const remove = ({ domain, path, key }: Cookie): void => {
    // The store in memory works at once; its callback only says so.
    cookieStore.removeCookie(domain ?? "", path ?? "/", key, () => {});
    count--;
  };
  const operate = (operation: CookieOperation): void => {
    const { url } = operation;
    switch (operation.op) {
      case "getAll":
        return;
      case "set":
        return store(url, toCookie(operation.cookie), false);
      case "unset":
        for (const cookie of cookiesFor(url)) if (cookie.key === operation.name) remove(cookie);
        return;
      case "clear":
        for (const cookie of cookiesFor(url)) remove(cookie);
    }
  };
  const list = (url: string) => cookiesFor(url).map(toScriptCookie);
  return {
    headerFor: (url) => toHeader(cookiesFor(url)),
    store,
    list,
    // What tough-cookie serializes is its own document.
    toDocument: () => jar.serializeSync() as CookieJarDocument,
    apply(operation) {
      try {
        operate(operation);
        return { cookies: list(operation.url) };
      } catch (error) {
        return { error: { message: toError(error).message } };
      }
    },
  };
}

/** Says whether a parsed file can be given as `RunInput.cookieJar`. */
export const isCookieJar = (document: unknown): document is CookieJarDocument =>
  isObject(document) && Array.isArray(document["cookies"]) && document["cookies"].every(isObject);

function readCookies(document: CookieJarDocument | undefined): Cookie[] {
  if (!isCookieJar(document)) return [];
  return document.cookies.slice(0, MAX_COOKIES).flatMap((entry) => {
    const { key, value, domain, path } = entry;
    const texts = [key, value, domain, path];
    const cookie = texts.every((text) => typeof text === "string") ? Cookie.fromJSON(entry) : undefined;
    return cookie ? [cookie] : [];
  });
}

function toHeader(cookies: Cookie[]): string {
  let header = "";
  for (const cookie of cookies) {
    const pair = cookie.cookieString();
    if (header.length + pair.length > MAX_HEADER_CHARS) continue;
    header += header === "" ? pair : `; ${pair}`;
  }
  return header;
}

function toCookie(cookie: ScriptCookie): Cookie {
  return new Cookie({
    key: cookie.name,
    value: cookie.value,
    ...(cookie.domain === undefined ? {} : { domain: cookie.domain }),
    ...(cookie.path === undefined ? {} : { path: cookie.path }),
    ...(cookie.expires === undefined ? {} : { expires: parseDate(cookie.expires) ?? "Infinity" }),
    secure: cookie.secure ?? false,
    httpOnly: cookie.httpOnly ?? false,
    ...(cookie.sameSite === undefined ? {} : { sameSite: cookie.sameSite }),
  });
}

function toScriptCookie(cookie: Cookie): ScriptCookie {
  const { domain, path, expires, secure, httpOnly, hostOnly, sameSite } = cookie;
  return {
    name: cookie.key,
    value: cookie.value,
    ...(domain === null ? {} : { domain }),
    ...(path === null ? {} : { path }),
    ...(expires instanceof Date ? { expires: expires.toISOString() } : {}),
    secure,
    httpOnly,
    ...(hostOnly === null ? {} : { hostOnly }),
    ...(sameSite === undefined ? {} : { sameSite }),
  };
}
