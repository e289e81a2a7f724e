import { type Context, Hono } from "hono";

import type { Shell } from "../../web/layout.tsx";
import { alertsPage, type AlertsProps, AlertsRegion, type FiringRow } from "../../web/pages/alerts.tsx";
import { deliveryWords, type DeliveryStatus } from "../../web/parts/alert-log.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { missing } from "../access/fields.ts";
import { answerPage } from "../access/pages-form.ts";
import { decodeNumber, encodeNumber } from "../lib/cursor.ts";
import { isUuid } from "../lib/ids.ts";
import { listWindows, stateOf } from "../schedules/maintenance/periods.ts";
import { isReadOnly, loadShell } from "../workspaces/pages-shell.ts";
import type { AlertState, Rule } from "./alert.ts";
import { listChannels } from "./channels-store.ts";
import { listAlertStates, listDeliveries } from "./log-store.ts";
import { endMute, listMutes } from "./mutes-store.ts";
import { type Silence, silenceOf } from "./mutes.ts";
import { logRow, muteRow, nameOfRule } from "./pages-words.ts";
import { resendDelivery } from "./resend.ts";
import { listRules } from "./rules-store.ts";
import { fleetTitles, runnerTitle, titleOf } from "./words.ts";

const PER_PAGE = 50;

/** `/alerts`: what fires, what is silent, what was sent and what became of it. */
export function alertLogPages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/alerts", async (c) => {
    const props = await loadAlerts(c, deps);
    return answerPage(c, alertsPage(props), <AlertsRegion {...props} />);
  });

  routes.post("/alerts/log/:id/resend", async (c) => {
    const id = c.req.param("id");
    if (!isUuid(id)) throw missing("There is no such message; it may have left the log.");
    await resendDelivery(database, c.get("actor"), id);
    return c.redirect(backOf(c), 303);
  });

  routes.post("/alerts/mutes/:id/end", async (c) => {
    const id = c.req.param("id");
    if (!isUuid(id) || !(await endMute(database, c.get("actor"), id))) {
      throw missing("There is no such mute; it may be over.");
    }
    return c.redirect(backOf(c), 303);
  });

  return routes;
}

/** Where the button stood; only ever a page of ours. */
export function backOf(c: Context<AppEnv>): string {
  const back = c.req.query("back") ?? "";
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(back) ? back : "/alerts";
}

const idOf = (text: string | undefined) => (text !== undefined && isUuid(text) ? text : undefined);
const isStatus = (text: string): text is DeliveryStatus => Object.hasOwn(deliveryWords, text);

async function loadAlerts(c: Context<AppEnv>, deps: Deps): Promise<AlertsProps> {
  const { database } = deps;
  const actor = c.get("actor");
  const shell = await loadShell(c, deps);
  const place = shell.workspaceId === undefined ? {} : { workspaceId: shell.workspaceId };
  const status = c.req.query("status") ?? "";
  const filter = {
    status: isStatus(status) ? status : undefined,
    channel: idOf(c.req.query("channel")),
    monitor: idOf(c.req.query("monitor")),
  };
  const before = decodeNumber(c.req.query("cursor") ?? "");
  const [states, rules, mutes, windows, channels, { deliveries, next }] = await Promise.all([
    listAlertStates(database, actor, place),
    listRules(database, actor, place),
    listMutes(database, actor, place),
    listWindows(database, actor, place),
    listChannels(database, actor, place),
    listDeliveries(database, actor, {
      ...place,
      ...(filter.status && { status: filter.status }),
      ...(filter.channel && { channelId: filter.channel }),
      ...(filter.monitor && { monitorId: filter.monitor }),
      ...(before !== undefined && { before }),
      limit: PER_PAGE,
    }),
  ]);
  const channel = channels.find(({ id }) => id === filter.channel);
  return {
    shell,
    firing: await firingRows(deps, { states, rules, shell }),
    mutes: mutes.map((mute) => muteRow(mute, shell)),
    openMaintenance: windows.filter((window) => stateOf(window) === "open").map(({ name }) => name),
    log: deliveries.map((delivery) => logRow(delivery, shell)),
    filter,
    filterWords: [
      ...(filter.status ? [deliveryWords[filter.status].word] : []),
      ...(filter.channel ? [channel?.name ?? "one channel"] : []),
      ...(filter.monitor ? [deliveries[0]?.monitorName ?? "one monitor"] : []),
    ],
    isFirst: before === undefined,
    next: next === undefined ? undefined : encodeNumber(next),
    hasChannels: channels.length > 0 || deliveries.length > 0,
    hasRules: rules.length > 0,
  };
}

async function firingRows(
  { database }: Pick<Deps, "database">,
  { states, rules, shell }: { states: AlertState[]; rules: Rule[]; shell: Shell },
): Promise<FiringRow[]> {
  const runnerIds = states.map(({ runnerId }) => runnerId).filter((id) => id !== null);
  const [silences, runnerNames] = await Promise.all([
    silenceOf(database.sql, states),
    namesOfRunners(database, runnerIds),
  ]);
  return states.map((state) => {
    const rule = rules.find(({ id }) => id === state.ruleId);
    return {
      title: titleOfState(state, runnerNames),
      href: hrefOfState(state),
      since: state.since,
      sent: state.sent,
      lastSentAt: state.lastSentAt,
      ruleName: rule ? nameOfRule(rule) : "E-mail addresses of the monitor",
      monitorId: state.monitorId ?? undefined,
      silence: wordsOfSilence(silences.get(keyOf(state))),
      mayMute: !isReadOnly(shell, state.workspaceId),
    };
  });
}

const keyOf = ({ monitorId, ruleId }: { monitorId: string | null; ruleId: string }) =>
  `${monitorId} ${ruleId}`;

function titleOfState(state: AlertState, runnerNames: ReadonlyMap<string, string>): string {
  const { condition, monitorName, runnerId } = state;
  if (condition === "runner" && runnerId === null) return fleetTitles.firing(monitorName ?? "this workspace");
  if (condition === "runner")
    return titleOf("firing", "runner", runnerTitle(runnerNames.get(runnerId ?? "") ?? ""));
  return titleOf("firing", condition, monitorName ?? "A monitor");
}

function hrefOfState({ openedByRunId, monitorId, runnerId }: AlertState): string | undefined {
  if (openedByRunId !== null) return `/runs/${openedByRunId}`;
  if (runnerId !== null) return `/runners/${runnerId}`;
  return monitorId === null ? undefined : `/monitors/${monitorId}`;
}

function wordsOfSilence(silence: Silence | undefined): string | undefined {
  if (!silence) return undefined;
  return silence.kind === "maintenance" ? `silent: ${silence.reason}` : `muted by ${silence.by}`;
}

async function namesOfRunners(
  { sql }: Deps["database"],
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<{ id: string; name: string }[]>`
    select id, name from runners where id = any(${sql.array([...ids])}::uuid[])`;
  return new Map(rows.map(({ id, name }) => [id, name]));
}
