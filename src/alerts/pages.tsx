import { Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { channelPages, type MailSettings } from "./pages-channels.tsx";
import { alertLogPages } from "./pages-log.tsx";
import { monitorAlertPages } from "./pages-monitor.tsx";
import { mutePages } from "./pages-mutes.tsx";
import { rulePages } from "./pages-rules.tsx";
import { summaryPages } from "./pages-summaries.tsx";

/** `/alerts` and what stands below it, and `/monitors/:id/alerts`. */
export function alertsPages(deps: Deps, options: MailSettings): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", alertLogPages(deps));
  routes.route("/", channelPages(deps, options));
  routes.route("/", mutePages(deps));
  routes.route("/", rulePages(deps));
  routes.route("/", summaryPages(deps));
  routes.route("/", monitorAlertPages(deps));
  return routes;
}
