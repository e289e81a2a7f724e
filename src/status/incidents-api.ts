import { type Context, Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { statusAnswers } from "./answers.ts";
import { incidentQuery, statusDocs as docs } from "./docs.ts";
import {
  changeIncident,
  createIncident,
  deleteIncident,
  findIncident,
  type Incident,
  listIncidents,
  updateIncident,
} from "./incidents-store.ts";
import { noIncident, openIncident, openStatusPage } from "./open-page.ts";
import { incidentChange, incidentFields, parseFields, readObject, updateFields } from "./page.ts";

/** `/status-pages/:id/incidents`: by editors of the workspace. */
export function incidentsApi(deps: Pick<Deps, "database" | "clock">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/status-pages/:id/incidents", documented(docs.listIncidents), async (c) => {
    const page = await openStatusPage(c, database, "viewer");
    const { open, limit, offset } = parseFields(incidentQuery, c.req.query(), "query");
    const filter = { limit, offset, ...(open && { open: open === "true" }) };
    const found = await listIncidents(database, page.id, filter);
    return c.json({ incidents: found.map(describe) });
  });

  routes.post("/status-pages/:id/incidents", documented(docs.createIncident), async (c) => {
    const page = await openStatusPage(c, database, "editor");
    const input = parseFields(incidentFields, await readObject(c, "incident"), "incident");
    const id = await createIncident(database, c.get("actor"), page, input);
    return answer(c, page.id, id);
  });

  routes.get("/status-pages/:id/incidents/:incidentId", documented(docs.readIncident), async (c) => {
    const page = await openStatusPage(c, database, "viewer");
    return c.json({ incident: describe(await openIncident(c, database, page)) });
  });

  routes.put("/status-pages/:id/incidents/:incidentId", documented(docs.changeIncident), async (c) => {
    const page = await openStatusPage(c, database, "editor");
    const { id } = await openIncident(c, database, page);
    const change = parseFields(incidentChange, await readObject(c, "incident"), "incident");
    if (!(await changeIncident(database, c.get("actor"), page, { ...change, id }))) throw noIncident();
    return answer(c, page.id, id);
  });

  routes.delete("/status-pages/:id/incidents/:incidentId", documented(docs.deleteIncident), async (c) => {
    const page = await openStatusPage(c, database, "editor");
    const { id } = await openIncident(c, database, page);
    if (!(await deleteIncident(database, c.get("actor"), page, id))) throw noIncident();
    statusAnswers(deps).forget();
    return c.json({ incident: { id } });
  });

  routes.post(
    "/status-pages/:id/incidents/:incidentId/updates",
    documented(docs.updateIncident),
    async (c) => {
      const page = await openStatusPage(c, database, "editor");
      const { id } = await openIncident(c, database, page);
      const update = parseFields(updateFields, await readObject(c, "update"), "update");
      if (!(await updateIncident(database, c.get("actor"), page, { ...update, id }))) throw noIncident();
      return answer(c, page.id, id);
    },
  );

  /** After a change: as it is now, and as readers are told from now on. */
  const answer = async (c: Context<AppEnv>, pageId: string, id: string) => {
    statusAnswers(deps).forget();
    const incident = await findIncident(database, pageId, id);
    if (!incident) throw noIncident();
    return c.json({ incident: describe(incident) });
  };

  return routes;
}

const describe = (incident: Incident) => ({
  id: incident.id,
  title: incident.title,
  state: incident.state,
  automatic: incident.isAutomatic,
  monitors: incident.entries.map(({ monitorId }) => monitorId),
  startedAt: incident.startedAt.toISOString(),
  resolvedAt: incident.resolvedAt?.toISOString() ?? null,
  updatedAt: incident.updatedAt.toISOString(),
  updates: incident.updates.map((update) => ({ ...update, at: update.at.toISOString() })),
});
