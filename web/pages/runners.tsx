import { formatSpan, plural, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Pager } from "../parts/pager.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { Time } from "../parts/time.tsx";

export type RunnerHealth = "healthy" | "unhealthy" | "unknown";

export interface RunnerRow {
  id: string;
  name: string;
  description: string;
  visibility: "all" | "selected";
  health: RunnerHealth;
  lastPingedAt: Date | null;
  instances: number;
  /** Of live instances, each once. */
  versions: string[];
  /** One of them is older than the control plane. */
  isOutdated: boolean;
  running: number;
  /** Places of all live instances together. */
  concurrency: number;
  queued: number;
  /** 0 when none waits. */
  oldestQueuedSeconds: number;
  /** The key before the last reset while it still works. */
  previousKey: { expiresAt: Date; instances: number } | null;
}

export interface RunnersProps {
  shell: Shell;
  /** How long a runner may be silent and is healthy. */
  healthySeconds: number;
  rows: RunnerRow[];
  /** Of all runners that the person sees, whatever the filters. */
  counts: Record<RunnerHealth, number>;
  filter: { health?: RunnerHealth | undefined; search: string; page: number };
  hasNext: boolean;
}

export const runnersPage = (props: RunnersProps) => page(<RunnersPage {...props} />);

const addressOf = ({ health, search }: RunnersProps["filter"], number?: number): string =>
  withQuery("/runners", { health, q: search, page: number && number > 1 ? String(number) : undefined });

function RunnersPage(props: RunnersProps) {
  const isEmpty = Object.values(props.counts).every((count) => count === 0);
  return (
    <Layout title="Runners" shell={props.shell} section="runners">
      <div class="head">
        <h1>Runners</h1>
        {!isEmpty && <Search filter={props.filter} />}
        <div class="actions">
          <a class="button" href="/runners/programs">
            Download the program
          </a>
          {props.shell.user.isAdmin && (
            <a class="button primary" href="/runners/new">
              New runner
            </a>
          )}
        </div>
      </div>
      <RunnersRegion {...props} />
    </Layout>
  );
}

const Search = ({ filter }: Pick<RunnersProps, "filter">) => (
  <form method="get" action="/runners" class="search" role="search">
    {filter.health && <input type="hidden" name="health" value={filter.health} />}
    <input type="search" name="q" value={filter.search} aria-label="Search runners" placeholder="Search" />
    <button type="submit" class="button">
      Search
    </button>
  </form>
);

/** The numbers that filter, and the runners; refreshed in place. */
export function RunnersRegion(props: RunnersProps) {
  const { shell, rows, counts, filter, healthySeconds, hasNext } = props;
  const isEmpty = Object.values(counts).every((count) => count === 0);
  return (
    <div id="runners" hx-get={addressOf(filter, filter.page)} hx-trigger="every 10s" hx-swap="outerMorph">
      {isEmpty ? (
        <NoRunners isAdmin={shell.user.isAdmin === true} />
      ) : (
        <>
          <Counts counts={counts} filter={filter} />
          {rows.length === 0 ? (
            <EmptyState title="No runner fits" action={{ href: "/runners", label: "Show all runners" }}>
              No runner has this health and these words in its name or description.
            </EmptyState>
          ) : (
            <RunnerTable rows={rows} now={shell.now} />
          )}
          <Pager
            previous={filter.page > 1 ? addressOf(filter, filter.page - 1) : undefined}
            next={hasNext ? addressOf(filter, filter.page + 1) : undefined}
          />
          <p class="dim apart">
            Healthy: heard of in the last {healthySeconds} seconds. Unhealthy: not any more. Unknown: never
            yet.
          </p>
        </>
      )}
    </div>
  );
}

const healths: RunnerHealth[] = ["unhealthy", "unknown", "healthy"];

function Counts({ counts, filter }: Pick<RunnersProps, "counts" | "filter">) {
  return (
    <nav class="verdict" aria-label="Runners by health">
      {healths.map((health) => (
        <a
          class={`count ${health === "unhealthy" ? "fail" : ""} ${counts[health] === 0 ? "zero" : ""}`}
          href={addressOf({ ...filter, health: filter.health === health ? undefined : health })}
          aria-current={filter.health === health ? "true" : undefined}
        >
          <b>{counts[health]}</b>
          <StatusMark status={health} />
        </a>
      ))}
    </nav>
  );
}

function NoRunners({ isAdmin }: { isAdmin: boolean }) {
  const what =
    "A runner executes monitors inside a closed network. It only makes outbound connections to this control plane.";
  if (!isAdmin) return <EmptyState title="No runners yet">{what} An admin can create one.</EmptyState>;
  return (
    <EmptyState title="No runners yet" action={{ href: "/runners/new", label: "New runner" }}>
      {what} Create one here: you are shown the command that starts it there.
    </EmptyState>
  );
}

function RunnerTable({ rows, now }: { rows: RunnerRow[]; now: Date }) {
  return (
    <table class="list runners">
      <thead>
        <tr>
          <th scope="col">Health</th>
          <th scope="col">Runner</th>
          <th scope="col">Last seen</th>
          <th scope="col" class="number">
            Instances
          </th>
          <th scope="col" class="number">
            Busy
          </th>
          <th scope="col" class="number">
            Waiting
          </th>
          <th scope="col">Version</th>
          <th scope="col">Visible to</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr id={`runner-${row.id}`} class={row.health === "unhealthy" ? "tone-fail" : undefined}>
            <td class="state">
              <StatusMark status={row.health} />
            </td>
            <td class="name">
              <a href={`/runners/${row.id}`}>{row.name}</a>
              {row.description !== "" && <span class="sub">{row.description}</span>}
              {row.health === "unhealthy" && row.lastPingedAt && (
                <span class="sub alarm">
                  silent for {formatSpan(now.getTime() - row.lastPingedAt.getTime())}
                </span>
              )}
            </td>
            <td data-label="Last seen">
              <Time at={row.lastPingedAt} now={now} />
            </td>
            <td class="number" data-label="Instances">
              {row.instances}
            </td>
            <td class="number" data-label="Busy">
              <Busy row={row} />
            </td>
            <td class="number" data-label="Waiting">
              {row.queued}
              {row.oldestQueuedSeconds >= 1 && (
                <span class="sub">oldest {formatSpan(row.oldestQueuedSeconds * 1000)}</span>
              )}
            </td>
            <td data-label="Version">
              <Versions {...row} />
            </td>
            <td data-label="Visible to">
              {row.visibility === "all" ? "all workspaces" : "selected workspaces"}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Busy({ row: { instances, running, concurrency } }: { row: RunnerRow }) {
  if (instances === 0) return <>–</>;
  return (
    <>
      {running}/{concurrency}
      <meter
        class="busy"
        min={0}
        max={Math.max(1, concurrency)}
        value={running}
        aria-label={plural(running, "busy place")}
      />
    </>
  );
}

/** What the live instances run, and whether that is older than the control plane. */
export function Versions({ versions, isOutdated }: Pick<RunnerRow, "versions" | "isOutdated">) {
  if (versions.length === 0) return <span class="dim">–</span>;
  return (
    <>
      {versions.join(", ")}
      {isOutdated && <span class="sub warn-text">! older than the control plane</span>}
    </>
  );
}
