import { plural } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { StateMark } from "../parts/status-incidents.tsx";

export interface StatusPageRow {
  id: string;
  slug: string;
  title: string;
  workspaceName: string;
  visibility: "public" | "private";
  entries: number;
  openIncidents: number;
}

export interface StatusPagesProps {
  shell: Shell;
  rows: StatusPageRow[];
  /** There is a workspace that the person may change. */
  canCreate: boolean;
}

/** Every status page that a person may see, by title. */
export const statusPagesPage = ({ shell, rows, canCreate }: StatusPagesProps) =>
  page(
    <Layout title="Status pages" shell={shell} section="status">
      <div class="head">
        <h1>Status pages</h1>
        {canCreate && rows.length > 0 && (
          <a class="button primary" href="/status-pages/new">
            New status page
          </a>
        )}
      </div>
      {rows.length === 0 ? (
        <EmptyState
          title="No status pages yet"
          action={canCreate ? { href: "/status-pages/new", label: "New status page" } : undefined}
        >
          A status page tells people how chosen monitors are, under names that you give them: everybody, or
          those who may read a workspace. Incidents, a badge and a feed come with it.
        </EmptyState>
      ) : (
        <PageTable rows={rows} />
      )}
    </Layout>,
  );

function PageTable({ rows }: { rows: StatusPageRow[] }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Page</th>
          <th scope="col">Workspace</th>
          <th scope="col">Read by</th>
          <th scope="col">Monitors</th>
          <th scope="col">Incidents</th>
          <th scope="col">Address</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <td class="name">
              <a href={`/status-pages/${row.id}`}>{row.title}</a>
            </td>
            <td data-label="Workspace">{row.workspaceName}</td>
            <td data-label="Read by">
              {row.visibility === "public" ? "everybody" : "people of the workspace"}
            </td>
            <td data-label="Monitors">{row.entries}</td>
            <td data-label="Incidents">
              {row.openIncidents === 0 ? (
                <span class="dim">none open</span>
              ) : (
                <StateMark glyph="!" word={plural(row.openIncidents, "open incident")} tone="warn" />
              )}
            </td>
            <td data-label="Address" class="long">
              <a href={`/status/${row.slug}`}>/status/{row.slug}</a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
