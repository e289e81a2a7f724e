import { type Context, Hono } from "hono";

import { confirmPage } from "../../web/pages/confirm.tsx";
import {
  newStatusPagePage,
  statusPageSettingsPage,
  type StatusPageValues,
} from "../../web/pages/status-page-settings.tsx";
import { statusPagesPage } from "../../web/pages/status-pages.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { formErrorsOf, passOnForbidden, readForm, type SentForm } from "../access/pages-form.ts";
import { listTimeZones } from "../lib/local-time.ts";
import { loadShell, workspaceName } from "../workspaces/pages-shell.ts";
import { resolveWorkspaceId } from "../workspaces/store.ts";
import { statusAnswers } from "./answers.ts";
import { openStatusPage } from "./open-page.ts";
import { pageFields, parseFields } from "./page.ts";
import { incidentPages } from "./pages-incidents.tsx";
import { entryPages } from "./pages-monitors.tsx";
import {
  createStatusPage,
  deleteStatusPage,
  listStatusPages,
  type StatusPage,
  updateStatusPage,
} from "./store.ts";

/** `/status-pages`: list, new, what stands on them, incidents, settings, delete. What readers see is in `public.tsx`. */
export function statusPages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/status-pages", async (c) => {
    const shell = await loadShell(c, deps);
    const { workspaceId } = shell;
    const found = await listStatusPages(database, c.get("actor"), { workspaceId });
    const rows = found.map((page) => ({ ...page, workspaceName: workspaceName(shell, page.workspaceId) }));
    const canCreate = shell.workspaces.some(({ isReadOnly }) => isReadOnly !== true);
    return c.html(statusPagesPage({ shell, rows, canCreate }));
  });

  routes.get("/status-pages/new", (c) =>
    showNew(c, { ...emptyValues, workspace: c.req.query("workspace") ?? "" }),
  );

  routes.post("/status-pages", async (c) => {
    const values = valuesOf(await readForm(c));
    try {
      const input = parseFields(pageFields, inputOf(values), "");
      const workspaceId = await resolveWorkspaceId(database, c.get("actor"), values.workspace);
      const page = await createStatusPage(database, c.get("actor"), { ...input, workspaceId });
      statusAnswers(deps).forget();
      return c.redirect(`/status-pages/${page.id}`, 303);
    } catch (error) {
      passOnForbidden(error);
      return showNew(c, values, formErrorsOf(error));
    }
  });

  const showNew = async (c: Context<AppEnv>, values: StatusPageValues, errors?: FormErrors) =>
    c.html(
      newStatusPagePage({ shell: await loadShell(c, deps), values, errors, ...given }),
      errors ? 400 : 200,
    );

  routes.get("/status-pages/:id/settings", async (c) => {
    const page = await openStatusPage(c, database, "editor");
    return showSettings(c, page, storedValues(page));
  });

  routes.post("/status-pages/:id/settings", async (c) => {
    const page = await openStatusPage(c, database, "editor");
    const values = valuesOf(await readForm(c));
    try {
      const { monitors: _, ...input } = parseFields(pageFields, inputOf(values), "");
      await updateStatusPage(database, c.get("actor"), page.id, input);
      statusAnswers(deps).forget();
      return c.redirect(`/status-pages/${page.id}/settings?saved=1`, 303);
    } catch (error) {
      return showSettings(c, page, values, formErrorsOf(error));
    }
  });

  const showSettings = async (
    c: Context<AppEnv>,
    edited: StatusPage,
    values: StatusPageValues,
    errors?: FormErrors,
  ) => {
    const saved = errors === undefined && c.req.query("saved") === "1";
    const props = { shell: await loadShell(c, deps), edited, values, errors, saved, ...given };
    return c.html(statusPageSettingsPage(props), errors ? 400 : 200);
  };

  routes.get("/status-pages/:id/delete", async (c) => {
    const { id, title, slug } = await openStatusPage(c, database, "editor");
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "status",
        title: `Delete ${title}?`,
        consequence: `Its address /status/${slug} answers no more, nor do its badges and its feed. Its incidents are deleted with it; the monitors stay.`,
        action: `/status-pages/${id}/delete`,
        label: `Delete ${title}`,
        back: `/status-pages/${id}/settings`,
      }),
    );
  });

  routes.post("/status-pages/:id/delete", async (c) => {
    const { id } = await openStatusPage(c, database, "editor");
    await deleteStatusPage(database, c.get("actor"), id);
    statusAnswers(deps).forget();
    return c.redirect("/status-pages", 303);
  });

  const given = {
    timezones: listTimeZones(),
    address: `${deps.publicUrl}/status/`,
  };

  routes.route("/", entryPages(deps));
  routes.route("/", incidentPages(deps));
  return routes;
}

const emptyValues: StatusPageValues = {
  workspace: "",
  slug: "",
  title: "",
  description: "",
  visibility: "private",
  timezone: "UTC",
  indexed: false,
  incidentAfterMinutes: "",
};

const valuesOf = (form: SentForm): StatusPageValues => ({
  workspace: form.text("workspace"),
  slug: form.text("slug"),
  title: form.text("title"),
  description: form.text("description"),
  visibility: form.text("visibility") || "private",
  timezone: form.text("timezone"),
  indexed: form.text("indexed") !== "",
  incidentAfterMinutes: form.text("incidentAfterMinutes"),
});

const inputOf = ({ incidentAfterMinutes, ...values }: StatusPageValues): unknown => ({
  ...values,
  incidentAfterMinutes: incidentAfterMinutes === "" ? null : Number(incidentAfterMinutes),
});

const storedValues = (page: StatusPage): StatusPageValues => ({
  ...page,
  workspace: page.workspaceId,
  incidentAfterMinutes: page.incidentAfterMinutes === null ? "" : String(page.incidentAfterMinutes),
});
