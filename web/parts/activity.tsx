import { StatusMark, type Status } from "./status-mark.tsx";
import { Time } from "./time.tsx";

export interface ActivityEntry {
  at: Date;
  /** Absent = nobody did it: the state changed. */
  who?: string;
  sentence: string;
  /** What it became, of a change of state. */
  state?: Status;
  /** Settings that were changed. */
  settings?: { name: string; before: string; after: string }[];
  /** Where it is seen in full. */
  href?: string;
}

/** What people did and how the state changed, newest first. */
export function Activity({ entries, now }: { entries: ActivityEntry[]; now: Date }) {
  return (
    <ol class="plain activity">
      {entries.map((entry) => (
        <li>
          <span class="when">
            <Time at={entry.at} now={now} />
          </span>
          <div>
            <p>
              {entry.state && (
                <>
                  <StatusMark status={entry.state} />{" "}
                </>
              )}
              {entry.who !== undefined && (
                <>
                  <b>{entry.who}</b>
                  {": "}
                </>
              )}
              {entry.sentence} {entry.href !== undefined && <a href={entry.href}>See it</a>}
            </p>
            {entry.settings && (
              <ul class="plain change-details">
                {entry.settings.map(({ name, before, after }) => (
                  <li>
                    {name}: {before} <span aria-label="became">→</span> {after}
                  </li>
                ))}
              </ul>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}
