import type { Database } from "../../../db/connect.ts";
import type { Deps } from "../../access/context.ts";
import { openValues } from "../../environments/environment.ts";
import type { Deed } from "./compare.ts";
import type { RunHead } from "./runs-store.ts";
import { enumeration, idsIn, type Names, settingChanges } from "./words.ts";

type DeedDeps = Pick<Deps, "database" | "secretBox">;

/** Two finished runs of one monitor, the earlier one first. */
interface Between {
  before: RunHead;
  after: RunHead;
}

interface Place {
  collectionId: string;
  environmentId: string | null;
  workspaceId: string;
}

/** What people changed between two runs: documents that a run reads, and settings that it obeys. */
export async function listDeeds(deps: DeedDeps, runs: Between): Promise<Deed[]> {
  const { sql } = deps.database;
  const [place] = await sql<Place[]>`
    select collection_id as "collectionId", environment_id as "environmentId", workspace_id as "workspaceId"
      from monitors where id = ${runs.after.monitorId}`;
  if (!place) return [];
  const settings = await settingsDeeds(deps.database, runs);
  // Another environment has revisions of its own: the numbers say nothing then.
  const isSameEnvironment = !settings.some(({ details }) =>
    details.some((line) => line.startsWith("environment:")),
  );
  const found = await Promise.all([
    collectionDeed(deps.database, place.collectionId, runs),
    isSameEnvironment && place.environmentId ? environmentDeed(deps, place.environmentId, runs) : [],
    globalsDeed(deps, place.workspaceId, runs),
  ]);
  return [...found.flat(), ...settings];
}

/** Who made a revision, and when; `revision` itself is not always kept. */
interface Revision {
  at: Date;
  who: string | null;
  message: string | null;
}

async function collectionDeed({ sql }: Database, id: string, { before, after }: Between): Promise<Deed[]> {
  const [from, to] = [before.collectionRevision, after.collectionRevision];
  if (from === null || to === null || from === to) return [];
  const [made] = await sql<Revision[]>`
    select c.updated_at as at, u.name as who, c.change_message as message
      from collections c left join users u on u.id = c.updated_by where c.id = ${id} and c.revision = ${to}
    union all
    select v.changed_at, u.name, v.message
      from collection_revisions v left join users u on u.id = v.changed_by
     where v.collection_id = ${id} and v.revision = ${to} limit 1`;
  return [
    {
      kind: "collection",
      sentence: `The collection was changed: revision ${to} instead of ${from}.`,
      details: made?.message ? [made.message] : [],
      who: made?.who ?? undefined,
      at: made?.at,
      href: `/collections/${id}/revisions/${to}`,
    },
  ];
}

interface ValuesRevision extends Revision {
  revision: number;
  values: Record<string, unknown>[];
}

async function environmentDeed(
  { database: { sql }, secretBox }: DeedDeps,
  id: string,
  { before, after }: Between,
): Promise<Deed[]> {
  const [from, to] = [before.environmentRevision, after.environmentRevision];
  if (from === null || to === null || from === to) return [];
  const kept = await sql<ValuesRevision[]>`
    select e.revision, e.values, e.updated_at as at, u.name as who, e.change_message as message
      from environments e left join users u on u.id = e.updated_by
     where e.id = ${id} and e.revision in (${from}, ${to})
    union all
    select v.revision, v.values, v.changed_at, u.name, v.message
      from environment_revisions v left join users u on u.id = v.changed_by
     where v.environment_id = ${id} and v.revision in (${from}, ${to}) limit 2`;
  const made = kept.find(({ revision }) => revision === to);
  const names = changedNames(
    secretBox,
    kept.find(({ revision }) => revision === from),
    made,
  );
  return [
    {
      kind: "environment",
      sentence:
        names.length === 0
          ? `The environment was changed: revision ${to} instead of ${from}.`
          : `The environment was changed: ${enumeration(names)}.`,
      details: made?.message ? [made.message] : [],
      who: made?.who ?? undefined,
      at: made?.at,
      href: `/environments/${id}/revisions/${to}`,
    },
  ];
}

