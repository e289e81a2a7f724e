import { type Context, Hono } from "hono";

import { confirmPage } from "../../../web/pages/confirm.tsx";
import {
  maintenanceFormPage,
  type MaintenanceFormProps,
  type MaintenanceValues,
} from "../../../web/pages/maintenance-form.tsx";
import { maintenancePage, type MaintenanceRow } from "../../../web/pages/maintenance.tsx";
import type { FormErrors } from "../../../web/parts/form.tsx";
import type { AppEnv, Deps } from "../../access/context.ts";
import { missing, parseFields } from "../../access/fields.ts";
import { formErrorsOf, passOnForbidden, readForm } from "../../access/pages-form.ts";
import { requireWorkspaceRole } from "../../access/workspace-rights.ts";
import { listTimeZones } from "../../lib/local-time.ts";
import { listMonitorChoices, listMonitorTags, usualTimezone } from "../../monitors/choices.ts";
import { describeSchedule, nextRuns } from "../../monitors/schedule.ts";
import { isReadOnly, loadShell } from "../../workspaces/pages-shell.ts";
import { newWindow, reachWindow, windowChange } from "./api.ts";
import { bodyOf, newValues, sentValues, storedValues } from "./pages-values.ts";
import { endPeriod, extendPeriod, type ListedWindow, listWindows, stateOf } from "./periods.ts";
import { createWindow, deleteWindow, type MaintenanceWindow, updateWindow } from "./store.ts";
import { newWindowFields, whenOf, windowChangeFields } from "./window.ts";

const EXTEND_MINUTES = 30;
const PREVIEWED = 3;
/** Fields of the body by the field of the form that they come from. */
const fieldOfParam = {
  "recurring.cron": "cron",
  "recurring.durationMinutes": "durationMinutes",
  "once.to": "to",
  "once.from": "from",
  once: "to",
  all: "monitors",
};

/** `/maintenance`: what is open, planned and over; new, edit, end, extend, delete. */
export function maintenancePages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/maintenance", async (c) => {
    const shell = await loadShell(c, deps);
    const found = await listWindows(database, c.get("actor"), { workspaceId: shell.workspaceId });
    const rows = found.map((window) => rowOf(window, !isReadOnly(shell, window.workspaceId)));
    return c.html(maintenancePage({ shell, rows }));
  });

  routes.get("/maintenance/new", async (c) => showForm(c, deps, {}));

  routes.post("/maintenance", async (c) => {
    const form = await readForm(c);
    const values = sentValues(form);
    const workspaceId = c.req.query("workspace") ?? "";
    try {
      const input = newWindow(parseFields(newWindowFields, bodyOf(values)));
      if (form.text("preview") !== "") return await showForm(c, deps, { values });
      await requireWorkspaceRole(database, c.get("actor"), workspaceId, "editor");
      await createWindow(database, c.get("actor"), { workspaceId, ...input });
      return c.redirect("/maintenance", 303);
    } catch (error) {
      passOnForbidden(error);
      return await showForm(c, deps, { values, errors: formErrorsOf(error, fieldOfParam) });
    }
  });

  routes.get("/maintenance/:id", async (c) => showForm(c, deps, { window: await open(c) }));

  routes.post("/maintenance/:id", async (c) => {
    const window = await open(c);
    const form = await readForm(c);
    const values = withStart(sentValues(form), storedValues(window, deps.clock.now()));
    try {
      const change = windowChange(parseFields(windowChangeFields, bodyOf(values)));
      if (form.text("preview") !== "") return await showForm(c, deps, { window, values });
      if (!(await updateWindow(database, c.get("actor"), window.id, change)))
        throw missing("It was deleted.");
      return c.redirect("/maintenance", 303);
    } catch (error) {
      passOnForbidden(error);
      return await showForm(c, deps, { window, values, errors: formErrorsOf(error, fieldOfParam) });
    }
  });

  routes.post("/maintenance/:id/:change{end|extend}", async (c) => {
    const { id } = await open(c);
    const { change } = c.req.param();
    if (change === "end") await endPeriod(database, c.get("actor"), id);
    else await extendPeriod(database, c.get("actor"), { windowId: id, minutes: EXTEND_MINUTES });
    return c.redirect("/maintenance", 303);
  });

  routes.get("/maintenance/:id/delete", async (c) => {
    const { id, name } = await open(c);
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "alerts",
        title: `Delete ${name}?`,
        consequence:
          "It ends now if it is open, and will not open again. What took place stays left out of reports.",
        action: `/maintenance/${id}/delete`,
        label: `Delete ${name}`,
        back: "/maintenance",
      }),
    );
  });

  routes.post("/maintenance/:id/delete", async (c) => {
    const { id } = await open(c);
    await deleteWindow(database, c.get("actor"), id);
    return c.redirect("/maintenance", 303);
  });

  const open = (c: Context<AppEnv>): Promise<MaintenanceWindow> =>
    reachWindow(deps, c.get("actor"), { id: c.req.param("id") ?? "", role: "editor" });

  return routes;
}

