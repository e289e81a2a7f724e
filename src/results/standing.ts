import type { Database } from "../../db/connect.ts";
import type { Outcome } from "../contract/events.ts";

/** How a monitor stands, in the words that a person sees. */
export type MonitorStanding = "passing" | "failing" | "error" | "aborted" | "paused" | "none";

/** One run of the strip of last runs. */
export interface RecentRun {
  id: string;
  status: "queued" | "running" | Outcome;
  queuedAt: Date;
  durationMs: number | null;
}

/** Of `monitors m`, in the words of `MonitorStanding`. */
export const standing = (sql: Database["sql"]) => sql`
  case when not m.active then 'paused' when m.state is null then 'none' when m.state = 'passed' then 'passing'
       when m.state = 'failed' then 'failing' when m.state = 'errored' then 'error' else 'aborted' end`;

/** Only passed and failed enter uptime: of the others nobody knows how the API was. */
export const uptime = (sql: Database["sql"]) => sql`
  (count(*) filter (where r.outcome = 'passed'))::float8
    / nullif(count(*) filter (where r.outcome in ('passed', 'failed')), 0)`;
