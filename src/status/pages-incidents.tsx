import { type Context, Hono } from "hono";

import { confirmPage } from "../../web/pages/confirm.tsx";
import {
  incidentPage,
  type IncidentProps,
  type IncidentValues,
  newIncidentPage,
  statusIncidentsPage,
} from "../../web/pages/status-incident.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { formErrorsOf, passOnForbidden, readForm, type SentForm } from "../access/pages-form.ts";
import { isReadOnly, loadShell } from "../workspaces/pages-shell.ts";
import { statusAnswers } from "./answers.ts";
import {
  changeIncident,
  createIncident,
  deleteIncident,
  type Incident,
  listIncidents,
  updateIncident,
} from "./incidents-store.ts";
import { openIncident, openStatusPage } from "./open-page.ts";
import { incidentChange, incidentFields, parseFields, updateFields } from "./page.ts";
import { listEntries, type StatusPage } from "./store.ts";

const PER_PAGE = 50;
const MAX_PAGE = 1000;

/** `/status-pages/:id/incidents`: what people report of a page. */
export function incidentPages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/status-pages/:id/incidents", async (c) => {
    const page = await openStatusPage(c, database, "viewer");
    const number = Math.min(MAX_PAGE, Math.max(1, Math.trunc(Number(c.req.query("page"))) || 1));
    const found = await listIncidents(database, page.id, {
      limit: PER_PAGE + 1,
      offset: (number - 1) * PER_PAGE,
    });
    const path = `/status-pages/${page.id}/incidents`;
    return c.html(
      statusIncidentsPage({
        ...(await frameOf(c, page)),
        incidents: found.slice(0, PER_PAGE),
        previous: number > 1 ? `${path}?page=${number - 1}` : undefined,
        next: found.length > PER_PAGE ? `${path}?page=${number + 1}` : undefined,
      }),
    );
  });

  routes.get("/status-pages/:id/incidents/new", async (c) => {
    const page = await openStatusPage(c, database, "editor");
    return showNew(c, page, { title: "", state: "investigating", message: "", monitors: [] });
  });

  routes.post("/status-pages/:id/incidents", async (c) => {
    const page = await openStatusPage(c, database, "editor");
    const values = valuesOf(await readForm(c));
    try {
      const input = parseFields(incidentFields, values, "");
      const id = await createIncident(database, c.get("actor"), page, input);
      return changed(c, page, id);
    } catch (error) {
      passOnForbidden(error);
      return showNew(c, page, values, formErrorsOf(error));
    }
  });

  routes.get("/status-pages/:id/incidents/:incidentId", async (c) => {
    const page = await openStatusPage(c, database, "viewer");
    return showIncident(c, page, { incident: await openIncident(c, database, page) });
  });

  routes.post("/status-pages/:id/incidents/:incidentId/updates", async (c) => {
    const page = await openStatusPage(c, database, "editor");
    const incident = await openIncident(c, database, page);
    const { state, message } = valuesOf(await readForm(c));
    try {
      const input = parseFields(updateFields, { state, message }, "");
      await updateIncident(database, c.get("actor"), page, { ...input, id: incident.id });
      return changed(c, page, incident.id);
    } catch (error) {
      return showIncident(c, page, { incident, values: { state, message }, errors: formErrorsOf(error) });
    }
  });

  routes.post("/status-pages/:id/incidents/:incidentId", async (c) => {
    const page = await openStatusPage(c, database, "editor");
    const incident = await openIncident(c, database, page);
    const { title, monitors } = valuesOf(await readForm(c));
    try {
      const input = parseFields(incidentChange, { title, monitors }, "");
      await changeIncident(database, c.get("actor"), page, { ...input, id: incident.id });
      return changed(c, page, incident.id);
    } catch (error) {
      return showIncident(c, page, { incident, details: { title, monitors }, errors: formErrorsOf(error) });
    }
  });

  routes.get("/status-pages/:id/incidents/:incidentId/delete", async (c) => {
    const page = await openStatusPage(c, database, "editor");
    const { id, title } = await openIncident(c, database, page);
    const path = `/status-pages/${page.id}/incidents/${id}`;
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "status",
        title: `Delete ${title}?`,
        consequence: "Readers see it no more, nor that it was there. To end it, publish an update instead.",
        action: `${path}/delete`,
        label: "Delete the incident",
        back: path,
      }),
    );
  });

  routes.post("/status-pages/:id/incidents/:incidentId/delete", async (c) => {
    const page = await openStatusPage(c, database, "editor");
    const { id } = await openIncident(c, database, page);
    await deleteIncident(database, c.get("actor"), page, id);
    statusAnswers(deps).forget();
    return c.redirect(`/status-pages/${page.id}/incidents`, 303);
  });

  const frameOf = async (c: Context<AppEnv>, page: StatusPage) => {
    const shell = await loadShell(c, deps);
    return { shell, edited: page, timezone: page.timezone, canEdit: !isReadOnly(shell, page.workspaceId) };
  };

  const showNew = async (
    c: Context<AppEnv>,
    page: StatusPage,
    values: IncidentValues,
    errors?: FormErrors,
  ) => {
    const [frame, choices] = await Promise.all([frameOf(c, page), listEntries(database, page.id)]);
    return c.html(newIncidentPage({ ...frame, values, choices, errors }), errors ? 400 : 200);
  };

  const showIncident = async (
    c: Context<AppEnv>,
    page: StatusPage,
    {
      incident,
      ...draft
    }: { incident: Incident } & Partial<Pick<IncidentProps, "values" | "details" | "errors">>,
  ) => {
    const [frame, choices] = await Promise.all([frameOf(c, page), listEntries(database, page.id)]);
    const details = { title: incident.title, monitors: incident.entries.map(({ monitorId }) => monitorId) };
    const values = { state: incident.state, message: "" };
    const props = { ...frame, incident, choices, values, details, ...draft };
    return c.html(incidentPage(props), draft.errors ? 400 : 200);
  };

  const changed = (c: Context<AppEnv>, page: StatusPage, id: string) => {
    statusAnswers(deps).forget();
    return c.redirect(`/status-pages/${page.id}/incidents/${id}`, 303);
  };

  return routes;
}

const valuesOf = (form: SentForm): IncidentValues => ({
  title: form.text("title"),
  state: form.text("state"),
  message: form.text("message"),
  monitors: form.list("monitors"),
});
