import { createPrivateKey, randomUUID } from "node:crypto";

import { importPKCS8, SignJWT } from "jose";

import { asObject, isObject, toText, type JsonObject } from "../json.ts";
import { SignError, type AuthContext, type AuthParameters, type AuthResult } from "./auth-type.ts";
import { keyAlgorithms } from "./jwt.ts";
import { textOf } from "./parameters.ts";

const DEFAULT_EXPIRY_SECONDS = 3600;

/** Atlassian's service to service authentication: a token signed with the caller's private key. */
export async function asap(
  parameters: AuthParameters,
  _request: unknown,
  { now }: AuthContext,
): Promise<AuthResult> {
  const { privateKey } = parameters;
  const algorithm = textOf(parameters["alg"]) || "RS256";
  const claims = readClaims(parameters["claims"]);
  const either = (name: string) => textOf(claims[name]) || textOf(parameters[name]);
  const kid = either("kid");
  if (kid === "" || either("iss") === "" || either("aud") === "" || !privateKey)
    throw new SignError("One or more of required claims missing");
  if (!keyAlgorithms.has(algorithm)) throw new SignError("invalid algorithm");
  if (typeof privateKey !== "string") throw new SignError("privateKey must be a string");
  const key = readKey(privateKey, kid);
  try {
    const token = await tokenOf(claims, parameters, Math.floor(now().getTime() / 1000))
      .setProtectedHeader({ alg: algorithm, kid })
      .sign(await importPKCS8(key, algorithm));
    return { headers: [["Authorization", `Bearer ${token}`]] };
  } catch {
    throw new SignError("Failed to sign request with key.");
  }
}

/** Claims win over parameters of the same meaning. */
function tokenOf(claims: JsonObject, parameters: AuthParameters, nowSeconds: number): SignJWT {
  const either = (name: string) => textOf(claims[name]) || textOf(parameters[name]);
  const expiresIn = integer(parameters["exp"]) ?? DEFAULT_EXPIRY_SECONDS;
  const audience = claims["aud"] || parameters["aud"];
  return new SignJWT(claims)
    .setIssuedAt(integer(claims["iat"]) ?? nowSeconds)
    .setIssuer(either("iss"))
    .setSubject(either("sub") || either("iss"))
    .setJti(textOf(claims["jti"]) || randomUUID())
    .setAudience(Array.isArray(audience) ? audience.map(toText) : toText(audience))
    .setExpirationTime(integer(claims["exp"]) ?? nowSeconds + expiresIn);
}

const integer = (value: unknown): number | undefined => Number.parseInt(textOf(value), 10) || undefined;

function readClaims(claims: unknown): JsonObject {
  if (typeof claims !== "string") return asObject(claims);
  if (claims.trim() === "") return {};
  try {
    const parsed: unknown = JSON.parse(claims);
    if (isObject(parsed)) return parsed;
  } catch {
    // Said below.
  }
  throw new SignError("Failed to parse claims");
}

const dataUri = /^data:application\/pkcs8;kid=([\w.+/-]+);base64,([a-zA-Z0-9+/=]+)$/;

/** PEM, or a data URI that names its key, as Atlassian's tools print it. */
function readKey(text: string, keyId: string): string {
  try {
    const key = decodeURIComponent(text.replaceAll("\n", "").replace(/^"(.*)"$/, "$1"));
    if (!key.startsWith("data:")) return key;
    const [, uriKeyId, base64 = ""] = dataUri.exec(key) ?? [];
    if (uriKeyId !== keyId) throw new Error("the URI is malformed or names another key");
    const der = Buffer.from(base64, "base64");
    return createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({
      format: "pem",
      type: "pkcs8",
    });
  } catch {
    throw new SignError("Failed to parse private key.");
  }
}
