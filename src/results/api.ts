import { Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { changesApi } from "./changes/api.ts";
import { exportsApi } from "./exports/api.ts";

/** What the API tells of how runs went, beyond the runs themselves. */
export function resultsApi(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", changesApi(deps));
  routes.route("/", exportsApi(deps));
  return routes;
}
