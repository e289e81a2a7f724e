import type { Database } from "../../../db/connect.ts";
import type { RunDetail } from "../../runs/read.ts";

export interface NearbyRun {
  id: string;
  at: Date;
}

/** Runs beside a run, on the same runner. */
export interface RunSurroundings {
  previous: NearbyRun | null;
  next: NearbyRun | null;
  /** The last one before it that passed. */
  lastPassed: NearbyRun | null;
}

/** So far is looked for a neighbour on the same runner: a monitor with many runners has as many runs at a time. */
const NEIGHBOURS_LOOKED_AT = 200;

/** What lies around a run in time. Instants are compared in microseconds, as they are stored. */
export async function findSurroundings({ sql }: Database, run: RunDetail): Promise<RunSurroundings> {
  const near = (direction: "before" | "after", passedOnly = false) => sql`
    (select json_build_object('id', n.id, 'at', n.queued_at) from (
       select id, queued_at, runner_id from runs
        where monitor_id = r.monitor_id
          and ${direction === "before" ? sql`queued_at < r.queued_at` : sql`queued_at > r.queued_at`}
          ${passedOnly ? sql`and outcome = 'passed'` : sql``}
        order by ${direction === "before" ? sql`queued_at desc` : sql`queued_at`} limit ${NEIGHBOURS_LOOKED_AT}) n
      where r.runner_id is null or n.runner_id = r.runner_id
      order by ${direction === "before" ? sql`n.queued_at desc` : sql`n.queued_at`} limit 1)`;
  const [row] = await sql<SurroundingsRow[]>`
    select ${near("before")} as previous, ${near("after")} as next, ${near("before", true)} as "lastPassed"
      from runs r where r.id = ${run.id}`;
  return {
    previous: toNearby(row?.previous),
    next: toNearby(row?.next),
    lastPassed: toNearby(row?.lastPassed),
  };
}

interface SurroundingsRow {
  previous: NearbyRow | null;
  next: NearbyRow | null;
  lastPassed: NearbyRow | null;
}

interface NearbyRow {
  id: string;
  /** Of JSON, so not a Date yet. */
  at: string;
}

const toNearby = (row: NearbyRow | null | undefined): NearbyRun | null =>
  row ? { id: row.id, at: new Date(row.at) } : null;
