import type { Database } from "../../../db/connect.ts";
import { listMaintenance } from "../../schedules/maintenance/read.ts";
import { enumeration, settingChanges } from "./words.ts";

/** Something that was changed around a monitor, as charts and bars draw it. */
export interface Mark {
  at: Date;
  kind: "monitor" | "collection" | "environment" | "globals" | "runner" | "maintenance";
  /** A whole sentence, such as "Ada changed schedule and retries". */
  title: string;
  /** Where one sees what exactly. */
  href?: string | undefined;
}

export interface MarksRequest {
  since: Date;
  until: Date;
}

/** More would not be told apart in a chart; the newest are kept. */
const MAX_MARKS = 100;

/**
 * What was changed around a monitor in a time, oldest first, at most 100: its settings, its documents, the version of
 * its runners, maintenance. Reads what was changed, never the runs, so that it costs the same for any number of them.
 */
export async function listMarks(
  database: Database,
  monitorId: string,
  request: MarksRequest,
): Promise<Mark[]> {
  const found = await Promise.all([
    marksOfMonitor(database, monitorId, request),
    marksOfDocuments(database, monitorId, request),
    marksOfRunners(database, monitorId, request),
    marksOfMaintenance(database, monitorId, request),
  ]);
  return found
    .flat()
    .toSorted((left, right) => left.at.getTime() - right.at.getTime())
    .slice(-MAX_MARKS);
}

interface AuditLine {
  at: Date;
  who: string;
  action: string;
  change: Record<string, unknown> | null;
}

async function marksOfMonitor(
  { sql }: Database,
  monitorId: string,
  { since, until }: MarksRequest,
): Promise<Mark[]> {
  const lines = await sql<AuditLine[]>`
    select r.at, coalesce(u.name, r.via) as who, r.action, r.change
      from audit_records r left join users u on u.id = r.actor_id
     where r.subject_type = 'monitor' and r.subject_id = ${monitorId} and r.at > ${since} and r.at <= ${until}
       and r.action in ('monitor.created', 'monitor.updated', 'monitor.paused', 'monitor.resumed')
     order by r.id desc limit ${MAX_MARKS}`;
  return lines.map(({ at, who, action, change }) => ({
    at,
    kind: "monitor",
    title: sentenceOf(who, action, change ?? {}),
    href: `/monitors/${monitorId}/activity`,
  }));
}

function sentenceOf(who: string, action: string, change: Record<string, unknown>): string {
  if (action === "monitor.created") return `${who} created the monitor`;
  if (action === "monitor.paused") return `${who} paused the monitor`;
  if (action === "monitor.resumed") return `${who} resumed the monitor`;
  const names = settingChanges(change).map(({ name }) => name);
  return names.length === 0 ? `${who} saved the monitor` : `${who} changed ${enumeration(names)}`;
}

interface RevisionLine {
  at: Date;
  who: string | null;
  kind: "collection" | "environment" | "globals";
  id: string;
  name: string;
  revision: number;
}

/** The first revision is the making of a document: nothing that was changed. */
async function marksOfDocuments(
  { sql }: Database,
  monitorId: string,
  { since, until }: MarksRequest,
): Promise<Mark[]> {
  const lines = await sql<RevisionLine[]>`
    with m as (select collection_id, environment_id, workspace_id from monitors where id = ${monitorId})
    select r.at, u.name as who, r.kind, r.id, r.name, r.revision from (
      select 'collection' as kind, c.id, c.name, c.revision, c.updated_at as at, c.updated_by as by
        from collections c join m on m.collection_id = c.id
      union all
      select 'collection', v.collection_id, v.name, v.revision, v.changed_at, v.changed_by
        from collection_revisions v join m on m.collection_id = v.collection_id
      union all
      select 'environment', e.id, e.name, e.revision, e.updated_at, e.updated_by
        from environments e join m on m.environment_id = e.id
      union all
      select 'environment', v.environment_id, v.name, v.revision, v.changed_at, v.changed_by
        from environment_revisions v join m on m.environment_id = v.environment_id
      union all
      select 'globals', g.workspace_id, '', g.revision, g.updated_at, g.updated_by
        from globals g join m on m.workspace_id = g.workspace_id
      union all
      select 'globals', v.workspace_id, '', v.revision, v.changed_at, v.changed_by
        from globals_revisions v join m on m.workspace_id = v.workspace_id) r
      left join users u on u.id = r.by
     where r.at > ${since} and r.at <= ${until} and (r.revision > 1 or r.kind = 'globals')
     order by r.at desc limit ${MAX_MARKS}`;
  return lines.map(({ at, kind, ...line }) => ({ at, kind, ...documentMark(kind, line) }));
}

function documentMark(
  kind: RevisionLine["kind"],
  { who, id, name, revision }: Omit<RevisionLine, "at" | "kind">,
) {
  const person = who ?? "Somebody";
  if (kind === "globals") {
    return { title: `${person} changed the globals`, href: `/globals?workspace=${id}` };
  }
  return {
    title: `${person} changed the ${kind} ${name} (revision ${revision})`,
    href: `/${kind}s/${id}/revisions/${revision}`,
  };
}

/** Of runners that ran the monitor in this time. Instances of an old version may go on: the first of a new one counts. */
async function marksOfRunners(
  { sql }: Database,
  monitorId: string,
  { since, until }: MarksRequest,
): Promise<Mark[]> {
  const lines = await sql<{ at: Date; runnerId: string; name: string; version: string }[]>`
    with versions as (
      select i.runner_id, i.version, min(i.started_at) as at,
             lag(i.version) over (partition by i.runner_id order by min(i.started_at)) as before
        from runner_instances i
       where i.runner_id in (select distinct h.runner_id from run_hours h
                              where h.monitor_id = ${monitorId} and h.hour >= ${since}::timestamptz - interval '1 hour')
       group by i.runner_id, i.version)
    select v.at, v.runner_id as "runnerId", w.name, v.version from versions v join runners w on w.id = v.runner_id
     where v.before is not null and v.at > ${since} and v.at <= ${until}
     order by v.at desc limit ${MAX_MARKS}`;
  return lines.map(({ at, runnerId, name, version }) => ({
    at,
    kind: "runner",
    title: `Runner ${name} has version ${version}`,
    href: `/runners/${runnerId}`,
  }));
}

async function marksOfMaintenance(
  database: Database,
  monitorId: string,
  { since, until }: MarksRequest,
): Promise<Mark[]> {
  const periods = await listMaintenance(database, { monitorId, since, until });
  return periods
    .flatMap(({ name, startsAt, endsAt }): Mark[] => [
      { at: startsAt, kind: "maintenance", title: `Maintenance began: ${name}`, href: "/maintenance" },
      { at: endsAt, kind: "maintenance", title: `Maintenance ended: ${name}`, href: "/maintenance" },
    ])
    .filter(({ at }) => at > since && at <= until);
}
