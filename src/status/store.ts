import { and, asc, eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { monitors, statusPageEntries, statusPages } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import { changeOf, updateOf } from "../access/audit/change.ts";
import type { Actor } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { bareId, newId } from "../lib/ids.ts";
import { type PageInput, wrongField } from "./page.ts";

const MAX_LISTED = 1000;

export type StatusPage = typeof statusPages.$inferSelect;

/** A monitor on a page, for those who edit it. */
export interface PageEntry {
  id: string;
  monitorId: string;
  monitorOwnerId: number;
  /** Internal: for editors only. */
  monitorName: string;
  shownName: string;
  groupName: string;
}

export interface ListedPage extends StatusPage {
  entries: number;
  openIncidents: number;
}

/** Those of workspaces that the actor sees, by title. */
export const listStatusPages = (
  { db }: Database,
  actor: Actor,
  filter: { workspaceId?: string | undefined } = {},
): Promise<ListedPage[]> =>
  db
    .select({
      id: statusPages.id,
      workspaceId: statusPages.workspaceId,
      slug: statusPages.slug,
      title: statusPages.title,
      description: statusPages.description,
      visibility: statusPages.visibility,
      timezone: statusPages.timezone,
      indexed: statusPages.indexed,
      incidentAfterMinutes: statusPages.incidentAfterMinutes,
      createdBy: statusPages.createdBy,
      createdAt: statusPages.createdAt,
      updatedAt: statusPages.updatedAt,
      entries: sql<number>`(select count(*)::int from status_page_entries e where e.status_page_id = ${statusPages}.id)`,
      openIncidents: sql<number>`(select count(*)::int from status_incidents i
        where i.status_page_id = ${statusPages}.id and i.resolved_at is null)`,
    })
    .from(statusPages)
    .where(
      and(
        filter.workspaceId === undefined ? undefined : eq(statusPages.workspaceId, filter.workspaceId),
        isInVisibleWorkspace(actor, statusPages.workspaceId),
      ),
    )
    .orderBy(asc(statusPages.title), asc(statusPages.id))
    .limit(MAX_LISTED);

export async function findStatusPage(
  { db }: { db: Database["db"] | Tx },
  id: string,
): Promise<StatusPage | undefined> {
  const [found] = await db.select().from(statusPages).where(eq(statusPages.id, id));
  return found;
}

export async function findPageBySlug({ db }: Database, slug: string): Promise<StatusPage | undefined> {
  const [found] = await db.select().from(statusPages).where(eq(statusPages.slug, slug));
  return found;
}

/** In the order of the page. */
export const listEntries = ({ db }: { db: Database["db"] | Tx }, pageId: string): Promise<PageEntry[]> =>
  db
    .select({
      id: statusPageEntries.id,
      monitorId: statusPageEntries.monitorId,
      monitorOwnerId: monitors.ownerId,
      monitorName: monitors.name,
      shownName: statusPageEntries.shownName,
      groupName: statusPageEntries.groupName,
    })
    .from(statusPageEntries)
    .innerJoin(monitors, eq(monitors.id, statusPageEntries.monitorId))
    .where(eq(statusPageEntries.statusPageId, pageId))
    .orderBy(asc(statusPageEntries.position), asc(statusPageEntries.id));

/** Throws 409 for a slug that another page has, 400 for monitors that are not in the workspace. */
export const createStatusPage = (
  { db }: Database,
  actor: Actor,
  { workspaceId, monitors: entries, ...fields }: PageInput & { workspaceId: string },
): Promise<StatusPage> =>
  db.transaction(async (tx) => {
    const [created] = await tx
      .insert(statusPages)
      .values({ ...fields, id: newId(), workspaceId, createdBy: actor.userId })
      .onConflictDoNothing()
      .returning();
    if (!created) throw slugTaken(fields.slug);
    await setEntries(tx, created, entries);
    await record(tx, actor, "created", created, changeOf(undefined, { ...fields, monitors: entries }));
    return created;
  });

/** Changes what is given. Undefined when there is no such page; errors as above. */
export const updateStatusPage = (
  { db }: Database,
  actor: Actor,
  id: string,
  { monitors: entries, ...fields }: Partial<PageInput>,
): Promise<StatusPage | undefined> =>
  db.transaction(async (tx) => {
    const [before] = await tx.select().from(statusPages).where(eq(statusPages.id, id)).for("update");
    if (!before) return undefined;
    if (fields.slug !== undefined && fields.slug !== before.slug) await claimSlug(tx, fields.slug);
    const listed = entries && (await listEntries({ db: tx }, id)).map(asInput);
    const [after] = await tx
      .update(statusPages)
      .set({ ...fields, updatedAt: sql`now()` })
      .where(eq(statusPages.id, id))
      .returning();
    if (entries) await setEntries(tx, before, entries);
    const change = updateOf({ ...before, monitors: listed }, { ...fields, monitors: entries });
    await record(tx, actor, "updated", before, change);
    return after;
  });

/** Two pages that want one slug at once wait for each other here; the index has the last word. */
async function claimSlug(tx: Tx, slug: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${slug}, 19))`);
  const [taken] = await tx.select({ id: statusPages.id }).from(statusPages).where(eq(statusPages.slug, slug));
  if (taken) throw slugTaken(slug);
}

const slugTaken = (slug: string): AppError =>
  new AppError("conflict", `Another status page has the address "${slug}" already; choose another one.`, {
    problem: {},
    details: { param: "slug" },
  });

const asInput = (entry: PageEntry): PageInput["monitors"][number] => ({
  monitor: entry.monitorId,
  name: entry.shownName,
  group: entry.groupName,
});

/** The list as it is to be, in its order. Who stays keeps its id, which badges elsewhere name. */
async function setEntries(tx: Tx, page: StatusPage, entries: PageInput["monitors"]): Promise<void> {
  const wanted = entries.map(({ monitor, ...entry }) => ({ ...entry, monitorId: bareId(monitor) ?? "" }));
  const ids = wanted.map(({ monitorId }) => monitorId);
  const list = sql`${`{${ids.join(",")}}`}::uuid[]`;
  const [stranger] = await tx.execute<{ id: string }>(sql`
    select t.id from unnest(${list}) as t(id)
     where not exists (select 1 from monitors m where m.id = t.id and m.workspace_id = ${page.workspaceId}) limit 1`);
  if (stranger) {
    throw wrongField("monitors", `There is no monitor ${stranger.id} in the workspace of the status page.`);
  }
  await tx.execute(sql`
    delete from status_page_entries where status_page_id = ${page.id} and monitor_id <> all (${list})`);
  if (wanted.length === 0) return;
  await tx
    .insert(statusPageEntries)
    .values(
      wanted.map(({ monitorId, name, group }, position) => ({
        id: newId(),
        statusPageId: page.id,
        monitorId,
        shownName: name,
        groupName: group,
        position,
      })),
    )
    .onConflictDoUpdate({
      target: [statusPageEntries.statusPageId, statusPageEntries.monitorId],
      set: {
        shownName: sql`excluded.shown_name`,
        groupName: sql`excluded.group_name`,
        position: sql`excluded.position`,
      },
    });
}

/** With its incidents. Undefined when there was no such page. */
export const deleteStatusPage = (
  { db }: Database,
  actor: Actor,
  id: string,
): Promise<StatusPage | undefined> =>
  db.transaction(async (tx) => {
    const [deleted] = await tx.delete(statusPages).where(eq(statusPages.id, id)).returning();
    if (!deleted) return undefined;
    const { slug, title, visibility } = deleted;
    await record(tx, actor, "deleted", deleted, changeOf({ slug, title, visibility }, undefined));
    return deleted;
  });

const record = (tx: Tx, actor: Actor, verb: string, page: StatusPage, change: Record<string, unknown>) =>
  recordAudit(tx, actor, {
    action: `status_page.${verb}`,
    subjectType: "status_page",
    subjectId: page.id,
    workspaceId: page.workspaceId,
    change,
  });

/** Monitors of a workspace that are not on the page yet, by name: what an editor can add. */
export const listAddable = (
  { sql: query }: Database,
  page: Pick<StatusPage, "id" | "workspaceId">,
  { search, limit }: { search: string; limit: number },
): Promise<{ id: string; name: string }[]> => query<{ id: string; name: string }[]>`
  select m.id, m.name from monitors m
   where m.workspace_id = ${page.workspaceId}
     and ${search === "" ? query`true` : query`position(lower(${search}) in lower(m.name)) > 0`}
     and not exists (select 1 from status_page_entries e where e.status_page_id = ${page.id} and e.monitor_id = m.id)
   order by m.name, m.id limit ${limit}`;

/** Of these ids, the monitors of the workspace of the page, in the order of the ids. */
export const findAddable = (
  { sql: query }: Database,
  page: Pick<StatusPage, "workspaceId">,
  ids: readonly string[],
): Promise<{ id: string; name: string }[]> => query<{ id: string; name: string }[]>`
  select m.id, m.name from unnest(${query.array([...ids])}::uuid[]) with ordinality as t(id, place)
    join monitors m on m.id = t.id where m.workspace_id = ${page.workspaceId} order by t.place`;
