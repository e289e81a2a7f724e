import type { Shell } from "../../web/layout.tsx";
import type { LogRow } from "../../web/parts/alert-log.tsx";
import type { MuteRow } from "../../web/parts/mutes.tsx";
import { isReadOnly } from "../workspaces/pages-shell.ts";
import type { AlertChannelKind, Delivery } from "./alert.ts";
import type { Mute } from "./mutes-store.ts";

/** How things of alerts are called on pages. */
export const kindNames: Record<AlertChannelKind, string> = {
  email: "E-mail",
  slack: "Slack",
  teams: "Microsoft Teams",
  pagerduty: "PagerDuty",
  opsgenie: "Opsgenie",
  webhook: "Webhook",
};

export const muteRow = (mute: Mute, shell: Shell): MuteRow => ({
  id: mute.id,
  name: nameOfMute(mute),
  href: hrefOfMute(mute),
  what: mute.ruleId === null ? "monitor" : "rule",
  reason: mute.reason,
  mutedByName: mute.mutedByName,
  createdAt: mute.createdAt,
  untilAt: mute.untilAt,
  mayChange: !isReadOnly(shell, mute.workspaceId),
});

function nameOfMute({ ruleId, ruleName, monitorName }: Mute): string {
  if (ruleId === null) return monitorName ?? "";
  if (ruleName) return ruleName;
  return monitorName === null ? "A rule of the workspace" : `A rule of ${monitorName}`;
}

function hrefOfMute({ ruleId, monitorId }: Mute): string | undefined {
  if (ruleId !== null) return `/alerts/rules/${ruleId}`;
  return monitorId === null ? undefined : `/monitors/${monitorId}/alerts`;
}

export const logRow = (delivery: Delivery & { workspaceId?: string | null }, shell: Shell): LogRow => ({
  id: delivery.id,
  at: delivery.createdAt,
  title: delivery.message.title,
  href: hrefOfDelivery(delivery),
  kind: kindNames[delivery.channelKind],
  channelName: delivery.channelName,
  target: delivery.target,
  status: delivery.status,
  attempt: delivery.attempt,
  nextAttemptAt: delivery.nextAttemptAt,
  responseStatus: delivery.responseStatus,
  response: delivery.response,
  mayResend: mayResend(delivery, shell),
});

/** The server checks the right again; a reader of every workspace is not shown the button. */
const mayResend = ({ kind, isCarried }: Delivery, shell: Shell): boolean =>
  kind !== "test" && !isCarried && shell.workspaces.some((workspace) => workspace.isReadOnly !== true);

function hrefOfDelivery({ kind, runId, monitorId, message }: Delivery): string | undefined {
  if (runId !== null) return `/runs/${runId}`;
  if (monitorId !== null) return `/monitors/${monitorId}`;
  const [link] = message.links;
  if (kind === "test" || !link) return undefined;
  const { pathname, search } = new URL(link.url);
  return `${pathname}${search}`;
}
