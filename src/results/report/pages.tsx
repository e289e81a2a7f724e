import { type Context, Hono } from "hono";

import { reportPage } from "../../../web/pages/report.tsx";
import { reportsPage } from "../../../web/pages/reports.tsx";
import type { AppEnv, Deps } from "../../access/context.ts";
import { requireWorkspaceRole } from "../../access/workspace-rights.ts";
import { AppError } from "../../lib/errors.ts";
import { isUuid } from "../../lib/ids.ts";
import { loadShell } from "../../workspaces/pages-shell.ts";
import { csvLine } from "../exports/csv.ts";
import { downloadHeaders, fileName } from "../exports/stream.ts";
import { reachMonitor } from "../reach.ts";
import { findKeptSince, listReportedMonitors } from "./monitors-store.ts";
import { type Month, monthAt, monthText, nextMonth, parseMonth } from "./month.ts";
import { loadMonthFigures, loadMonthReport, type MonthReport } from "./report.ts";

/** Months of a minute's slots are counted for each: more would keep the reader waiting. */
const PAGE = 25;

/** `/monitors/:id/report` and `/reports`: a month against what was promised. */
export function reportPages(deps: Deps): Hono<AppEnv> {
  const { database, clock } = deps;
  const routes = new Hono<AppEnv>();

  const loadReport = async (c: Context<AppEnv>) => {
    const monitor = await reachMonitor(c, deps);
    const now = clock.now();
    const current = monthAt(now, monitor.timezone);
    const month = parseMonth(c.req.query("month")) ?? current;
    const runsKeptSince = await findKeptSince(database, monitor.id);
    const report = await loadMonthReport(database, { ...monitor, runsKeptSince }, { month, now });
    return { monitor, month, report, ...monthsAround(month, current) };
  };

  routes.get("/monitors/:id/report", async (c) => {
    const [shell, { monitor, report, month, ...around }] = await Promise.all([
      loadShell(c, deps),
      loadReport(c),
    ]);
    return c.html(
      reportPage({
        shell,
        monitor,
        month: monthText(month),
        ...around,
        target: targetOf(c),
        report,
      }),
    );
  });

  routes.get("/monitors/:id/report.csv", async (c) => {
    const { monitor, month, report } = await loadReport(c);
    const name = fileName(`${monitor.name}-${monthText(month)}`, "csv");
    return c.body(csvOf(report), 200, downloadHeaders(name, "text/csv"));
  });

  routes.get("/reports", async (c) => {
    const shell = await loadShell(c, deps);
    const workspace = await chosenWorkspace(c, deps, shell);
    const now = clock.now();
    const current = monthAt(now, "UTC");
    const month = parseMonth(c.req.query("month")) ?? current;
    const pageNumber = pageOf(c);
    const found = await listReportedMonitors(database, workspace.id, {
      limit: PAGE + 1,
      offset: (pageNumber - 1) * PAGE,
    });
    const monitors = found.slice(0, PAGE);
    const figures = await loadMonthFigures(database, monitors, { month, now });
    return c.html(
      reportsPage({
        shell: { ...shell, workspaceId: workspace.id },
        workspace,
        month: monthText(month),
        ...monthsAround(month, current),
        target: targetOf(c),
        rows: monitors.flatMap(({ id, name }) => {
          const row = figures.get(id);
          return row ? [{ id, name, ...row }] : [];
        }),
        pageNumber,
        hasMore: found.length > PAGE,
      }),
    );
  });

  return routes;
}

const monthsAround = (month: Month, current: Month) => ({
  previousMonth: monthText(nextMonth(month, -1)),
  nextMonth: monthText(month) < monthText(current) ? monthText(nextMonth(month)) : undefined,
  isRunning: monthText(month) === monthText(current),
});

const USUAL_TARGET = 0.999;

/** A share; an empty field asks for none, and without one it is three nines. */
function targetOf(c: Context<AppEnv>): number | null {
  const sent = c.req.query("target");
  if (sent === undefined) return USUAL_TARGET;
  const percent = Number(sent.replace(",", "."));
  return sent.trim() !== "" && percent >= 0 && percent <= 100 ? percent / 100 : null;
}

function pageOf(c: Context<AppEnv>): number {
  const sent = c.req.query("page") ?? "1";
  return /^[1-9]\d{0,4}$/.test(sent) ? Number(sent) : 1;
}

/** The one of the address, or the first that the person sees. */
async function chosenWorkspace(
  c: Context<AppEnv>,
  { database }: Deps,
  shell: Awaited<ReturnType<typeof loadShell>>,
): Promise<{ id: string; name: string }> {
  const wanted = c.req.query("workspace");
  if (wanted !== undefined && isUuid(wanted)) {
    await requireWorkspaceRole(database, c.get("actor"), wanted, "viewer");
  }
  const workspace =
    wanted === undefined ? shell.workspaces[0] : shell.workspaces.find(({ id }) => id === wanted);
  if (!workspace) throw new AppError("not_found", "There is no such workspace; it may have been deleted.");
  return workspace;
}

const csvOf = ({ days }: MonthReport): string =>
  [
    csvLine([
      "day",
      "uptime",
      "passed",
      "failed",
      "errored_or_aborted",
      "down_ms",
      "p95_ms",
      "slots_due",
      "slots_reported",
      "slots_late",
      "slots_missed",
      "slots_lost",
      "slots_skipped_overlap",
      "slots_in_maintenance",
    ]),
    ...days.map((day) =>
      csvLine([
        day.date,
        day.uptime,
        day.passed,
        day.failed,
        day.untold,
        day.downMs,
        day.p95Ms,
        day.due,
        day.reported,
        day.late,
        day.missed,
        day.lost,
        day.overlap,
        day.inMaintenance,
      ]),
    ),
  ].join("");
