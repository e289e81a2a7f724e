import { type Context, Hono } from "hono";

import {
  type MonitorState,
  overviewPage,
  OverviewRegion,
  type OverviewFilter,
  type OverviewProps,
} from "../../web/pages/overview.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { answerPage } from "../access/pages-form.ts";
import { listRunnersWithHealth } from "../fleet/store.ts";
import { loadShell } from "../workspaces/pages-shell.ts";
import { listMonitorsOverview, type MonitorOverview } from "./overview.ts";

const PAGE = 50;
const states: readonly MonitorState[] = ["failing", "error", "aborted", "passing", "paused", "none"];
const notWell: readonly MonitorState[] = ["failing", "error", "aborted"];

/** `/`: every monitor of the workspaces in view, failing first. */
export function overviewPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/", async (c) => {
    const props = await loadOverview(c, deps, filterOf(c));
    return answerPage(c, overviewPage(props), <OverviewRegion {...props} />);
  });

  return routes;
}

/** Whatever stands in the query string and makes no sense is left out rather than refused. */
function filterOf(c: Context<AppEnv>): OverviewFilter {
  const page = Number(c.req.query("page"));
  return {
    search: (c.req.query("search") ?? "").trim().slice(0, 200).replaceAll("\0", ""),
    state: states.find((state) => state === c.req.query("state")),
    onlyFailing: c.req.query("only") === "failing",
    page: Number.isInteger(page) && page > 1 && page <= 10_000 ? page : 1,
  };
}

async function loadOverview(c: Context<AppEnv>, deps: Deps, filter: OverviewFilter): Promise<OverviewProps> {
  const shell = await loadShell(c, deps);
  const wanted = filter.state ? [filter.state] : states;
  const [overview, runners] = await Promise.all([
    listMonitorsOverview(deps.database, c.get("actor"), {
      workspaceId: shell.workspaceId,
      search: filter.search,
      standings: filter.onlyFailing ? wanted.filter((state) => notWell.includes(state)) : wanted,
      limit: PAGE,
      offset: (filter.page - 1) * PAGE,
    }),
    listRunnersWithHealth(deps.database, c.get("actor")),
  ]);
  return {
    shell,
    filter,
    counts: overview.counts,
    runners: {
      online: runners.filter((runner) => runner.health === "Healthy").length,
      total: runners.length,
    },
    rows: overview.rows.map(rowOf),
    hasMore: overview.hasMore,
  };
}

const rowOf = ({ standing, runs, environmentName, ...monitor }: MonitorOverview) => ({
  ...monitor,
  environmentName: environmentName ?? undefined,
  state: standing,
  bars: runs.map((run) => ({
    href: `/runs/${run.id}`,
    status: run.status,
    at: run.queuedAt,
    durationMs: run.durationMs,
  })),
});
