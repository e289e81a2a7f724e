import { z } from "zod";

import { anyAnswer, type ApiClient } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";
import type { FolderContent, RunnerFile, WorkspaceContent } from "./content.ts";
import { fetchSlugs } from "./fetch-alerts.ts";
import { fetchWorkspace } from "./fetch.ts";
import { withReachableAlerts } from "./import-alerts.ts";
import type { Step } from "./plan.ts";
import { planRest } from "./rest.ts";
import { planAlerts } from "./steps-alerts.ts";
import { planChannel } from "./steps-channels.ts";
import { planDocuments } from "./steps-documents.ts";
import { planUses } from "./steps-uses.ts";
import { emptyWorkspace, fetchTeam, runnerIds, type Target, type Team } from "./target.ts";
import { refuseTwins } from "./twins.ts";

const createdWorkspace = z.object({ workspace: z.looseObject({ id: z.string() }) });
const createdRunner = z.object({
  runner: z.looseObject({ id: z.string(), name: z.string(), startCommand: z.string().default("") }),
});

export interface PlanOptions {
  /** Whether what the files do not name is deleted, in the workspaces that they name. */
  prune: boolean;
  /** Told of the keys of new runners, which nobody can read later. */
  tell: (line: string) => void;
}

/** What is to be done so that the control plane is as the files say. Asks much and changes nothing. */
export async function planFolder(
  api: ApiClient,
  folder: FolderContent,
  { prune, tell }: PlanOptions,
): Promise<Step[]> {
  refuseSameNames(folder);
  const team = await fetchTeam(api);
  const runners = runnerIds(team);
  for (const { name } of folder.runners) if (!runners.has(name)) runners.set(name, "");
  const comingChannels = new Set(folder.channels.map(({ name }) => name));
  const targets: Target[] = [];
  for (const content of folder.workspaces) {
    const target = await openTarget(api, team, content.workspace.name, { runners, comingChannels });
    refuseTwins(content, target);
    targets.push(target);
  }
  const planned: Step[][] = [];
  for (const [at, content] of folder.workspaces.entries()) {
    const target = targets[at];
    if (!target) throw new Error("every workspace has a target");
    planned.push(await planContent(content, target, prune));
  }
  return [
    ...planned.flatMap((steps) => steps.slice(0, 1)),
    ...folder.runners.map((runner) => planRunner(runner, { api, team, runners, targets, tell })),
    ...(await planTeamChannels(folder, { api, team, targets })),
    ...planned.flatMap((steps) => steps.slice(1)),
  ];
}

/** Everything into a new workspace, or beside what a given one holds; nothing there is changed. */
export async function planImport(
  api: ApiClient,
  content: WorkspaceContent,
  workspaceId: string | undefined,
  tell: (line: string) => void,
): Promise<Step[]> {
  const team = await fetchTeam(api);
  const runners = runnerIds(team);
  const { name } = content.workspace;
  const target: Target = {
    api,
    team,
    name,
    workspaceId,
    actual: emptyWorkspace(name),
    ids: {
      collection: new Map(),
      environment: new Map(),
      runner: runners,
      monitor: new Map(),
      channel: idsOf(team.channels),
    },
    comingChannels: new Set(),
  };
  const seen = new Set(
    team.runners.flatMap(({ id, name: runner, visibility: shown, workspaces }) =>
      shown === "all" || workspaces.includes(workspaceId ?? "") ? [id, runner] : [],
    ),
  );
  const monitors = content.monitors.map((one) => withSeenRunners(one, seen, tell));
  const slugs = content.statusPages.length === 0 ? [] : await fetchSlugs(api);
  const alerts = withReachableAlerts(content, { channels: [...target.ids.channel.keys()], slugs, tell });
  const steps = await planContent({ ...content, monitors, ...alerts }, target, false);
  return workspaceId === undefined ? steps : steps.slice(1);
}

/** Without a runner that it had, a monitor would run on any other, so in another network: it is paused instead. */
function withSeenRunners(
  monitor: WorkspaceContent["monitors"][number],
  seen: ReadonlySet<string>,
  tell: (line: string) => void,
): WorkspaceContent["monitors"][number] {
  const runners = monitor.runners ?? [];
  const lost = runners.filter((one) => !seen.has(one));
  if (lost.length === 0) return monitor;
  tell(`Monitor "${monitor.name}" is paused: the workspace does not see its runner ${lost.join(", ")}.`);
  return { ...monitor, runners: runners.filter((one) => seen.has(one)), active: false };
}

/** The workspace itself comes first. */
const planContent = async (content: WorkspaceContent, target: Target, prune: boolean): Promise<Step[]> => [
  planWorkspace(content.workspace, target),
  ...planDocuments(content, target),
  ...planUses(content, target),
  ...(await planAlerts(content, target)),
  ...planRest(content, target, prune),
];

function refuseSameNames({ workspaces, runners, channels }: FolderContent): void {
  for (const [what, names] of [
    ["workspaces", workspaces.map(({ workspace }) => workspace.name)],
    ["runners", runners.map(({ name }) => name)],
    ["alert channels of the team", channels.map(({ name }) => name)],
  ] as const) {
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined)
      throw new AppError("bad_request", `The files hold two ${what} named "${twice}".`);
  }
}

