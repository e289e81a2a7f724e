import { formatPercent } from "../format.ts";
import { control, Field } from "./form.tsx";
import { StatusMark } from "./status-mark.tsx";

const MINUTE_MS = 60_000;

/** `0 min`, `0.4 min`, `43 min`, `2 h 5 min`, `3 days 4 h`. */
export function minutesOf(ms: number): string {
  const minutes = ms / MINUTE_MS;
  if (minutes === 0) return "0 min";
  if (minutes < 10) return `${Number(minutes.toFixed(1))} min`;
  const whole = Math.round(minutes);
  if (whole < 60) return `${whole} min`;
  if (whole < 48 * 60) return `${Math.floor(whole / 60)} h${whole % 60 === 0 ? "" : ` ${whole % 60} min`}`;
  const hours = Math.round(whole / 60);
  return `${Math.floor(hours / 24)} days${hours % 24 === 0 ? "" : ` ${hours % 24} h`}`;
}

/** `November 2026` of `2026-11`. */
export function monthName(month: string): string {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year ?? 0, (number ?? 1) - 1)).toLocaleString("en-GB", {
    timeZone: "UTC",
    month: "long",
    year: "numeric",
  });
}

interface ReportFormProps {
  path: string;
  month: string;
  target: number | null;
  previous: string;
  next?: string | undefined;
  csv?: string;
  workspaceId?: string | undefined;
}

/** Which month, and what was promised. */
export function ReportForm({ path, month, target, previous, next, csv, workspaceId }: ReportFormProps) {
  return (
    <form class="filters" method="get" action={path}>
      {workspaceId !== undefined && <input type="hidden" name="workspace" value={workspaceId} />}
      <Field name="month" label="Month">
        <input type="month" value={month} pattern="\d{4}-\d{2}" placeholder="2026-11" {...control("month")} />
      </Field>
      <Field name="target" label="Target in %">
        <input
          type="number"
          min="0"
          max="100"
          step="any"
          value={target === null ? "" : Number((target * 100).toFixed(4))}
          {...control("target")}
        />
      </Field>
      <button type="submit" class="button">
        Show
      </button>
      <a class="button" href={previous}>
        ← Month before
      </a>
      {next && (
        <a class="button" href={next}>
          Month after →
        </a>
      )}
      {csv !== undefined && (
        <a class="button" href={csv}>
          Days as CSV
        </a>
      )}
      <p class="hint">Print this page, or save it as PDF, with your browser.</p>
    </form>
  );
}

/** Whether the promise was kept. */
export function Verdict({ uptime, target }: { uptime: number | null; target: number | null }) {
  if (uptime === null) {
    return <p class="summary">No run passed or failed in this month, so there is no uptime.</p>;
  }
  if (target === null) return null;
  const isMet = uptime >= target;
  return (
    <p class={`summary report-verdict ${isMet ? "met" : "missed"}`}>
      <StatusMark status={isMet ? "passed" : "failed"} word={isMet ? "target met" : "target missed"} />
      <span>
        {formatPercent(uptime)} uptime against a target of {formatPercent(target)}.
      </span>
    </p>
  );
}

const definitions: [string, string][] = [
  [
    "Uptime",
    "Runs that passed ÷ runs that passed or failed. Runs that ended in an error or were aborted could not tell, and are left out; so is what ran in maintenance.",
  ],
  [
    "Downtime",
    "Time from the end of the first execution that failed to the end of the next that passed, without maintenance, pauses and the time in which executions could not tell.",
  ],
  ["p95 of a run", "95 % of the runs that passed or failed took no longer than this."],
  [
    "Coverage",
    "Due times of the schedule that led to a run, in time or late ÷ all due times, without those in maintenance and those of pauses.",
  ],
  ["MTTR", "Mean time to repair: downtime of what is over ÷ how often that was."],
  ["MTBF", "Mean time between failures: time that was measured and not down ÷ how often it went down."],
  ["Not run", "Due times that were missed, lost or skipped because the run before went on."],
];

/** What each number is. */
export function Definitions() {
  return (
    <section aria-labelledby="definitions" class="definitions">
      <h2 id="definitions">What the numbers are</h2>
      <dl>
        {definitions.map(([name, text]) => (
          <>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </>
        ))}
      </dl>
    </section>
  );
}
