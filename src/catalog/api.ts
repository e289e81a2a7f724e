import { Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { absentApi } from "./absent-api.ts";
import { associationsApi } from "./associations-api.ts";
import { collectionRunsApi } from "./collection-runs-api.ts";
import { contextApi } from "./context-api.ts";
import { discoveryApi } from "./discovery-api.ts";
import { searchApi } from "./search-api.ts";
import { serviceRunsApi } from "./service-runs-api.ts";
import { servicesApi } from "./services-api.ts";
import { systemEnvironmentsApi } from "./system-environments-api.ts";

/** What is read across all elements, and what there is not. */
export function catalogApi(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  for (const part of [
    searchApi(deps),
    contextApi(deps),
    systemEnvironmentsApi(deps),
    associationsApi(deps),
    discoveryApi(deps),
    servicesApi(deps),
    serviceRunsApi(deps),
    collectionRunsApi(deps),
    absentApi(),
  ])
    routes.route("/", part);
  return routes;
}
