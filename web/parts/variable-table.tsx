import type { Child } from "hono/jsx";

export interface VariableRow {
  key: string;
  /** Absent for secrets: their value never reaches a page. */
  value?: string | undefined;
  isSecret: boolean;
  enabled: boolean;
}

interface VariableTableProps {
  variables: VariableRow[];
  /** What can be done with one; absent = nothing. */
  action?: (variable: VariableRow) => Child;
}

/** Names and values; of secrets only the names. */
export function VariableTable({ variables, action }: VariableTableProps) {
  return (
    <table class="list variables">
      <thead>
        <tr>
          <th scope="col">Variable</th>
          <th scope="col">Value</th>
          <th scope="col">State</th>
          {action && (
            <th scope="col">
              <span class="visually-hidden">Change</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {variables.map((variable) => (
          <tr>
            <td class="name">
              <code>{variable.key}</code>
            </td>
            <td class="value" data-label="Value">
              {variable.isSecret ? (
                <span class="dim">
                  <span aria-hidden="true">•••••••• </span>secret
                </span>
              ) : (
                <code>{variable.value ?? ""}</code>
              )}
            </td>
            <td data-label="State">{variable.enabled ? "on" : <span class="dim">off</span>}</td>
            {action && <td>{action(variable)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
