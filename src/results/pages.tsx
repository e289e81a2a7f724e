import { Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { monitorDetailPages } from "./pages-monitor.tsx";
import { overviewPages } from "./overview/pages.tsx";
import { runPages } from "./pages-run.tsx";

/** `/`, `/monitors/:id` and `/runs/:id`: whatever shows how runs went. */
export function resultsPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", overviewPages(deps));
  routes.route("/", monitorDetailPages(deps));
  routes.route("/", runPages(deps));
  return routes;
}
