import { type Context, Hono } from "hono";

import { monitorAlertsPage, type RuleRow } from "../../web/pages/monitor-alerts.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { RuleValues } from "../../web/parts/rule-form.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { missing } from "../access/fields.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { isUuid } from "../lib/ids.ts";
import { findMonitor, type Monitor } from "../monitors/store.ts";
import { listMaintenance } from "../schedules/maintenance/read.ts";
import { isReadOnly, loadShell, workspaceName } from "../workspaces/pages-shell.ts";
import type { AlertState, Rule } from "./alert.ts";
import { listChannels } from "./channels-store.ts";
import { listAlertStates } from "./log-store.ts";
import { listMutes } from "./mutes-store.ts";
import { newValues, saysOf } from "./pages-rule-values.ts";
import { kindNames, muteRow } from "./pages-words.ts";
import { listRules } from "./rules-store.ts";
import { nameOfRule, titleOf } from "./words.ts";

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const SHOWN_PERIODS = 3;

/** `/monitors/:id/alerts`: who is told of a monitor. */
export function monitorAlertPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/monitors/:id/alerts", async (c) => {
    const id = c.req.param("id");
    const monitor = isUuid(id) ? await findMonitor(deps.database, id) : undefined;
    if (!monitor) throw missing("There is no such monitor; it may have been deleted.");
    await requireWorkspaceRole(deps.database, c.get("actor"), monitor.workspaceId, "viewer");
    return showMonitorAlerts(c, deps, monitor, {});
  });

  return routes;
}

/** The page, with what was entered for a new rule when it was refused. */
export async function showMonitorAlerts(
  c: Context<AppEnv>,
  deps: Deps,
  monitor: Monitor,
  draft: { values?: RuleValues; errors?: FormErrors },
) {
  const { database } = deps;
  const [actor, monitorId, { workspaceId }] = [c.get("actor"), monitor.id, monitor];
  const now = deps.clock.now();
  const [shell, rules, states, channels, mutes, maintenance] = await Promise.all([
    loadShell(c, deps),
    listRules(database, actor, { monitorId }),
    listAlertStates(database, actor, { monitorId }),
    listChannels(database, actor, { workspaceId }),
    listMutes(database, actor, { monitorId }),
    listMaintenance(database, { monitorId, since: now, until: new Date(now.getTime() + WEEK_MS) }),
  ]);
  const named = channels.map(({ id, name, kind }) => ({ id, name, kindName: kindNames[kind] }));
  const [only] = named;
  const values = draft.values ?? newValues(only && named.length === 1 ? [only.id] : []);
  const props = {
    shell,
    monitor: { id: monitorId, name: monitor.name, workspaceName: workspaceName(shell, workspaceId) },
    mayChange: !isReadOnly(shell, workspaceId),
    rules: rules.map((rule) => ruleRow(rule, { channels: named, states, monitor })),
    addresses: addressesOf(monitor),
    mutes: mutes.map((mute) => muteRow(mute, shell)),
    maintenance: maintenance
      // Of a recurring one the next period is enough.
      .filter(({ windowId }, index) => maintenance.findIndex((one) => one.windowId === windowId) === index)
      .slice(0, SHOWN_PERIODS)
      .map(({ name, startsAt, endsAt }) => ({ name, startsAt, endsAt, isOpen: startsAt <= now })),
    form: {
      workspaceId,
      monitorId,
      values,
      channels: named,
      ...(draft.errors && { errors: draft.errors }),
    },
  };
  return c.html(monitorAlertsPage(props), draft.errors ? 400 : 200);
}

function ruleRow(
  rule: Rule,
  known: { channels: { id: string; name: string }[]; states: AlertState[]; monitor: Monitor },
): RuleRow {
  return {
    id: rule.id,
    name: nameOfRule(rule),
    says: saysOf(rule),
    channels: known.channels.filter(({ id }) => rule.channelIds.includes(id)),
    active: rule.active,
    isOfWorkspace: rule.monitorId === null,
    firing: known.states
      .filter(({ ruleId }) => ruleId === rule.id)
      .map(({ since, condition }) => ({ since, title: titleOf("firing", condition, known.monitor.name) })),
  };
}

function addressesOf({ notifications }: Monitor): string[] {
  const { onFailure, onError } = notifications;
  return [...new Set([...onFailure, ...onError].map(({ email }) => email))];
}
