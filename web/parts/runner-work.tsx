import { plural } from "../format.ts";
import type { Shell } from "../layout.tsx";
import { ActionButton } from "./form.tsx";
import { StatusMark } from "./status-mark.tsx";
import { Time } from "./time.tsx";

export interface RunOfRunner {
  id: string;
  monitorId: string;
  monitorName: string;
  workspaceId: string;
  since: Date;
  cancelRequested: boolean;
}

interface RunnerWorkProps {
  shell: Shell;
  currentRuns: RunOfRunner[];
  waitingRuns: RunOfRunner[];
  /** All that wait, those of other people's workspaces included. */
  queued: number;
}

/** What a runner executes, and what it could take next. */
export function RunnerWork({ shell, currentRuns, waitingRuns, queued }: RunnerWorkProps) {
  const more = queued - waitingRuns.length;
  return (
    <>
      {currentRuns.length > 0 && (
        <section aria-labelledby="current-heading">
          <h2 id="current-heading">Running now</h2>
          <RunTable shell={shell} runs={currentRuns} status="running" sinceLabel="Started" />
        </section>
      )}
      {queued > 0 && (
        <section aria-labelledby="waiting-heading">
          <h2 id="waiting-heading">Waiting</h2>
          {waitingRuns.length > 0 && (
            <RunTable shell={shell} runs={waitingRuns} status="queued" sinceLabel="Waits since" />
          )}
          {more > 0 && (
            <p class="dim apart">
              {waitingRuns.length === 0 ? plural(more, "run") : `${plural(more, "run")} more`}, later or of
              workspaces that you do not see.
            </p>
          )}
        </section>
      )}
    </>
  );
}

interface RunTableProps {
  shell: Shell;
  runs: RunOfRunner[];
  status: "running" | "queued";
  sinceLabel: string;
}

function RunTable({ shell, runs, status, sinceLabel }: RunTableProps) {
  const readOnly = new Set(shell.workspaces.filter(({ isReadOnly }) => isReadOnly).map(({ id }) => id));
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Run</th>
          <th scope="col">{sinceLabel}</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr id={`run-${run.id}`}>
            <td class="state">
              <StatusMark status={status} />
            </td>
            <td class="name">
              <a href={`/runs/${run.id}`}>{run.monitorName}</a>
            </td>
            <td data-label={sinceLabel}>
              <Time at={run.since} now={shell.now} />
            </td>
            <td class="end">
              {!readOnly.has(run.workspaceId) && (
                <ActionButton
                  action={`/runs/${run.id}/cancel`}
                  csrfToken={shell.csrfToken}
                  label={run.cancelRequested ? "Cancelling…" : "Cancel"}
                  class="small"
                  disabled={run.cancelRequested}
                />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
