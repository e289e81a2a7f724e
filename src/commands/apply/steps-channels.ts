import { z } from "zod";

import { channelConfig } from "../../alerts/channel.ts";
import { anyAnswer, type ApiClient } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";
import { type ChannelFile, alertFolders } from "./content-alerts.ts";
import type { ActualChannel } from "./fetch-alerts.ts";
import type { Step } from "./plan.ts";
import { naming, planElement, readAs } from "./steps-element.ts";
import { fillIn, type FilledConfig } from "./variables.ts";

/** Where channels are: in a workspace, or with the team. */
export interface ChannelPlace {
  api: ApiClient;
  /** As `workspace` of steps; undefined for the team. */
  workspace: string | undefined;
  known: readonly ActualChannel[];
  /** Of the workspace, when it is there; undefined for the team. */
  workspaceId: () => string | undefined;
  /** Told what was created. */
  enter: (name: string, id: string) => void;
}

const created = z.object({ alertChannel: z.looseObject({ id: z.string() }) });
const changedAnswer = z.object({ config: z.object({ changed: z.array(z.string()) }) });

const channelBy = (name: string, workspace: string | undefined): string =>
  workspace === undefined
    ? `Alert channel "${name}" of the team`
    : `Alert channel "${name}" of workspace "${workspace}"`;

/** Asks the control plane what of a configuration differs: nothing of it is ever told. */
export async function planChannel(file: ChannelFile, place: ChannelPlace): Promise<Step> {
  const { api, workspace } = place;
  const { name, active } = file;
  const by = channelBy(name, workspace);
  const filled = fillIn(file.config, by);
  const [known, another] = place.known.filter((one) => one.name === name);
  if (another) throw new AppError("conflict", `${by} is there several times: rename or delete all but one.`);
  const isWhole = known?.kind !== file.config.kind;
  const config = isWhole ? wholeConfig(file, filled, by) : filled.config;
  const path = `/${alertFolders.channels}/${known?.id ?? ""}`;
  const differs = known
    ? await naming(by, () => api.patch(`${path}/config`, { config, dryRun: true }, changedAnswer))
    : undefined;
  const isSwitched = known !== undefined && active !== undefined && active !== known.active;
  const changed = differs && [...differs.config.changed, ...(isSwitched ? ["active"] : [])];
  return planElement(
    { kind: "alert channel", name, ...(workspace !== undefined && { workspace }) },
    {
      changed,
      create: async () => {
        const id = place.workspaceId();
        const body = { name, ...(active !== undefined && { active }), config, ...(id && { workspace: id }) };
        const { alertChannel } = await api.post(`/${alertFolders.channels}`, body, created);
        place.enter(name, alertChannel.id);
      },
      update: async () => {
        if (differs && differs.config.changed.length > 0)
          await api.patch(`${path}/config`, { config }, anyAnswer);
        if (isSwitched) await api.patch(path, { active }, anyAnswer);
      },
    },
  );
}

/** What a new channel needs: nothing of it is stored yet. */
function wholeConfig(
  { config }: ChannelFile,
  { config: filled, missing }: FilledConfig,
  by: string,
): Record<string, unknown> {
  if (missing.length > 0)
    throw new AppError(
      "bad_request",
      `${by} is not there yet and its secrets are not stored: set ${missing.join(" and ")} in the environment of this command.`,
    );
  const absent = needed[config.kind].find((field) => filled[field] === undefined);
  if (absent !== undefined)
    throw new AppError(
      "bad_request",
      `${by} is not there yet and its config has no ${absent}: write it into the file, a secret as \${NAME} of a variable of the environment.`,
    );
  readAs(channelConfig, filled, by);
  return filled;
}

const needed = {
  email: ["recipients"],
  slack: ["url"],
  teams: ["url"],
  pagerduty: ["routingKey"],
  opsgenie: ["apiKey"],
  webhook: ["url"],
} as const;
