import { isDeepStrictEqual } from "node:util";

import { isRecord } from "../../lib/parse.ts";

/**
 * Headers, parameters and form fields: v1 says `enabled`, v2.1 says `disabled`, and files stand in `value` or `src`.
 * Keys that neither model names pass through both ways.
 */
export type Param = Record<string, unknown>;

export function toV1Params(params: unknown): Param[] {
  if (typeof params === "string") return toV1Params(parseHeaderLines(params));
  return Array.isArray(params) ? params.filter(isRecord).map(toV1Param) : [];
}

function toV1Param({ disabled, ...param }: Param): Param {
  return {
    ...param,
    ...(param["description"] !== undefined && { description: textOf(param["description"]) }),
    ...(param["type"] === "file" && param["value"] === undefined && { value: param["src"] ?? null }),
    enabled: disabled !== true,
  };
}

/** `current` is what the list is now: entries that were not changed keep what v1 cannot say of them. */
export function toV2Params(params: readonly Param[], current: unknown): Param[] {
  const known = (Array.isArray(current) ? current.filter(isRecord) : []).map((param) => ({
    param,
    v1: toV1Param(param),
  }));
  return params.map((param) => {
    const { enabled, ...rest } = param;
    const same = { ...rest, enabled: enabled !== false };
    const unchanged = known.find(({ v1 }) => isDeepStrictEqual(v1, same));
    return unchanged ? unchanged.param : toV2Param(rest, enabled);
  });
}

function toV2Param({ value, ...rest }: Param, enabled: unknown): Param {
  const isFile = rest["type"] === "file";
  return {
    ...rest,
    ...(isFile ? { src: rest["src"] ?? value ?? null } : { value: value ?? "" }),
    ...(enabled === false && { disabled: true }),
  };
}

/** Headers as one text, the oldest form: a line each, `//` before one that is switched off. */
export const parseHeaderLines = (text: string): Param[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const [, off, key = "", value = ""] = /^\s*(\/\/)?\s*([^:]+?)\s*:\s*(.*)$/.exec(line) ?? [];
    return key === "" ? [] : [{ key, value, ...(off !== undefined && { disabled: true }) }];
  });

/** A description is a text, or an object that holds one. */
export const textOf = (description: unknown): unknown =>
  isRecord(description) && typeof description["content"] === "string"
    ? description["content"]
    : (description ?? null);
