import { plural } from "../format.ts";
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
  const lines = [
    ...(report.untold > 0
      ? [
          `${plural(report.untold, "run")} ended in an error or was aborted: how the API was then is not known (${minutesOf(report.unknownMs)}).`,
        ]
      : []),
    ...(report.missed > 0
      ? [`${plural(report.missed, "due time")} had no runner, or the control plane was down.`]
      : []),
    ...(report.lost > 0 ? [`${plural(report.lost, "due time")} lost its runner while it ran.`] : []),
    ...(report.overlap > 0
      ? [`${plural(report.overlap, "due time")} was skipped because the run before went on.`]
      : []),
    ...(report.late > 0
      ? [`${plural(report.late, "run")} began more than a minute late; that counts as measured.`]
      : []),
  ];
  const isWhole = lines.length + report.maintenance.length + report.pauses.length === 0;
  return (
    <section aria-labelledby="not-measured">
      <h2 id="not-measured">What was not measured</h2>
      {isWhole && <p>Every due time led to a run, and every run could tell how the API was.</p>}
      <ul class="plain not-measured">
        {lines.map((line) => (
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
