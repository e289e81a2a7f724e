import { Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { channelsApi } from "./channels-api.ts";
import { alertLogApi } from "./log-api.ts";
import { rulesApi } from "./rules-api.ts";
import { summariesApi } from "./summaries-api.ts";

/** Whatever is about alerts; Postman's API has none of it. */
export function alertsApi(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", channelsApi(deps));
  routes.route("/", rulesApi(deps));
  routes.route("/", alertLogApi(deps));
  routes.route("/", summariesApi(deps));
  return routes;
}
