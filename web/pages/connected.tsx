import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ActionButton } from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";

export interface ConnectedRow {
  id: string;
  client: string;
  scopes: string[];
  createdAt: Date;
  lastUsedAt: Date | null;
}

/** Programs that somebody has let act for them. */
export const connectedPage = ({ shell, rows }: { shell: Shell; rows: ConnectedRow[] }) =>
  page(
    <Layout title="Connected programs" shell={shell}>
      <div class="head">
        <h1>Connected programs</h1>
      </div>
      {rows.length === 0 ? (
        <EmptyState title="No programs">
          A program that speaks MCP asks for your consent when it connects to <code>/mcp</code>; those that
          you allow stand here.
        </EmptyState>
      ) : (
        <ConnectedTable shell={shell} rows={rows} />
      )}
    </Layout>,
  );

function ConnectedTable({ shell, rows }: { shell: Shell; rows: ConnectedRow[] }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Program</th>
          <th scope="col">Allowed</th>
          <th scope="col">Last used</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <td class="name">
              {row.client}
              <span class="sub">{rightsOf(row.scopes)}</span>
            </td>
            <td data-label="Allowed">
              <Time at={row.createdAt} now={shell.now} />
            </td>
            <td data-label="Last used">
              <Time at={row.lastUsedAt} now={shell.now} />
            </td>
            <td class="end">
              <ActionButton
                action={`/connected-apps/${row.id}/revoke`}
                csrfToken={shell.csrfToken}
                label="Disconnect"
                class="small"
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** "monitors, runs (read)": most programs have both rights of most areas. */
function rightsOf(scopes: string[]): string {
  const areas = [...new Set(scopes.map((scope) => scope.split(":")[0] ?? ""))];
  const named = areas.map((area) => {
    const held = ["read", "write"].filter((access) => scopes.includes(`${area}:${access}`));
    return held.length === 2 ? area : `${area} (${held.join("")})`;
  });
  return named.join(", ");
}
