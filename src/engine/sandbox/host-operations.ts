import { createHash, createHmac, randomBytes } from "node:crypto";

import type { HostCall, HostOperation } from "./realm/bridge.ts";
import type { Realm } from "./realm/main.ts";

/** What a realm tells the script process. All texts are JSON that the process passes on unread. */
export interface RealmEvents {
  call(call: number, request: string): void;
  partial(result: string): void;
  finished(result: string): void;
  timedOut(): void;
}

interface Surroundings {
  events: RealmEvents;
  realm: () => Realm | undefined;
  /** Evaluates a library inside the realm; its value is an object of the realm. */
  library: (name: string) => unknown;
}

/** More timers at once than any script needs: each costs memory outside the realm. */
const MAX_TIMERS = 10_000;
const MAX_RANDOM_BYTES = 65_536;

type Operation = (text: string, number: number) => string;

/** The host's end of the bridge. Takes and gives texts; a realm finds nothing of the host behind it. */
export function hostOperations({ events, realm, library }: Surroundings) {
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  let bodyBase64 = "";

  const clearTimer = (id: number) => {
    clearTimeout(timers.get(id));
    timers.delete(id);
  };
  const clearTimers = () => {
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  };
  const startTimer = (delayMs: number, id: number) => {
    if (id < 0) {
      timers.set(
        -id,
        setInterval(() => realm()?.fire(-id), delayMs),
      );
      return;
    }
    const timer = setTimeout(() => {
      timers.delete(id);
      realm()?.fire(id);
    }, delayMs);
    timers.set(id, timer);
  };

  const operations: Record<HostOperation, Operation> = {
    library: (name) => {
      const factory = library(name);
      if (factory !== undefined) realm()?.provide(factory);
      return "";
    },
    timer: (text, id) => {
      if (timers.size >= MAX_TIMERS) return `more than ${MAX_TIMERS} timers`;
      startTimer(Number(text), id);
      return "";
    },
    clearTimer: (_, id) => {
      clearTimer(id);
      return "";
    },
    idle: () => {
      setImmediate(() => realm()?.idle());
      return "";
    },
    call: (text, call) => {
      events.call(call, text);
      return "";
    },
    partial: (text) => {
      events.partial(text);
      return "";
    },
    finish: (text) => {
      clearTimers();
      events.finished(text);
      return "";
    },
    bodyText: () => decode(bodyBase64),
    bodyBase64: () => bodyBase64,
    decode,
    encode: (text) => Buffer.from(text, "utf8").toString("base64"),
    decodeAs,
    hash: hashBytes,
    random: (_, count) => randomBytes(Math.min(Math.max(count, 0), MAX_RANDOM_BYTES)).toString("base64"),
    url: parseUrl,
    now: () => String(performance.now()),
  };
  const table = new Map<string, Operation>(Object.entries(operations));

  const hostCall: HostCall = (operation, text, number) => {
    const act = table.get(operation);
    if (act === undefined || typeof text !== "string" || typeof number !== "number") return "";
    return act(text, number);
  };
  return {
    hostCall,
    /** A new script begins: nothing of the last one goes on. */
    begin(base64 = "") {
      clearTimers();
      bodyBase64 = base64;
    },
  };
}

const decode = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");

/** `{label, fatal, base64}` → `{text}` or `{error}`. */
function decodeAs(text: string): string {
  try {
    // The realm wrote this object; anything else in it only makes it an error.
    const { label, fatal, base64 } = JSON.parse(text) as { label: string; fatal: boolean; base64: string };
    // The label comes from a script: an unknown one throws.
    const decoder = new TextDecoder(label as "utf-8", { fatal });
    return JSON.stringify({
      text: decoder.decode(Buffer.from(base64, "base64")),
      encoding: decoder.encoding,
    });
  } catch (error) {
    return JSON.stringify({ error: error instanceof RangeError ? "label" : "bytes" });
  }
}

/** `{algorithm, value, key?}` → the digest, or with a key the HMAC, in base64; "" when it cannot be computed. */
function hashBytes(text: string): string {
  try {
    // The realm wrote this object; anything else in it only makes it an error.
    const { algorithm, value, key } = JSON.parse(text) as { algorithm: string; value: string; key?: string };
    const name = algorithm.replace("-", "").toLowerCase();
    const hash = key === undefined ? createHash(name) : createHmac(name, Buffer.from(key, "base64"));
    return hash.update(Buffer.from(value, "base64")).digest("base64");
  } catch {
    return "";
  }
}

const urlFields = [
  "href",
  "origin",
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

/** `{href, base?, change?, value?}` → the parts of the URL; "" when it is none. */
function parseUrl(text: string): string {
  try {
    // The realm wrote this object; anything else in it only makes the URL invalid.
    const { href, base, change, value } = JSON.parse(text) as Record<string, string>;
    const url = new URL(String(href), base);
    const field = urlFields.find((name) => name === change && name !== "origin");
    if (field !== undefined) Reflect.set(url, field, String(value));
    return JSON.stringify(Object.fromEntries(urlFields.map((name) => [name, url[name]])));
  } catch {
    return "";
  }
}
