import { and, eq, inArray, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import type { IncidentState } from "../../db/schema.ts";
import {
  statusIncidentEntries,
  statusIncidents,
  statusIncidentUpdates,
  statusPageEntries,
} from "../../db/schema.ts";
import { recordAudit, systemActor, type Tx } from "../access/audit/audit.ts";
import { changeOf, updateOf } from "../access/audit/change.ts";
import type { Actor } from "../access/context.ts";
import { bareId, newId } from "../lib/ids.ts";
import { coversMonitor } from "../schedules/maintenance/read.ts";
import { type IncidentChange, type IncidentInput, type UpdateInput, wrongField } from "./page.ts";
import type { StatusPage } from "./store.ts";

export interface Incident {
  id: string;
  title: string;
  state: IncidentState;
  startedAt: Date;
  resolvedAt: Date | null;
  updatedAt: Date;
  /** It began by itself, because a monitor failed. */
  isAutomatic: boolean;
  /** Entries of the page that it is about, in its order. */
  entries: { id: string; monitorId: string; name: string }[];
  /** Newest first. */
  updates: { id: string; state: IncidentState; message: string; at: Date }[];
}

type IncidentRecord = Omit<Incident, "updates"> & {
  updates: { id: string; state: IncidentState; message: string; at: string }[];
};

interface IncidentFilter {
  id?: string;
  open?: boolean;
  /** Those that began after it. */
  since?: Date;
  limit: number;
  offset?: number;
}

const MAX_UPDATES = 200;

/** Of a page, newest first. */
export async function listIncidents(
  { sql: query }: Pick<Database, "sql">,
  pageId: string,
  { id, open, since, limit, offset = 0 }: IncidentFilter,
): Promise<Incident[]> {
  const rows = await query<IncidentRecord[]>`
    select i.id, i.title, i.state, i.started_at as "startedAt", i.resolved_at as "resolvedAt",
           i.updated_at as "updatedAt", i.failing_monitor_id is not null as "isAutomatic",
           (select coalesce(json_agg(json_build_object('id', e.id, 'monitorId', e.monitor_id, 'name', e.shown_name)
                                     order by e.position, e.id), '[]')
              from status_incident_entries x join status_page_entries e on e.id = x.entry_id
             where x.incident_id = i.id) as entries,
           (select coalesce(json_agg(json_build_object('id', u.id, 'state', u.state, 'message', u.message, 'at', u.created_at)
                                     order by u.created_at desc, u.id desc), '[]')
              from (select * from status_incident_updates where incident_id = i.id
                     order by created_at desc, id desc limit ${MAX_UPDATES}) u) as updates
      from status_incidents i
     where i.status_page_id = ${pageId} and ${id === undefined ? query`true` : query`i.id = ${id}`}
       and ${open === undefined ? query`true` : query`(i.resolved_at is null) = ${open}`}
       and ${since === undefined ? query`true` : query`i.started_at > ${since}`}
     order by i.started_at desc, i.id desc limit ${limit} offset ${offset}`;
  return rows.map((row) => ({
    ...row,
    updates: row.updates.map((update) => ({ ...update, at: new Date(update.at) })),
  }));
}

export async function findIncident(
  database: Pick<Database, "sql">,
  pageId: string,
  id: string,
): Promise<Incident | undefined> {
  const [found] = await listIncidents(database, pageId, { id, limit: 1 });
  return found;
}

/** By a person, with its first update. 400 for monitors that are not on the page. Returns its id. */
export const createIncident = (
  { db }: Database,
  actor: Actor,
  page: StatusPage,
  { title, state, message, monitors }: IncidentInput,
): Promise<string> =>
  db.transaction(async (tx) => {
    const id = newId();
    await tx.insert(statusIncidents).values({
      id,
      statusPageId: page.id,
      title,
      state,
      createdBy: actor.userId,
      resolvedAt: state === "resolved" ? sql`now()` : null,
    });
    await setIncidentEntries(tx, page, id, monitors);
    await addUpdate(tx, id, { state, message, createdBy: actor.userId });
    await record(tx, actor, "created", { page, id, change: changeOf(undefined, { title, state, monitors }) });
    return id;
  });

/** Another state, and what there is to say. False when the page has no such incident. */
export const updateIncident = (
  { db }: Database,
  actor: Actor,
  page: StatusPage,
  { id, state, message }: UpdateInput & { id: string },
): Promise<boolean> =>
  db.transaction(async (tx) => {
    const before = await lockIncident(tx, page, id);
    if (!before) return false;
    await tx.update(statusIncidents).set(stateSet(state)).where(eq(statusIncidents.id, id));
    await addUpdate(tx, id, { state, message, createdBy: actor.userId });
    await record(tx, actor, "updated", {
      page,
      id,
      change: changeOf({ state: before.state }, { state, message }),
    });
    return true;
  });

/** Its title, or what it is about. False when the page has no such incident. */
export const changeIncident = (
  { db }: Database,
  actor: Actor,
  page: StatusPage,
  { id, title, monitors }: IncidentChange & { id: string },
): Promise<boolean> =>
  db.transaction(async (tx) => {
    const before = await lockIncident(tx, page, id);
    if (!before) return false;
    await tx
      .update(statusIncidents)
      .set({ ...(title !== undefined && { title }), updatedAt: sql`now()` })
      .where(eq(statusIncidents.id, id));
    if (monitors) await setIncidentEntries(tx, page, id, monitors);
    await record(tx, actor, "updated", { page, id, change: updateOf(before, { title, monitors }) });
    return true;
  });

/** Undefined when the page has no such incident. */
export const deleteIncident = (
  { db }: Database,
  actor: Actor,
  page: StatusPage,
  id: string,
): Promise<{ title: string } | undefined> =>
  db.transaction(async (tx) => {
    const [deleted] = await tx
      .delete(statusIncidents)
      .where(and(eq(statusIncidents.id, id), eq(statusIncidents.statusPageId, page.id)))
      .returning({ title: statusIncidents.title, state: statusIncidents.state });
    if (!deleted) return undefined;
    await record(tx, actor, "deleted", { page, id, change: changeOf(deleted, undefined) });
    return deleted;
  });

async function lockIncident(tx: Tx, page: StatusPage, id: string) {
  const [found] = await tx
    .select()
    .from(statusIncidents)
    .where(and(eq(statusIncidents.id, id), eq(statusIncidents.statusPageId, page.id)))
    .for("update");
  return found;
}

/** Resolved incidents keep when they were; one that is opened again has no end. */
const stateSet = (state: IncidentState) => ({
  state,
  updatedAt: sql`now()`,
  resolvedAt: state === "resolved" ? sql`coalesce(${statusIncidents.resolvedAt}, now())` : null,
});

const addUpdate = (
  tx: Tx,
  incidentId: string,
  update: { state: IncidentState; message: string; createdBy: number | null },
) => tx.insert(statusIncidentUpdates).values({ id: newId(), incidentId, ...update });

async function setIncidentEntries(tx: Tx, page: StatusPage, id: string, monitorIds: string[]): Promise<void> {
  const wanted = [...new Set(monitorIds.map((monitor) => bareId(monitor) ?? ""))];
  const found =
    wanted.length === 0
      ? []
      : await tx
          .select({ id: statusPageEntries.id })
          .from(statusPageEntries)
          .where(
            and(eq(statusPageEntries.statusPageId, page.id), inArray(statusPageEntries.monitorId, wanted)),
          );
  if (found.length < wanted.length) {
    throw wrongField("monitors", "An incident can only be about monitors that are on the status page.");
  }
  await tx.delete(statusIncidentEntries).where(eq(statusIncidentEntries.incidentId, id));
  if (found.length === 0) return;
  await tx
    .insert(statusIncidentEntries)
    .values(found.map((entry) => ({ incidentId: id, entryId: entry.id })));
}

interface Recorded {
  page: Pick<StatusPage, "id" | "workspaceId">;
  id: string;
  change: Record<string, unknown>;
}

const record = (tx: Tx, actor: Actor, verb: string, { page, id, change }: Recorded) =>
  recordAudit(tx, actor, {
    action: `status_incident.${verb}`,
    subjectType: "status_incident",
    subjectId: id,
    workspaceId: page.workspaceId,
    change: { ...change, statusPage: page.id },
  });

/** A monitor on a page that has failed long enough for an incident. */
export interface Failure {
  pageId: string;
  workspaceId: string;
  entryId: string;
  shownName: string;
  monitorId: string;
  failingSince: Date;
}

const failingMessage = "Our checks of this system fail. We are looking into it.";
const passingMessage = "Our checks of this system pass again.";
const goneMessage = "This system is no longer shown on this page.";

/** Hints only: whoever inserts first has made the incident. */
export const listFailures = ({ sql: query }: Pick<Database, "sql">, limit: number) => query<Failure[]>`
  select p.id as "pageId", p.workspace_id as "workspaceId", e.id as "entryId", e.shown_name as "shownName",
         m.id as "monitorId", m.state_since as "failingSince"
    from status_pages p join status_page_entries e on e.status_page_id = p.id join monitors m on m.id = e.monitor_id
   where p.incident_after_minutes is not null and m.active and m.state = 'failed'
     and m.state_since <= now() - make_interval(mins => p.incident_after_minutes)
     and not exists (select 1 from status_incidents i
                      where i.status_page_id = p.id and i.failing_monitor_id = m.id
                        and (i.resolved_at is null or i.failing_since = m.state_since))
     -- What was announced to fail is no incident.
     and not exists (select 1 from maintenance_periods p
                      where p.workspace_id = m.workspace_id and p.starts_at <= now() and p.ends_at > now()
                        and ${coversMonitor(query)})
   limit ${limit}`;

/** Exactly one incident of a failure, however many servers try. False when there is one already. */
export const openFailureIncident = ({ db }: Database, failure: Failure): Promise<boolean> =>
  db.transaction(async (tx) => {
    const id = newId();
    const title = `${failure.shownName} is not available`;
    // The instant is copied inside of Postgres: on the way through here it would lose its microseconds.
    const made = await tx.execute<{ id: string }>(sql`
      insert into status_incidents (id, status_page_id, title, state, failing_monitor_id, failing_since, started_at)
      select ${id}, ${failure.pageId}, ${title}, 'investigating', m.id, m.state_since, m.state_since
        from monitors m where m.id = ${failure.monitorId} and m.state = 'failed'
          on conflict do nothing returning id`);
    if (made.length === 0) return false;
    await tx.insert(statusIncidentEntries).values({ incidentId: id, entryId: failure.entryId });
    await addUpdate(tx, id, { state: "investigating", message: failingMessage, createdBy: null });
    const page = { id: failure.pageId, workspaceId: failure.workspaceId };
    await record(tx, systemActor, "created", { page, id, change: changeOf(undefined, { title }) });
    return true;
  });

/** Open ones that began by themselves and whose monitor passes again, or is no longer on the page. */
export const listRecoveries = ({ sql: query }: Pick<Database, "sql">, limit: number) => query<
  { id: string; pageId: string; workspaceId: string; isGone: boolean }[]
>`
  select i.id, p.id as "pageId", p.workspace_id as "workspaceId", e.id is null as "isGone"
    from status_incidents i join status_pages p on p.id = i.status_page_id
    left join status_page_entries e on e.status_page_id = p.id and e.monitor_id = i.failing_monitor_id
    left join monitors m on m.id = e.monitor_id
   where i.failing_monitor_id is not null and i.resolved_at is null and (e.id is null or m.state = 'passed')
   limit ${limit}`;

/** False when somebody else has resolved it. */
export const resolveRecovered = (
  { db }: Database,
  { id, pageId, workspaceId, isGone }: { id: string; pageId: string; workspaceId: string; isGone: boolean },
): Promise<boolean> =>
  db.transaction(async (tx) => {
    const resolved = await tx
      .update(statusIncidents)
      .set(stateSet("resolved"))
      .where(and(eq(statusIncidents.id, id), sql`${statusIncidents.resolvedAt} is null`))
      .returning({ id: statusIncidents.id });
    if (resolved.length === 0) return false;
    const message = isGone ? goneMessage : passingMessage;
    await addUpdate(tx, id, { state: "resolved", message, createdBy: null });
    const change = changeOf(undefined, { state: "resolved", message });
    await record(tx, systemActor, "updated", { page: { id: pageId, workspaceId }, id, change });
    return true;
  });
