import { ruleFields } from "../../alerts/alert.ts";
import { unreachable } from "../../lib/errors.ts";
import type { AlertContent, ChannelFile, WindowFile } from "./content-alerts.ts";
import type { ActualAlerts } from "./fetch-alerts.ts";
import { byText, nameOf, nameOfChannel } from "./names.ts";
import { variableFor } from "./variables.ts";

interface Named {
  id: string;
  name: string;
}

/** As files have it: names instead of ids, variables of the environment instead of secrets, in one order. */
export function toAlertContent(
  { channels, teamChannels, rules, windows, summaries, statusPages }: ActualAlerts,
  monitors: readonly Named[],
): AlertContent {
  const channelName = (id: string) => nameOfChannel(channels, teamChannels, id);
  const monitorName = (id: string) => nameOf(monitors, id);
  const taken = new Set<string>();
  return {
    channels: channels.toSorted(byName).map((one) => toChannelFile(one, taken)),
    rules: rules
      .toSorted(byName)
      // A rule that lost its last channel tells nobody, and cannot be made anew.
      .filter(({ fields }) => fields.channelIds.length > 0)
      .map(({ fields: { name, monitorId, channelIds, ...fields } }) => ({
        ...(name !== "" && { name }),
        ...(monitorId !== null && { monitor: monitorName(monitorId) }),
        channels: channelIds.map(channelName).toSorted(byText),
        ...inOrder(fields),
      })),
    windows: windows.toSorted(byName).flatMap((one) => toWindowFile(one, monitors)),
    summaries: summaries.toSorted(byName).map(({ fields: { channel, period, hour, weekday, timezone } }) => ({
      channel: channelName(channel),
      period,
      hour,
      ...(weekday !== null && { weekday }),
      timezone,
    })),
    statusPages: statusPages.toSorted(byName).map(({ fields: { monitors: entries, ...fields } }) => ({
      ...fields,
      monitors: entries.map(({ monitor, name, group }) => ({
        monitor: monitorName(monitor),
        name,
        ...(group !== "" && { group }),
      })),
    })),
  };
}

const byName = (one: { name: string }, other: { name: string }): number => byText(one.name, other.name);

/** As the schema has them, whatever the answer's order was. */
const inOrder = <T extends object>(fields: T): T =>
  // The keys are those of the object itself, sorted.
  Object.fromEntries(
    Object.entries(fields).toSorted(([one], [other]) => ruleNames.indexOf(one) - ruleNames.indexOf(other)),
  ) as T;

const ruleNames = Object.keys(ruleFields.shape);

function toChannelFile(
  { name, active, kind, target, parts }: ActualAlerts["channels"][number],
  taken: Set<string>,
): ChannelFile {
  if (kind === "email") return { name, active, config: { kind, recipients: target.split(", ") } };
  const has = new Set(parts);
  const variable = (field: string) => variableFor(name, field, taken);
  const url = () => ({ ...(has.has("url") && { url: variable("url") }) });
  switch (kind) {
    case "pagerduty":
      return { name, active, config: { kind, routingKey: variable("routingKey"), ...url() } };
    case "opsgenie":
      return { name, active, config: { kind, apiKey: variable("apiKey"), ...url() } };
    case "webhook":
      return { name, active, config: { kind, ...url(), ...webhookParts(parts, variable) } };
    case "slack":
    case "teams":
      return { name, active, config: { kind, ...url() } };
    default:
      return unreachable(kind);
  }
}

function webhookParts(parts: readonly string[], variable: (field: string) => string) {
  const headers = parts
    .filter((part) => part.startsWith("headers."))
    .map((part) => part.slice("headers.".length));
  return {
    ...(parts.includes("secret") && { secret: variable("secret") }),
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.toSorted(byText).map((header) => [header, variable(header)])),
    }),
  };
}

/** None for a window about monitors that are all gone: it covers nothing. */
function toWindowFile(
  { name, reason, behaviour, all, monitors: ids, tag, once, recurring }: ActualAlerts["windows"][number],
  monitors: readonly Named[],
): WindowFile[] {
  const there = ids?.filter((id) => monitors.some((monitor) => monitor.id === id));
  if (there?.length === 0) return [];
  const subject = there
    ? { monitors: there.map((id) => nameOf(monitors, id)).toSorted(byText) }
    : tag
      ? { tag }
      : { all };
  return [{ name, reason, behaviour, ...subject, ...(once && { once }), ...(recurring && { recurring }) }];
}
