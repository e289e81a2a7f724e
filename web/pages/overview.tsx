import { formatDuration, formatPercent, plural, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Pager } from "../parts/pager.tsx";
import { RunBars, type Bar } from "../parts/run-bars.tsx";
import { StatusMark, toneOf } from "../parts/status-mark.tsx";
import { Time } from "../parts/time.tsx";

export type MonitorState = "passing" | "failing" | "error" | "aborted" | "paused" | "none";

export interface OverviewRow {
  id: string;
  name: string;
  collectionName: string;
  environmentName?: string | undefined;
  state: MonitorState;
  /** Oldest first. */
  bars: Bar[];
  /** Between 0 and 1; null without data. */
  uptime24h: number | null;
  p95Ms: number | null;
  lastRunAt: Date | null;
  nextRunAt: Date | null;
  /** Names of the runners, or `any`. */
  runners: string[];
}

export interface OverviewFilter {
  search: string;
  /** Absent = all. */
  state?: MonitorState | undefined;
  /** Failing, error and aborted. */
  onlyFailing: boolean;
  page: number;
}

export interface OverviewProps {
  shell: Shell;
  filter: OverviewFilter;
  /** Of all monitors of the chosen workspaces, whatever the filter. */
  counts: Record<MonitorState, number>;
  runners: { online: number; total: number };
  /** Failing first. */
  rows: OverviewRow[];
  /** More rows than this page holds. */
  hasMore: boolean;
}

export const overviewPage = (props: OverviewProps) => page(<OverviewPage {...props} />);

function OverviewPage(props: OverviewProps) {
  const { shell, filter } = props;
  return (
    <Layout title="Monitors" shell={shell} section="monitors">
      <div class="head">
        <h1>Monitors</h1>
        <form class="search" role="search" action="/" method="get">
          <Kept filter={filter} shell={shell} />
          <label class="visually-hidden" for="search">
            Search monitors
          </label>
          <input
            id="search"
            type="search"
            name="search"
            value={filter.search}
            placeholder="Search monitors"
          />
          <label class="check">
            <input type="checkbox" name="only" value="failing" checked={filter.onlyFailing} />
            Only failing
          </label>
          <button type="submit" class="button">
            Filter
          </button>
        </form>
        <a class="button primary" href={withQuery("/monitors/new", { workspace: shell.workspaceId })}>
          New monitor
        </a>
      </div>
      <OverviewRegion {...props} />
    </Layout>
  );
}

function Kept({ filter, shell }: { filter: OverviewFilter; shell: Shell }) {
  return (
    <>
      {filter.state && <input type="hidden" name="state" value={filter.state} />}
      {shell.workspaceId && <input type="hidden" name="workspace" value={shell.workspaceId} />}
    </>
  );
}

function addressOf(shell: Shell, filter: OverviewFilter, change: Partial<OverviewFilter> = {}): string {
  const wanted = { ...filter, page: 1, ...change };
  return withQuery("/", {
    workspace: shell.workspaceId,
    search: wanted.search,
    state: wanted.state,
    only: wanted.onlyFailing ? "failing" : undefined,
    page: wanted.page > 1 ? String(wanted.page) : undefined,
  });
}

/** Everything below the heading: what is fetched again every ten seconds. */
export function OverviewRegion(props: OverviewProps) {
  const { shell, filter, rows, hasMore } = props;
  return (
    <div
      id="overview"
      hx-get={addressOf(shell, filter, { page: filter.page })}
      hx-trigger="every 10s"
      hx-swap="outerMorph"
    >
      <Verdict {...props} />
      {rows.length === 0 ? <NoRows {...props} /> : <MonitorTable rows={rows} now={shell.now} />}
      <Pager
        previous={filter.page > 1 ? addressOf(shell, filter, { page: filter.page - 1 }) : undefined}
        next={hasMore ? addressOf(shell, filter, { page: filter.page + 1 }) : undefined}
      />
    </div>
  );
}