async function openTarget(
  api: ApiClient,
  team: Team,
  name: string,
  { runners, comingChannels }: { runners: Map<string, string>; comingChannels: ReadonlySet<string> },
): Promise<Target> {
  const [known, another] = team.workspaces.filter((one) => one.name === name);
  if (another)
    throw new AppError("conflict", `There are several workspaces named "${name}": rename all but one.`);
  const actual = known ? await fetchWorkspace(api, known.id) : emptyWorkspace(name);
  return {
    api,
    team,
    name,
    workspaceId: known?.id,
    actual,
    ids: {
      collection: idsOf(actual.collections),
      environment: idsOf(actual.environments),
      runner: runners,
      monitor: idsOf(actual.monitors),
      // Its own hide those of the team.
      channel: new Map([...idsOf(team.channels), ...idsOf(actual.channels)]),
    },
    comingChannels,
  };
}

const idsOf = (list: { id: string; name: string }[]): Map<string, string> =>
  new Map(list.flatMap((one) => [[one.id, one.id] as const, [one.name, one.id] as const]));

function planWorkspace(wanted: WorkspaceContent["workspace"], target: Target): Step {
  const { api, workspaceId, actual, name } = target;
  const step = { kind: "workspace", name, workspace: name } as const;
  const { $kind: _kind, ...workspace } = wanted;
  if (workspaceId === undefined) {
    const run = async () => {
      const body = { workspace: { type: "team", ...workspace } };
      target.workspaceId = (await api.post("/workspaces", body, createdWorkspace)).workspace.id;
    };
    return { ...step, action: "create", run };
  }
  const changed = (["type", "description", "about"] as const).filter(
    (field) => wanted[field] !== undefined && wanted[field] !== (actual.workspace[field] ?? ""),
  );
  if (changed.length === 0) return { ...step, action: "unchanged" };
  const run = async () => {
    const body = { workspace: Object.fromEntries(changed.map((field) => [field, wanted[field]])) };
    await api.put(`/workspaces/${workspaceId}`, body, anyAnswer);
  };
  return { ...step, action: "update", detail: changed.join(", "), run };
}

/** Never deleted, as runners are not: other workspaces may use them. */
async function planTeamChannels(
  { channels }: FolderContent,
  { api, team, targets }: { api: ApiClient; team: Team; targets: Target[] },
): Promise<Step[]> {
  const place = {
    api,
    workspace: undefined,
    known: team.channels,
    workspaceId: () => undefined,
    enter: (name: string, id: string) => {
      for (const { ids } of targets) if (!ids.channel.has(name)) ids.channel.set(name, id);
    },
  };
  const steps: Step[] = [];
  for (const one of channels) steps.push(await planChannel(one, place));
  return steps;
}

interface RunnerPlan {
  api: ApiClient;
  team: Team;
  runners: Map<string, string>;
  targets: Target[];
  tell: (line: string) => void;
}

function planRunner(wanted: RunnerFile, { api, team, runners, targets, tell }: RunnerPlan): Step {
  const { name, description } = wanted;
  const step = { kind: "runner", name } as const;
  const fields = () => ({
    name,
    ...(description !== undefined && { description }),
    ...visibility(wanted, team, targets),
  });
  const known = team.runners.find((one) => one.name === name);
  if (!known) {
    const run = async () => {
      const { runner } = await api.post("/runners", { runner: fields() }, createdRunner);
      runners.set(name, runner.id);
      tell(`Runner "${name}" is created; its key is shown only now. Start it with: ${runner.startCommand}`);
    };
    return { ...step, action: "create", run };
  }
  const isShown = isSameVisibility(wanted, known, { team, targets });
  const changed = [
    description !== undefined && description !== known.description && "description",
    !isShown && "workspaces",
  ].filter((field) => typeof field === "string");
  if (changed.length === 0) return { ...step, action: "unchanged" };
  const run = async () => void (await api.put(`/runners/${known.id}`, { runner: fields() }, anyAnswer));
  return { ...step, action: "update", detail: changed.join(", "), run };
}

function visibility({ workspaces = "all", name }: RunnerFile, team: Team, targets: Target[]) {
  if (workspaces === "all") return { visibility: "all" };
  const ids = workspaces.map((reference) => {
    const id = workspaceId(reference, team, targets);
    if (id) return id;
    throw new AppError(
      "bad_request",
      `Runner "${name}" names the workspace "${reference}", which is not there.`,
    );
  });
  return { visibility: "selected", workspaces: ids };
}

function isSameVisibility(
  { workspaces = "all" }: RunnerFile,
  known: Team["runners"][number],
  { team, targets }: { team: Team; targets: Target[] },
): boolean {
  if (workspaces === "all") return known.visibility === "all";
  const ids = workspaces.map((reference) => workspaceId(reference, team, targets));
  return (
    known.visibility === "selected" &&
    ids.length === known.workspaces.length &&
    ids.every((id) => id !== undefined && known.workspaces.includes(id))
  );
}

const workspaceId = (reference: string, { workspaces }: Team, targets: Target[]): string | undefined =>
  workspaces.find(({ id, name }) => id === reference || name === reference)?.id ??
  targets.find(({ name }) => name === reference)?.workspaceId;
