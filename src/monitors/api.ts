import { type Context, Hono } from "hono";

import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { badQuery, queryInteger, readWrapped } from "../access/request.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { decodeCursor, encodeCursor } from "../lib/cursor.ts";
import { AppError } from "../lib/errors.ts";
import { bareId, toUid } from "../lib/ids.ts";
import { requireWorkspace } from "../workspaces/store.ts";
import { monitorDocs as docs } from "./docs.ts";
import { keptOf } from "./kept.ts";
import { findLastRun } from "./last-run.ts";
import { parseMonitorChange, parseNewMonitor } from "./monitor.ts";
import { listRunnersOfMonitor } from "./runners-store.ts";
import {
  createMonitor,
  deleteMonitor,
  findMonitor,
  listMonitors,
  type Monitor,
  type MonitorFilter,
  type MonitorWithReferences,
  updateMonitor,
} from "./store.ts";

const MAX_PAGE = 25;

/** `/monitors` of the Postman API: list, read, create, change, delete. */
export function monitorsApi({
  database,
  beforeDeletion,
}: Pick<Deps, "database" | "beforeDeletion">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/monitors", documented(docs.list), async (c) => {
    const limit =
      queryInteger(c, "limit", {
        min: 1,
        max: MAX_PAGE,
        message: `Query param limit cannot exceed ${MAX_PAGE}.`,
      }) ?? MAX_PAGE;
    const workspace = c.req.query("workspace");
    if (workspace !== undefined) await checkWorkspace(c.get("actor"), workspace, "viewer");
    const filter = filterOf((name) => c.req.query(name));
    const page = filter
      ? await listMonitors(database, c.get("actor"), {
          ...filter,
          ...(workspace !== undefined && { workspaceId: workspace }),
          limit,
        })
      : { monitors: [], next: undefined };
    return c.json({
      monitors: page.monitors.map(listEntry),
      meta: { nextCursor: page.next ? encodeCursor(page.next) : "", limit },
    });
  });

  routes.post("/monitors", documented(docs.create), async (c) => {
    const input = parseNewMonitor(await readWrapped(c, "monitor"));
    const workspace = c.req.query("workspace");
    if (workspace !== undefined) await checkWorkspace(c.get("actor"), workspace, "editor");
    const created = await createMonitor(database, c.get("actor"), {
      ...input,
      ...(workspace !== undefined && { workspaceId: workspace.toLowerCase() }),
    });
    return c.json({ monitor: reference(created) });
  });

  routes.get("/monitors/:id", documented(docs.read), async (c) => {
    const monitor = await getMonitor(c, "viewer");
    const [runners, lastRun] = await Promise.all([
      listRunnersOfMonitor(database, monitor.id),
      findLastRun(database, monitor.id),
    ]);
    const distribution = runners.map(({ id, name }) => ({ runner: id, name }));
    return c.json({
      monitor: { ...full(monitor), distribution, ...timing(monitor), ...(lastRun && { lastRun }) },
    });
  });

  routes.put("/monitors/:id", documented(docs.change), async (c) => {
    const { id } = await getMonitor(c, "editor");
    const input = parseMonitorChange(await readWrapped(c, "monitor"));
    const updated = await updateMonitor(database, c.get("actor"), id, input);
    if (!updated) throw notFound();
    return c.json({ monitor: reference(updated) });
  });

  routes.delete("/monitors/:id", documented(docs.delete), async (c) => {
    const { id } = await getMonitor(c, "editor");
    const deleted = await deleteMonitor(database, c.get("actor"), id, beforeDeletion);
    if (!deleted) throw notFound();
    return c.json({ monitor: { id: deleted.id, uid: toUid(deleted.ownerId, deleted.id) } });
  });

  /** The monitor of the path: 404 when there is none, 403 without the role in its workspace. */
  async function getMonitor(c: Context<AppEnv, "/monitors/:id">, needed: WorkspaceRole) {
    const monitor = await findMonitor(database, pathId(c));
    if (!monitor) throw notFound();
    await requireWorkspaceRole(database, c.get("actor"), monitor.workspaceId, needed);
    return monitor;
  }

  /** 400 for what can be no workspace, 404 for one that is not there, both in Postman's words; 403 without the role. */
  async function checkWorkspace(actor: Actor, id: string, needed: WorkspaceRole): Promise<void> {
    if (id.length !== 36) throw badQuery(`Workspace ID must be 36 characters (${id.length}).`);
    await requireWorkspace(database, actor, {
      id,
      needed,
      notFound: () => notFound("Workspace not found"),
    });
  }

  return routes;
}

