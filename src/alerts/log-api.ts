import { Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { missing, parseFields, readFields, wrongField } from "../access/fields.ts";
import { decodeNumber, encodeNumber } from "../lib/cursor.ts";
import { isUuid } from "../lib/ids.ts";
import { alertDocs as docs, deliveryQuery, watchedQuery } from "./docs.ts";
import { type DeliveryFilter, listAlertStates, listDeliveries } from "./log-store.ts";
import { createMute, endMute, listMutes, muteFields } from "./mutes-store.ts";
import { resendDelivery } from "./resend.ts";
import { showDelivery, showMute, showState } from "./shown.ts";

/** `/alerts`, `/alert-deliveries`, `/alert-mutes`: what fires, what was sent, what is silent. */
export function alertLogApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/alerts", documented(docs.firing), async (c) => {
    const filter = placeOf(parseFields(watchedQuery, c.req.query()));
    const found = filter ? await listAlertStates(database, c.get("actor"), filter) : [];
    return c.json({ alerts: found.map(showState) });
  });

  routes.get("/alert-deliveries", documented(docs.deliveries), async (c) => {
    const { limit, cursor, status, rule, channel, ...place } = parseFields(deliveryQuery, c.req.query());
    const filter = placeOf(place);
    const ids = [rule, channel].filter((id) => id !== undefined);
    if (!filter || !ids.every(isUuid)) return c.json({ alertDeliveries: [], meta: { nextCursor: null } });
    const wanted: DeliveryFilter = {
      ...filter,
      ...(rule !== undefined && { ruleId: rule }),
      ...(channel !== undefined && { channelId: channel }),
      ...(status && { status }),
      ...(cursor && { before: positionOf(cursor) }),
      limit,
    };
    const { deliveries, next } = await listDeliveries(database, c.get("actor"), wanted);
    const nextCursor = next === undefined ? null : encodeNumber(next);
    return c.json({
      alertDeliveries: deliveries.map(({ position: _p, ...delivery }) => showDelivery(delivery)),
      meta: { nextCursor },
    });
  });

  routes.post("/alert-deliveries/:id/resend", documented(docs.resend), async (c) => {
    const sent = c.req.param("id");
    if (!isUuid(sent)) throw missing("There is no such message; it may have left the log.");
    const id = await resendDelivery(database, c.get("actor"), sent);
    return c.json({ alertDelivery: { id } }, 202);
  });

  routes.get("/alert-mutes", documented(docs.mutes), async (c) => {
    const filter = placeOf(parseFields(watchedQuery, c.req.query()));
    const found = filter ? await listMutes(database, c.get("actor"), filter) : [];
    return c.json({ alertMutes: found.map(showMute) });
  });

  routes.post("/alert-mutes", documented(docs.mute), async (c) => {
    const input = await readFields(c, muteFields);
    const id = await createMute(database, c.get("actor"), input);
    const [made] = await listMutes(database, c.get("actor"), { id });
    if (!made) throw missing("This mute is over already.");
    return c.json({ alertMute: showMute(made) }, 201);
  });

  routes.delete("/alert-mutes/:id", documented(docs.unmute), async (c) => {
    const id = c.req.param("id");
    if (!isUuid(id) || !(await endMute(database, c.get("actor"), id))) {
      throw missing("There is no such mute; it may be over.");
    }
    return c.json({ alertMute: { id } });
  });

  return routes;
}

/** Undefined for ids that nothing can have: then the list is empty. */
function placeOf({ workspace, monitor }: { workspace?: string | undefined; monitor?: string | undefined }) {
  if ([workspace, monitor].some((id) => id !== undefined && !isUuid(id))) return undefined;
  return {
    ...(workspace !== undefined && { workspaceId: workspace }),
    ...(monitor !== undefined && { monitorId: monitor }),
  };
}

function positionOf(cursor: string): number {
  const position = decodeNumber(cursor);
  if (position === undefined) throw wrongField("cursor", "This cursor is not one that this list gave out.");
  return position;
}
