import { formatSpan } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
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
}

export const runnersPage = (props: RunnersProps) => page(<RunnersPage {...props} />);

function RunnersPage(props: RunnersProps) {
  return (
    <Layout title="Runners" shell={props.shell} section="runners">
      <div class="head">
        <h1>Runners</h1>
        {props.shell.user.isAdmin && (
          <a class="button primary" href="/runners/new">
            New runner
          </a>
        )}
      </div>
      <RunnersRegion {...props} />
    </Layout>
  );
}

export function RunnersRegion({ shell, rows, healthySeconds }: RunnersProps) {
  return (
    <div id="runners" hx-get="/runners" hx-trigger="every 10s" hx-swap="outerMorph">
      {rows.length === 0 ? (
        <NoRunners isAdmin={shell.user.isAdmin === true} />
      ) : (
        <>
          <RunnerTable rows={rows} now={shell.now} />
          <p class="dim">
            Healthy: heard of in the last {healthySeconds} seconds. Unhealthy: not any more. Unknown: never
            yet.
          </p>
        </>
      )}
    </div>
  );
}

function NoRunners({ isAdmin }: { isAdmin: boolean }) {
  const what =
    "A runner executes monitors inside a closed network. It only makes outbound connections to this control plane.";
  if (!isAdmin) return <EmptyState title="No runners yet">{what} An admin can create one.</EmptyState>;
  return (
    <EmptyState title="No runners yet" action={{ href: "/runners/new", label: "New runner" }}>
      {what} Create one here, then start it with the command that you are shown.
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
          <th scope="col">Last ping</th>
          <th scope="col" class="number">
            Instances
          </th>
          <th scope="col" class="number">
            Busy
          </th>
          <th scope="col" class="number">
            Queue
          </th>
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
            <td data-label="Last ping">
              <Time at={row.lastPingedAt} now={now} />
            </td>
            <td class="number" data-label="Instances">
              {row.instances}
            </td>
            <td class="number" data-label="Busy">
              {row.instances === 0 ? "–" : `${row.running}/${row.concurrency}`}
            </td>
            <td class="number" data-label="Queue">
              {row.queued}
              {row.oldestQueuedSeconds >= 1 && (
                <span class="sub">oldest {formatSpan(row.oldestQueuedSeconds * 1000)}</span>
              )}
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
