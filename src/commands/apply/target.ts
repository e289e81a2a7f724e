import { z } from "zod";

import type { ApiClient } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import { type ActualChannel, fetchTeamChannels, noAlerts } from "./fetch-alerts.ts";
import type { ActualWorkspace } from "./fetch.ts";
import { nameOf, nameOfChannel } from "./names.ts";

const named = z.looseObject({ id: z.string(), name: z.string() });
const runner = named.extend({
  description: z.string().default(""),
  visibility: z.string().default("all"),
  workspaces: z.array(z.string()).default([]),
});

/** What the team has: names are what files know it by. */
export interface Team {
  workspaces: z.infer<typeof named>[];
  runners: z.infer<typeof runner>[];
  /** Channels for every workspace. */
  channels: ActualChannel[];
}

export async function fetchTeam(api: ApiClient): Promise<Team> {
  const { workspaces } = await api.get("/workspaces", z.object({ workspaces: z.array(named) }));
  const { runners } = await api.get("/runners", z.object({ runners: z.array(runner) }));
  return { workspaces, runners, channels: await fetchTeamChannels(api) };
}

/** The ids of what files name. What is created on the way is entered when it is there. */
export interface Target {
  api: ApiClient;
  team: Team;
  /** As `workspace` of steps. */
  name: string;
  /** Undefined until it is created. */
  workspaceId: string | undefined;
  actual: ActualWorkspace;
  ids: Record<"collection" | "environment" | "runner" | "monitor" | "channel", Map<string, string>>;
  /** Names of channels for every workspace that an earlier step makes. */
  comingChannels: ReadonlySet<string>;
}

export const emptyWorkspace = (name: string): ActualWorkspace => ({
  workspace: { name },
  collections: [],
  environments: [],
  globals: [],
  monitors: [],
  mocks: [],
  specs: [],
  runnerNames: new Map(),
  ...noAlerts,
});

/** Ids of runners by name and by id. */
export const runnerIds = ({ runners }: Team): Map<string, string> =>
  new Map(runners.flatMap(({ id, name }) => [[id, id] as const, [name, id] as const]));

/** The id of the workspace, which exists when its steps are done in their order. */
export function workspaceIdOf({ workspaceId, name }: Target): string {
  if (workspaceId !== undefined) return workspaceId;
  throw new Error(`the workspace ${name} was not created before what is in it`);
}

/** What a file names: found now, or made by an earlier step. */
export function resolve(target: Target, kind: keyof Target["ids"], reference: string, by: string): string {
  const id = target.ids[kind].get(reference);
  if (id !== undefined) return id;
  throw unknown(kind, reference, by);
}

/** The id of a reference. */
export type Find = (kind: keyof Target["ids"], reference: string) => string;

/** As it is when all before it was done. `by` begins the sentence about what is not there. */
export const resolver =
  (target: Target, by: string): Find =>
  (kind, reference) =>
    resolve(target, kind, reference, by);

/** As it is now: what is yet to be made has an id that nothing has. */
export function resolverNow({ ids }: Target): Find {
  const coming = new Map<string, string>();
  return (kind, reference) => {
    const known = ids[kind].get(reference) ?? coming.get(reference);
    if (known !== undefined) return known;
    const id = newId();
    coming.set(reference, id);
    return id;
  };
}

/** A reference by name, whichever way the file says it. */
export function nameThere({ ids, actual }: Target, kind: "monitor" | "channel", reference: string): string {
  const id = ids[kind].get(reference);
  if (id === undefined) return reference;
  return kind === "monitor"
    ? nameOf(actual.monitors, id)
    : nameOfChannel(actual.channels, actual.teamChannels, id);
}

export const unknown = (kind: string, reference: string, by: string): AppError =>
  new AppError(
    "bad_request",
    `${by} names the ${kind === "channel" ? "alert channel" : kind} "${reference}", which is neither in the files nor there.`,
  );