async function globalsDeed(
  { database: { sql }, secretBox }: DeedDeps,
  workspaceId: string,
  { before, after }: Between,
): Promise<Deed[]> {
  if (!before.claimedAt || !after.claimedAt) return [];
  const [made, known] = await Promise.all([
    globalsAt(sql, workspaceId, after.claimedAt),
    globalsAt(sql, workspaceId, before.claimedAt),
  ]);
  if (!made || made.at <= before.claimedAt) return [];
  const names = changedNames(secretBox, known, made);
  return [
    {
      kind: "globals",
      sentence:
        names.length === 0
          ? "Globals of the workspace were changed."
          : `Globals of the workspace were changed: ${enumeration(names)}.`,
      details: made.message ? [made.message] : [],
      who: made.who ?? undefined,
      at: made.at,
      href: `/globals?workspace=${workspaceId}`,
    },
  ];
}

/** Globals as they were at an instant; undefined when that revision is not kept, or there were none. */
async function globalsAt(
  sql: Database["sql"],
  workspaceId: string,
  at: Date,
): Promise<ValuesRevision | undefined> {
  const [found] = await sql<ValuesRevision[]>`
    select * from (
      select g.revision, g.values, g.updated_at as at, u.name as who, g.change_message as message
        from globals g left join users u on u.id = g.updated_by where g.workspace_id = ${workspaceId}
      union all
      select v.revision, v.values, v.changed_at, u.name, v.message
        from globals_revisions v left join users u on u.id = v.changed_by
       where v.workspace_id = ${workspaceId}) known
     where known.at <= ${at} order by revision desc limit 1`;
  return found;
}

const MAX_NAMES = 12;

/** Names of variables that came, went or changed; their values may be secret. Empty when a revision is not kept. */
function changedNames(
  secretBox: Deps["secretBox"],
  before: ValuesRevision | undefined,
  after: ValuesRevision | undefined,
): string[] {
  if (!before || !after) return [];
  const [from, to] = [before, after].map(
    ({ values }) =>
      new Map(openValues(secretBox, values).map((value) => [String(value["key"]), JSON.stringify(value)])),
  );
  const names = [...new Set([...(from?.keys() ?? []), ...(to?.keys() ?? [])])].filter(
    (name) => from?.get(name) !== to?.get(name),
  );
  return names.length <= MAX_NAMES
    ? names
    : [...names.slice(0, MAX_NAMES), `${names.length - MAX_NAMES} more`];
}

/** Settings that say nothing about how a run goes. */
const silent =
  /^(name|state|schedule|time zone|tags|folder|e-mail recipients|notification limit|workspace|which .* kept|days .*)$/;

async function settingsDeeds({ sql }: Database, { before, after }: Between): Promise<Deed[]> {
  if (!before.claimedAt || !after.claimedAt) return [];
  const lines = await sql<{ at: Date; who: string | null; change: Record<string, unknown> }[]>`
    select r.at, coalesce(u.name, r.via) as who, r.change
      from audit_records r left join users u on u.id = r.actor_id
     where r.subject_type = 'monitor' and r.subject_id = ${after.monitorId} and r.action = 'monitor.updated'
       and r.change is not null and r.at > ${before.claimedAt} and r.at <= ${after.claimedAt}
     order by r.id desc limit 20`;
  const names = await namesOf(
    sql,
    lines.flatMap(({ change }) => idsIn(change)),
  );
  return lines.flatMap(({ at, who, change }) => {
    const changes = settingChanges(change, names).filter(({ name }) => !silent.test(name));
    if (changes.length === 0) return [];
    return [
      {
        kind: "settings" as const,
        sentence: `Settings of the monitor were changed: ${enumeration(changes.map(({ name }) => name))}.`,
        details: changes.map((setting) => `${setting.name}: ${setting.before} → ${setting.after}`),
        who: who ?? undefined,
        at,
        href: `/monitors/${after.monitorId}/activity`,
      },
    ];
  });
}

/** Of runners, collections, environments and workspaces; ids without a name are left out. */
export async function namesOf(sql: Database["sql"], ids: readonly string[]): Promise<Names> {
  const wanted = [...new Set(ids)].filter((id) => /^[0-9a-f-]{36}$/i.test(id)).slice(0, 1000);
  if (wanted.length === 0) return new Map();
  const list = sql.array(wanted);
  const rows = await sql<{ id: string; name: string }[]>`
    select id, name from runners where id = any(${list}::uuid[])
    union all select id, name from collections where id = any(${list}::uuid[])
    union all select id, name from environments where id = any(${list}::uuid[])
    union all select id, name from workspaces where id = any(${list}::uuid[])`;
  return new Map(rows.map(({ id, name }) => [id, name]));
}