const verdictOrder: MonitorState[] = ["failing", "error", "aborted", "passing", "paused", "none"];

function Verdict({ shell, filter, counts, runners }: OverviewProps) {
  const shown = verdictOrder.filter(
    (state) => counts[state] > 0 || state === "passing" || state === "failing",
  );
  return (
    <div class="verdict">
      {shown.map((state) => {
        const isCurrent = filter.state === state;
        return (
          <a
            class={`count ${counts[state] > 0 ? toneOf(state) : "zero"}`}
            href={addressOf(shell, filter, { state: isCurrent ? undefined : state, onlyFailing: false })}
            aria-current={isCurrent ? "true" : undefined}
          >
            <b>{counts[state]}</b>
            <StatusMark status={state} />
          </a>
        );
      })}
      <a class={`count runners ${runners.online < runners.total ? "warn" : ""}`} href="/runners">
        <b>
          {runners.online}
          <span class="of">/{runners.total}</span>
        </b>
        <span class="mark mute">
          <span class="word">{runners.total === 1 ? "runner" : "runners"} online</span>
        </span>
      </a>
    </div>
  );
}

function NoRows({ shell, filter, counts }: OverviewProps) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total > 0) {
    const isCalm = filter.onlyFailing && filter.search === "" && counts.failing + counts.error === 0;
    return (
      <EmptyState
        title={isCalm ? "Nothing is failing" : "No monitor matches"}
        action={{ href: withQuery("/", { workspace: shell.workspaceId }), label: "Show all monitors" }}
      >
        {isCalm
          ? `${plural(total, "monitor")} in view, none of them failing.`
          : `${plural(total, "monitor")} in all; none fits this filter.`}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No monitors yet"
      action={{ href: withQuery("/monitors/new", { workspace: shell.workspaceId }), label: "New monitor" }}
    >
      A monitor runs a collection on a schedule, on a runner in your network. Upload a{" "}
      <a href="/collections">collection</a> first, then make a monitor for it.
    </EmptyState>
  );
}

function MonitorTable({ rows, now }: { rows: OverviewRow[]; now: Date }) {
  return (
    <table class="list monitors">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Monitor</th>
          <th scope="col">Last 30 runs</th>
          <th scope="col" class="number">
            Uptime 24 h
          </th>
          <th scope="col" class="number">
            p95
          </th>
          <th scope="col">Last run</th>
          <th scope="col">Next run</th>
          <th scope="col">Runner</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <MonitorRow row={row} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function MonitorRow({ row, now }: { row: OverviewRow; now: Date }) {
  return (
    <tr id={`monitor-${row.id}`} class={`tone-${toneOf(row.state)}`}>
      <td class="state">
        <StatusMark status={row.state} />
      </td>
      <td class="name">
        <a href={`/monitors/${row.id}`}>{row.name}</a>
        <span class="sub">
          {row.collectionName}
          {row.environmentName !== undefined && ` · ${row.environmentName}`}
        </span>
      </td>
      <td class="strip">
        <RunBars bars={row.bars} />
      </td>
      <td class="number" data-label="Uptime 24 h">
        {formatPercent(row.uptime24h)}
      </td>
      <td class="number" data-label="p95">
        {formatDuration(row.p95Ms)}
      </td>
      <td data-label="Last run">
        <Time at={row.lastRunAt} now={now} />
      </td>
      <td data-label="Next run">
        <NextRun row={row} now={now} />
      </td>
      <td class="runner" data-label="Runner">
        {row.runners.length === 0 ? <span class="dim">any</span> : row.runners.join(", ")}
      </td>
    </tr>
  );
}

function NextRun({ row, now }: { row: OverviewRow; now: Date }) {
  if (row.nextRunAt !== null && row.nextRunAt <= now) return <>due now</>;
  return <Time at={row.nextRunAt} now={now} otherwise={row.state === "paused" ? "paused" : "on demand"} />;
}
