import type { VariableRow } from "../../web/parts/variable-table.tsx";
import type { EnvironmentValue } from "./environment.ts";

/** A secret leaves its value here: pages never get it. */
export function variableRow(variable: EnvironmentValue): VariableRow {
  const row = { key: String(variable["key"]), enabled: variable["enabled"] !== false };
  if (variable["type"] === "secret") return { ...row, isSecret: true };
  const { value } = variable;
  const text = typeof value === "string" ? value : JSON.stringify(value ?? "");
  return { ...row, value: text, isSecret: false };
}

/** Variables in whose name or value the text stands; of secrets only the name is searched. */
export function findVariables(
  values: readonly EnvironmentValue[],
  text: string,
): { variables: VariableRow[]; total: number } {
  const rows = values.map(variableRow);
  const wanted = text.toLowerCase();
  const variables = rows.filter(({ key, value = "" }) =>
    [key, value].some((shown) => shown.toLowerCase().includes(wanted)),
  );
  return { variables, total: rows.length };
}
