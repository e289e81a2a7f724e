import { summaryFields } from "../../alerts/summary.ts";
import { anyAnswer } from "../../lib/api-client.ts";
import { newId } from "../../lib/ids.ts";
import { alertFolders, type SummaryFile } from "./content-alerts.ts";
import { labelOfSummary } from "./names.ts";
import type { Step } from "./plan.ts";
import { differing, planElement, readAs } from "./steps-element.ts";
import { type Find, nameThere, resolverNow, resolver, type Target, workspaceIdOf } from "./target.ts";

/** What a summary is known by, in files and on the control plane. */
export const labelOf = ({ channel, period }: SummaryFile, target: Target): string =>
  labelOfSummary(nameThere(target, "channel", channel), period);

export function planSummary(file: SummaryFile, target: Target): Step {
  const { api, actual } = target;
  const name = labelOf(file, target);
  const by = `Summary "${name}" of workspace "${target.name}"`;
  const known = actual.summaries.find((one) => one.name === name);
  const { weekday, ...fields } = known?.fields ?? {};
  const wanted = (find: Find, workspace: string) => {
    const { $kind: _kind, ...said } = file;
    const stored = { ...fields, ...(typeof weekday === "number" && { weekday }) };
    return readAs(
      summaryFields,
      { ...stored, ...said, workspace, channel: find("channel", file.channel) },
      by,
    );
  };
  // The one that a channel has for a period is replaced.
  const put = async () => {
    const body = wanted(resolver(target, by), workspaceIdOf(target));
    await api.post(`/${alertFolders.summaries}`, body, anyAnswer);
  };
  const find = resolverNow(target);
  const { workspace: _workspace, ...there } = wanted(find, target.workspaceId ?? newId());
  const changed = known && differing(there, known.fields);
  const isDaily = file.period === "daily";
  return planElement(
    { kind: "summary", name, workspace: target.name },
    { changed: changed?.filter((field) => !(isDaily && field === "weekday")), create: put, update: put },
  );
}
