import { formatDuration } from "../format.ts";
import { EmptyState } from "./empty-state.tsx";
import { Pager } from "./pager.tsx";
import { StatusMark, type Status } from "./status-mark.tsx";
import { Time } from "./time.tsx";

export interface ExecutionRow {
  id: string;
  trigger: "scheduled" | "manual" | "cli" | "webhook" | "api";
  at: Date;
  status: Status;
  slot?: { at: Date; status: Status; delayMs: number | null } | undefined;
  runs: { id: string; runnerName: string | null; status: Status }[];
  requestsTotal: number;
  assertionsTotal: number;
  assertionsFailed: number;
  durationMs: number | null;
  /** Why it did not pass. */
  detail?: string | undefined;
}

/** A due time that did not lead to an execution. */
export interface GapRow {
  slotAt: Date;
  status: Status;
  reason: string | null;
  collapsed: number;
}

interface ExecutionsProps {
  /** Newest first. */
  executions: ExecutionRow[];
  pages: { previous?: string | undefined; next?: string | undefined };
  now: Date;
  isFiltered?: boolean;
}

/** What was fired, by what, and what became of it. */
export function Executions({ executions, pages, now, isFiltered }: ExecutionsProps) {
  if (executions.length === 0 && isFiltered) {
    return (
      <EmptyState title="No execution matches the filter">
        Choose something else above, or clear the filters.
      </EmptyState>
    );
  }
  if (executions.length === 0) {
    return (
      <EmptyState title="No executions yet">
        Press <b>Run now</b>, or wait for the next due time. Each execution and what became of it is listed
        here.
      </EmptyState>
    );
  }
  return (
    <section aria-labelledby="executions-heading">
      <h2 id="executions-heading">Executions</h2>
      <table class="list executions">
        <thead>
          <tr>
            <th scope="col">Outcome</th>
            <th scope="col">Started</th>
            <th scope="col">Trigger</th>
            <th scope="col">Slot</th>
            <th scope="col">Runs</th>
            <th scope="col" class="number">
              Assertions
            </th>
            <th scope="col" class="number">
              Duration
            </th>
          </tr>
        </thead>
        <tbody>
          {executions.map((execution) => (
            <ExecutionLine execution={execution} now={now} />
          ))}
        </tbody>
      </table>
      <Pager {...pages} />
    </section>
  );
}

function ExecutionLine({ execution, now }: { execution: ExecutionRow; now: Date }) {
  const { slot } = execution;
  const passed = execution.assertionsTotal - execution.assertionsFailed;
  return (
    <tr id={`execution-${execution.id}`}>
      <td class="state">
        <StatusMark status={execution.status} />
      </td>
      <td class="when">
        <Time at={execution.at} now={now} />
        {execution.detail && <span class="sub">{execution.detail}</span>}
      </td>
      <td data-label="Trigger">{execution.trigger}</td>
      <td data-label="Slot">
        {slot ? (
          <>
            <time
              datetime={slot.at.toISOString()}
              data-show="clock"
            >{`${slot.at.toISOString().slice(11, 16)} UTC`}</time>{" "}
            <StatusMark status={slot.status} />
          </>
        ) : (
          <span class="dim">–</span>
        )}
      </td>
      <td data-label="Runs">
        {execution.runs.map((run, index) => (
          <>
            {index > 0 && ", "}
            <a href={`/runs/${run.id}`}>{run.runnerName ?? "waiting for a runner"}</a>
          </>
        ))}
      </td>
      <td class="number" data-label="Assertions">
        {execution.assertionsTotal === 0 ? "–" : `${passed}/${execution.assertionsTotal}`}
      </td>
      <td class="number" data-label="Duration">
        {formatDuration(execution.durationMs)}
      </td>
    </tr>
  );
}

/** Due times that were skipped, missed or lost: the ledger has no hole. */
export function Gaps({ gaps, now }: { gaps: GapRow[]; now: Date }) {
  if (gaps.length === 0) return null;
  return (
    <section aria-labelledby="gaps-heading">
      <h2 id="gaps-heading">Due times without a run</h2>
      <ul class="gaps">
        {gaps.map((gap) => (
          <li>
            <StatusMark status={gap.status} word={gap.reason ? `${gap.status} (${gap.reason})` : undefined} />{" "}
            <Time at={gap.slotAt} now={now} show="both" />
            {gap.collapsed > 0 && <span class="dim"> and {gap.collapsed} before it</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
