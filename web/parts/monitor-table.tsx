import { formatDuration, formatPercent, plural } from "../format.ts";
import { RunBars, type Bar } from "./run-bars.tsx";
import { StatusMark, toneOf } from "./status-mark.tsx";
import { type MuteInForce, MuteMark } from "./telling.tsx";
import { Time } from "./time.tsx";

export type MonitorState = "passing" | "failing" | "error" | "aborted" | "paused" | "none";

export interface OverviewRow {
  id: string;
  name: string;
  workspaceId: string;
  workspaceName: string;
  /** Empty = none. */
  folder: string;
  tags: string[];
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
  /** Until when maintenance is under way for it. */
  maintenanceUntil?: Date | undefined;
  /** Nobody is told of it now. */
  mute?: MuteInForce | undefined;
  /** Names of the runners, or `any`. */
  runners: string[];
}

interface MonitorTableProps {
  /** Without groups. */
  rows?: OverviewRow[];
  groups?: MonitorGroup[];
  now: Date;
  /** Where a click on a tag leads. */
  tagAddress: (tag: string) => string;
  showsWorkspace: boolean;
}

export interface MonitorGroup {
  id: string;
  title: string;
  /** All of them. */
  href: string;
  total: number;
  counts: Record<MonitorState, number>;
  /** The first of them. */
  rows: OverviewRow[];
}

/** Monitors with their last runs, as one list or in groups with a heading each. */
export function MonitorTable({ rows = [], groups, ...shared }: MonitorTableProps) {
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
      {groups ? (
        groups.map((group) => <Group group={group} {...shared} />)
      ) : (
        <tbody>
          {rows.map((row) => (
            <MonitorRow row={row} {...shared} />
          ))}
        </tbody>
      )}
    </table>
  );
}

type Shared = Pick<MonitorTableProps, "now" | "tagAddress" | "showsWorkspace">;

const columns = 8;
const told: readonly MonitorState[] = ["failing", "error", "aborted", "passing", "paused", "none"];

function Group({ group, ...shared }: Shared & { group: MonitorGroup }) {
  return (
    <tbody class="group" id={`group-${group.id}`}>
      <tr>
        <th scope="rowgroup" colspan={columns}>
          <a href={group.href}>{group.title}</a>
          {told
            .filter((state) => group.counts[state] > 0)
            .map((state) => (
              <span class="tally">
                {group.counts[state]} <StatusMark status={state} />
              </span>
            ))}
        </th>
      </tr>
      {group.rows.map((row) => (
        <MonitorRow row={row} inGroup={group.id} {...shared} />
      ))}
      {group.total > group.rows.length && (
        <tr class="more">
          <td colspan={columns}>
            <a href={group.href}>{`All ${plural(group.total, "monitor")} of ${group.title}`}</a>
          </td>
        </tr>
      )}
    </tbody>
  );
}

function MonitorRow({
  row,
  now,
  tagAddress,
  showsWorkspace,
  inGroup,
}: Shared & { row: OverviewRow; inGroup?: string }) {
  return (
    <tr
      id={`monitor-${row.id}${inGroup === undefined ? "" : `-${inGroup}`}`}
      class={`tone-${toneOf(row.state)}`}
    >
      <td class="state">
        <StatusMark status={row.state} />
        {row.maintenanceUntil && (
          <span class="sub">
            maintenance, ends <Time at={row.maintenanceUntil} now={now} />
          </span>
        )}
        {row.mute && <MuteMark mute={row.mute} monitorId={row.id} now={now} />}
      </td>
      <td class="name">
        <a href={`/monitors/${row.id}`}>{row.name}</a>
        <span class="sub">
          {row.collectionName}
          {row.environmentName !== undefined && ` · ${row.environmentName}`}
          {showsWorkspace && ` · ${row.workspaceName}`}
          {row.tags.map((tag) => (
            <>
              {" "}
              <a class="tag" href={tagAddress(tag)}>
                {tag}
              </a>
            </>
          ))}
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
