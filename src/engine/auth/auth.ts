import { asObject, asObjects, toText, type JsonObject } from "../json.ts";
import { resolveDeep, type Resolve } from "../variables.ts";
import { apikey } from "./apikey.ts";
import { basic } from "./basic.ts";
import { bearer } from "./bearer.ts";

/** What an auth type adds to a request. */
export interface AuthResult {
  headers?: [name: string, value: string][];
  query?: [name: string, value: string][];
}

export type AuthParameters = Record<string, unknown>;

/** Turns resolved parameters into additions; they replace what the user set by hand. */
export type AuthType = (parameters: AuthParameters) => AuthResult;

export class AuthError extends Error {
  override readonly name = "AuthError";
}

/** One file per type of Postman; what is missing here is refused by name, never left out silently. */
const types: Record<string, AuthType> = {
  noauth: () => ({}),
  basic,
  bearer,
  apikey,
};

/** Throws `AuthError` for a type that is not supported. */
export function authorize(auth: JsonObject | undefined, resolve: Resolve): AuthResult {
  if (auth === undefined) return {};
  const type = toText(auth["type"]);
  const sign = Object.hasOwn(types, type) ? types[type] : undefined;
  if (!sign) throw new AuthError(`authorization type "${type}" is not supported yet`);
  return sign(asObject(resolveDeep(parametersOf(auth[type]), resolve)));
}

/** v2.1 lists `{key, value}`, v2.0 has an object. */
function parametersOf(parameters: unknown): AuthParameters {
  if (!Array.isArray(parameters)) return asObject(parameters);
  return Object.fromEntries(
    asObjects(parameters)
      .filter((entry) => entry["disabled"] !== true)
      .map(({ key, value }) => [toText(key), value]),
  );
}
