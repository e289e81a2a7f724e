import type { Database } from "../../../db/connect.ts";
import type { Outcome } from "../../contract/events.ts";

/** A line of what happened to a monitor, as it is stored. */
export type ActivityRecord = { at: Date; cursor: string } & (
  | { source: "deed"; who: string; action: string; change: Record<string, unknown> | null }
  | { source: "state"; state: Outcome; before: Outcome | null; beforeSince: Date | null }
  | {
      source: "collection" | "environment" | "globals";
      who: string | null;
      /** Of the document. */
      id: string;
      name: string;
      revision: number;
    }
);

interface Row {
  at: Date;
  cursor: string;
  source: ActivityRecord["source"];
  who: string | null;
  action: string | null;
  change: Record<string, unknown> | null;
  state: Outcome | null;
  before: Outcome | null;
  beforeSince: Date | null;
  id: string | null;
  name: string | null;
  revision: number | null;
}

/** Microseconds, number of the source, key in it: all that happened in one transaction has one instant. */
const cursorPattern = /^(\d{1,17})-([1-5])-(\d{1,18})$/;

interface Cursor {
  micros: string;
  source: string;
  key: string;
}

export function parseActivityCursor(text: string | undefined): Cursor | undefined {
  const [, micros, source, key] = cursorPattern.exec(text ?? "") ?? [];
  return micros !== undefined && source !== undefined && key !== undefined
    ? { micros, source, key }
    : undefined;
}

export interface ActivityRequest {
  cursor?: Cursor | undefined;
  limit: number;
}

/**
 * What people did to a monitor and to the documents that it runs, and how its state changed; newest first. The first
 * revision of a document is its making, before the monitor.
 */
export async function listActivity(
  { sql }: Database,
  monitorId: string,
  { cursor, limit }: ActivityRequest,
): Promise<ActivityRecord[]> {
  const isOlder = cursor
    ? sql`(at, source, key) < (to_timestamp(0) + ${cursor.micros}::bigint * interval '1 microsecond',
                               ${cursor.source}::int, ${cursor.key}::bigint)`
    : sql`true`;
  const rows = await sql<Row[]>`
    with m as materialized (select id, collection_id, environment_id, workspace_id, created_at from monitors where id = ${monitorId}),
    happened as (
      select r.at, 5 as source, r.id as key, r.actor_id as by, r.via, r.action, r.change, null as state, null as before,
             null::timestamptz as before_since, null::uuid as id, null as name, null::int as revision
        from audit_records r where r.subject_type = 'monitor' and r.subject_id = ${monitorId}
      union all
      select s.at, 4, (extract(epoch from s.at) * 1000000)::bigint, null, null, null, null, s.state,
             lag(s.state) over (order by s.at), lag(s.at) over (order by s.at), null, null, null
        from monitor_states s where s.monitor_id = ${monitorId}
      union all
      select c.updated_at, 3, c.revision, c.updated_by, null, null, null, null, null, null, c.id, c.name, c.revision
        from collections c join m on m.collection_id = c.id where c.revision > 1 and c.updated_at > m.created_at
      union all
      select v.changed_at, 3, v.revision, v.changed_by, null, null, null, null, null, null, v.collection_id, v.name, v.revision
        from collection_revisions v join m on m.collection_id = v.collection_id
       where v.revision > 1 and v.changed_at > m.created_at
      union all
      select e.updated_at, 2, e.revision, e.updated_by, null, null, null, null, null, null, e.id, e.name, e.revision
        from environments e join m on m.environment_id = e.id where e.revision > 1 and e.updated_at > m.created_at
      union all
      select v.changed_at, 2, v.revision, v.changed_by, null, null, null, null, null, null, v.environment_id, v.name, v.revision
        from environment_revisions v join m on m.environment_id = v.environment_id
       where v.revision > 1 and v.changed_at > m.created_at
      union all
      select g.updated_at, 1, g.revision, g.updated_by, null, null, null, null, null, null, g.workspace_id, '', g.revision
        from globals g join m on m.workspace_id = g.workspace_id where g.updated_at > m.created_at
      union all
      select v.changed_at, 1, v.revision, v.changed_by, null, null, null, null, null, null, v.workspace_id, '', v.revision
        from globals_revisions v join m on m.workspace_id = v.workspace_id where v.changed_at > m.created_at
    ), page as (
      select * from happened where ${isOlder} order by at desc, source desc, key desc limit ${limit}
    )
    select p.at, (extract(epoch from p.at) * 1000000)::bigint::text || '-' || p.source || '-' || p.key as cursor,
           (array['globals', 'environment', 'collection', 'state', 'deed'])[p.source] as source,
           coalesce(u.name, p.via) as who, p.action, p.change, p.state, p.before, p.before_since as "beforeSince",
           p.id, p.name, p.revision
      from page p left join users u on u.id = p.by order by p.at desc, p.source desc, p.key desc`;
  return rows.map(toRecord);
}

function toRecord(row: Row): ActivityRecord {
  const { at, cursor, source, who } = row;
  if (source === "deed") {
    return { at, cursor, source, who: who ?? "somebody", action: row.action ?? "", change: row.change };
  }
  if (source === "state") {
    const state = row.state ?? "aborted";
    return { at, cursor, source, state, before: row.before, beforeSince: row.beforeSince };
  }
  const { id, name, revision } = row;
  return { at, cursor, source, who, id: id ?? "", name: name ?? "", revision: revision ?? 0 };
}
