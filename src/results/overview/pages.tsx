import { type Context, Hono } from "hono";

import {
  overviewPage,
  OverviewRegion,
  type OverviewFilter,
  type OverviewProps,
} from "../../../web/pages/overview.tsx";
import type { MonitorState } from "../../../web/parts/monitor-table.tsx";
import type { AppEnv, Deps, AlertReaders } from "../../access/context.ts";
import { answerPage, searchText } from "../../access/pages-form.ts";
import { listRunnersWithHealth } from "../../fleet/store.ts";
import { listMonitorsInMaintenance } from "../../schedules/maintenance/read.ts";
import { loadShell } from "../../workspaces/pages-shell.ts";
import {
  countStandings,
  groupings,
  listGroups,
  listMonitorsOverview,
  type MonitorOverview,
  type OverviewRequest,
} from "./store.ts";

const PAGE = 50;
/** Fewer rows of more groups would hide what fails behind a link, more rows make the page heavy. */
const GROUPS = 8;
const ROWS_OF_GROUP = 6;
const states: readonly MonitorState[] = ["failing", "error", "aborted", "passing", "paused", "none"];
const notWell: readonly MonitorState[] = ["failing", "error", "aborted"];

/** `/`: every monitor of the workspaces in view, failing first. */
export function overviewPages(deps: Deps, { readMutes }: Pick<AlertReaders, "readMutes">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/", async (c) => {
    const props = await loadOverview(c, { ...deps, readMutes }, filterOf(c));
    return answerPage(c, overviewPage(props), <OverviewRegion {...props} />);
  });

  return routes;
}

/** Whatever stands in the query string and makes no sense is left out rather than refused. */
function filterOf(c: Context<AppEnv>): OverviewFilter {
  /** Empty means something else than absent. */
  const place = (name: string) => {
    const sent = c.req.query(name);
    return sent === undefined ? undefined : searchText(sent);
  };
  const page = Number(c.req.query("page"));
  return {
    search: searchText(c.req.query("search")),
    state: states.find((state) => state === c.req.query("state")),
    onlyFailing: c.req.query("only") === "failing",
    group: groupings.find((grouping) => grouping === c.req.query("group")),
    folder: place("folder"),
    tag: place("tag"),
    page: Number.isInteger(page) && page > 1 && page <= 10_000 ? page : 1,
  };
}

type OverviewDeps = Deps & Pick<AlertReaders, "readMutes">;

async function loadOverview(
  c: Context<AppEnv>,
  deps: OverviewDeps,
  filter: OverviewFilter,
): Promise<OverviewProps> {
  const shell = await loadShell(c, deps);
  const actor = c.get("actor");
  const place = { workspaceId: shell.workspaceId, folder: filter.folder, tag: filter.tag };
  const [counts, runners, found] = await Promise.all([
    countStandings(deps.database, actor, place),
    listRunnersWithHealth(deps.database, actor),
    loadRows(c, deps, filter, { ...place, search: filter.search, standings: wantedStates(filter) }),
  ]);
  return {
    shell,
    filter,
    counts,
    runners: {
      online: runners.filter((runner) => runner.health === "Healthy").length,
      total: runners.length,
    },
    ...found,
  };
}

function wantedStates({ state, onlyFailing }: OverviewFilter): readonly MonitorState[] | undefined {
  if (!onlyFailing) return state && [state];
  return state ? notWell.filter((bad) => bad === state) : notWell;
}

async function loadRows(
  c: Context<AppEnv>,
  { database, readMutes }: OverviewDeps,
  { group, page }: OverviewFilter,
  request: OverviewRequest,
): Promise<Pick<OverviewProps, "rows" | "groups" | "hasMore">> {
  const actor = c.get("actor");
  if (group === undefined) {
    const { rows, hasMore } = await listMonitorsOverview(database, actor, {
      ...request,
      limit: PAGE,
      offset: (page - 1) * PAGE,
    });
    const toRow = await rowMaker({ database, readMutes }, rows);
    return { rows: rows.map(toRow), groups: undefined, hasMore };
  }
  const { groups, hasMore } = await listGroups(database, actor, {
    ...request,
    by: group,
    limit: GROUPS,
    offset: (page - 1) * GROUPS,
    rows: ROWS_OF_GROUP,
  });
  const toRow = await rowMaker(
    { database, readMutes },
    groups.flatMap((one) => one.rows),
  );
  return { rows: [], groups: groups.map((one) => ({ ...one, rows: one.rows.map(toRow) })), hasMore };
}

/** Rows of these monitors, with the maintenance that is under way for them, and whether they are muted. */
async function rowMaker(
  { database, readMutes }: Pick<OverviewDeps, "database" | "readMutes">,
  shown: readonly MonitorOverview[],
) {
  const ids = shown.map((monitor) => monitor.id);
  const [maintained, mutes] = await Promise.all([listMonitorsInMaintenance(database, ids), readMutes(ids)]);
  return ({ standing, runs, environmentName, ...monitor }: MonitorOverview) => ({
    ...monitor,
    environmentName: environmentName ?? undefined,
    maintenanceUntil: maintained.get(monitor.id)?.endsAt,
    mute: mutes.get(monitor.id),
    state: standing,
    bars: runs.map((run) => ({
      href: `/runs/${run.id}`,
      status: run.status,
      at: run.queuedAt,
      durationMs: run.durationMs,
    })),
  });
}
