import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { backoffMs } from "../lib/retry.ts";
import { alertLimits } from "./alert.ts";
import type { Carried } from "./carried.ts";
import { type ChannelConfig, channelConfig } from "./channel.ts";
import { readChannelConfig } from "./channels-store.ts";
import { claimDeliveries, type DueDelivery, markEnded, markRetry } from "./deliver-store.ts";
import { mailParcel } from "./senders/email.ts";
import { sendThrough } from "./senders/send.ts";
import { DeliveryError, type Receipt, type SenderDeps } from "./senders/sender.ts";

export interface DeliverDeps extends Pick<Deps, "database" | "secretBox" | "log"> {
  senders: SenderDeps;
}

/** The first retry comes soon: most receivers are only restarting. */
const backoff = { baseMs: 5_000, maxMs: 15 * 60_000 };
const RETRY_SECONDS = alertLimits.retryHours * 3600;
/**
 * Begins to send what is due, at most `places` messages, each once: an attempt is claimed before it begins, and its end is
 * written only by who holds it. A server that dies between the two leaves it to another one after the lease; then the receiver
 * may see it twice, and knows it by its id. Resolves once they are claimed, with what goes on then.
 */
export async function deliverDue(deps: DeliverDeps, places: number): Promise<Promise<void>[]> {
  const due = await claimDeliveries(deps.database, places);
  return due.map((delivery) => deliver(deps, delivery));
}

/** One attempt. Rejects only when the database does not take how it ended: then its lease runs out. */
async function deliver(deps: DeliverDeps, delivery: DueDelivery): Promise<void> {
  const { database, log } = deps;
  const facts = { deliveryId: delivery.id, alertId: delivery.alertId, attempt: delivery.attempt };
  try {
    const receipt = await send(deps, delivery);
    await markEnded(database, delivery, { outcome: "sent", receipt });
    log.info("alert sent", { ...facts, event: delivery.message.event });
  } catch (error) {
    const failure = asFailure(error);
    if (!(error instanceof DeliveryError)) {
      log.error("alert sender failed", { ...facts, error: toError(error).message });
    }
    await settleFailure(database, delivery, failure);
    log.warn("alert not sent", { ...facts, retries: isWorthIt(delivery, failure), reason: failure.message });
  }
}

async function send(deps: DeliverDeps, delivery: DueDelivery): Promise<Receipt> {
  const { channelId, recipients, through } = delivery;
  if (through) return await sendThrough(deps.senders, openConfig(deps, through), delivery);
  if (channelId === null) return await mailParcel(deps.senders.sendMail, recipients ?? [], delivery);
  const config = await readConfig(deps, channelId);
  if (!config?.active) throw new DeliveryError("The channel is switched off.", { mayRetry: false });
  return await sendThrough(deps.senders, config, delivery);
}

/** A key that was changed by mistake may come back: what it sealed is not lost yet. */
async function readConfig(deps: DeliverDeps, channelId: string) {
  try {
    return await readChannelConfig(deps, channelId);
  } catch (error) {
    throw unopened(error);
  }
}

function openConfig({ secretBox }: DeliverDeps, { sealedConfig }: Carried): ChannelConfig {
  try {
    return channelConfig.parse(JSON.parse(secretBox.open(sealedConfig)));
  } catch (error) {
    throw unopened(error);
  }
}

const unopened = (error: unknown): DeliveryError =>
  new DeliveryError(`The channel's configuration cannot be opened: ${toError(error).message}`, {
    mayRetry: true,
  });

const asFailure = (error: unknown): DeliveryError =>
  error instanceof DeliveryError
    ? error
    : new DeliveryError("The message could not be sent because of an error in this program; see its log.", {
        mayRetry: true,
      });

/** Whoever tests a channel looks at the answer now. */
const isWorthIt = ({ ageSeconds, message }: DueDelivery, { mayRetry }: DeliveryError): boolean =>
  mayRetry && ageSeconds < RETRY_SECONDS && message.event !== "test";

async function settleFailure(
  database: Database,
  delivery: DueDelivery,
  failure: DeliveryError,
): Promise<void> {
  const receipt = { status: failure.status, response: failure.message };
  if (isWorthIt(delivery, failure)) {
    const afterMs = Math.max(backoffMs(delivery.attempt, backoff), failure.retryAfterMs ?? 0);
    await markRetry(database, delivery, { afterMs, receipt });
    return;
  }
  const outcome = failure.mayRetry && delivery.message.event !== "test" ? "given_up" : "failed";
  await markEnded(database, delivery, { outcome, receipt });
}
