import { Hono } from "hono";

import { exportPage } from "../../../web/pages/export.tsx";
import type { AppEnv, Deps } from "../../access/context.ts";
import { loadShell } from "../../workspaces/pages-shell.ts";
import { reachMonitor } from "../reach.ts";
import { fileNameOf, orderOf } from "./request.ts";
import { listRunnersOfHistory } from "./runners-store.ts";
import { downloadHeaders, streamOf } from "./stream.ts";
import { writeExport } from "./write.ts";

/** `/monitors/:id/export`: results as files, for spreadsheets and programs. */
export function exportPages(deps: Deps): Hono<AppEnv> {
  const { database, clock } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/monitors/:id/export", async (c) => {
    const monitor = await reachMonitor(c, deps);
    const [shell, runners] = await Promise.all([
      loadShell(c, deps),
      listRunnersOfHistory(database, monitor.id),
    ]);
    return c.html(exportPage({ shell, monitor, runners, values: c.req.query() }));
  });

  routes.get("/monitors/:id/:file{export\\.csv|export\\.json}", async (c) => {
    const monitor = await reachMonitor(c, deps);
    const format = c.req.param("file") === "export.json" ? "json" : "csv";
    const content = c.req.query("content") === "steps" ? "steps" : "runs";
    const order = orderOf(c, monitor, { content, format, now: clock.now() });
    const type = format === "json" ? "application/json" : "text/csv";
    return c.body(streamOf(writeExport(database, order)), 200, downloadHeaders(fileNameOf(order), type));
  });

  return routes;
}
