import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";

const TURN_MS = 600_000;

interface Bounds {
  /** Revisions of a document that are kept whatever they are. */
  newest: number;
  /** Of those, as many as fit; `fewest` are kept even if they do not. */
  bytes: number;
  fewest: number;
  /** As many times that, runs or no runs: a program that changes a document each minute must not fill the disk. */
  hardFactor: number;
  /** Most that one statement removes. */
  batch: number;
}

const bounds: Bounds = { newest: 100, bytes: 256 * 1024 * 1024, fewest: 10, hardFactor: 10, batch: 500 };

/**
 * Removes revisions beyond the newest hundred of each document that no run used that is still there. A run uses the revision
 * that is newest when it is claimed, so only runs that were queued around its time are looked at. Returns how many went.
 */
export async function dropOldRevisions(
  database: Database,
  { newest, bytes, fewest, hardFactor, batch }: Bounds = bounds,
): Promise<number> {
  const { sql } = database;
  let removed = 0;
  for (const { table, id, size, monitors, used } of kinds(sql)) {
    // Columns and tables are those below; `pg_column_size` of a stored document is its compressed size.
    const rows = await sql`
      with aged as (
        select ${id} as id, revision, changed_at, replaced_at,
               row_number() over newest_first as place, sum(${size}) over newest_first as bytes
          from ${table}
        window newest_first as (partition by ${id} order by revision desc)
      ), old as (
        select a.id, a.revision from aged a
         where a.place > ${fewest} and (a.place > ${newest} or a.bytes > ${bytes})
           and (a.place > ${newest * hardFactor} or a.bytes > ${bytes * hardFactor} or not exists (
             select 1 from ${monitors} join runs r on r.monitor_id = m.id
              where r.queued_at between a.changed_at - interval '1 day' and a.replaced_at
                and ${used}))
         limit ${batch}
      )
      delete from ${table} t using old where t.${id} = old.id and t.revision = old.revision returning 1`;
    removed += rows.length;
  }
  return removed;
}

const kinds = (sql: Database["sql"]) => [
  {
    table: sql`collection_revisions`,
    id: sql`collection_id`,
    size: sql`pg_column_size(document)`,
    monitors: sql`(select id from monitors where collection_id = a.id) m`,
    used: sql`r.collection_revision = a.revision`,
  },
  {
    table: sql`environment_revisions`,
    id: sql`environment_id`,
    size: sql`pg_column_size("values")`,
    monitors: sql`(select id from monitors where environment_id = a.id) m`,
    used: sql`r.environment_revision = a.revision`,
  },
  {
    table: sql`globals_revisions`,
    id: sql`workspace_id`,
    size: sql`pg_column_size("values")`,
    // Runs do not note the revision of globals.
    monitors: sql`(select null::uuid as id where false) m`,
    used: sql`false`,
  },
];

/** Every ten minutes. Any number of servers may do it: what one has removed the others do not find. */
export function startRevisionRetention({ database, clock, log }: Pick<Deps, "database" | "clock" | "log">): {
  stop(): Promise<void>;
} {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        while (!stopped.signal.aborted && (await dropOldRevisions(database)) >= bounds.batch);
      } catch (error) {
        // The next turn is the recovery.
        log.error("old revisions were not removed", { error: toError(error).message });
      }
      await clock.sleep(TURN_MS, stopped.signal);
    }
  };
  const finished = loop();
  return {
    stop() {
      stopped.abort();
      return finished;
    },
  };
}
