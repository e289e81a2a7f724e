import { z } from "zod";

import type { ApiClient } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";
import type { FolderContent } from "./content.ts";
import type { ActualWorkspace } from "./fetch.ts";

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
}

export async function fetchTeam(api: ApiClient): Promise<Team> {
  const { workspaces } = await api.get("/workspaces", z.object({ workspaces: z.array(named) }));
  const { runners } = await api.get("/runners", z.object({ runners: z.array(runner) }));
  return { workspaces, runners };
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
  ids: { collection: Map<string, string>; environment: Map<string, string>; runner: Map<string, string> };
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

export const unknown = (kind: string, reference: string, by: string): AppError =>
  new AppError(
    "bad_request",
    `${by} names the ${kind} "${reference}", which is neither in the files nor there.`,
  );

/** One element for one name. Throws when files or the workspace use a name twice: nobody could tell which is meant. */
export function refuseTwins(folder: FolderContent, target: Target): void {
  const content = folder.workspaces.find(({ workspace }) => workspace.name === target.name);
  for (const kind of ["collections", "environments", "monitors", "mocks", "specs"] as const) {
    const wanted = content?.[kind].map(({ name }) => name) ?? [];
    const twice = wanted.find((name, at) => wanted.indexOf(name) !== at);
    if (twice !== undefined)
      throw new AppError(
        "bad_request",
        `The files of workspace "${target.name}" hold two ${kind} named "${twice}".`,
      );
    const there = target.actual[kind].map(({ name }) => name);
    const double = wanted.find((name) => there.indexOf(name) !== there.lastIndexOf(name));
    if (double !== undefined)
      throw new AppError(
        "conflict",
        `Workspace "${target.name}" holds several ${kind} named "${double}": rename or delete all but one.`,
      );
  }
}