interface Draft {
  window?: MaintenanceWindow;
  values?: MaintenanceValues;
  errors?: FormErrors;
}

/** The form; 400 with errors. Without a workspace it asks for one. */
async function showForm(c: Context<AppEnv>, deps: Deps, draft: Draft) {
  const props = await loadForm(c, deps, draft);
  return c.html(maintenanceFormPage(props), draft.errors ? 400 : 200);
}

async function loadForm(c: Context<AppEnv>, deps: Deps, draft: Draft): Promise<MaintenanceFormProps> {
  const { database } = deps;
  const shell = await loadShell(c, deps);
  const { window, errors } = draft;
  const editable = shell.workspaces.filter((workspace) => workspace.isReadOnly !== true);
  const wanted =
    window?.workspaceId ?? shell.workspaceId ?? (editable.length === 1 ? editable[0]?.id : undefined);
  const workspace = shell.workspaces.find(({ id }) => id === wanted);
  const base = {
    shell,
    timezones: listTimeZones(),
    ...(errors && { errors }),
  };
  if (!workspace) {
    return { ...base, values: newValues("UTC", shell.now), monitors: [], tags: [], nextStarts: [] };
  }
  await requireWorkspaceRole(database, c.get("actor"), workspace.id, "editor");
  const [monitors, tags, timezone] = await Promise.all([
    listMonitorChoices(database, workspace.id),
    listMonitorTags(database, workspace.id),
    usualTimezone(database, workspace.id),
  ]);
  const fresh = window ? storedValues(window, shell.now) : newValues(timezone, shell.now);
  const values = draft.values ?? { ...fresh, ...chosenMonitor(c) };
  return {
    ...base,
    workspace: { id: workspace.id, name: workspace.name },
    ...(window && { window: { id: window.id, name: window.name, isOpen: isOpen(window, shell.now) } }),
    values,
    monitors,
    tags,
    nextStarts: draft.values && !errors ? startsOf(values, shell.now) : [],
  };
}

/** From the page of a monitor. */
function chosenMonitor(c: Context<AppEnv>): Partial<MaintenanceValues> {
  const monitorId = c.req.query("monitor");
  return monitorId === undefined ? {} : { covers: "monitors", monitorIds: [monitorId] };
}

const isOpen = ({ startsAt }: MaintenanceWindow, now: Date): boolean => startsAt !== null && startsAt <= now;

/** A field that is switched off is not sent. */
const withStart = (sent: MaintenanceValues, stored: MaintenanceValues): MaintenanceValues =>
  sent.from === "" ? { ...sent, from: stored.from } : sent;

function startsOf(values: MaintenanceValues, now: Date): Date[] {
  const when = whenOf(parseFields(windowChangeFields, bodyOf(values)));
  if (when?.kind === "recurring") return nextRuns(when.cron, when.timezone, now, PREVIEWED);
  return [when?.startsAt ?? now];
}

function rowOf(window: ListedWindow, mayChange: boolean): MaintenanceRow {
  const { cron, timezone, durationMinutes } = window;
  return {
    ...window,
    state: stateOf(window),
    about: aboutOf(window),
    repeats:
      cron === null
        ? undefined
        : `${describeSchedule(cron, timezone)}, for ${String(durationMinutes)} minutes`,
    mayChange,
  };
}

const names = new Intl.ListFormat("en");

function aboutOf({ covers, tag, monitorNames, monitorIds }: ListedWindow): string {
  if (covers === "all") return "Every monitor of the workspace";
  if (covers === "tag") return `Monitors with the tag ${String(tag)}`;
  const more = monitorIds.length - monitorNames.length;
  return names.format(more > 0 ? [...monitorNames, `${more} more`] : monitorNames);
}
