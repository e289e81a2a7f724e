import { asObject, asObjects, toText, type JsonObject } from "../json.ts";
import { resolveDeep, type Resolve } from "../variables.ts";
import type { AuthParameters } from "./auth-type.ts";

/** The parameters of `auth`'s own type. v2.1 lists `{key, value, type}`, v2.0 has an object. */
export function readParameters(auth: JsonObject, resolve: Resolve): AuthParameters {
  const parameters = auth[toText(auth["type"])];
  if (!Array.isArray(parameters)) return asObject(resolveDeep(asObject(parameters), resolve));
  return Object.fromEntries(
    asObjects(parameters)
      .filter((entry) => entry["disabled"] !== true)
      .map(({ key, value, type }) => [toText(key), ofType(resolveDeep(value, resolve), type)]),
  );
}

/** As Postman's variables turn into their type, odd corners included: the text `false` is true. */
function ofType(value: unknown, type: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (type === "boolean") return Boolean(value);
  if (type === "number") return Number(value);
  return type === "string" ? toText(value) : value;
}

/** A parameter as text; nothing, null, false, 0 and NaN are none, as in Postman. */
export const textOf = (value: unknown): string => (value ? toText(value) : "");
