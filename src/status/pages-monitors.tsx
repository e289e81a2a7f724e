import { type Context, Hono } from "hono";

import { type EditedEntry, statusPageMonitorsPage } from "../../web/pages/status-page-monitors.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { readForm, type SentForm, searchText } from "../access/pages-form.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { isReadOnly, loadShell } from "../workspaces/pages-shell.ts";
import { statusAnswers } from "./answers.ts";
import { openStatusPage } from "./open-page.ts";
import { MAX_ENTRIES, pageFields, parseFields } from "./page.ts";
import { findAddable, listAddable, listEntries, type StatusPage, updateStatusPage } from "./store.ts";

const ADDABLE = 50;

/** `/status-pages/:id`: which monitors stand on a page, under which names, in which order. */
export function entryPages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  const show = async (c: Context<AppEnv>, page: StatusPage, entries: EditedEntry[], errors?: FormErrors) => {
    const search = searchText(c.req.query("q"));
    const [shell, found] = await Promise.all([
      loadShell(c, deps),
      listAddable(database, page, { search, limit: ADDABLE + entries.length + 1 }),
    ]);
    const listed = new Set(entries.map(({ monitorId }) => monitorId));
    const addable = found.filter(({ id }) => !listed.has(id));
    return c.html(
      statusPageMonitorsPage({
        shell,
        edited: page,
        canEdit: !isReadOnly(shell, page.workspaceId),
        saved: errors === undefined && c.req.query("saved") === "1",
        entries,
        errors,
        addable: addable.slice(0, ADDABLE),
        search,
        hasMore: addable.length > ADDABLE,
        address: `${deps.publicUrl}/status/${page.slug}`,
      }),
      errors ? 400 : 200,
    );
  };

  routes.get("/status-pages/:id", async (c) => {
    const page = await openStatusPage(c, database, "viewer");
    const stored = await listEntries(database, page.id);
    const room = Math.max(0, MAX_ENTRIES - stored.length);
    const wanted = (c.req.queries("add") ?? []).filter(isUuid).slice(0, room);
    const added = wanted.length === 0 ? [] : await findAddable(database, page, wanted);
    // Named after their monitors until somebody has looked at the names: nothing of it is stored.
    const unsaved = added.map(({ id, name }) => ({
      ...blank,
      monitorId: id,
      monitorName: name,
      shownName: name,
    }));
    return show(c, page, [...stored, ...unsaved]);
  });

  routes.post("/status-pages/:id/monitors", async (c) => {
    const page = await openStatusPage(c, database, "editor");
    const form = await readForm(c);
    const ids = orderOf(form);
    const sent = ids.map((monitor) => ({
      monitor,
      name: form.text(`name-${monitor}`),
      group: form.text(`group-${monitor}`),
    }));
    try {
      const { monitors } = parseFields(pageFields.pick({ monitors: true }), { monitors: sent }, "");
      await updateStatusPage(database, c.get("actor"), page.id, { monitors });
      statusAnswers(deps).forget();
      return c.redirect(`/status-pages/${page.id}?saved=1`, 303);
    } catch (error) {
      const errors = errorsOfRows(error, ids);
      const stored = new Map((await listEntries(database, page.id)).map((entry) => [entry.monitorId, entry]));
      const names = new Map(
        (await findAddable(database, page, ids.filter(isUuid))).map(({ id, name }) => [id, name]),
      );
      const entries = sent.map(({ monitor, name, group }) => ({
        id: stored.get(monitor)?.id ?? null,
        monitorId: monitor,
        monitorName: stored.get(monitor)?.monitorName ?? names.get(monitor) ?? "",
        shownName: name,
        groupName: group,
      }));
      return show(c, page, entries, errors);
    }
  });

  return routes;
}

const blank = { id: null, groupName: "" };

/** The rows as they were sent, after what the pressed button does to them. */
function orderOf(form: SentForm): string[] {
  const removed = form.text("remove");
  const ids = [...new Set(form.list("monitor"))].filter((id) => id !== removed);
  const [way, moved = ""] = form.text("move").split(" ");
  const from = ids.indexOf(moved);
  if (from < 0) return ids;
  const to = Math.min(ids.length - 1, Math.max(0, from + (way === "up" ? -1 : 1)));
  return ids.toSpliced(from, 1).toSpliced(to, 0, moved);
}

/** `monitors.3.name` is the name of the fourth row. */
function errorsOfRows(error: unknown, ids: readonly string[]): FormErrors {
  if (!(error instanceof AppError) || error.code === "forbidden") throw error;
  const { details } = error.body;
  const param = Array.isArray(details) ? undefined : details?.["param"];
  const [, index = "", field = ""] = (typeof param === "string" ? param : "").split(".");
  const id = ids[Number(index)];
  if (field === "" || id === undefined) return { "": error.message };
  return {
    [`${field}-${id}`]:
      field === "name" ? "Give it the name that people read, at most 100 characters." : error.message,
  };
}
