import { type Context, Hono } from "hono";

import { alertsPage, type AlertsProps, AlertsRegion } from "../../web/pages/alerts.tsx";
import { deliveryWords, type DeliveryStatus } from "../../web/parts/alert-log.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { missing } from "../access/fields.ts";
import { answerPage } from "../access/pages-form.ts";
import { decodeNumber, encodeNumber } from "../lib/cursor.ts";
import { isUuid } from "../lib/ids.ts";
import { listWindows, stateOf } from "../schedules/maintenance/periods.ts";
import { loadShell } from "../workspaces/pages-shell.ts";
import { listChannels } from "./channels-store.ts";
import { type DeliveryFilter, listAlertStates, listDeliveries } from "./log-store.ts";
import { endMute, listMutes } from "./mutes-store.ts";
import { firingRows, isAnyRule } from "./pages-firing.ts";
import { logRow, muteRow } from "./pages-words.ts";
import { resendDelivery } from "./resend.ts";

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

type Filter = AlertsProps["filter"];

function filterOf(c: Context<AppEnv>): Filter {
  const status = c.req.query("status") ?? "";
  return {
    status: isStatus(status) ? status : undefined,
    channel: idOf(c.req.query("channel")),
    monitor: idOf(c.req.query("monitor")),
  };
}

async function loadAlerts(c: Context<AppEnv>, deps: Deps): Promise<AlertsProps> {
  const { database } = deps;
  const actor = c.get("actor");
  const shell = await loadShell(c, deps);
  const place = shell.workspaceId === undefined ? {} : { workspaceId: shell.workspaceId };
  const filter = filterOf(c);
  const before = decodeNumber(c.req.query("cursor") ?? "");
  const [states, hasRules, mutes, windows, channels, { deliveries, next }] = await Promise.all([
    listAlertStates(database, actor, place),
    isAnyRule(database, shell.workspaceId),
    listMutes(database, actor, place),
    listWindows(database, actor, place),
    listChannels(database, actor, place),
    listDeliveries(database, actor, { ...place, ...asked(filter, before), limit: PER_PAGE }),
  ]);
  return {
    shell,
    firing: await firingRows(deps, { states, shell }),
    mutes: mutes.map((mute) => muteRow(mute, shell)),
    openMaintenance: windows.filter((window) => stateOf(window) === "open").map(({ name }) => name),
    log: deliveries.map((delivery) => logRow(delivery, shell)),
    filter,
    filterWords: filterWords(filter, {
      channel: channels.find(({ id }) => id === filter.channel)?.name,
      monitor: deliveries[0]?.monitorName ?? undefined,
    }),
    isFirst: before === undefined,
    next: next === undefined ? undefined : encodeNumber(next),
    hasChannels: channels.length > 0 || deliveries.length > 0,
    hasRules,
  };
}

const asked = ({ status, channel, monitor }: Filter, before: number | undefined): DeliveryFilter => ({
  ...(status && { status }),
  ...(channel && { channelId: channel }),
  ...(monitor && { monitorId: monitor }),
  ...(before !== undefined && { before }),
});

const filterWords = (
  { status, channel, monitor }: Filter,
  names: { channel: string | undefined; monitor: string | undefined },
): string[] => [
  ...(status ? [deliveryWords[status].word] : []),
  ...(channel ? [names.channel ?? "one channel"] : []),
  ...(monitor ? [names.monitor ?? "one monitor"] : []),
];
