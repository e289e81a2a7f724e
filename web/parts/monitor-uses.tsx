import { plural } from "../format.ts";
import { ActionButton } from "./form.tsx";
import { type Status, StatusMark } from "./status-mark.tsx";
import { Time } from "./time.tsx";

/** A monitor that runs a collection. */
export interface MonitorUse {
  id: string;
  name: string;
  active: boolean;
  /** Its last run; null when it has none. */
  runId: string | null;
  status: Status | null;
  queuedAt: Date | null;
}

interface MonitorUsesProps {
  uses: { monitors: MonitorUse[]; total: number };
  now: Date;
  /** Absent = the person may start nothing. */
  csrfToken?: string | undefined;
}

/** Which monitors run this, how it went, and a button that runs it now. */
export function MonitorUses({ uses: { monitors, total }, now, csrfToken }: MonitorUsesProps) {
  if (total === 0) return <p class="dim">No monitor uses it.</p>;
  return (
    <>
      <ul class="plain uses">
        {monitors.map((monitor) => (
          <li>
            <a href={`/monitors/${monitor.id}`}>{monitor.name}</a>
            {monitor.status && monitor.runId ? (
              <a class="last-run" href={`/runs/${monitor.runId}`}>
                <StatusMark status={monitor.status} /> <Time at={monitor.queuedAt} now={now} />
              </a>
            ) : (
              <span class="dim">never ran</span>
            )}
            {csrfToken && (
              <ActionButton
                action={`/monitors/${monitor.id}/run`}
                csrfToken={csrfToken}
                label="Run now"
                class="small"
              />
            )}
          </li>
        ))}
      </ul>
      {total > monitors.length && (
        <p class="dim">{`and ${plural(total - monitors.length, "more monitor")}`}</p>
      )}
    </>
  );
}
