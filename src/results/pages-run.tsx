import { type Context, Hono } from "hono";
import { stream } from "hono/streaming";

import { RunConsoleRegion, runConsolePage } from "../../web/pages/run-console.tsx";
import { runStepPage } from "../../web/pages/run-step.tsx";
import { RunRegion, runPage } from "../../web/pages/run.tsx";
import { isLive } from "../../web/parts/run-verdict.tsx";
import { StepDetail } from "../../web/parts/step-detail.tsx";
import type { AppEnv, Deps, AlertReaders } from "../access/context.ts";
import { answerPage } from "../access/pages-form.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { findMonitor } from "../monitors/store.ts";
import { getRun, type RunDetail } from "../runs/read.ts";
import { listStepHeads, readStepsOf } from "../runs/step-heads.ts";
import { cancelExecution, triggerExecution } from "../runs/trigger.ts";
import { loadShell } from "../workspaces/pages-shell.ts";
import { countLines, readConsole, readConsoleQuery } from "./run/console.ts";
import { runDocument } from "./run/export.ts";
import { loadRun, onItsOwn, settingOf } from "./run/load.ts";
import { kindOf, readStepQuery } from "./run/view.ts";

/** `/runs/:id`: one run, its steps and its console, and what starts and stops runs. */
export function runPages(deps: Deps, { readTelling }: Pick<AlertReaders, "readTelling">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/runs/:id", async (c) => {
    const run = await findRun(c, deps, "viewer");
    const query = readStepQuery((name) => c.req.query(name));
    const props = await loadRun({ ...deps, readTelling }, await loadShell(c, deps), run, {
      ...query,
      attempt: attemptOf(c, run),
    });
    return answerPage(c, runPage(props), <RunRegion {...props} />);
  });

  routes.get("/runs/:id/steps/:position", async (c) => {
    const run = await findRun(c, deps, "viewer");
    const props = await loadStep(c, deps, run);
    return answerPage(c, runStepPage(props), <StepDetail step={props.step} setting={props.setting} />);
  });

  routes.get("/runs/:id/console", async (c) => {
    const run = await findRun(c, deps, "viewer");
    const props = await loadConsole(c, deps, run);
    return answerPage(c, runConsolePage(props), <RunConsoleRegion {...props} />);
  });

  routes.get("/runs/:id/run.json", async (c) => {
    const run = await findRun(c, deps, "viewer");
    const document = runDocument(deps.database, run, attemptOf(c, run));
    c.header("content-type", "application/json; charset=utf-8");
    c.header("content-disposition", `attachment; filename="run-${run.id}.json"`);
    return stream(c, async (out) => {
      for await (const part of document) await out.write(part);
    });
  });

  routes.post("/runs/:id/cancel", async (c) => {
    const run = await findRun(c, deps, "editor");
    await cancelExecution(deps, run.executionId);
    return c.redirect(`/runs/${run.id}`, 303);
  });

  // The same monitor on the runner of this run alone.
  routes.post("/runs/:id/again", async (c) => {
    const run = await findRun(c, deps, "editor");
    return startRun(c, deps, run.monitor.id, run.runnerId ?? undefined);
  });

  routes.post("/monitors/:id/run", async (c) => {
    const monitorId = c.req.param("id");
    const monitor = isUuid(monitorId) ? await findMonitor(deps.database, monitorId) : undefined;
    if (!monitor) throw new AppError("not_found", "There is no such monitor; it may have been deleted.");
    await requireWorkspaceRole(deps.database, c.get("actor"), monitor.workspaceId, "editor");
    return startRun(c, deps, monitorId);
  });

  return routes;
}

/** Straight to the run when there is one: that is where the answer appears. */
async function startRun(c: Context<AppEnv>, deps: Deps, monitorId: string, runnerId?: string) {
  const { runIds } = await triggerExecution(deps, {
    monitorId,
    trigger: "manual",
    triggeredBy: c.get("actor").userId,
    ...(runnerId !== undefined && { runnerId }),
  });
  const [only, ...others] = runIds;
  return c.redirect(only && others.length === 0 ? `/runs/${only}` : `/monitors/${monitorId}`, 303);
}

/** The run of the path, for whoever has the role in its workspace. */
async function findRun(c: Context<AppEnv>, deps: Deps, needed: WorkspaceRole): Promise<RunDetail> {
  const id = c.req.param("id") ?? "";
  const found = isUuid(id) ? await getRun(deps.database, id) : undefined;
  if (!found) throw new AppError("not_found", "There is no such run; its monitor may have been deleted.");
  await requireWorkspaceRole(deps.database, c.get("actor"), found.workspaceId, needed);
  return found;
}

/** The earlier attempt whose steps are wanted; undefined = the last one. */
function attemptOf(c: Context<AppEnv>, { earlierAttempts }: RunDetail): number | undefined {
  const wanted = Number(c.req.query("attempt"));
  return earlierAttempts.find(({ attempt }) => attempt === wanted)?.attempt;
}

async function loadStep(c: Context<AppEnv>, deps: Deps, run: RunDetail) {
  const attempt = attemptOf(c, run);
  const place = { runId: run.id, attempt };
  const [shell, { heads }] = await Promise.all([loadShell(c, deps), listStepHeads(deps.database, place)]);
  const position = Number(c.req.param("position"));
  const index = heads.findIndex((head) => head.position === position);
  const head = heads[index];
  const steps = head ? await readStepsOf(deps.database, place, [head]) : undefined;
  const step = steps?.get(position);
  if (!head || !step) {
    throw new AppError(
      "not_found",
      "The run has no such step; it may not have come that far, or is not kept any more.",
    );
  }
  const query = attempt === undefined ? "" : `?attempt=${attempt}`;
  return {
    shell,
    monitor: run.monitor,
    runHref: `/runs/${run.id}${query}#step-${position}`,
    head,
    step,
    setting: settingOf(shell, run, attempt, onItsOwn),
    previous: heads[index - 1],
    next: heads[index + 1],
    nextFailed: heads.slice(index + 1).find(({ status }) => kindOf(status) === "failed"),
  };
}

async function loadConsole(c: Context<AppEnv>, deps: Deps, run: RunDetail) {
  const attempt = attemptOf(c, run);
  const place = { runId: run.id, attempt };
  const [shell, { heads }] = await Promise.all([loadShell(c, deps), listStepHeads(deps.database, place)]);
  const query = readConsoleQuery((name) => c.req.query(name), c.req.queries("level") ?? []);
  const suffix = attempt === undefined ? "" : `?attempt=${attempt}`;
  return {
    shell,
    runId: run.id,
    attempt,
    isLive: isLive(run.status) && attempt === undefined,
    monitor: run.monitor,
    counts: countLines(heads),
    ...query,
    ...(await readConsole(deps.database, place, heads, query)),
    hrefOf: (position: number) => `/runs/${run.id}/steps/${position}${suffix}`,
  };
}
