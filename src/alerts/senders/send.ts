import { unreachable } from "../../lib/errors.ts";
import type { ChannelConfig } from "../channel.ts";
import { sendEmail } from "./email.ts";
import { sendOpsgenie } from "./opsgenie.ts";
import { sendPagerDuty } from "./pagerduty.ts";
import type { Parcel, Receipt, SenderDeps } from "./sender.ts";
import { sendSlack } from "./slack.ts";
import { sendTeams } from "./teams.ts";
import { sendWebhook } from "./webhook.ts";

/** Sends a message through a channel. Throws `DeliveryError` when the receiver did not take it. */
export function sendThrough(deps: SenderDeps, config: ChannelConfig, parcel: Parcel): Promise<Receipt> {
  switch (config.kind) {
    case "email":
      return sendEmail(deps, config, parcel);
    case "slack":
      return sendSlack(deps, config, parcel);
    case "teams":
      return sendTeams(deps, config, parcel);
    case "pagerduty":
      return sendPagerDuty(deps, config, parcel);
    case "opsgenie":
      return sendOpsgenie(deps, config, parcel);
    case "webhook":
      return sendWebhook(deps, config, parcel);
    default:
      return unreachable(config);
  }
}
