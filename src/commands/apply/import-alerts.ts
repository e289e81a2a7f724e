import type { AlertContent } from "./content-alerts.ts";
import type { WorkspaceContent } from "./content.ts";
import { labelOfRule } from "./names.ts";
import { fillIn } from "./variables.ts";

interface Place {
  /** Those of the team, by name and id. */
  channels: readonly string[];
  /** Addresses that status pages have. */
  slugs: readonly string[];
  /** Told of what is left out. */
  tell: (line: string) => void;
}

/**
 * What of an archive can be made in another place: secrets are not in it, and an address belongs to one page. All else is left
 * out and told, so that the rest is imported.
 */
export function withReachableAlerts(
  { monitors, channels, rules, windows, summaries, statusPages }: WorkspaceContent,
  { channels: ofTeam, slugs, tell }: Place,
): AlertContent {
  const made = channels.filter(({ name, config }) => {
    const { missing } = fillIn(config, `Alert channel "${name}"`);
    if (missing.length > 0)
      tell(
        `Alert channel "${name}" is left out: set ${missing.join(" and ")} in the environment and import again, or make it by hand.`,
      );
    return missing.length === 0;
  });
  const reachable = new Set([...ofTeam, ...made.map(({ name }) => name)]);
  const watched = new Set(monitors.map(({ name }) => name));
  return {
    channels: made,
    rules: rules.flatMap((rule) => {
      const told = rule.channels?.filter((name) => reachable.has(name)) ?? [];
      const isWatching = rule.monitor === undefined || watched.has(rule.monitor);
      if (told.length > 0 && isWatching) return [{ ...rule, channels: told }];
      tell(
        `Alert rule "${labelOfRule(rule.monitor, rule.name ?? "")}" is left out: its ${isWatching ? "channels are" : "monitor is"} not there.`,
      );
      return [];
    }),
    windows: windows.flatMap((window) => {
      const about = window.monitors?.filter((name) => watched.has(name));
      if (about?.length === 0) return [];
      return [{ ...window, ...(about && { monitors: about }) }];
    }),
    summaries: summaries.filter(({ channel, period }) => {
      if (!reachable.has(channel))
        tell(`The ${period} summary is left out: its channel "${channel}" is not there.`);
      return reachable.has(channel);
    }),
    statusPages: statusPages
      .filter(({ slug }) => {
        if (slugs.includes(slug)) tell(`Status page "${slug}" is left out: another page has that address.`);
        return !slugs.includes(slug);
      })
      .map((page) => ({
        ...page,
        ...(page.monitors && { monitors: page.monitors.filter(({ monitor }) => watched.has(monitor)) }),
      })),
  };
}
