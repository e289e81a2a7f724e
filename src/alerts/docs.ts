import { z } from "zod";

import type { EndpointDoc } from "../access/endpoint.ts";
import { alertConditions, channelKinds, ruleFields, ruleInput } from "./alert.ts";
import { configChangeBody } from "./channel-config.ts";
import { channelInput } from "./channel.ts";
import { muteFields } from "./mutes-store.ts";
import { summaryFields } from "./summary.ts";

const tag = "Alerts";
const workspace = z.string().max(100);

const channel = z.looseObject({
  id: z.uuid(),
  workspace: z.uuid().nullable(),
  kind: z.enum(channelKinds),
  name: z.string(),
  target: z.string(),
  active: z.boolean(),
});
const rule = z.looseObject({
  id: z.uuid(),
  workspace: z.uuid(),
  monitorId: z.uuid().nullable(),
  channelIds: z.array(z.uuid()),
});
const delivery = z.looseObject({
  id: z.uuid(),
  alertId: z.uuid(),
  status: z.string(),
  attempt: z.int(),
  channel: z.looseObject({ id: z.uuid().nullable(), kind: z.enum(channelKinds), target: z.string() }),
});
const mute = z.looseObject({
  id: z.uuid(),
  monitor: z.uuid().nullable(),
  rule: z.uuid().nullable(),
  until: z.string().nullable(),
});
const summary = z.looseObject({
  id: z.uuid(),
  workspace: z.uuid(),
  channel: z.uuid(),
  period: z.enum(["daily", "weekly"]),
  nextAt: z.string(),
});
const firing = z.looseObject({
  ruleId: z.uuid(),
  condition: z.enum(alertConditions),
  monitorId: z.uuid().nullable(),
  since: z.string(),
});

