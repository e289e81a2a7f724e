import { Hono } from "hono";

import type { AppEnv, Deps, ReadTelling } from "../access/context.ts";
import { activityPages } from "./activity/pages.tsx";
import { exportPages } from "./exports/pages.tsx";
import { ledgerPages } from "./ledger/pages.tsx";
import { overviewPages } from "./overview/pages.tsx";
import { monitorDetailPages } from "./pages-monitor.tsx";
import { runPages } from "./pages-run.tsx";
import { reportPages } from "./report/pages.tsx";

/** What other parts know of the monitors that are shown. */
export interface ResultsReaders {
  readTelling: ReadTelling;
}

/** `/`, `/monitors/:id` and `/runs/:id`: whatever shows how runs went. */
export function resultsPages(deps: Deps, shared: ResultsReaders): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", overviewPages(deps, shared));
  routes.route("/", monitorDetailPages(deps, shared));
  routes.route("/", runPages(deps, shared));
  routes.route("/", activityPages(deps));
  routes.route("/", ledgerPages(deps));
  routes.route("/", exportPages(deps));
  routes.route("/", reportPages(deps));
  return routes;
}
