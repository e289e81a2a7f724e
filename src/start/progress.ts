import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { listRunnersWithHealth, type RunnerWithHealth } from "../fleet/store.ts";
import { isUuid } from "../lib/ids.ts";
import { shownStatus } from "../runs/shown-status.ts";

/** What was chosen so far, as the address says it; everything is looked up again. */
export interface Chosen {
  workspaceId?: string | undefined;
  collectionId?: string | undefined;
  /** `none` = on purpose without. */
  environmentId?: string | undefined;
  runnerId?: string | undefined;
  monitorId?: string | undefined;
}

interface Named {
  id: string;
  name: string;
}

/** How far the first visit has come; a step that is not done is undefined. */
export interface Progress {
  workspace: Named | undefined;
  collection: Named | undefined;
  /** `none` = on purpose without. */
  environment: Named | "none" | undefined;
  /** Healthy ones that the workspace sees; while there are none, the one that is waited for. */
  runners: { healthy: Named[]; awaited: Named | undefined };
  monitor: Named | undefined;
  run: { id: string; status: string; detail: string | null } | undefined;
}

interface Request {
  database: Database;
  actor: Actor;
  /** The workspace of the visit; the caller has checked that the actor may change it. */
  workspace: Named | undefined;
  chosen: Chosen;
}

/**
 * Looks up every step: what the address names, else the newest of its kind in the workspace. So a visit goes on where it
 * was left, on another day and in another browser.
 */
export async function loadProgress({ database, actor, workspace, chosen }: Request): Promise<Progress> {
  const nothing = { collection: undefined, environment: undefined, monitor: undefined, run: undefined };
  if (!workspace) {
    return { workspace, ...nothing, runners: { healthy: [], awaited: undefined } };
  }
  const runners = runnersOf(
    await listRunnersWithHealth(database, actor, { workspaceId: workspace.id }),
    chosen.runnerId,
  );
  const collection = await findNewest(database, "collections", workspace.id, chosen.collectionId);
  if (!collection) return { workspace, ...nothing, runners };
  const monitor = await findMonitor(database, workspace.id, collection.id, chosen.monitorId);
  const [environment, run] = await Promise.all([
    findEnvironment(database, workspace.id, chosen.environmentId, monitor),
    monitor && findRun(database, monitor.id),
  ]);
  return { workspace, collection, environment, runners, monitor, run };
}

const named = ({ id, name }: RunnerWithHealth): Named => ({ id, name });

function runnersOf(found: readonly RunnerWithHealth[], wantedId: string | undefined): Progress["runners"] {
  const wanted = found.find((runner) => runner.id === wantedId);
  const healthy = found.filter((runner) => runner.health === "Healthy");
  // Who has just made a runner waits for that one, whatever else is there.
  if (wanted && wanted.health !== "Healthy") return { healthy: [], awaited: named(wanted) };
  if (healthy.length > 0) return { healthy: healthy.map(named), awaited: undefined };
  const newest = found.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
  return { healthy: [], awaited: newest && named(newest) };
}

async function findNewest(
  { sql }: Database,
  table: "collections" | "environments",
  workspaceId: string,
  wantedId: string | undefined,
): Promise<Named | undefined> {
  const wanted = isUuid(wantedId ?? "") ? wantedId : undefined;
  const [row] = await sql<Named[]>`
    select id, name from ${sql(table)}
     where workspace_id = ${workspaceId} and ${wanted === undefined ? sql`true` : sql`id = ${wanted}`}
     order by created_at desc, id limit 1`;
  return row;
}

async function findEnvironment(
  database: Database,
  workspaceId: string,
  wanted: string | undefined,
  monitor: MonitorOfVisit | undefined,
): Promise<Progress["environment"]> {
  if (monitor) return monitor.environment ?? "none";
  if (wanted === "none") return "none";
  return await findNewest(database, "environments", workspaceId, wanted);
}

interface MonitorOfVisit extends Named {
  environment: Named | null;
}

async function findMonitor(
  { sql }: Database,
  workspaceId: string,
  collectionId: string,
  wantedId: string | undefined,
): Promise<MonitorOfVisit | undefined> {
  const wanted = isUuid(wantedId ?? "") ? wantedId : undefined;
  const [row] = await sql<MonitorOfVisit[]>`
    select m.id, m.name, case when e.id is not null then json_build_object('id', e.id, 'name', e.name) end as environment
      from monitors m left join environments e on e.id = m.environment_id
     where m.workspace_id = ${workspaceId} and m.collection_id = ${collectionId}
       and ${wanted === undefined ? sql`true` : sql`m.id = ${wanted}`}
     order by m.created_at desc, m.id limit 1`;
  return row;
}

async function findRun({ sql }: Database, monitorId: string): Promise<Progress["run"]> {
  const [row] = await sql<NonNullable<Progress["run"]>[]>`
    select r.id, ${shownStatus(sql)} as status, r.detail from runs r
     where r.monitor_id = ${monitorId} order by r.queued_at desc limit 1`;
  return row;
}
