import type { AlertState, Delivery, Rule } from "./alert.ts";
import type { Channel } from "./channel.ts";
import type { Mute } from "./mutes-store.ts";
import type { Summary } from "./summaries-store.ts";

/** How things of alerts look in answers of the API. */

export const showChannel = ({ workspaceId, shownTarget, createdBy: _c, ...channel }: Channel) => ({
  ...channel,
  workspace: workspaceId,
  target: shownTarget,
});

export const showRule = ({ workspaceId, createdBy: _c, ...rule }: Rule) => ({
  ...rule,
  workspace: workspaceId,
});

export const showState = ({ workspaceId, ...state }: AlertState) => ({ ...state, workspace: workspaceId });

export const showDelivery = ({
  channelId,
  channelName,
  channelKind,
  target,
  isCarried: _i,
  ...delivery
}: Delivery) => ({
  ...delivery,
  channel: { id: channelId, name: channelName, kind: channelKind, target },
});

export const showMute = (mute: Mute) => ({
  id: mute.id,
  workspace: mute.workspaceId,
  monitor: mute.monitorId,
  rule: mute.ruleId,
  reason: mute.reason,
  mutedBy: { id: mute.mutedById, name: mute.mutedByName },
  createdAt: mute.createdAt,
  until: mute.untilAt,
  untilPasses: mute.untilPasses,
});

export const showSummary = (summary: Summary) => ({
  id: summary.id,
  workspace: summary.workspaceId,
  channel: summary.channelId,
  period: summary.period,
  hour: summary.hour,
  weekday: summary.weekday,
  timezone: summary.timezone,
  nextAt: summary.nextAt,
  lastSentAt: summary.lastSentAt,
});
