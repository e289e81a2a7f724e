import { type Context, Hono } from "hono";

import { withQuery } from "../../web/format.ts";
import {
  type ChartRange,
  monitorPage,
  MonitorRegion,
  type MonitorProps,
  ranges,
} from "../../web/pages/monitor.tsx";
import type { ExecutionRow } from "../../web/parts/executions.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { answerPage } from "../access/pages-form.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { describeSchedule, nextRuns } from "../monitors/schedule.ts";
import { type ExecutionListing, isCursor, listExecutions, listSlots } from "../runs/read.ts";
import { isReadOnly, loadShell } from "../workspaces/pages-shell.ts";
import { latencySeries } from "./latency.ts";
import { getMonitorDetail, listRecentRuns, type MonitorDetail, type RecentRun } from "./overview.ts";

const BARS = 60;
const GAPS = 10;
const NEXT_RUNS = 3;
const DAY_MS = 24 * 60 * 60 * 1000;
const daysOf: Record<ChartRange, number> = { "24 h": 1, "7 d": 7, "30 d": 30 };

/** `/monitors/:id`: how one monitor has been doing. Its forms are in the monitors' own pages. */
export function monitorDetailPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/monitors/:id{[0-9a-fA-F-]{36}}", async (c) => {
    const id = c.req.param("id");
    const monitor = isUuid(id) ? await getMonitorDetail(deps.database, id) : undefined;
    if (!monitor) throw new AppError("not_found", "There is no such monitor; it may have been deleted.");
    await requireWorkspaceRole(deps.database, c.get("actor"), monitor.workspaceId, "viewer");
    const props = await loadMonitor(c, deps, monitor);
    return answerPage(c, monitorPage(props), <MonitorRegion {...props} />);
  });

  return routes;
}

async function loadMonitor(c: Context<AppEnv>, deps: Deps, monitor: MonitorDetail): Promise<MonitorProps> {
  const { database } = deps;
  const range = ranges.find((known) => known === c.req.query("range")) ?? "24 h";
  const sent = c.req.query("cursor");
  const cursor = sent !== undefined && isCursor(sent) ? sent : undefined;
  const now = deps.clock.now();
  const recent = await listRecentRuns(database, monitor.id, BARS);
  const [shell, series, executions, gaps] = await Promise.all([
    loadShell(c, deps),
    latencySeries(database, monitor.id, { since: chartStart(now, range, recent), until: now }),
    listExecutions(database, monitor.id, { cursor }),
    listSlots(database, monitor.id, { gaps: true, limit: GAPS }),
  ]);
  return {
    shell,
    isReadOnly: isReadOnly(shell, monitor.workspaceId),
    range,
    cursor,
    monitor: {
      ...monitor,
      ...scheduleOf(monitor, now),
      state: monitor.standing,
      environment: monitor.environment ?? undefined,
    },
    uptime: monitor.uptime,
    latency: monitor.latency,
    bars: recent.map((run) => ({
      href: `/runs/${run.id}`,
      status: run.status,
      at: run.queuedAt,
      durationMs: run.durationMs,
    })),
    series,
    executions: executions.rows.map(executionRow),
    gaps: gaps.rows,
    pages: pagesOf(monitor.id, cursor, executions.nextCursor),
  };
}

/** A young monitor fills the width of the chart with what it has. */
function chartStart(now: Date, range: ChartRange, recent: RecentRun[]): Date {
  const [first] = recent;
  const start = now.getTime() - daysOf[range] * DAY_MS;
  const isYoung = first !== undefined && recent.length < BARS;
  return new Date(isYoung ? Math.max(start, first.queuedAt.getTime() - 1000) : start);
}

function scheduleOf({ cron, timezone, active }: MonitorDetail, now: Date) {
  if (cron === null) return { schedule: "Only when triggered", nextRuns: [] };
  return {
    schedule: describeSchedule(cron, timezone),
    nextRuns: active ? nextRuns(cron, timezone, now, NEXT_RUNS) : [],
  };
}

function pagesOf(monitorId: string, cursor: string | undefined, next: string | null): MonitorProps["pages"] {
  const path = `/monitors/${monitorId}`;
  return {
    previous: cursor === undefined ? undefined : path,
    next: next === null ? undefined : withQuery(path, { cursor: next }),
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
