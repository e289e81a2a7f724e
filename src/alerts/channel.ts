import { z } from "zod";

import { unreachable } from "../lib/errors.ts";
import { type AlertChannelKind, alertLimits } from "./alert.ts";

/** Channels: where messages go. What is in a configuration is secret, and stored sealed. */

/** A channel without its secrets. */
export interface Channel {
  id: string;
  /** Null = for every workspace; only admins of the team change it. */
  workspaceId: string | null;
  kind: AlertChannelKind;
  name: string;
  /** Recipients, or the host that is called. */
  shownTarget: string;
  active: boolean;
  createdBy: number;
  createdAt: Date;
  updatedAt: Date;
}

const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    // A line break in a header, or a NUL in the database, breaks more than this.
    .regex(/^\P{Cc}*$/u, "must not hold control characters");

/** Private addresses are allowed: chat servers of closed networks are the normal case. */
const url = z
  .string()
  .trim()
  .max(2000)
  .refine((value) => {
    const parsed = URL.parse(value);
    return parsed?.protocol === "https:" || parsed?.protocol === "http:";
  }, "must be an http:// or https:// address")
  .refine((value) => !URL.parse(value)?.username, "must not hold a user name");

const MAX_HEADERS = 20;

/** Names and values that fit on one line of an HTTP request each; those that frame a message are ours. */
const headers = z
  .record(
    z
      .string()
      .regex(/^[!#$%&'*+.^_`|~0-9a-zA-Z-]{1,100}$/, "is no name of a header")
      .refine((name) => !/^(content-|transfer-|host$|connection$|upgrade$|expect$|te$)/i.test(name), {
        message: "this header is set by the sender itself",
      }),
    text(2000),
  )
  .refine((given) => Object.keys(given).length <= MAX_HEADERS, `at most ${MAX_HEADERS} headers`);

/**
 * What a channel needs, by kind; everything in it is secret. `url` of pagerduty and opsgenie is the address of their
 * service unless given: another region, or a gateway of your own. `secret` of a webhook signs what is sent.
 */
export const channelConfig = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("email"),
    recipients: z.array(z.email().max(254)).min(1).max(alertLimits.maxRecipients),
  }),
  z.object({ kind: z.literal("slack"), url }),
  z.object({ kind: z.literal("teams"), url }),
  z.object({ kind: z.literal("pagerduty"), routingKey: text(200), url: url.optional() }),
  z.object({ kind: z.literal("opsgenie"), apiKey: text(200), url: url.optional() }),
  z.object({ kind: z.literal("webhook"), url, secret: text(500).optional(), headers: headers.optional() }),
]);
export type ChannelConfig = z.infer<typeof channelConfig>;

/** A new channel; `.partial()` for a change. A configuration is given as a whole, because nothing of it is shown again. */
export const channelInput = z.object({
  name: text(200),
  active: z.boolean().default(true),
  config: channelConfig,
});
export type ChannelInput = z.infer<typeof channelInput>;

export const serviceUrls = {
  pagerduty: "https://events.pagerduty.com",
  opsgenie: "https://api.opsgenie.com",
} as const;

/** What of a configuration may be shown: recipients, or the host that is called. Paths of webhooks are secrets. */
export function shownTarget(config: ChannelConfig): string {
  switch (config.kind) {
    case "email":
      return config.recipients.join(", ");
    case "pagerduty":
    case "opsgenie":
      return new URL(config.url ?? serviceUrls[config.kind]).host;
    case "slack":
    case "teams":
    case "webhook":
      return new URL(config.url).host;
    default:
      return unreachable(config);
  }
}
