import { AppError } from "../../lib/errors.ts";
import type { WorkspaceContent } from "./content.ts";
import type { Step } from "./plan.ts";
import { planChannel } from "./steps-channels.ts";
import { labelOf, planRule } from "./steps-rules.ts";
import { planStatusPage } from "./steps-status-pages.ts";
import { labelOf as labelOfSummary, planSummary } from "./steps-summaries.ts";
import { planWindow } from "./steps-windows.ts";
import { type Target, unknown, workspaceIdOf } from "./target.ts";

/** Who is told, when and when not: after the monitors that all of it is about. */
export async function planAlerts(content: WorkspaceContent, target: Target): Promise<Step[]> {
  const { api, actual, ids, name } = target;
  // From now on its own channel is meant, and not one of the team that has its name.
  for (const channel of content.channels)
    if (!actual.channels.some((known) => known.name === channel.name)) ids.channel.delete(channel.name);
  checkReferences(content, target);
  const place = {
    api,
    workspace: name,
    known: actual.channels,
    workspaceId: () => workspaceIdOf(target),
    enter: (channel: string, id: string) => void ids.channel.set(channel, id),
  };
  const steps: Step[] = [];
  for (const one of content.channels) steps.push(await planChannel(one, place));
  for (const one of content.rules) steps.push(planRule(one, target));
  for (const one of content.windows) steps.push(await planWindow(one, target));
  for (const one of content.summaries) steps.push(planSummary(one, target));
  for (const one of content.statusPages) steps.push(planStatusPage(one, target));
  return steps;
}

/** A channel of the workspace hides those of the team. */
function isTwin({ actual }: Target, kind: "monitor" | "channel", name: string): boolean {
  const named = (list: readonly { name: string }[]) => list.filter((one) => one.name === name).length;
  if (kind === "monitor") return named(actual.monitors) > 1;
  const own = named(actual.channels);
  return own > 1 || (own === 0 && named(actual.teamChannels) > 1);
}

/** Before anything is done: a name that means nothing is a mistake in a file. */
function checkReferences(content: WorkspaceContent, target: Target): void {
  const monitors = new Set([...target.ids.monitor.keys(), ...content.monitors.map(({ name }) => name)]);
  const channels = new Set([
    ...target.ids.channel.keys(),
    ...target.comingChannels,
    ...content.channels.map(({ name }) => name),
  ]);
  const need = (kind: "monitor" | "channel", references: string[], element: string) => {
    const there = kind === "monitor" ? monitors : channels;
    const by = `${element} of workspace "${target.name}"`;
    const absent = references.find((reference) => !there.has(reference));
    if (absent !== undefined) throw unknown(kind, absent, by);
    const twin = references.find((reference) => isTwin(target, kind, reference));
    if (twin !== undefined)
      throw new AppError(
        "conflict",
        `${by} names "${twin}", and there are several of that name: rename all but one.`,
      );
  };
  for (const one of content.rules) {
    const by = `Alert rule "${labelOf(one, target)}"`;
    need("monitor", one.monitor === undefined ? [] : [one.monitor], by);
    need("channel", one.channels ?? [], by);
  }
  for (const { name, monitors: wanted } of content.windows)
    need("monitor", wanted ?? [], `Maintenance window "${name}"`);
  for (const one of content.summaries)
    need("channel", [one.channel], `Summary "${labelOfSummary(one, target)}"`);
  for (const { slug, monitors: entries } of content.statusPages)
    need("monitor", entries?.map(({ monitor }) => monitor) ?? [], `Status page "${slug}"`);
}
