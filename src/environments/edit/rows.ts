import type { VariableRow } from "../../../web/pages/variables-edit.tsx";
import type { SecretBox } from "../../lib/seal.ts";
import { readPlace, readState, rebaseRows as rebase } from "../../workspaces/edited-rows.ts";
import type { EnvironmentValue } from "../environment.ts";
import { isSecret, textOfValue } from "./values.ts";

/** Of the fields in which the rows are sent: `variables.key`, `variables.value`, … */
export const ROWS = "variables";

/** What was wrong with the rows, by the field that it is about. */
export type RowErrors = Record<string, string>;

/** The rows of the form, as they are before anybody edits them. The value of a secret is not in them. */
export const rowsOf = (values: readonly EnvironmentValue[]): VariableRow[] => values.map(rowOf);

const rowOf = (variable: EnvironmentValue, was: number): VariableRow => ({
  was,
  key: String(variable["key"]),
  value: isSecret(variable) ? "" : textOfValue(variable["value"]).replaceAll(/\r\n?/g, "\n"),
  type: isSecret(variable) ? "secret" : "default",
  state: variable["enabled"] === false ? "off" : "on",
});

/** Reads the rows of a form: each row sends each of its fields, so that lists of them belong together. */
export function readRows(list: (name: string) => string[]): VariableRow[] {
  const column = (name: string) => list(`${ROWS}.${name}`);
  const columns = { was: column("was"), key: column("key"), value: column("value"), type: column("type") };
  const [states, sealed] = [column("state"), column("sealed")];
  return columns.key.flatMap((key, index): VariableRow[] => {
    const was = readPlace(columns.was[index]);
    const row: VariableRow = {
      ...(was !== undefined && { was }),
      // A strange name that is there stays as it is.
      key: was === undefined ? key.trim() : key,
      value: (columns.value[index] ?? "").replaceAll(/\r\n?/g, "\n"),
      type: columns.type[index] === "secret" ? "secret" : "default",
      state: readState(states[index]),
      ...(sealed[index] && { sealed: sealed[index] }),
    };
    const isBlank = row.was === undefined && row.key === "" && row.value === "";
    return isBlank ? [] : [row];
  });
}

/**
 * The variables that the rows describe, and what is wrong with them. A variable keeps all that no row shows; a secret
 * without a new value keeps its own.
 */
export function valuesOf(
  box: SecretBox,
  rows: readonly VariableRow[],
  base: readonly EnvironmentValue[],
): { values: EnvironmentValue[]; errors: RowErrors } {
  const errors: RowErrors = {};
  const values = rows.flatMap((row, index): EnvironmentValue[] => {
    if (row.state === "remove") return [];
    const problem = problemOf(row, base);
    if (problem !== undefined) errors[`${ROWS}.${problem.field}-${index}`] = problem.message;
    return [valueOf(box, row, base)];
  });
  return { values, errors };
}

function problemOf(
  row: VariableRow,
  base: readonly EnvironmentValue[],
): { field: "key" | "value"; message: string } | undefined {
  if (row.key === "") return { field: "key", message: "Give the variable a name, or remove it." };
  if (row.key.includes("\0")) return { field: "key", message: "A name cannot hold a NUL character." };
  const old = row.was === undefined ? undefined : base[row.was];
  const isRevealed = old !== undefined && isSecret(old) && row.type === "default";
  if (isRevealed && row.value === "" && row.sealed === undefined) {
    return { field: "value", message: "Enter the value again: that of a secret is not shown to anybody." };
  }
  return undefined;
}

function valueOf(box: SecretBox, row: VariableRow, base: readonly EnvironmentValue[]): EnvironmentValue {
  const old = row.was === undefined ? undefined : base[row.was];
  const before = old ? rowOf(old, row.was ?? 0) : undefined;
  const changed: EnvironmentValue = { ...old, key: row.key };
  if (before?.type !== row.type) changed["type"] = row.type;
  if (before === undefined || before.state !== row.state) changed["enabled"] = row.state === "on";
  const typed = row.sealed === undefined ? row.value : openText(box, row.sealed);
  // A secret's field is empty until somebody types another value.
  const isKept = before?.type === "secret" ? typed === "" : before?.value === typed;
  if (!isKept || old === undefined) changed["value"] = typed;
  return changed;
}

/** A typed secret that goes through the preview and back; what this server has not sealed is no value. */
function openText(box: SecretBox, sealed: string): string {
  try {
    return box.open(sealed);
  } catch {
    return "";
  }
}

/** Secrets that were typed go through the preview sealed: no page shows them again. */
export const sealTyped = (box: SecretBox, rows: readonly VariableRow[]): VariableRow[] =>
  rows.map((row) =>
    row.type === "secret" && row.value !== "" ? { ...row, value: "", sealed: box.seal(row.value) } : row,
  );

/** What somebody changed since `base`, as rows on top of what the variables are now. */
export const rebaseRows = (
  mine: readonly VariableRow[],
  base: readonly EnvironmentValue[],
  now: readonly EnvironmentValue[],
): VariableRow[] => rebase(mine, { base: rowsOf(base), now: rowsOf(now), isWhole: () => true });
