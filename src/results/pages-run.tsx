import { type Context, Hono } from "hono";

import { RunRegion, runPage, type RunProps } from "../../web/pages/run.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { answerPage } from "../access/pages-form.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { findMonitor } from "../monitors/store.ts";
import { getRun, listSteps, type RunDetail } from "../runs/read.ts";
import { cancelExecution, triggerExecution } from "../runs/trigger.ts";
import { isReadOnly, loadShell } from "../workspaces/pages-shell.ts";

const SHOWN_STEPS = 200;

/** `/runs/:id`: one run, and what starts and stops runs. */
export function runPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/runs/:id", async (c) => {
    const run = await findRun(c, deps, "viewer");
    const props = await loadRun(c, deps, run, attemptOf(c, run));
    return answerPage(c, runPage(props), <RunRegion {...props} />);
  });

  routes.post("/runs/:id/cancel", async (c) => {
    const run = await findRun(c, deps, "editor");
    await cancelExecution(deps, run.executionId);
    return c.redirect(`/runs/${run.id}`, 303);
  });

  // Straight to the run when there is one: that is where the answer appears.
  routes.post("/monitors/:id/run", async (c) => {
    const monitorId = c.req.param("id");
    const monitor = isUuid(monitorId) ? await findMonitor(deps.database, monitorId) : undefined;
    if (!monitor) throw new AppError("not_found", "There is no such monitor; it may have been deleted.");
    await requireWorkspaceRole(deps.database, c.get("actor"), monitor.workspaceId, "editor");
    const { runIds } = await triggerExecution(deps, {
      monitorId,
      trigger: "manual",
      triggeredBy: c.get("actor").userId,
    });
    const [only, ...others] = runIds;
    return c.redirect(only && others.length === 0 ? `/runs/${only}` : `/monitors/${monitorId}`, 303);
  });

  return routes;
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

async function loadRun(
  c: Context<AppEnv>,
  deps: Deps,
  run: RunDetail,
  attempt: number | undefined,
): Promise<RunProps> {
  const [shell, { steps, hidden }] = await Promise.all([
    loadShell(c, deps),
    listSteps(deps.database, run.id, { limit: SHOWN_STEPS, attempt }),
  ]);
  return {
    shell,
    isReadOnly: isReadOnly(shell, run.workspaceId),
    attempts: run.earlierAttempts,
    shownAttempt: attempt,
    run: { ...run, claimedAt: run.startedAt },
    monitor: run.monitor,
    collectionName: run.collection.name,
    environmentName: run.environment?.name,
    runner:
      run.runnerId === null
        ? null
        : { id: run.runnerId, name: run.runnerName ?? "", hostname: run.hostname ?? undefined },
    trigger: run.trigger,
    slotAt: run.slotAt,
    siblings: run.siblings.map(({ id, runnerName, status }) => ({
      id,
      runnerName: runnerName ?? "waiting for a runner",
      status,
    })),
    steps,
    hiddenSteps: hidden,
  };
}
