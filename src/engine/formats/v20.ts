import { isObject, type JsonObject } from "../json.ts";
import type { CollectionDocument } from "../types.ts";
import { SCHEMA_V21 } from "./document.ts";

const isSchemaV20 = (schema: unknown): boolean => typeof schema === "string" && /\/v2\.0\.\d+\//.test(schema);

/** Format v2.0 differs from v2.1 in how it writes the parameters of `auth`. */
export const isV20 = ({ info }: CollectionDocument): boolean => isObject(info) && isSchemaV20(info["schema"]);

/** The same collection as v2.1; all else is copied as it is. */
export function convertV20(document: CollectionDocument): CollectionDocument {
  // A list is not what comes out of an object.
  const { info, ...rest } = convertGroup(document);
  return { info: { ...(isObject(info) ? info : {}), schema: SCHEMA_V21 }, ...rest };
}

/** Folders nest as deep as the document likes, so they are walked with a list of what is left to do. */
function convertGroup(root: JsonObject): JsonObject {
  const converted = withListedAuth(root);
  const left = [converted];
  for (let group = left.pop(); group; group = left.pop()) {
    if (!Array.isArray(group["item"])) continue;
    group["item"] = group["item"].map((item: unknown) => {
      if (!isObject(item)) return item;
      const copy = withListedAuth(item);
      if (isObject(copy["request"])) copy["request"] = withListedAuth(copy["request"]);
      left.push(copy);
      return copy;
    });
  }
  return converted;
}

function withListedAuth(owner: JsonObject): JsonObject {
  const { auth } = owner;
  if (!isObject(auth) || typeof auth["type"] !== "string") return { ...owner };
  const parameters = auth[auth["type"]];
  if (!isObject(parameters)) return { ...owner };
  const listed = Object.entries(parameters).map(([key, value]) => ({ key, value, type: typeOf(value) }));
  return { ...owner, auth: { ...auth, [auth["type"]]: listed } };
}

const typeOf = (value: unknown): string => (typeof value === "string" ? "string" : "any");
