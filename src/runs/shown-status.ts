import type { Database } from "../../db/connect.ts";

/** A run's status in the words that a person sees. */
export const shownStatus = (sql: Database["sql"]) => sql`
  case r.status when 'queued' then 'queued' when 'leased' then 'running' else r.outcome end`;
