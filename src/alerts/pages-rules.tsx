import { type Context, Hono } from "hono";

import { newRulePage } from "../../web/pages/alert-rule-new.tsx";
import { rulePage } from "../../web/pages/alert-rule.tsx";
import { confirmPage } from "../../web/pages/confirm.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { RuleValues } from "../../web/parts/rule-form.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { missing, parseFields, wrongField } from "../access/fields.ts";
import { formErrorsOf, passOnForbidden, readForm } from "../access/pages-form.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { isUuid } from "../lib/ids.ts";
import { listMonitorChoices } from "../monitors/choices.ts";
import { findMonitor } from "../monitors/store.ts";
import { loadShell, workspaceName } from "../workspaces/pages-shell.ts";
import { type Rule, ruleInput } from "./alert.ts";
import { listChannels } from "./channels-store.ts";
import { copyRule } from "./copy-rule.ts";
import { showMonitorAlerts } from "./pages-monitor.tsx";
import { bodyOf, newValues, sentValues, storedValues } from "./pages-rule-values.ts";
import { kindNames } from "./pages-words.ts";
import { reachRule } from "./rules-api.ts";
import { createRule, deleteRule, updateRule } from "./rules-store.ts";
import { nameOfRule } from "./words.ts";

/** `/alerts/rules`: new for a monitor or a workspace, edit, copy, delete. */
export function rulePages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/alerts/rules/new", (c) => showNew(c, { values: newValues([]) }));

  routes.post("/alerts/rules", async (c) => {
    const { monitor } = c.req.query();
    // A new one is in use; only the form of an old one asks.
    const values = { ...sentValues(await readForm(c)), active: true };
    const watched = monitor === undefined ? undefined : await findWatched(monitor);
    const workspaceId = watched?.workspaceId ?? c.req.query("workspace") ?? "";
    try {
      const input = parseFields(ruleInput, bodyOf(values, watched?.id ?? null));
      await createRule(database, c.get("actor"), workspaceId, input);
      return c.redirect(watched ? `/monitors/${watched.id}/alerts` : "/alerts", 303);
    } catch (error) {
      passOnForbidden(error);
      const draft = { values, errors: errorsOf(error) };
      return watched ? showMonitorAlerts(c, deps, watched, draft) : showNew(c, draft);
    }
  });

  routes.get("/alerts/rules/:id", async (c) => {
    const rule = await open(c);
    return show(c, rule, { values: storedValues(rule) });
  });

  routes.post("/alerts/rules/:id", async (c) => {
    const rule = await open(c);
    const values = sentValues(await readForm(c));
    try {
      const input = parseFields(ruleInput, { ...rule, ...bodyOf(values, rule.monitorId) });
      await updateRule(deps, c.get("actor"), rule.id, input);
      return c.redirect(placeOf(rule), 303);
    } catch (error) {
      passOnForbidden(error);
      return show(c, rule, { values, errors: errorsOf(error) });
    }
  });

  routes.post("/alerts/rules/:id/copy", async (c) => {
    const rule = await open(c);
    const chosen = (await readForm(c)).list("monitors").filter(isUuid);
    try {
      if (chosen.length === 0) throw wrongField("monitors", "Choose the monitors that are to have it, too.");
      const made = await copyRule(database, c.get("actor"), rule, chosen);
      return c.redirect(`/alerts/rules/${rule.id}?copied=${made.length}`, 303);
    } catch (error) {
      passOnForbidden(error);
      return show(c, rule, { values: storedValues(rule), copyErrors: formErrorsOf(error) });
    }
  });

  routes.get("/alerts/rules/:id/delete", async (c) => {
    const rule = await open(c);
    const name = nameOfRule(rule);
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "alerts",
        title: `Delete the rule ${name}?`,
        consequence:
          "Alerts of it that are open are closed, and whoever was told hears it. The log of what it sent stays.",
        action: `/alerts/rules/${rule.id}/delete`,
        label: "Delete the rule",
        back: `/alerts/rules/${rule.id}`,
      }),
    );
  });

  routes.post("/alerts/rules/:id/delete", async (c) => {
    const rule = await open(c);
    await deleteRule(deps, c.get("actor"), rule.id);
    return c.redirect(placeOf(rule), 303);
  });

  const open = (c: Context<AppEnv>): Promise<Rule> =>
    reachRule(deps, c.get("actor"), { id: c.req.param("id") ?? "", role: "editor" });

  async function findWatched(id: string) {
    const found = isUuid(id) ? await findMonitor(database, id) : undefined;
    if (!found) throw missing("There is no such monitor; it may have been deleted.");
    return found;
  }

  async function showNew(c: Context<AppEnv>, draft: { values: RuleValues; errors?: FormErrors }) {
    const shell = await loadShell(c, deps);
    const editable = shell.workspaces.filter((workspace) => workspace.isReadOnly !== true);
    const workspaceId = shell.workspaceId ?? (editable.length === 1 ? editable[0]?.id : undefined);
    if (workspaceId === undefined) return c.html(newRulePage({ shell, place: undefined }));
    await requireWorkspaceRole(database, c.get("actor"), workspaceId, "editor");
    const channels = await choicesOf(c, workspaceId);
    const form = { workspaceId, monitorId: null, channels, ...draft };
    const place = { name: workspaceName(shell, workspaceId), form };
    return c.html(newRulePage({ shell, place }), draft.errors ? 400 : 200);
  }

  async function show(
    c: Context<AppEnv>,
    rule: Rule,
    draft: { values: RuleValues; errors?: FormErrors; copyErrors?: FormErrors },
  ) {
    const { workspaceId, monitorId } = rule;
    const [shell, channels, choices] = await Promise.all([
      loadShell(c, deps),
      choicesOf(c, workspaceId),
      listMonitorChoices(database, workspaceId),
    ]);
    const { copyErrors, ...formDraft } = draft;
    const copied = c.req.query("copied");
    const monitor = monitorId === null ? undefined : await findMonitor(database, monitorId);
    const props = {
      shell,
      rule: { id: rule.id, name: nameOfRule(rule) },
      monitor: monitor && { id: monitor.id, name: monitor.name },
      workspaceName: workspaceName(shell, workspaceId),
      form: { workspaceId, ruleId: rule.id, monitorId, channels, ...formDraft },
      monitors: choices.filter(({ id }) => id !== monitorId),
      copied: copied !== undefined && /^\d{1,4}$/.test(copied) ? Number(copied) : undefined,
      ...(copyErrors && { copyErrors }),
    };
    return c.html(rulePage(props), draft.errors || copyErrors ? 400 : 200);
  }

  const choicesOf = (c: Context<AppEnv>, workspaceId: string) =>
    channelChoices(deps, c.get("actor"), workspaceId);

  return routes;
}

/** Channels as the form of a rule offers them. */
export async function channelChoices(
  { database }: Pick<Deps, "database">,
  actor: AppEnv["Variables"]["actor"],
  workspaceId: string,
) {
  const channels = await listChannels(database, actor, { workspaceId });
  return channels.map(({ id, name, kind }) => ({ id, name, kindName: kindNames[kind] }));
}

const placeOf = ({ monitorId }: Rule): string =>
  monitorId === null ? "/alerts" : `/monitors/${monitorId}/alerts`;

/** The schema says of lists how long they must be; a person wants to know what to do. */
function errorsOf(error: unknown): FormErrors {
  const errors = formErrorsOf(error, { inARow: "when", everyFailure: "when" });
  return errors["channelIds"] === undefined ? errors : { channelIds: "Choose at least one channel." };
}
