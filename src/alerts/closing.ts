import { unreachable } from "../lib/errors.ts";
import type { AlertCondition } from "./alert.ts";
import { aboutNoMonitor, type AlertMessage, messageLimits, oneLine } from "./message.ts";
import { closedFleetTitle, closedTitles, deletedRunner, nameOfRule, runnerTitle } from "./words.ts";

/** What ends a watch while an alert of it is open; no IO. */
export type Ending =
  | { why: "rule_deleted" | "rule_off" | "rule_changed"; by: string }
  | { why: "channel_removed" | "channel_deleted" | "channel_off"; by: string }
  | { why: "monitor_deleted" | "collection_deleted" | "workspace_deleted"; by: string }
  /** Nobody's doing in particular: the monitor was moved, or no monitor uses the runner any more. */
  | { why: "unwatched" };

/** An open alert that somebody was told of. */
export interface OpenAlert {
  condition: AlertCondition;
  /** Since when it is open. */
  since: Date;
  rule: Parameters<typeof nameOfRule>[0];
  monitor: { id: string; name: string; uid: string } | null;
  /** Of the condition of runners: the one that is silent; null for all that a monitor or workspace has. */
  runner: { name: string | null } | null;
  /** Title of what was told, where nothing else says what it was about. */
  toldAs: string | null;
  workspace: { id: string; name: string };
}

/** Tells whoever was told of an alert that no more will come, and why: an incident that stays open helps nobody. */
export function composeClosing(publicUrl: string, alert: OpenAlert, ending: Ending): AlertMessage {
  const { condition, workspace, monitor } = alert;
  const url = `${publicUrl}/workspaces/${workspace.id}`;
  const monitorUrl = monitor && `${publicUrl}/monitors/${monitor.id}`;
  const reason = reasonOf(ending, nameOfRule(alert.rule));
  return {
    event: "closed",
    condition,
    state: "closed",
    severity: "info",
    title: oneLine(titleOf(alert), messageLimits.title),
    summary: oneLine(
      `${reason} No more messages of this alert follow; whether it is over is not known.`,
      messageLimits.text,
    ),
    since: alert.since.toISOString(),
    number: 1,
    ...aboutNoMonitor,
    workspace: { id: workspace.id, name: oneLine(workspace.name, messageLimits.title), url },
    monitor: monitor && monitorUrl ? { ...monitor, url: monitorUrl } : null,
    facts: [
      { label: "Workspace", value: oneLine(workspace.name, messageLimits.title) },
      ...(alert.toldAs === null
        ? []
        : [{ label: "Told as", value: oneLine(alert.toldAs, messageLimits.title) }]),
    ],
    links: linksOf(ending, { workspace: url, monitor: monitorUrl }),
  };
}

function titleOf({ condition, runner, monitor, workspace }: OpenAlert): string {
  const name = oneLine(monitor?.name ?? workspace.name, 150);
  if (condition !== "runner") return closedTitles[condition](name);
  if (runner === null) return closedFleetTitle(name);
  return closedTitles.runner(runner.name === null ? deletedRunner : runnerTitle(oneLine(runner.name, 150)));
}

function reasonOf(ending: Ending, rule: string): string {
  switch (ending.why) {
    case "rule_deleted":
      return `${ending.by} deleted the rule "${rule}".`;
    case "rule_off":
      return `${ending.by} switched the rule "${rule}" off.`;
    case "rule_changed":
      return `${ending.by} changed the rule "${rule}": it does not watch this any more.`;
    case "channel_removed":
      return `${ending.by} took this channel out of the rule "${rule}".`;
    case "channel_deleted":
      return `${ending.by} deleted this channel.`;
    case "channel_off":
      return `${ending.by} switched this channel off.`;
    case "monitor_deleted":
      return `${ending.by} deleted the monitor.`;
    case "collection_deleted":
      return `${ending.by} deleted the collection that the monitor ran.`;
    case "workspace_deleted":
      return `${ending.by} deleted the workspace.`;
    case "unwatched":
      return `The rule "${rule}" does not watch this any more: what it watches was moved or deleted.`;
    default:
      return unreachable(ending);
  }
}

/** Pages that are deleted with what the alert was about are no place to look. */
function linksOf(
  { why }: Ending,
  { workspace, monitor }: { workspace: string; monitor: string | null },
): AlertMessage["links"] {
  if (why === "workspace_deleted") return [];
  if (monitor === null || why === "monitor_deleted" || why === "collection_deleted") {
    return [{ label: "Open the workspace", url: workspace }];
  }
  return [{ label: "Open the monitor", url: monitor }];
}
