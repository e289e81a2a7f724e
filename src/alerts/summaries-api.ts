import { Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { missing, parseFields, readFields } from "../access/fields.ts";
import { isUuid } from "../lib/ids.ts";
import { alertDocs as docs, placeQuery } from "./docs.ts";
import { showSummary } from "./shown.ts";
import { createSummary, deleteSummary, listSummaries, sendSummaryNow } from "./summaries-store.ts";
import { summaryFields } from "./summary.ts";

/** `/alert-summaries`: who gets a daily or weekly mail about a workspace. */
export function summariesApi(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/alert-summaries", documented(docs.summaries), async (c) => {
    const { workspace } = parseFields(placeQuery, c.req.query());
    if (workspace !== undefined && !isUuid(workspace)) return c.json({ alertSummaries: [] });
    const found = await listSummaries(database, c.get("actor"), { workspaceId: workspace });
    return c.json({ alertSummaries: found.map(showSummary) });
  });

  routes.post("/alert-summaries", documented(docs.createSummary), async (c) => {
    const input = await readFields(c, summaryFields);
    const created = await createSummary(database, c.get("actor"), input);
    return c.json({ alertSummary: showSummary(created) }, 201);
  });

  routes.post("/alert-summaries/:id/send", documented(docs.sendSummary), async (c) => {
    const id = c.req.param("id");
    if (!isUuid(id) || !(await sendSummaryNow(deps, c.get("actor"), id))) throw notFound();
    return c.json({ alertSummary: { id } }, 202);
  });

  routes.delete("/alert-summaries/:id", documented(docs.deleteSummary), async (c) => {
    const id = c.req.param("id");
    if (!isUuid(id) || !(await deleteSummary(database, c.get("actor"), id))) throw notFound();
    return c.json({ alertSummary: { id } });
  });

  return routes;
}

const notFound = () => missing("There is no such summary; it may have been ended.");
