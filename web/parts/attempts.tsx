import { formatDuration } from "../format.ts";
import { StatusMark } from "./status-mark.tsx";
import { Time } from "./time.tsx";

export interface AttemptRow {
  attempt: number;
  outcome: "failed" | "errored" | "lost";
  detail: string | null;
  runnerName: string | null;
  hostname: string | null;
  startedAt: Date | null;
  durationMs: number | null;
}

interface AttemptsProps {
  run: { id: string; status: string; attempt: number };
  attempts: AttemptRow[];
  shown: number | undefined;
  now: Date;
}

/** What a run did before its last attempt: each attempt is a link to its steps. */
export function Attempts({ run, attempts, shown, now }: AttemptsProps) {
  if (attempts.length === 0) return null;
  const hasLast = !attempts.some(({ attempt }) => attempt === run.attempt);
  return (
    <section aria-labelledby="attempts-heading" class="attempts">
      <h2 id="attempts-heading">Attempts</h2>
      <ol class="links">
        {attempts.map((row) => (
          <li>
            <span class="dim">{row.attempt}</span>{" "}
            <a
              href={`/runs/${run.id}?attempt=${row.attempt}`}
              aria-current={row.attempt === shown ? "true" : undefined}
            >
              <StatusMark status={row.outcome} />
            </a>{" "}
            <Time at={row.startedAt} now={now} otherwise="" />
            <span class="dim">
              {row.durationMs !== null && ` ${formatDuration(row.durationMs)}`}
              {row.runnerName !== null && ` on ${row.runnerName}`}
              {row.hostname !== null && ` (${row.hostname})`}
            </span>
            {row.detail !== null && <span class="sub">{row.detail}</span>}
          </li>
        ))}
        {hasLast && (
          <li>
            <span class="dim">{run.attempt}</span>{" "}
            <a href={`/runs/${run.id}`} aria-current={shown === undefined ? "true" : undefined}>
              {run.status === "running" ? "running now" : "the result"}
            </a>
          </li>
        )}
      </ol>
    </section>
  );
}
