import { minutesOf } from "./report.tsx";

interface NotMeasuredProps {
  report: {
    untold: number;
    unknownMs: number;
    late: number;
    missed: number;
    lost: number;
    overlap: number;
    maintenance: { name: string; reason: string; startsAt: Date; endsAt: Date }[];
    pauses: { since: Date; until: Date }[];
    fromHoursUntil: Date | null;
  };
  timezone: string;
}

/** In a time zone, to the minute: `2 Oct, 12:00`. */
export const localTime = (at: Date, timezone: string): string =>
  at.toLocaleString("en-GB", {
    timeZone: timezone,
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });

/** On paper nobody can point at a time to see it in full, so the zone is that of the whole report. */
export function LocalTime({ at, timezone }: { at: Date; timezone: string }) {
  return <time datetime={at.toISOString()}>{localTime(at, timezone)}</time>;
}

/** What the numbers do not cover: the reader is to know how far they reach. */
export function NotMeasured({ report, timezone }: NotMeasuredProps) {
  const lines: [count: number, sentence: string][] = [
    [
      report.untold,
      `Runs that ended in an error or were aborted, so that nobody knows how the API was: ${report.untold} (${minutesOf(report.unknownMs)}).`,
    ],
    [report.missed, `Due times without a runner, or while the control plane was down: ${report.missed}.`],
    [report.lost, `Due times whose runner died while it ran: ${report.lost}.`],
    [report.overlap, `Due times that were skipped because the run before went on: ${report.overlap}.`],
    [report.late, `Runs that began more than a minute late, which counts as measured: ${report.late}.`],
  ];
  const told = lines.filter(([count]) => count > 0).map(([, sentence]) => sentence);
  const isWhole = told.length + report.maintenance.length + report.pauses.length === 0;
  return (
    <section aria-labelledby="not-measured">
      <h2 id="not-measured">What was not measured</h2>
      {isWhole && <p>Every due time led to a run, and every run could tell how the API was.</p>}
      <ul class="plain not-measured">
        {told.map((line) => (
          <li>{line}</li>
        ))}
        {report.maintenance.map((period) => (
          <li>
            Maintenance, not counted: <b>{period.name}</b>,{" "}
            <LocalTime at={period.startsAt} timezone={timezone} /> to{" "}
            <LocalTime at={period.endsAt} timezone={timezone} />
            {period.reason === "" ? "" : ` (${period.reason})`}
          </li>
        ))}
        {report.pauses.map((pause) => (
          <li>
            Paused from <LocalTime at={pause.since} timezone={timezone} /> to{" "}
            <LocalTime at={pause.until} timezone={timezone} />
          </li>
        ))}
      </ul>
      {report.fromHoursUntil && (
        <p class="dim">
          Runs before <LocalTime at={report.fromHoursUntil} timezone={timezone} /> are deleted; their counts
          come from hourly totals, in which maintenance leaves out whole hours and which hold no p95.
        </p>
      )}
    </section>
  );
}
