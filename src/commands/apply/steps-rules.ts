import { ruleInput } from "../../alerts/alert.ts";
import { anyAnswer } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";
import { alertFolders, type RuleFile } from "./content-alerts.ts";
import { labelOfRule } from "./names.ts";
import type { Step } from "./plan.ts";
import { differing, only, planElement, readAs } from "./steps-element.ts";
import { type Find, nameThere, resolverNow, resolver, type Target, workspaceIdOf } from "./target.ts";

/** What a rule is known by, in files and on the control plane. */
export const labelOf = ({ name = "", monitor }: RuleFile, target: Target): string =>
  labelOfRule(monitor === undefined ? undefined : nameThere(target, "monitor", monitor), name);

export function planRule(file: RuleFile, target: Target): Step {
  const { api, actual } = target;
  const name = labelOf(file, target);
  const by = `Alert rule "${name}" of workspace "${target.name}"`;
  const known = actual.rules.find((one) => one.name === name);
  const channelIds = file.channels ?? known?.fields.channelIds ?? [];
  if (channelIds.length === 0)
    throw new AppError("bad_request", `${by} has no channel: name at least one below channels.`);
  const wanted = (find: Find) => readAs(ruleInput, { ...known?.fields, ...fieldsOf(file, find) }, by);
  const changes = (find: Find): string[] =>
    known ? differing(sorted(wanted(find)), sorted(known.fields)) : [];
  return planElement(
    { kind: "alert rule", name, workspace: target.name },
    {
      changed: known && changes(resolverNow(target)).map((field) => fieldsInFiles.get(field) ?? field),
      create: async () => {
        const body = { workspace: workspaceIdOf(target), ...fieldsOf(file, resolver(target, by)) };
        await api.post(`/${alertFolders.rules}`, body, anyAnswer);
      },
      update: async () => {
        const find = resolver(target, by);
        await api.patch(
          `/${alertFolders.rules}/${known?.id ?? ""}`,
          only(wanted(find), changes(find)),
          anyAnswer,
        );
      },
    },
  );
}

function fieldsOf({ $kind: _kind, monitor, channels, ...fields }: RuleFile, find: Find) {
  return {
    ...fields,
    ...(monitor !== undefined && { monitorId: find("monitor", monitor) }),
    ...(channels && { channelIds: channels.map((one) => find("channel", one)) }),
  };
}

/** The order of channels means nothing. */
const sorted = <T extends { channelIds: string[] }>(rule: T): T => ({
  ...rule,
  channelIds: rule.channelIds.toSorted(),
});

const fieldsInFiles = new Map([
  ["channelIds", "channels"],
  ["monitorId", "monitor"],
]);