const notFound = (message = "The specified monitor does not exist."): AppError =>
  new AppError("not_found", message, { name: "instanceNotFoundError" });

function pathId(c: Context<AppEnv, "/monitors/:id">): string {
  const id = bareId(c.req.param("id"));
  if (id === undefined) throw notFound();
  return id;
}

const reference = ({ id, name, active, ownerId }: Monitor) => ({ id, name, active, uid: toUid(ownerId, id) });

const environmentUid = ({ environmentId, environmentOwnerId }: MonitorWithReferences) =>
  environmentId === null || environmentOwnerId === null ? "" : toUid(environmentOwnerId, environmentId);

const listEntry = (monitor: MonitorWithReferences) => ({
  id: monitor.id,
  name: monitor.name,
  active: monitor.active,
  uid: toUid(monitor.ownerId, monitor.id),
  owner: monitor.ownerId,
  collectionUid: toUid(monitor.collectionOwnerId, monitor.collectionId),
  environmentUid: environmentUid(monitor),
});

const full = (monitor: MonitorWithReferences) => ({
  id: monitor.id,
  name: monitor.name,
  uid: toUid(monitor.ownerId, monitor.id),
  owner: monitor.ownerId,
  active: monitor.active,
  ...(monitor.folder !== "" && { folder: monitor.folder }),
  ...(monitor.tags.length > 0 && { tags: monitor.tags }),
  ...(monitor.notificationLimit !== null && { notificationLimit: monitor.notificationLimit }),
  collectionUid: toUid(monitor.collectionOwnerId, monitor.collectionId),
  ...(monitor.environmentId !== null && { environmentUid: environmentUid(monitor) }),
  options: optionsOf(monitor),
  notifications: monitor.notifications,
});

/** Postman's four first, in its order; what it does not know after them. */
const optionsOf = ({ options, ...monitor }: Monitor) => ({
  strictSSL: options.strictSSL,
  followRedirects: options.followRedirects,
  requestTimeout: options.requestTimeout,
  requestDelay: options.requestDelay,
  runTimeout: options.runTimeout,
  scriptTimeout: options.scriptTimeout,
  ...keptOf(monitor),
});

/** Postman answers six cron fields, the seconds first, though five are sent. */
const timing = (monitor: Monitor) => ({
  ...(monitor.cron !== null && {
    schedule: {
      cron: `0 ${monitor.cron}`,
      timezone: monitor.timezone,
      nextRun: monitor.nextRunAt?.toISOString() ?? null,
      overlap: monitor.overlapPolicy,
      catchUp: monitor.catchUpPolicy,
    },
  }),
  ...(monitor.retryAttempts !== null && { retry: { attempts: monitor.retryAttempts } }),
  rerunLost: monitor.rerunLost,
});

/** Undefined when the query asks for something that cannot exist: then the list is empty. */
function filterOf(query: (name: string) => string | undefined): Omit<MonitorFilter, "limit"> | undefined {
  const filter: Omit<MonitorFilter, "limit"> = {};
  const [active, owner, cursor] = ["active", "owner", "cursor"].map(query);
  if (active !== undefined) {
    if (active !== "true" && active !== "false") throw badQuery("Active must be a boolean.");
    filter.active = active === "true";
  }
  if (owner !== undefined) {
    if (!/^\d{1,9}$/.test(owner)) throw badQuery("Owner user ID must be an integer.");
    filter.ownerId = Number(owner);
  }
  if (cursor) {
    const after = decodeCursor(cursor);
    if (!after) throw badQuery("Invalid cursor query parameter passed.");
    filter.after = after;
  }
  for (const [name, field] of [
    ["collectionUid", "collectionId"],
    ["environmentUid", "environmentId"],
  ] as const) {
    const uid = query(name);
    if (uid === undefined) continue;
    const id = bareId(uid);
    if (id === undefined) return undefined;
    filter[field] = id;
  }
  return filter;
}
