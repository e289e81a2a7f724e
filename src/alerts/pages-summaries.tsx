import { type Context, Hono } from "hono";

import { summariesPage, type SummaryRow, type SummaryValues } from "../../web/pages/summaries.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { missing, parseFields } from "../access/fields.ts";
import { formErrorsOf, passOnForbidden, readForm } from "../access/pages-form.ts";
import { isUuid } from "../lib/ids.ts";
import { listTimeZones } from "../lib/local-time.ts";
import { usualTimezone } from "../monitors/choices.ts";
import { describeSchedule } from "../monitors/schedule.ts";
import { isReadOnly, loadShell } from "../workspaces/pages-shell.ts";
import { listChannels } from "./channels-store.ts";
import {
  createSummary,
  deleteSummary,
  type ListedSummary,
  listSummaries,
  sendSummaryNow,
  takesSummaries,
} from "./summaries-store.ts";
import { cronOf, summaryFields } from "./summary.ts";

/** `/alerts/summaries`: who gets a daily or weekly summary; subscribe, send now, end. */
export function summaryPages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/alerts/summaries", (c) => show(c, {}));

  routes.post("/alerts/summaries", async (c) => {
    const form = await readForm(c);
    const [channel = "", period = "", weekday = "", hour = "", timezone = ""] = [
      "channel",
      "period",
      "weekday",
      "hour",
      "timezone",
    ].map((name) => form.text(name));
    try {
      const input = parseFields(summaryFields, {
        workspace: c.req.query("workspace"),
        channel,
        period,
        timezone,
        weekday: Number(weekday),
        hour: Number(hour),
      });
      await createSummary(database, c.get("actor"), input);
      return c.redirect("/alerts/summaries", 303);
    } catch (error) {
      passOnForbidden(error);
      return show(c, { values: { channel, period, weekday, hour, timezone }, errors: formErrorsOf(error) });
    }
  });

  routes.post("/alerts/summaries/:id/:change{send|delete}", async (c) => {
    const { id, change } = c.req.param();
    if (!isUuid(id)) throw notFound();
    const actor = c.get("actor");
    const isSending = change === "send";
    const done = isSending ? await sendSummaryNow(deps, actor, id) : await deleteSummary(database, actor, id);
    if (!done) throw notFound();
    return c.redirect(isSending ? "/alerts/summaries?sent=yes" : "/alerts/summaries", 303);
  });

  async function show(c: Context<AppEnv>, draft: { values?: SummaryValues; errors?: FormErrors }) {
    const actor = c.get("actor");
    const shell = await loadShell(c, deps);
    const editable = shell.workspaces.filter((workspace) => workspace.isReadOnly !== true);
    const wanted = shell.workspaceId ?? (editable.length === 1 ? editable[0]?.id : undefined);
    const workspace = editable.find(({ id }) => id === wanted);
    const [found, channels, timezone] = await Promise.all([
      listSummaries(database, actor, { workspaceId: shell.workspaceId }),
      workspace ? listChannels(database, actor, { workspaceId: workspace.id }) : [],
      workspace ? usualTimezone(database, workspace.id) : "UTC",
    ]);
    const taking = channels.filter(({ kind }) => takesSummaries(kind));
    const fresh = { channel: taking[0]?.id ?? "", period: "daily", weekday: "1", hour: "9", timezone };
    const props = {
      shell,
      rows: found.map((summary) => rowOf(summary, !isReadOnly(shell, summary.workspaceId))),
      place: workspace && { id: workspace.id, name: workspace.name, channels: taking },
      values: draft.values ?? fresh,
      timezones: listTimeZones(),
      isSent: c.req.query("sent") === "yes",
      ...(draft.errors && { errors: draft.errors }),
    };
    return c.html(summariesPage(props), draft.errors ? 400 : 200);
  }

  return routes;
}

const notFound = () => missing("There is no such summary; it may have been ended.");

const rowOf = (summary: ListedSummary, mayChange: boolean): SummaryRow => ({
  id: summary.id,
  workspaceName: summary.workspaceName,
  channelName: summary.channelName,
  says: describeSchedule(cronOf(summary), summary.timezone),
  nextAt: summary.nextAt,
  lastSentAt: summary.lastSentAt,
  mayChange,
});
