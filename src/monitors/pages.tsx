import { type Context, Hono } from "hono";

import { confirmPage } from "../../web/pages/confirm.tsx";
import { monitorCreatedPage } from "../../web/pages/monitor-created.tsx";
import { monitorFormPage } from "../../web/pages/monitor-form.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { MonitorFormProps, MonitorValues } from "../../web/parts/monitor-fields.tsx";
import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { formErrorsOf, noStore, passOnForbidden, readForm } from "../access/pages-form.ts";
import { requireAdmin } from "../access/rights.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { listCollections } from "../collections/store.ts";
import { listEnvironments } from "../environments/store.ts";
import { parseRunner, startCommand } from "../fleet/runner.ts";
import { createRunner, deleteRunner, listRunnersWithHealth } from "../fleet/store.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { listTimeZones } from "../lib/local-time.ts";
import { loadShell, workspaceName } from "../workspaces/pages-shell.ts";
import { parseMonitorChange, parseNewMonitor } from "./monitor.ts";
import { keptBody, newValues, scheduleOf, sentValues, storedValues } from "./pages-values.ts";
import { listRunnersOfMonitor } from "./runners-store.ts";
import { nextRuns, parseSchedule } from "./schedule.ts";
import {
  createMonitor,
  deleteMonitor,
  findMonitor,
  listFolders,
  type Monitor,
  updateMonitor,
} from "./store.ts";

const NEXT_RUNS = 3;
/** Parameters of the API by the field of the form that they come from. */
const fieldOfParam = {
  "schedule.timezone": "timezone",
  "schedule.cron": "cron",
  distribution: "runners",
  "retry.attempts": "retries",
  "options.keepRequests": "keepRequests",
  "options.keepResponses": "keepResponses",
  "options.keepDays": "keepDays",
  "options.keepRunDays": "keepRunDays",
  workspace: "",
};

/** The forms of a monitor: new, edit, pause, resume, delete. What its runs did is shown by the runs' pages. */
export function monitorsPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", formPages(deps));
  routes.route("/", actionPages(deps));
  return routes;
}

interface Draft {
  monitor?: Monitor;
  values: MonitorValues;
  errors?: FormErrors;
}

function formPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const show = async (c: Context<AppEnv>, draft: Draft, status: 200 | 400 = 200) =>
    c.html(monitorFormPage(await loadForm(c, deps, draft)), status);

  routes.get("/monitors/new", (c) => show(c, { values: newValues(c.req.query("collection") ?? "") }));

  routes.post("/monitors", async (c) => {
    const form = await readForm(c);
    const values = sentValues(form);
    if (form.text("preview") !== "") return show(c, { values, ...problemsOf(values) });
    try {
      const input = parseNewMonitor({
        ...bodyOf(values),
        collection: values.collectionId,
        environment: values.environmentId,
      });
      if (values.placement !== "new") {
        const created = await createMonitor(deps.database, c.get("actor"), input);
        return c.redirect(`/monitors/${created.id}`, 303);
      }
      const made = await makeRunner(deps, c.get("actor"), values.newRunnerName, (runnerId) =>
        createMonitor(deps.database, c.get("actor"), { ...input, runnerIds: [runnerId] }),
      );
      return await showCommand(c, deps, made);
    } catch (error) {
      passOnForbidden(error);
      return show(c, { values, errors: formErrorsOf(error, fieldOfParam) }, 400);
    }
  });

  routes.get("/monitors/:id/edit", async (c) => {
    const monitor = await getMonitor(c, deps);
    const runners = await listRunnersOfMonitor(deps.database, monitor.id);
    return show(c, {
      monitor,
      values: storedValues(
        monitor,
        runners.map(({ id }) => id),
      ),
    });
  });

  routes.post("/monitors/:id{[0-9a-fA-F-]{36}}", async (c) => {
    const monitor = await getMonitor(c, deps);
    const form = await readForm(c);
    const { collectionId, environmentId } = storedValues(monitor, []);
    const values = { ...sentValues(form), collectionId, environmentId };
    if (form.text("preview") !== "") return show(c, { monitor, values, ...problemsOf(values) });
    try {
      const input = parseMonitorChange(bodyOf(values));
      const save = (runnerIds: string[]) =>
        updateMonitor(deps.database, c.get("actor"), monitor.id, { ...input, runnerIds });
      if (values.placement !== "new") {
        await save(input.runnerIds ?? []);
        return c.redirect(`/monitors/${monitor.id}`, 303);
      }
      const made = await makeRunner(deps, c.get("actor"), values.newRunnerName, async (runnerId) => {
        await save([runnerId]);
        return { ...monitor, name: values.name };
      });
      return await showCommand(c, deps, made);
    } catch (error) {
      passOnForbidden(error);
      return show(c, { monitor, values, errors: formErrorsOf(error, fieldOfParam) }, 400);
    }
  });

  return routes;
}

function actionPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.post("/monitors/:id/:change{pause|resume}", async (c) => {
    const { id } = await getMonitor(c, deps);
    await updateMonitor(deps.database, c.get("actor"), id, { active: c.req.param("change") === "resume" });
    return c.redirect(`/monitors/${id}`, 303);
  });

  routes.get("/monitors/:id/delete", async (c) => {
    const { id, name } = await getMonitor(c, deps);
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "monitors",
        title: `Delete ${name}?`,
        consequence: "All its runs and its ledger go with it. The collection stays. This cannot be undone.",
        action: `/monitors/${id}/delete`,
        label: `Delete ${name}`,
        back: `/monitors/${id}`,
      }),
    );
  });

  routes.post("/monitors/:id/delete", async (c) => {
    const { id } = await getMonitor(c, deps);
    await deleteMonitor(deps.database, c.get("actor"), id, deps.beforeDeletion);
    return c.redirect("/", 303);
  });

  return routes;
}

/** The monitor of the path, for whoever may change it. */
async function getMonitor(c: Context<AppEnv>, deps: Deps): Promise<Monitor> {
  const id = c.req.param("id") ?? "";
  const found = isUuid(id) ? await findMonitor(deps.database, id) : undefined;
  if (!found) throw new AppError("not_found", "There is no such monitor; it may have been deleted.");
  await requireWorkspaceRole(deps.database, c.get("actor"), found.workspaceId, "editor");
  return found;
}

async function loadForm(
  c: Context<AppEnv>,
  deps: Deps,
  { monitor, values, errors }: Draft,
): Promise<MonitorFormProps> {
  const shell = await loadShell(c, deps);
  const workspaceId = monitor?.workspaceId ?? shell.workspaceId;
  const filter = workspaceId === undefined ? {} : { workspaceId };
  const [collections, environments, runners, folders] = await Promise.all([
    listCollections(deps.database, filter),
    listEnvironments(deps.database, filter),
    listRunnersWithHealth(deps.database, c.get("actor"), filter),
    listFolders(deps.database, c.get("actor"), filter),
  ]);
  const isSeen = (entry: { workspaceId: string }) =>
    shell.workspaces.some((workspace) => workspace.id === entry.workspaceId);
  const named = (entry: { id: string; name: string; workspaceId: string }) => ({
    id: entry.id,
    name: entry.name,
    workspaceName: workspaceName(shell, entry.workspaceId),
  });
  return {
    shell,
    monitor,
    values,
    collections: collections.filter(isSeen).map(named),
    environments: environments.filter(isSeen).map(named),
    runners: runners.map(({ id, name, health }) => ({ id, name, health: health.toLowerCase() })),
    timezones: listTimeZones(),
    folders,
    nextRuns: upcoming(values, shell.now),
    ...(errors && { errors }),
  };
}

const problem = (param: string, message: string) =>
  new AppError("bad_request", message, { details: { param } });

/** The body that the API would be sent; 400 that names the field when a choice is missing. */
function bodyOf(values: MonitorValues): Record<string, unknown> {
  if (values.name === "") throw problem("name", "Give the monitor a name.");
  if (values.placement === "pick" && values.runnerIds.length === 0) {
    throw problem("distribution", "Choose at least one runner, or let any runner take it.");
  }
  return {
    name: values.name,
    folder: values.folder,
    tags: values.tags
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((tag) => tag !== ""),
    schedule: scheduleOf(values),
    retry: values.retries === "0" ? null : { attempts: Number(values.retries) },
    rerunLost: values.rerunLost,
    options: keptBody(values),
    distribution: values.placement === "pick" ? values.runnerIds.map((runner) => ({ runner })) : [],
  };
}

function problemsOf(values: MonitorValues): { errors?: FormErrors } {
  const schedule = scheduleOf(values);
  try {
    if (schedule) parseSchedule(schedule.cron, schedule.timezone);
    return {};
  } catch (error) {
    return { errors: formErrorsOf(error, fieldOfParam) };
  }
}

function upcoming(values: MonitorValues, now: Date): Date[] {
  const schedule = scheduleOf(values);
  if (!schedule || problemsOf(values).errors) return [];
  const { cron, timezone } = parseSchedule(schedule.cron, schedule.timezone);
  return nextRuns(cron, timezone, now, NEXT_RUNS);
}

/** A runner, and the monitor that is saved with it; without the monitor no runner stays behind. */
async function makeRunner<T extends { id: string; name: string }>(
  deps: Deps,
  actor: Actor,
  name: string,
  save: (runnerId: string) => Promise<T>,
) {
  requireAdmin(actor);
  if (name === "") {
    throw problem("newRunnerName", "Give the new runner a name.");
  }
  const input = parseRunner({ name, visibility: "all" });
  const { id, key } = await createRunner(deps.database, actor, input);
  try {
    return { monitor: await save(id), runnerName: name, startCommand: startCommand(deps.publicUrl, id, key) };
  } catch (error) {
    await deleteRunner(deps.database, actor, id);
    throw error;
  }
}

/** Answers with the page itself: after a redirect the key could not be shown any more. */
async function showCommand(c: Context<AppEnv>, deps: Deps, made: Awaited<ReturnType<typeof makeRunner>>) {
  return c.html(monitorCreatedPage({ shell: await loadShell(c, deps), ...made }), 200, noStore);
}
