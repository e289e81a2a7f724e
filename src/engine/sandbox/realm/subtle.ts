import type { Bridge } from "./bridge.ts";
import { type Bytes, toBytes } from "./bytes.ts";
import { DOMException } from "./events.ts";

type Named = string | { name: string; hash?: Named };

const nameOf = (algorithm: Named): string =>
  (typeof algorithm === "string" ? algorithm : algorithm.name).toUpperCase();

const hashes = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];

interface Key {
  readonly type: "secret";
  readonly algorithm: { name: string; hash: { name: string } };
}

function fail(message: string): never {
  throw new DOMException(message, "NotSupportedError");
}

function hash(algorithm: Named): string {
  const name = nameOf(algorithm);
  return hashes.includes(name) ? name : fail("Unrecognized algorithm name");
}

/** The part of `crypto.subtle` that requests are signed with: hashes, and HMAC with a raw key. */
export function createSubtle(bridge: Bridge) {
  const secrets = new WeakMap<Key, Uint8Array>();
  const compute = (payload: object): ArrayBuffer =>
    Uint8Array.fromBase64(bridge.call("hash", JSON.stringify(payload))).buffer;
  const sign = (key: Key, value: Bytes): ArrayBuffer => {
    const secret = secrets.get(key) ?? fail("the key cannot be used to sign");
    return compute({
      algorithm: key.algorithm.hash.name,
      key: secret.toBase64(),
      value: toBytes(value).toBase64(),
    });
  };
  return {
    digest: async (algorithm: Named, value: Bytes) =>
      compute({ algorithm: hash(algorithm), value: toBytes(value).toBase64() }),
    importKey: async (
      format: unknown,
      value: Bytes,
      algorithm: { name: string; hash: Named },
    ): Promise<Key> => {
      if (format !== "raw" || nameOf(algorithm) !== "HMAC") fail("only raw keys for HMAC can be imported");
      const key: Key = { type: "secret", algorithm: { name: "HMAC", hash: { name: hash(algorithm.hash) } } };
      secrets.set(key, toBytes(value).slice());
      return key;
    },
    sign: async (_algorithm: Named, key: Key, value: Bytes) => sign(key, value),
    verify: async (_algorithm: Named, key: Key, signature: Bytes, value: Bytes) =>
      new Uint8Array(sign(key, value)).toHex() === toBytes(signature).toHex(),
  };
}
