import { type Context, Hono } from "hono";
import type { z } from "zod";

import type { Actor, AppEnv, Deps } from "../../access/context.ts";
import { documented } from "../../access/endpoint.ts";
import { missing, parseFields, readFields, wrongField } from "../../access/fields.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../../access/workspace-rights.ts";
import { isUuid } from "../../lib/ids.ts";
import { findWorkspace } from "../../workspaces/store.ts";
import { extendBody, maintenanceDocs as docs, newWindowBody, windowQuery } from "./docs.ts";
import { endPeriod, extendPeriod, type ListedWindow, listWindows, stateOf } from "./periods.ts";
import {
  createWindow,
  deleteWindow,
  findWindow,
  type MaintenanceWindow,
  updateWindow,
  type WindowInput,
} from "./store.ts";
import { type newWindowFields, subjectOf, whenOf, windowChangeFields } from "./window.ts";

/** `/maintenance-windows`: when work is announced. Postman has none; in the style of its newer endpoints. */
export function maintenanceApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/maintenance-windows", documented(docs.list), async (c) => {
    const { workspace, state } = parseFields(windowQuery, c.req.query());
    if (workspace !== undefined && !isUuid(workspace)) return c.json({ maintenanceWindows: [] });
    const found = await listWindows(database, c.get("actor"), { workspaceId: workspace });
    const wanted = found.filter((window) => state === undefined || stateOf(window) === state);
    return c.json({ maintenanceWindows: wanted.map(describe) });
  });

  routes.post("/maintenance-windows", documented(docs.create), async (c) => {
    const { workspace, ...body } = await readFields(c, newWindowBody);
    const place = isUuid(workspace) ? await findWorkspace(database, workspace) : undefined;
    if (!place) throw missing("There is no such workspace.");
    await requireWorkspaceRole(database, c.get("actor"), place.id, "editor");
    const { id } = await createWindow(database, c.get("actor"), {
      workspaceId: place.id,
      ...newWindow(body),
    });
    return c.json({ maintenanceWindow: await read(c.get("actor"), id) }, 201);
  });

  routes.get("/maintenance-windows/:id", documented(docs.read), async (c) => {
    const { id } = await reach(c, "viewer");
    return c.json({ maintenanceWindow: await read(c.get("actor"), id) });
  });

  routes.patch("/maintenance-windows/:id", documented(docs.change), async (c) => {
    const { id } = await reach(c, "editor");
    const change = windowChange(await readFields(c, windowChangeFields));
    if (!(await updateWindow(database, c.get("actor"), id, change))) throw notFound();
    return c.json({ maintenanceWindow: await read(c.get("actor"), id) });
  });

  routes.post("/maintenance-windows/:id/end", documented(docs.end), async (c) => {
    const { id } = await reach(c, "editor");
    if (!(await endPeriod(database, c.get("actor"), id))) throw notFound();
    return c.json({ maintenanceWindow: await read(c.get("actor"), id) });
  });

  routes.post("/maintenance-windows/:id/extend", documented(docs.extend), async (c) => {
    const { id } = await reach(c, "editor");
    const { minutes } = await readFields(c, extendBody);
    if (!(await extendPeriod(database, c.get("actor"), { windowId: id, minutes }))) throw notFound();
    return c.json({ maintenanceWindow: await read(c.get("actor"), id) });
  });

  routes.delete("/maintenance-windows/:id", documented(docs.delete), async (c) => {
    const { id } = await reach(c, "editor");
    if (!(await deleteWindow(database, c.get("actor"), id))) throw notFound();
    return c.json({ maintenanceWindow: { id } });
  });

  const reach = (c: Context<AppEnv, "/maintenance-windows/:id">, role: WorkspaceRole) =>
    reachWindow({ database }, c.get("actor"), { id: c.req.param("id"), role });

  async function read(actor: Actor, id: string) {
    const [found] = await listWindows(database, actor, { id });
    if (!found) throw notFound();
    return describe(found);
  }

  return routes;
}

/** The window, for whoever has the role in its workspace: 404 when there is none, 403 without the role. */
export async function reachWindow(
  { database }: Pick<Deps, "database">,
  actor: Actor,
  { id, role }: { id: string; role: WorkspaceRole },
): Promise<MaintenanceWindow> {
  const window = isUuid(id) ? await findWindow(database, id) : undefined;
  if (!window) throw notFound();
  await requireWorkspaceRole(database, actor, window.workspaceId, role);
  return window;
}

const notFound = () => missing("There is no such maintenance window; it may have been deleted.");

/** What a new window is; 400 when it does not say when. Without a subject it is about every monitor of the workspace. */
export function newWindow(body: z.infer<typeof newWindowFields>): WindowInput {
  const { name, reason, behaviour } = body;
  const when = whenOf(body);
  if (!when) throw wrongField("once", 'Say when it takes place: send "once" or "recurring".');
  return {
    name,
    reason,
    behaviour,
    when,
    subject: subjectOf(body) ?? { covers: "all", monitorIds: [], tag: null },
  };
}

/** What a change speaks of. */
export function windowChange(body: z.infer<typeof windowChangeFields>): Partial<WindowInput> {
  const { name, reason, behaviour } = body;
  const [subject, when] = [subjectOf(body), whenOf(body)];
  return {
    ...(name !== undefined && { name }),
    ...(reason !== undefined && { reason }),
    ...(behaviour && { behaviour }),
    ...(subject && { subject }),
    ...(when && { when }),
  };
}

const describe = (window: ListedWindow) => ({
  id: window.id,
  workspace: window.workspaceId,
  name: window.name,
  reason: window.reason,
  behaviour: window.behaviour,
  state: stateOf(window),
  ...(window.covers === "all" && { all: true }),
  ...(window.covers === "monitors" && { monitors: window.monitorIds }),
  ...(window.covers === "tag" && { tag: window.tag }),
  ...(window.startsAt &&
    window.endsAt && { once: { from: window.startsAt.toISOString(), to: window.endsAt.toISOString() } }),
  ...(window.cron !== null && {
    recurring: { cron: window.cron, timezone: window.timezone, durationMinutes: window.durationMinutes },
  }),
  current: periodOf(window.current),
  next: periodOf(window.next),
  createdAt: window.createdAt.toISOString(),
  updatedAt: window.updatedAt.toISOString(),
});

const periodOf = (period: ListedWindow["current"]) =>
  period && { from: period.startsAt.toISOString(), to: period.endsAt.toISOString() };
