import { importPKCS8, SignJWT, type JWTPayload } from "jose";

import { toError } from "../../lib/errors.ts";
import { isObject, toText, type JsonObject } from "../json.ts";
import { SignError, type AuthParameters, type AuthResult } from "./auth-type.ts";
import { textOf } from "./parameters.ts";

const secretAlgorithms = new Set(["HS256", "HS384", "HS512"]);
export const keyAlgorithms = new Set(
  ["RS", "PS", "ES"].flatMap((family) => ["256", "384", "512"].map((bits) => family + bits)),
);

/** A token signed for each request, in a header or in the query. */
export async function jwt(parameters: AuthParameters): Promise<AuthResult> {
  const { headerPrefix, queryParamKey } = parameters;
  const algorithm = toText(parameters["algorithm"]);
  const hasSecret = secretAlgorithms.has(algorithm);
  if (!hasSecret && !keyAlgorithms.has(algorithm)) throw new SignError("invalid algorithm");
  const key = parameters[hasSecret ? "secret" : "privateKey"];
  if (typeof key !== "string" || key === "")
    throw new SignError(`Invalid ${hasSecret ? "secret" : "private"} key. Enter a valid key.`);
  const token = await signToken(parameters, algorithm, key, hasSecret);
  const target = textOf(parameters["addTokenTo"]) || "header";
  if (target === "queryParam") return { query: [[textOf(queryParamKey) || "token", token]] };
  if (target !== "header") return {};
  const prefix = toText(headerPrefix ?? "Bearer");
  return { headers: [["Authorization", prefix === "" ? token : `${prefix} ${token}`]] };
}

async function signToken(
  parameters: AuthParameters,
  algorithm: string,
  keyText: string,
  isSecret: boolean,
): Promise<string> {
  try {
    const header = { ...readJson(parameters["header"] ?? {}), alg: algorithm };
    const payload: JWTPayload = readJson(parameters["payload"]);
    const key = isSecret
      ? Buffer.from(keyText, parameters["isSecretBase64Encoded"] ? "base64" : "utf8")
      : await importPKCS8(keyText, algorithm);
    return await new SignJWT(payload).setProtectedHeader(header).sign(key);
  } catch (error) {
    // Whatever is wrong here is wrong with what the user wrote: JSON, key or claims.
    throw new SignError(toError(error).message);
  }
}

/** An object, or its JSON; no text is an empty one. */
function readJson(value: unknown): JsonObject {
  const parsed: unknown = typeof value === "string" ? JSON.parse(value.trim() || "{}") : value;
  if (!isObject(parsed)) throw new TypeError("JWT Claims Set MUST be an object");
  return parsed;
}
