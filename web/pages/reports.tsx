import { formatDuration, formatPercent, plural, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Pager } from "../parts/pager.tsx";
import { Definitions, minutesOf, monthName, ReportForm } from "../parts/report.tsx";
import { StatusMark } from "../parts/status-mark.tsx";

export interface ReportsProps {
  shell: Shell;
  workspace: { id: string; name: string };
  /** `2026-11`, of this, the one before and the one after. */
  month: string;
  previousMonth: string;
  /** Absent = it has not begun. */
  nextMonth?: string | undefined;
  target: number | null;
  rows: {
    id: string;
    name: string;
    uptime: number | null;
    failed: number;
    downMs: number;
    downtimes: number;
    p95Ms: number | null;
    coverage: number | null;
  }[];
  pageNumber: number;
  hasMore: boolean;
}

/** How the monitors of a workspace did in a month. */
export const reportsPage = (props: ReportsProps) => page(<ReportsPage {...props} />);

function ReportsPage(props: ReportsProps) {
  const { shell, workspace, month, target, rows } = props;
  const address = (change: Record<string, string | undefined>) =>
    withQuery("/reports", { workspace: workspace.id, month, target: targetText(target), ...change });
  return (
    <Layout title={`Report of ${workspace.name}, ${monthName(month)}`} shell={shell} section="monitors">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href={withQuery("/", { workspace: workspace.id })}>Monitors</a> / {workspace.name}
          </p>
          <h1>
            {workspace.name}: {monthName(month)}
          </h1>
        </div>
      </div>
      <ReportForm
        path="/reports"
        month={month}
        target={target}
        previous={address({ month: props.previousMonth })}
        next={props.nextMonth && address({ month: props.nextMonth })}
        workspaceId={workspace.id}
      />
      {rows.length === 0 ? (
        <EmptyState title="No monitor here" action={{ href: "/monitors/new", label: "New monitor" }}>
          A report begins with the first run of a monitor.
        </EmptyState>
      ) : (
        <>
          <Summary rows={rows} target={target} />
          <Rows {...props} />
        </>
      )}
      <Pager
        previous={props.pageNumber > 1 ? address({ page: String(props.pageNumber - 1) }) : undefined}
        next={props.hasMore ? address({ page: String(props.pageNumber + 1) }) : undefined}
      />
      <Definitions />
    </Layout>
  );
}

const targetText = (target: number | null): string | undefined =>
  target === null ? undefined : String(Number((target * 100).toFixed(4)));

function Summary({ rows, target }: Pick<ReportsProps, "rows" | "target">) {
  if (target === null) return null;
  const judged = rows.filter(({ uptime }) => uptime !== null);
  const met = judged.filter(({ uptime }) => uptime !== null && uptime >= target);
  return (
    <p class="summary">
      {met.length} of {plural(judged.length, "monitor")} met {formatPercent(target)}.
    </p>
  );
}

function Rows({ rows, target, month }: ReportsProps) {
  return (
    <table class="list report">
      <thead>
        <tr>
          <th scope="col">Monitor</th>
          {target !== null && <th scope="col">Target</th>}
          <th scope="col" class="number">
            Uptime
          </th>
          <th scope="col" class="number">
            Failed runs
          </th>
          <th scope="col" class="number">
            Downtime
          </th>
          <th scope="col" class="number">
            p95
          </th>
          <th scope="col" class="number">
            Coverage
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <th scope="row" class="name">
              <a href={withQuery(`/monitors/${row.id}/report`, { month, target: targetText(target) })}>
                {row.name}
              </a>
            </th>
            {target !== null && (
              <td data-label="Target">
                {row.uptime === null ? (
                  <StatusMark status="none" />
                ) : (
                  <StatusMark
                    status={row.uptime >= target ? "passed" : "failed"}
                    word={row.uptime >= target ? "met" : "missed"}
                  />
                )}
              </td>
            )}
            <td class="number" data-label="Uptime">
              {formatPercent(row.uptime)}
            </td>
            <td class="number" data-label="Failed runs">
              {row.failed}
            </td>
            <td class="number" data-label="Downtime">
              {row.downtimes === 0 ? "–" : `${minutesOf(row.downMs)} in ${plural(row.downtimes, "time")}`}
            </td>
            <td class="number" data-label="p95">
              {formatDuration(row.p95Ms)}
            </td>
            <td class="number" data-label="Coverage">
              {formatPercent(row.coverage)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
