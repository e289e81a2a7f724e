import { isObject, toText, type JsonObject } from "../json.ts";
import type { Variable } from "../types.ts";
import type { VariableDocument } from "./document.ts";

/**
 * Pairs of format v3 are lists of `{key, value, disabled?, …}` or maps from key to value; both become the list that
 * format v2.1 has.
 */
export function toPairs(value: unknown): (JsonObject & { key: string })[] {
  if (Array.isArray(value)) return value.filter(isObject).map(toPair);
  if (!isObject(value)) return [];
  return Object.entries(value).map(([key, entry]) =>
    isObject(entry) ? toPair({ key, ...entry }) : { key, value: toText(entry ?? "") },
  );
}

function toPair({ enabled, disabled, ...pair }: JsonObject): JsonObject & { key: string } {
  const isDisabled = disabled === true || enabled === false;
  const { value } = pair;
  return {
    ...pair,
    key: toText(pair["key"] ?? ""),
    ...("value" in pair && { value: isObject(value) || Array.isArray(value) ? value : toText(value ?? "") }),
    ...(isDisabled && { disabled: true }),
  };
}

/** An environment or globals of a v3 folder; undefined when it is neither. `name` counts when the file has none. */
export function toVariableDocument(
  value: unknown,
  file: { name?: string; isGlobals?: boolean } = {},
): VariableDocument | undefined {
  if (!isObject(value) || "info" in value) return undefined;
  const kind = toText(value["$kind"] ?? "environment");
  const list = value["values"] ?? value["variables"];
  if (list === undefined || !["environment", "globals"].includes(kind)) return undefined;
  const scope = file.isGlobals || kind === "globals" ? "globals" : "environment";
  const { id } = value;
  return {
    ...(typeof id === "string" && { id }),
    name: toText(value["name"] ?? file.name) || defaultNames[scope],
    values: toPairs(list).map(toVariable),
    _postman_variable_scope: scope,
  };
}

const defaultNames = { globals: "Globals", environment: "unnamed" };

function toVariable({ disabled, ...pair }: JsonObject & { key: string }): Variable {
  const { type } = pair;
  return {
    ...pair,
    value: pair["value"] ?? "",
    type: pair["secret"] === true || type === "secret" ? "secret" : "default",
    enabled: disabled !== true,
  };
}