export const placeQuery = z.object({ workspace: workspace.optional() });
export const watchedQuery = placeQuery.extend({ monitor: z.string().max(100).optional() });
export const deliveryQuery = watchedQuery.extend({
  rule: z.string().max(100).optional(),
  channel: z.string().max(100).optional(),
  status: z.enum(["pending", "sending", "sent", "failed", "given_up", "muted"]).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const newChannelBody = channelInput.extend({ workspace: workspace.nullable().optional() });
export const copyBody = z.object({ monitors: z.array(z.uuid()).min(1).max(1000) });
const reference = (key: string) => z.object({ [key]: z.object({ id: z.uuid() }) });

export const alertDocs = {
  firing: {
    summary: "List open alerts",
    tag,
    description: "What fires now, longest first, at most 200.",
    query: watchedQuery,
    answer: z.object({ alerts: z.array(firing) }),
  },
  channels: {
    summary: "List alert channels",
    tag,
    description:
      "Those of the whole team and those of workspaces. Addresses and keys are never in the answer.",
    query: placeQuery,
    answer: z.object({ alertChannels: z.array(channel) }),
  },
  createChannel: {
    summary: "Create an alert channel",
    tag,
    description: "Without a workspace it serves all of them; only admins make such.",
    body: newChannelBody,
    status: 201,
    answer: z.object({ alertChannel: channel }),
  },
  channel: { summary: "Get an alert channel", tag, answer: z.object({ alertChannel: channel }) },
  changeChannel: {
    summary: "Change an alert channel",
    tag,
    description: "What is absent stays. `config` is replaced as a whole.",
    body: channelInput.partial(),
    answer: z.object({ alertChannel: channel }),
  },
  channelConfig: {
    summary: "Name the parts of a channel's configuration",
    tag,
    description:
      "Which fields there are, such as `url`, `secret` or `headers.X-Team`; never what is in them.",
    answer: z.object({ config: z.object({ kind: z.enum(channelKinds), parts: z.array(z.string()) }) }),
  },
  changeChannelConfig: {
    summary: "Change parts of a channel's configuration",
    tag,
    description:
      "What is absent in `config` stays, null takes it away; another `kind` begins anew. With a `url` on another server all else must be given again. Answers the fields that differ from what is stored. With `dryRun` nothing is stored.",
    body: configChangeBody,
    answer: z.object({ config: z.object({ changed: z.array(z.string()) }) }),
  },
  testChannel: {
    summary: "Send a test through an alert channel",
    tag,
    description:
      "Sends at once and answers what the receiver said. An answer that is not `ok` is a channel that does not work.",
    answer: z.object({
      test: z.object({
        ok: z.boolean(),
        status: z.string(),
        responseStatus: z.int().nullable(),
        response: z.string().nullable(),
      }),
    }),
  },
  deleteChannel: {
    summary: "Delete an alert channel",
    tag,
    description:
      "Its rules stay, without it. What waits to be sent through it is dropped; alerts that are open there are closed first.",
    answer: reference("alertChannel"),
  },
  rules: {
    summary: "List alert rules",
    tag,
    description: "With `monitor` those that watch it: its own and those of its whole workspace.",
    query: watchedQuery,
    answer: z.object({ alertRules: z.array(rule) }),
  },
  createRule: {
    summary: "Create an alert rule",
    tag,
    description: "Without `monitorId` it watches every monitor of the workspace.",
    body: z.looseObject({ workspace }).and(ruleInput),
    status: 201,
    answer: z.object({ alertRule: rule }),
  },
  rule: { summary: "Get an alert rule", tag, answer: z.object({ alertRule: rule }) },
  changeRule: {
    summary: "Change an alert rule",
    tag,
    description: "What is absent stays.",
    body: ruleFields.partial(),
    answer: z.object({ alertRule: rule }),
  },
  copyRule: {
    summary: "Copy an alert rule to monitors",
    tag,
    description: "Each gets a rule of its own, which goes its own way afterwards.",
    body: copyBody,
    status: 201,
    answer: z.object({ alertRules: z.array(rule) }),
  },
  deleteRule: {
    summary: "Delete an alert rule",
    tag,
    description: "Its open alerts are closed, and whoever was told hears it. The log of what it sent stays.",
    answer: reference("alertRule"),
  },
  deliveries: {
    summary: "List what was sent",
    tag,
    description:
      "Newest first, with what receivers answered; muted messages are in it, too. Kept for 90 days.",
    query: deliveryQuery,
    answer: z.object({
      alertDeliveries: z.array(delivery),
      meta: z.object({ nextCursor: z.string().nullable() }),
    }),
  },
  resend: {
    summary: "Send a message again",
    tag,
    description: "The same text, as a message of its own.",
    status: 202,
    answer: reference("alertDelivery"),
  },
  mutes: {
    summary: "List mutes",
    tag,
    description: "Those in force, newest first.",
    query: watchedQuery,
    answer: z.object({ alertMutes: z.array(mute) }),
  },
  mute: {
    summary: "Mute a monitor or a rule",
    tag,
    description:
      "For some `minutes`, `until` an instant, or `untilPasses`. Messages are logged as muted and not sent. Replaces the mute before.",
    body: muteFields,
    status: 201,
    answer: z.object({ alertMute: mute }),
  },
  summaries: {
    summary: "List summaries",
    tag,
    description: "Who gets a daily or weekly summary of a workspace, and where.",
    query: placeQuery,
    answer: z.object({ alertSummaries: z.array(summary) }),
  },
  createSummary: {
    summary: "Subscribe a channel to a summary",
    tag,
    description:
      "Daily or weekly (`weekday`, 0 = Sunday) at an hour of a time zone. Replaces the one that the channel has for this workspace and period.",
    body: summaryFields,
    status: 201,
    answer: z.object({ alertSummary: summary }),
  },
  sendSummary: {
    summary: "Send a summary now",
    tag,
    description: "About the time up to now, beside those that come by themselves.",
    status: 202,
    answer: reference("alertSummary"),
  },
  deleteSummary: { summary: "End a summary", tag, answer: reference("alertSummary") },
  unmute: { summary: "End a mute", tag, answer: reference("alertMute") },
} satisfies Record<string, EndpointDoc>;
