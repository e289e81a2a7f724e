import { isDeepStrictEqual } from "node:util";

import type { DiffElementProps, DiffFieldProps } from "../../../web/parts/diff.tsx";
import { diffLines, foldLines } from "../../lib/line-diff.ts";
import type { EnvironmentValue } from "../environment.ts";

export const isSecret = (variable: EnvironmentValue): boolean => variable["type"] === "secret";

/** Values are texts as a rule, and may be any JSON. */
export const textOfValue = (value: unknown): string => {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
};

/** A document with variables, secrets opened. */
interface Variables {
  name?: string | undefined;
  values: readonly EnvironmentValue[];
}

/** What differs between two states, variable by variable; of secrets only that they do. Empty when nothing does. */
export function diffVariables(before: Variables, after: Variables): DiffElementProps[] {
  const [from, to] = [byName(before.values), byName(after.values)];
  const changes: DiffElementProps[] = [];
  if (before.name !== after.name) {
    const fields = [lineField("Name", before.name ?? "", after.name ?? "")];
    changes.push({ status: "changed", kind: "name", name: after.name ?? "", path: [], fields });
  }
  for (const [key, variable] of to) {
    const old = from.get(key);
    if (old && isDeepStrictEqual(old, variable)) continue;
    const fields = diffFields(old, variable);
    const name = String(variable["key"]);
    changes.push({ status: old ? "changed" : "added", kind: "variable", name, path: [], fields });
  }
  for (const [key, variable] of from) {
    if (to.has(key)) continue;
    const fields = diffFields(variable, undefined);
    const name = String(variable["key"]);
    changes.push({ status: "removed", kind: "variable", name, path: [], fields });
  }
  const isOtherOrder = changes.length === 0 && !isDeepStrictEqual([...from.keys()], [...to.keys()]);
  if (isOtherOrder)
    changes.push({
      status: "moved",
      kind: "variables",
      name: "stand in another order",
      path: [],
      fields: [],
    });
  return changes;
}

/** By name; one that comes again is told apart by a number. */
function byName(values: readonly EnvironmentValue[]): Map<string, EnvironmentValue> {
  const named = new Map<string, EnvironmentValue>();
  for (const variable of values) {
    const name = String(variable["key"]);
    let key = name;
    for (let count = 2; named.has(key); count++) key = `${name}\0${count}`;
    named.set(key, variable);
  }
  return named;
}

/** Of a secret nothing. */
const shown = (variable: EnvironmentValue | undefined): string =>
  variable && !isSecret(variable) ? textOfValue(variable["value"]) : "";

const factsOf = (variable: EnvironmentValue) => ({
  Type: isSecret(variable) ? "secret" : "default",
  State: variable["enabled"] === false ? "off" : "on",
});

function diffFields(
  before: EnvironmentValue | undefined,
  after: EnvironmentValue | undefined,
): DiffFieldProps[] {
  const isSame = isDeepStrictEqual(before?.["value"], after?.["value"]);
  const value = isSame ? [] : [lineField("Value", shown(before), shown(after))];
  if (!before || !after) return value;
  const [from, to] = [factsOf(before), factsOf(after)];
  const facts = (["Type", "State"] as const).filter((label) => from[label] !== to[label]);
  return [...value, ...facts.map((label) => lineField(label, from[label], to[label]))];
}

const lineField = (label: string, before: string, after: string): DiffFieldProps => ({
  label,
  lines: before === after ? [] : foldLines(diffLines(before, after)),
});
