import { Hono } from "hono";

import type { AppEnv, Deps, AlertReaders } from "../access/context.ts";
import { activityPages } from "./activity/pages.tsx";
import { exportPages } from "./exports/pages.tsx";
import { ledgerPages } from "./ledger/pages.tsx";
import { overviewPages } from "./overview/pages.tsx";
import { monitorDetailPages } from "./pages-monitor.tsx";
import { runPages } from "./pages-run.tsx";
import { reportPages } from "./report/pages.tsx";

/** `/`, `/monitors/:id` and `/runs/:id`: whatever shows how runs went. */
export function resultsPages(deps: Deps, alerts: AlertReaders): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", overviewPages(deps, alerts));
  routes.route("/", monitorDetailPages(deps, alerts));
  routes.route("/", runPages(deps, alerts));
  routes.route("/", activityPages(deps));
  routes.route("/", ledgerPages(deps));
  routes.route("/", exportPages(deps));
  routes.route("/", reportPages(deps));
  return routes;
}
