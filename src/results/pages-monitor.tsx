import { type Context, Hono } from "hono";

import { monitorPage, MonitorRegion, type MonitorProps } from "../../web/pages/monitor.tsx";
import type { ExecutionRow } from "../../web/parts/executions.tsx";
import { changed, type MonitorView, monitorAddress } from "../../web/parts/monitor-view.ts";
import type { AppEnv, Deps, AlertReaders } from "../access/context.ts";
import { answerPage } from "../access/pages-form.ts";
import { AppError } from "../lib/errors.ts";
import { describeSchedule, nextRuns } from "../monitors/schedule.ts";
import { type ExecutionListing, listSlots } from "../runs/read.ts";
import { listMonitorsInMaintenance } from "../schedules/maintenance/read.ts";
import { isReadOnly, loadShell } from "../workspaces/pages-shell.ts";
import { getMonitorDetail, type MonitorDetail } from "./monitor-detail.ts";
import { loadSurroundings } from "./monitor-surroundings.tsx";
import { reachMonitor } from "./reach.ts";
import { listFilteredExecutions } from "./statistics/executions.ts";
import { loadStatistics } from "./statistics/page-parts.ts";
import { filterOfView, parseView, spanOfView } from "./statistics/view.ts";

const GAPS = 10;
const NEXT_RUNS = 3;

/** `/monitors/:id`: how one monitor has been doing. Its forms are in the monitors' own pages. */
export function monitorDetailPages(
  deps: Deps,
  { readTelling }: Pick<AlertReaders, "readTelling">,
): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/monitors/:id{[0-9a-fA-F-]{36}}", async (c) => {
    const { id } = await reachMonitor(c, deps);
    const props = await loadMonitor(c, { ...deps, readTelling }, id);
    return answerPage(c, monitorPage(props), <MonitorRegion {...props} />);
  });

  return routes;
}

/** Everything is read side by side: what the database needs for one part is the time of the page. */
async function loadMonitor(
  c: Context<AppEnv>,
  deps: Deps & Pick<AlertReaders, "readTelling">,
  monitorId: string,
): Promise<MonitorProps> {
  const { database } = deps;
  const now = deps.clock.now();
  const view = parseView((name) => c.req.query(name), now);
  const found = openMonitor(deps, monitorId);
  const [monitor, shell, maintained, telling, statistics, executions, gaps, surroundings] = await Promise.all(
    [
      found,
      loadShell(c, deps),
      listMonitorsInMaintenance(database, [monitorId]),
      deps.readTelling(monitorId),
      loadStatistics(database, { monitorId, view, now }),
      listFilteredExecutions(database, {
        monitorId,
        filter: filterOfView(view),
        span: view.span && spanOfView(view, now),
        cursor: view.cursor,
      }),
      listSlots(database, monitorId, { gaps: true, limit: GAPS }),
      found.then((monitor) => loadSurroundings(deps, monitor, now)),
    ],
  );
  return {
    shell,
    isReadOnly: isReadOnly(shell, monitor.workspaceId),
    view,
    maintenance: maintained.get(monitor.id),
    telling,
    monitor: {
      ...monitor,
      ...scheduleOf(monitor, now),
      state: monitor.standing,
      environment: monitor.environment ?? undefined,
      openRunId: monitor.openRunId ?? undefined,
    },
    uptime: monitor.uptime,
    latency: monitor.latency,
    ...statistics,
    ...surroundings,
    executions: executions.rows.map(executionRow),
    gaps: gaps.rows,
    pages: pagesOf(monitor.id, view, executions.nextCursor),
  };
}

async function openMonitor({ database }: Deps, monitorId: string): Promise<MonitorDetail> {
  const monitor = await getMonitorDetail(database, monitorId);
  if (!monitor) throw new AppError("not_found", "There is no such monitor; it may have been deleted.");
  return monitor;
}

function scheduleOf({ cron, timezone, active }: MonitorDetail, now: Date) {
  if (cron === null) return { schedule: "Only when triggered", nextRuns: [] };
  const words = describeSchedule(cron, timezone);
  return {
    schedule: words.endsWith(`(${timezone})`) ? words : `${words} (${timezone})`,
    nextRuns: active ? nextRuns(cron, timezone, now, NEXT_RUNS) : [],
  };
}

function pagesOf(monitorId: string, view: MonitorView, next: string | null): MonitorProps["pages"] {
  return {
    previous: view.cursor === undefined ? undefined : monitorAddress(monitorId, changed(view, {})),
    next: next === null ? undefined : monitorAddress(monitorId, { ...view, cursor: next }),
  };
}

function executionRow(execution: ExecutionListing): ExecutionRow {
  const { runs, slot } = execution;
  const sum = (pick: (run: ExecutionListing["runs"][number]) => number) =>
    runs.reduce((total, run) => total + pick(run), 0);
  const durations = runs.map((run) => run.durationMs).filter((duration) => duration !== null);
  return {
    id: execution.id,
    trigger: execution.trigger,
    at: execution.createdAt,
    status: execution.outcome ?? (runs.some((run) => run.status !== "queued") ? "running" : "queued"),
    slot: slot ? { at: slot.slotAt, status: slot.status, delayMs: slot.delayMs } : undefined,
    runs: runs.map(({ id, runnerName, status }) => ({ id, runnerName, status })),
    requestsTotal: sum((run) => run.requestsTotal),
    assertionsTotal: sum((run) => run.assertionsTotal),
    assertionsFailed: sum((run) => run.assertionsFailed),
    durationMs: durations.length === 0 ? null : Math.max(...durations),
    detail: runs.find((run) => run.outcome === execution.outcome)?.detail ?? undefined,
  };
}
