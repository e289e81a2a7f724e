import { type Context, Hono } from "hono";

import { mutePage, type MuteProps } from "../../web/pages/alert-mute.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import { systemActor } from "../access/audit/audit.ts";
import type { AppEnv, Deps } from "../access/context.ts";
import { missing, parseFields, wrongField } from "../access/fields.ts";
import { formErrorsOf, passOnForbidden, readForm } from "../access/pages-form.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { isUuid } from "../lib/ids.ts";
import { instantOf, localOf } from "../lib/local-time.ts";
import { usualTimezone } from "../monitors/choices.ts";
import { findMonitor } from "../monitors/store.ts";
import { loadShell } from "../workspaces/pages-shell.ts";
import { createMute, muteFields } from "./mutes-store.ts";
import { findRule } from "./rules-store.ts";
import { nameOfRule } from "./words.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** `/alerts/mute?monitor=ID` and `?rule=ID`: for how long somebody wants to hear nothing. */
export function mutePages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/alerts/mute", async (c) => {
    const subject = await open(c);
    const date = localOf(new Date(deps.clock.now().getTime() + DAY_MS), subject.timezone);
    return show(c, subject, { values: { until: "1h", date, reason: "" } });
  });

  routes.post("/alerts/mute", async (c) => {
    const subject = await open(c);
    const form = await readForm(c);
    const values = { until: form.text("until"), date: form.text("date"), reason: form.text("reason") };
    try {
      const until = endOf(values, subject.timezone, deps.clock.now());
      const input = parseFields(muteFields, { ...subject.body, ...until, reason: values.reason });
      await createMute(database, c.get("actor"), input);
      return c.redirect(subject.back, 303);
    } catch (error) {
      passOnForbidden(error);
      return show(c, subject, { values, errors: formErrorsOf(error, { until: "date", minutes: "date" }) });
    }
  });

  const show = async (
    c: Context<AppEnv>,
    { query, name, what, timezone, back }: Subject,
    draft: { values: MuteProps["values"]; errors?: FormErrors },
  ) =>
    c.html(
      mutePage({ shell: await loadShell(c, deps), query, name, what, timezone, back, ...draft }),
      draft.errors ? 400 : 200,
    );

  /** What is to be muted, for whoever may: 404, 403. */
  async function open(c: Context<AppEnv>): Promise<Subject> {
    const { monitor, rule } = c.req.query();
    const found = rule !== undefined ? await ruleSubject(rule) : await monitorSubject(monitor ?? "");
    if (!found) throw missing("There is nothing to mute here; it may have been deleted.");
    await requireWorkspaceRole(database, c.get("actor"), found.workspaceId, "editor");
    return found;
  }

  async function ruleSubject(id: string): Promise<Subject | undefined> {
    const rule = isUuid(id) ? await findRule(database, systemActor, id) : undefined;
    return (
      rule && {
        workspaceId: rule.workspaceId,
        body: { rule: id },
        query: `rule=${id}`,
        name: nameOfRule(rule),
        what: "rule",
        timezone: await usualTimezone(database, rule.workspaceId),
        back: rule.monitorId === null ? "/alerts" : `/monitors/${rule.monitorId}/alerts`,
      }
    );
  }

  async function monitorSubject(id: string): Promise<Subject | undefined> {
    const monitor = isUuid(id) ? await findMonitor(database, id) : undefined;
    return (
      monitor && {
        workspaceId: monitor.workspaceId,
        body: { monitor: id },
        query: `monitor=${id}`,
        name: monitor.name,
        what: "monitor",
        timezone: monitor.timezone,
        back: `/monitors/${id}/alerts`,
      }
    );
  }

  return routes;
}

interface Subject extends Pick<MuteProps, "query" | "name" | "what" | "timezone" | "back"> {
  workspaceId: string;
  body: { monitor: string } | { rule: string };
}

/** The end as the API would be sent it. */
function endOf({ until, date }: MuteProps["values"], timezone: string, now: Date): Record<string, unknown> {
  if (until === "1h") return { minutes: 60 };
  if (until === "4h") return { minutes: 240 };
  if (until === "passes") return { untilPasses: true };
  const local =
    until === "tomorrow" ? `${localOf(new Date(now.getTime() + DAY_MS), timezone).slice(0, 10)}T09:00` : date;
  const at = instantOf(local, timezone);
  if (!at) throw wrongField("date", "Give a date and a time, such as 2026-11-22 09:00.");
  return { until: at.toISOString() };
}
