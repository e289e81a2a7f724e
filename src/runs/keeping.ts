import type { Database } from "../../db/connect.ts";
import type { RunEvent } from "../contract/events.ts";
import { isMarked, type Keeping, type KeptMessages, leaveOut } from "../contract/kept.ts";

/**
 * The events of a run without the messages that its monitor does not keep. Runners leave them out themselves and mark each
 * step; only for those that are too old to know is the monitor asked here, and nothing of it stored.
 */
export async function withoutUnwanted(
  { sql }: Database,
  runId: string,
  events: RunEvent[],
): Promise<RunEvent[]> {
  const isUnmarked = events.some((event) => event.type === "step_finished" && !isMarked(event.step));
  if (!isUnmarked) return events;
  const [keeping] = await sql<Keeping[]>`
    select m.keep_requests as requests, m.keep_responses as responses
      from runs r join monitors m on m.id = r.monitor_id where r.id = ${runId}`;
  if (!keeping) return events;
  return events.map((event) =>
    event.type === "step_finished" ? { ...event, step: leaveOut(event.step, keeping) } : event,
  );
}

/** What there is of a run, by the settings of its monitor as they are now. Of each message `omitted` tells how it was then. */
export interface KeptOfRun {
  requests: KeptMessages;
  responses: KeptMessages;
  /** How long steps are kept. */
  days: number;
  /** How long the run itself is kept. */
  runDays: number;
  /** The steps had reached their age and are gone. */
  stepsDeleted: boolean;
}

/** A `KeptOfRun`; of `runs r join monitors m`. */
export const keptOfRun = (sql: Database["sql"]) => sql`
  json_build_object(
    'requests', m.keep_requests, 'responses', m.keep_responses, 'days', m.keep_days, 'runDays', m.keep_run_days,
    'stepsDeleted', exists (select 1 from monitor_retention t
                             where t.monitor_id = m.id and t.steps_deleted_to >= r.queued_at))`;
