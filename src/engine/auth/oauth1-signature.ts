import { createHmac, createSign } from "node:crypto";

import { toError } from "../../lib/errors.ts";
import { SignError } from "./auth-type.ts";

/** Decoded; without a value = written without `=`. */
export type Pair = [name: string, value: string | undefined];

interface Message {
  method: string;
  /** Without query; default ports are left out of it here. */
  url: string;
  pairs: Pair[];
}

interface Keys {
  method: string;
  consumerSecret: string;
  tokenSecret: string;
  privateKey: string;
}

const hashNames: Record<string, string> = { SHA1: "sha1", SHA256: "sha256", SHA512: "sha512" };

/** The signature of RFC 5849, section 3. Throws `SignError`. */
export function signMessage(message: Message, keys: Keys): string {
  const base = baseString(message);
  const secrets = `${percentEncode(keys.consumerSecret)}&${percentEncode(keys.tokenSecret)}`;
  if (keys.method === "PLAINTEXT") return secrets;
  const [family, hash = ""] = keys.method.split("-");
  const hashName = Object.hasOwn(hashNames, hash) ? hashNames[hash] : undefined;
  if (family === "HMAC" && hashName) return createHmac(hashName, secrets).update(base).digest("base64");
  if (family === "RSA" && hashName) return signRsa(hashName, base, keys.privateKey);
  throw new SignError("Unsupported signature method", ["authorization"]);
}

function signRsa(hashName: string, base: string, privateKey: string): string {
  try {
    return createSign(hashName).update(base).sign(privateKey, "base64");
  } catch (error) {
    throw new SignError(toError(error).message, ["authorization"]);
  }
}

function baseString({ method, url, pairs }: Message): string {
  const encoded = pairs.map(([name, value]) => ({
    // A space stands before everything that an encoded name can hold.
    order: `${percentEncode(name)} ${percentEncode(value ?? "")}`,
    text: `${percentEncode(name)}=${percentEncode(value ?? "")}`,
  }));
  encoded.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  const parameters = encoded.map(({ text }) => text).join("&");
  return [method.toUpperCase(), withoutDefaultPort(url), parameters].map(percentEncode).join("&");
}

/** Postman leaves out 80 and 443 whatever the protocol. */
const withoutDefaultPort = (url: string): string => url.replace(/^(\w+:\/\/[^/]*?):(?:80|443)(?=\/|$)/, "$1");

/** RFC 3986: everything but letters, digits and `-._~`. */
export const percentEncode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Throws `URIError` for a percent sign that encodes nothing. */
export const decodePairs = (text: string): Pair[] =>
  text.split("&").flatMap((pair): Pair[] => {
    const equals = pair.indexOf("=");
    if (equals === -1) return pair === "" ? [] : [[decode(pair), undefined]];
    return [[decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]];
  });

const decode = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));

export const encodePairs = (pairs: Pair[]): string =>
  pairs
    .map(([name, value]) =>
      value === undefined ? percentEncode(name) : `${percentEncode(name)}=${percentEncode(value)}`,
    )
    .join("&");
