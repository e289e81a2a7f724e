import { plural, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { type MonitorState, MonitorTable, type OverviewRow } from "../parts/monitor-table.tsx";
import { Pager } from "../parts/pager.tsx";
import { StatusMark, toneOf } from "../parts/status-mark.tsx";
import { Tabs } from "../parts/tabs.tsx";

export interface OverviewFilter {
  search: string;
  /** Absent = all. */
  state?: MonitorState | undefined;
  /** Failing, error and aborted. */
  onlyFailing: boolean;
  /** Absent = one list. */
  group?: Grouping | undefined;
  /** Empty = in no folder. */
  folder?: string | undefined;
  /** Empty = without a tag. */
  tag?: string | undefined;
  page: number;
}

export type Grouping = "workspace" | "folder" | "tag";

export interface OverviewGroup {
  /** Id of the workspace, the folder or the tag; empty = in no folder, without a tag. */
  key: string;
  name: string;
  counts: Record<MonitorState, number>;
  /** The first of them. */
  rows: OverviewRow[];
}

export interface OverviewProps {
  shell: Shell;
  filter: OverviewFilter;
  /** Of all monitors of the chosen workspaces, whatever the filter. */
  counts: Record<MonitorState, number>;
  runners: { online: number; total: number };
  /** Failing first; of all groups none. */
  rows: OverviewRow[];
  /** Those with something failing first; absent = not grouped. */
  groups?: OverviewGroup[] | undefined;
  /** More rows or groups than this page holds. */
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
        <a class="button" href={withQuery("/reports", { workspace: shell.workspaceId })}>
          Reports
        </a>
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
      {filter.group && <input type="hidden" name="group" value={filter.group} />}
      {filter.folder !== undefined && <input type="hidden" name="folder" value={filter.folder} />}
      {filter.tag !== undefined && <input type="hidden" name="tag" value={filter.tag} />}
    </>
  );
}

type Change = Partial<OverviewFilter> & { workspaceId?: string };

function addressOf(shell: Shell, filter: OverviewFilter, change: Change = {}): string {
  const wanted = { workspaceId: shell.workspaceId, ...filter, page: 1, ...change };
  const query = {
    workspace: wanted.workspaceId,
    search: wanted.search,
    state: wanted.state,
    only: wanted.onlyFailing ? "failing" : undefined,
    group: wanted.group,
    page: wanted.page > 1 ? String(wanted.page) : undefined,
  };
  const address = withQuery("/", query);
  // Both mean something when they are empty.
  const parameters = new URLSearchParams();
  if (wanted.folder !== undefined) parameters.set("folder", wanted.folder);
  if (wanted.tag !== undefined) parameters.set("tag", wanted.tag);
  const places = parameters.toString();
  if (places === "") return address;
  return `${address}${address.includes("?") ? "&" : "?"}${places}`;
}

/** Everything below the heading: what is fetched again every ten seconds. */
export function OverviewRegion(props: OverviewProps) {
  const { shell, filter, hasMore } = props;
  return (
    <div
      id="overview"
      hx-get={addressOf(shell, filter, { page: filter.page })}
      hx-trigger="every 10s"
      hx-swap="outerMorph"
    >
      <Verdict {...props} />
      <Places {...props} />
      <Monitors {...props} />
      <Pager
        previous={filter.page > 1 ? addressOf(shell, filter, { page: filter.page - 1 }) : undefined}
        next={hasMore ? addressOf(shell, filter, { page: filter.page + 1 }) : undefined}
      />
    </div>
  );
}

function Monitors(props: OverviewProps) {
  const { shell, filter, rows, groups } = props;
  if ((groups ?? rows).length === 0) return <NoRows {...props} />;
  const tagAddress = (tag: string) => addressOf(shell, filter, { tag, group: undefined });
  const table = {
    now: shell.now,
    tagAddress,
    showsWorkspace: shell.workspaces.length > 1 && !shell.workspaceId,
  };
  if (!groups) return <MonitorTable {...table} rows={rows} />;
  return (
    <MonitorTable
      {...table}
      groups={groups.map(({ rows: first, counts, ...group }) => ({
        id: group.key,
        title: group.name === "" ? emptyNames[filter.group ?? "folder"] : group.name,
        href: addressOf(shell, filter, { ...inGroup(filter.group, group.key), group: undefined }),
        total: Object.values(counts).reduce((sum, count) => sum + count, 0),
        counts,
        rows: first,
      }))}
    />
  );
}

const emptyNames: Record<Grouping, string> = {
  workspace: "Without a workspace",
  folder: "In no folder",
  tag: "Without a tag",
};

const inGroup = (by: Grouping | undefined, key: string): Change =>
  by === "workspace" ? { workspaceId: key } : by === "tag" ? { tag: key } : { folder: key };

/** How the list is grouped, and which part of all monitors is in view. */
function Places({ shell, filter }: OverviewProps) {
  const choices: { group: Grouping | undefined; label: string }[] = [
    { group: undefined, label: "One list" },
    ...(shell.workspaces.length > 1 && !shell.workspaceId
      ? [{ group: "workspace" as const, label: "Workspaces" }]
      : []),
    { group: "folder", label: "Folders" },
    { group: "tag", label: "Tags" },
  ];
  return (
    <div class="places">
      <Tabs
        label="Grouped by"
        tabs={choices.map(({ group, label }) => ({
          href: addressOf(shell, filter, { group }),
          label,
          current: filter.group === group,
        }))}
      />
      {filter.folder !== undefined && (
        <Chip
          label={filter.folder === "" ? "In no folder" : `Folder ${filter.folder}`}
          href={addressOf(shell, filter, { folder: undefined })}
        />
      )}
      {filter.tag !== undefined && (
        <Chip
          label={filter.tag === "" ? "Without a tag" : `Tag ${filter.tag}`}
          href={addressOf(shell, filter, { tag: undefined })}
        />
      )}
      {filter.search !== "" && (
        <Chip label={`“${filter.search}”`} href={addressOf(shell, filter, { search: "" })} />
      )}
    </div>
  );
}

/** Part of a filter, and the way to take it out. */
function Chip({ label, href }: { label: string; href: string }) {
  return (
    <span class="chip">
      {label}
      <a href={href} aria-label={`Take ${label} out of the filter`}>
        ✕
      </a>
    </span>
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
      action={{
        href: withQuery("/start", { workspace: shell.workspaceId }),
        label: "Set up the first monitor",
      }}
    >
      A monitor runs a collection on a schedule, on a runner in your network. Six short steps lead from a
      collection to the first result.
    </EmptyState>
  );
}
