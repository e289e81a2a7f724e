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
