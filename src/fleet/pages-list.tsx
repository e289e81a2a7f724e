import { type Context, Hono } from "hono";

import { runnerPage, RunnerRegion } from "../../web/pages/runner.tsx";
import {
  type RunnerHealth,
  type RunnerRow,
  runnersPage,
  RunnersRegion,
  type RunnersProps,
} from "../../web/pages/runners.tsx";
import { RunnerLoad } from "../../web/parts/runner-load.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { answerPage, searchText } from "../access/pages-form.ts";
import { VERSION } from "../lib/version.ts";
import { loadShell } from "../workspaces/pages-shell.ts";
import { type LoadRange, loadRanges, readLoad } from "./history.ts";
import { listInstances } from "./instance-list.ts";
import { getRunner } from "./open-runner.ts";
import { type Health, HEALTHY_SECONDS, isOlder, startCommandWithoutKey } from "./runner.ts";
import { listRunnersWithHealth, type RunnerWithHealth } from "./store.ts";
import { listRunnerWork } from "./work.ts";

const PER_PAGE = 100;

/** `/runners`: those of the fleet that a person sees; `/runners/:id`: one of them, what it does and did. */
export function runnerListPages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/runners", async (c) => {
    const [shell, found] = await Promise.all([
      loadShell(c, deps),
      listRunnersWithHealth(database, c.get("actor")),
    ]);
    const filter = filterOf(c);
    const all = found.map(rowOf);
    const fitting = all
      .filter((row) => fits(row, filter))
      .toSorted((a, b) => rank[a.health] - rank[b.health]);
    const from = (filter.page - 1) * PER_PAGE;
    const props = {
      shell,
      healthySeconds: HEALTHY_SECONDS,
      rows: fitting.slice(from, from + PER_PAGE),
      counts: countHealths(all),
      filter,
      hasNext: fitting.length > from + PER_PAGE,
    };
    return answerPage(c, runnersPage(props), <RunnersRegion {...props} />);
  });

  routes.get("/runners/:id{[0-9a-fA-F-]{36}}", async (c) => {
    const runner = await getRunner(c, deps);
    const isRefresh = c.req.header("hx-request") === "true";
    const range = rangeOf(c);
    const [shell, instances, work, load] = await Promise.all([
      loadShell(c, deps),
      listInstances(database, runner.id),
      listRunnerWork(database, c.get("actor"), runner.id),
      // Its charts have an address of their own, which they are refreshed from more rarely.
      isRefresh ? undefined : readLoad(database, runner.id, range),
    ]);
    const props = {
      shell,
      runner: { ...runner, ...rowOf(runner) },
      instances: instances.map((instance) => ({
        ...instance,
        isOutdated: isOlder(instance.version, VERSION),
      })),
      ...work,
    };
    const startCommand = startCommandWithoutKey(deps.publicUrl, runner.id);
    return answerPage(
      c,
      load ? runnerPage({ ...props, range, load, startCommand }) : <RunnerRegion {...props} />,
      <RunnerRegion {...props} />,
    );
  });

  routes.get("/runners/:id/load", async (c) => {
    const { id } = await getRunner(c, deps);
    const range = rangeOf(c);
    const [shell, load] = await Promise.all([loadShell(c, deps), readLoad(database, id, range)]);
    return c.html(<RunnerLoad shell={shell} runnerId={id} range={range} load={load} />);
  });

  return routes;
}

const rangeOf = (c: Context<AppEnv>): LoadRange =>
  loadRanges.find((range) => range === c.req.query("range")) ?? "24h";

const healthWords: Record<Health, RunnerHealth> = {
  Healthy: "healthy",
  Unhealthy: "unhealthy",
  Unknown: "unknown",
};
/** What needs a person comes first. */
const rank: Record<RunnerHealth, number> = { unhealthy: 0, unknown: 1, healthy: 2 };

const rowOf = (runner: RunnerWithHealth): RunnerRow => ({
  ...runner,
  health: healthWords[runner.health],
  isOutdated: runner.versions.some((version) => isOlder(version, VERSION)),
});

function filterOf(c: Context<AppEnv>): RunnersProps["filter"] {
  const wanted = c.req.query("health");
  return {
    health: Object.values(healthWords).find((health) => health === wanted),
    search: searchText(c.req.query("q")),
    page: Math.max(1, Math.trunc(Number(c.req.query("page"))) || 1),
  };
}

function fits(row: RunnerRow, { health, search }: RunnersProps["filter"]): boolean {
  if (health !== undefined && row.health !== health) return false;
  const words = search.toLowerCase();
  return row.name.toLowerCase().includes(words) || row.description.toLowerCase().includes(words);
}

function countHealths(rows: readonly RunnerRow[]): Record<RunnerHealth, number> {
  const counts = { healthy: 0, unhealthy: 0, unknown: 0 };
  for (const { health } of rows) counts[health]++;
  return counts;
}
