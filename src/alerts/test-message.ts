import type { Actor, Deps } from "../access/context.ts";
import { requireAdmin } from "../access/rights.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { newId } from "../lib/ids.ts";
import { type AlertDeliveryStatus, noSuch } from "./alert.ts";
import { findChannel } from "./channels-store.ts";
import { type AlertMessage, oneLine, aboutNoMonitor } from "./message.ts";
import { queueMessage } from "./outbox.ts";

export interface TestResult {
  /** Its line of the log. */
  deliveryId: string;
  /** `pending` or `sending` when it took longer than one waits: the log tells how it ended. `failed`: see `response`. */
  status: AlertDeliveryStatus;
  responseStatus: number | null;
  response: string | null;
}

/** One attempt is made, and it ends within ten seconds; the loops of a server need a moment to begin it. */
const WAIT_MS = 14_000;
const LOOK_MS = 100;

/**
 * Sends a test through a channel, by the same way as every message, and waits for its end. It is not tried again. 404 for a
 * channel that the actor does not see, 403 for whoever may not change it. Takes a server whose loops run.
 */
export async function sendTest(
  deps: Pick<Deps, "database" | "clock" | "publicUrl" | "stopping">,
  actor: Actor,
  channelId: string,
): Promise<TestResult> {
  const { database, clock, stopping } = deps;
  const channel = await findChannel(database, actor, channelId);
  if (!channel) throw noSuch("alert channel", channelId);
  if (channel.workspaceId === null) requireAdmin(actor);
  else await requireWorkspaceRole(database, actor, channel.workspaceId, "editor");
  const [deliveryId] = await database.sql.begin((tx) =>
    queueMessage(tx, {
      message: testMessage(deps.publicUrl, clock.now(), { channel: channel.name, person: actor.name }),
      workspaceId: channel.workspaceId,
      alertId: newId(),
      channelIds: [channel.id],
    }),
  );
  // Nothing is queued for a channel that is switched off.
  if (deliveryId === undefined)
    return { deliveryId: "", status: "failed", responseStatus: null, response: OFF };
  const endsAt = clock.now().getTime() + WAIT_MS;
  for (;;) {
    const result = await readResult(deps, deliveryId);
    const isOver = result.status !== "pending" && result.status !== "sending";
    if (isOver || stopping.aborted || clock.now().getTime() > endsAt) return { deliveryId, ...result };
    await clock.sleep(LOOK_MS, stopping);
  }
}

const OFF = "The channel is switched off: switch it on first.";

async function readResult(
  { database }: Pick<Deps, "database">,
  id: string,
): Promise<Omit<TestResult, "deliveryId">> {
  const [row] = await database.sql<Omit<TestResult, "deliveryId">[]>`
    select status, response_status as "responseStatus", response from alert_deliveries where id = ${id}`;
  return row ?? { status: "failed", responseStatus: null, response: "The channel was deleted." };
}

export const testMessage = (
  publicUrl: string,
  now: Date,
  { channel, person }: { channel: string; person: string },
): AlertMessage => ({
  event: "test",
  condition: null,
  state: "ok",
  severity: "info",
  title: oneLine(`A test of ${channel}`, 200),
  summary: oneLine(`${person} wants to know whether alerts arrive here. They do, and nothing is wrong.`),
  since: now.toISOString(),
  number: 1,
  workspace: null,
  ...aboutNoMonitor,
  facts: [],
  links: [{ label: "Open Sallyport", url: publicUrl }],
});
