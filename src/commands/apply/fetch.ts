import { z } from "zod";

import type { ApiClient } from "../../lib/api-client.ts";
import { listMonitors } from "../monitor/find.ts";
import { withoutStamps } from "./compare.ts";
import type { Variable, WorkspaceContent } from "./content.ts";
import { type ActualAlerts, fetchAlerts } from "./fetch-alerts.ts";
import { type ActualMock, fetchMocks } from "./fetch-mocks.ts";
import { nameOf } from "./names.ts";
import { toAlertContent } from "./to-content-alerts.ts";

const named = z.looseObject({ id: z.string(), name: z.string() });
const workspaceAnswer = z.object({
  workspace: z.looseObject({
    name: z.string(),
    visibility: z.string().optional(),
    type: z.string().optional(),
    description: z.string().nullish(),
    about: z.string().nullish(),
    collections: z.array(named).default([]),
    environments: z.array(named).default([]),
  }),
});
const variables = z.array(z.looseObject({ key: z.string() }));
const collectionAnswer = z.object({ collection: z.record(z.string(), z.unknown()) });
const environmentAnswer = z.object({ environment: z.looseObject({ name: z.string(), values: variables }) });
const globalsAnswer = z.object({ values: variables });
const emails = z.array(z.looseObject({ email: z.string() })).default([]);
const monitorAnswer = z.object({
  monitor: z.looseObject({
    name: z.string(),
    active: z.boolean().default(true),
    collectionUid: z.string(),
    environmentUid: z.string().optional(),
    distribution: z.array(z.looseObject({ runner: z.string(), name: z.string().nullish() })).default([]),
    schedule: z
      .looseObject({
        cron: z.string(),
        timezone: z.string(),
        overlap: z.enum(["skip", "queue"]).optional(),
        catchUp: z.enum(["last", "none"]).optional(),
      })
      .optional(),
    options: z.record(z.string(), z.unknown()).default({}),
    notifications: z.looseObject({ onError: emails, onFailure: emails }).optional(),
    notificationLimit: z.number().nullish(),
    retry: z.looseObject({ attempts: z.number() }).nullish(),
    rerunLost: z.boolean().default(false),
    folder: z.string().default(""),
    tags: z.array(z.string()).default([]),
  }),
});
const specsPage = z.object({
  specs: z.array(named.extend({ type: z.string() })),
  meta: z.looseObject({ nextCursor: z.string().nullish() }),
});
const specFiles = z.object({ files: z.array(z.looseObject({ path: z.string(), type: z.string() })) });
const specFile = z.looseObject({ content: z.string() });

/** An element with its id on the control plane. */
type Known<T> = T & { id: string };

export type ActualMonitor = Awaited<ReturnType<typeof fetchMonitors>>[number];

/** A workspace as it is; elements name each other by id. */
export interface ActualWorkspace extends ActualAlerts {
  workspace: WorkspaceContent["workspace"];
  collections: Known<WorkspaceContent["collections"][number]>[];
  environments: Known<{ name: string; values: Variable[] }>[];
  globals: Variable[];
  /** `collection`, `environment` and `runners` are ids. */
  monitors: ActualMonitor[];
  mocks: ActualMock[];
  specs: Known<WorkspaceContent["specs"][number]>[];
  /** Names by id, of runners that monitors have. */
  runnerNames: Map<string, string>;
}

/** Everything in a workspace, secrets in clear: that is how the API answers. */
export async function fetchWorkspace(api: ApiClient, id: string): Promise<ActualWorkspace> {
  const { workspace } = await api.get(`/workspaces/${id}`, workspaceAnswer);
  const runnerNames = new Map<string, string>();
  const monitors = await fetchMonitors(api, id, runnerNames);
  const type = z
    .enum(["personal", "private", "team", "public", "partner"])
    .safeParse(workspace.visibility ?? workspace.type);
  return {
    workspace: {
      name: workspace.name,
      ...(type.success && { type: type.data }),
      ...(workspace.description && { description: workspace.description }),
      ...(workspace.about && { about: workspace.about }),
    },
    collections: await each(workspace.collections, async (one) => {
      const { collection } = await api.get(`/collections/${one.id}`, collectionAnswer);
      return { id: one.id, name: one.name, document: withoutStamps(collection) };
    }),
    environments: await each(workspace.environments, async (one) => {
      const { environment } = await api.get(`/environments/${one.id}`, environmentAnswer);
      return { id: one.id, name: environment.name, values: environment.values };
    }),
    globals: (await api.get(`/workspaces/${id}/global-variables`, globalsAnswer)).values,
    monitors,
    mocks: await fetchMocks(api, id),
    specs: await fetchSpecs(api, id),
    runnerNames,
    ...(await fetchAlerts(api, id, monitors)),
  };
}

/** One after the other: a control plane limits how many it answers at once. */
async function each<T, R>(list: T[], act: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const one of list) results.push(await act(one));
  return results;
}

const bare = (uid: string): string => uid.replace(/^\d+-(?=[0-9a-f]{8}-)/i, "");

async function fetchMonitors(api: ApiClient, workspace: string, runnerNames: Map<string, string>) {
  return each(await listMonitors(api, { workspace }), async ({ id }) => {
    const { monitor } = await api.get(`/monitors/${id}`, monitorAnswer);
    for (const { runner, name } of monitor.distribution) if (name) runnerNames.set(runner, name);
    const { notifications, schedule } = monitor;
    return {
      id,
      name: monitor.name,
      collection: bare(monitor.collectionUid),
      environment: monitor.environmentUid ? bare(monitor.environmentUid) : "",
      active: monitor.active,
      schedule: schedule
        ? {
            // The API puts the seconds of Postman's schedules first.
            cron: schedule.cron.replace(/^0 (?=(\S+ ){4}\S+$)/, ""),
            timezone: schedule.timezone,
            ...(schedule.overlap && { overlap: schedule.overlap }),
            ...(schedule.catchUp && { catchUp: schedule.catchUp }),
          }
        : null,
      runners: monitor.distribution.map(({ runner }) => runner),
      options: monitor.options,
      notifications: {
        onError: notifications?.onError.map(({ email }) => email) ?? [],
        onFailure: notifications?.onFailure.map(({ email }) => email) ?? [],
      },
      notificationLimit: monitor.notificationLimit ?? null,
      retry: monitor.retry ? { attempts: monitor.retry.attempts } : null,
      rerunLost: monitor.rerunLost,
      folder: monitor.folder,
      tags: monitor.tags,
    };
  });
}

async function fetchSpecs(api: ApiClient, workspace: string): Promise<ActualWorkspace["specs"]> {
  const found: ActualWorkspace["specs"] = [];
  for (let cursor = ""; ;) {
    const query = new URLSearchParams({ workspaceId: workspace, limit: "100", ...(cursor && { cursor }) });
    const page = await api.get(`/specs?${query.toString()}`, specsPage);
    for (const { id, name, type } of page.specs) {
      const { files } = await api.get(`/specs/${id}/files`, specFiles);
      const contents = await each(files, async ({ path }) => {
        const { content } = await api.get(`/specs/${id}/files/${encodeURIComponent(path)}`, specFile);
        return [path, content] as const;
      });
      const root = files.find((file) => file.type === "ROOT")?.path ?? "";
      found.push({ id, name, type, root, files: Object.fromEntries(contents) });
    }
    cursor = page.meta.nextCursor ?? "";
    if (!cursor) return found;
  }
}

/** As files have it: names instead of ids, values of secrets only if asked for. Ids stay where a name is not enough. */
export function toContent(
  actual: ActualWorkspace,
  { withSecrets }: { withSecrets: boolean },
): WorkspaceContent {
  const references = ({
    collection,
    environment,
  }: {
    collection: string;
    environment?: string | undefined;
  }) => ({
    collection: nameOf(actual.collections, collection),
    ...(environment && { environment: nameOf(actual.environments, environment) }),
  });
  const hide = (values: Variable[]): Variable[] => (withSecrets ? values : values.map(withoutSecret));
  return {
    workspace: actual.workspace,
    collections: actual.collections.map(({ name, document }) => ({
      name,
      document:
        withSecrets || !Array.isArray(document["variable"]) ? document : withHiddenVariables(document),
    })),
    environments: actual.environments.map(({ id, name, values }) => ({ id, name, values: hide(values) })),
    ...(actual.globals.length > 0 && { globals: hide(actual.globals) }),
    monitors: actual.monitors.map(({ id: _id, environment, ...monitor }) => ({
      ...monitor,
      ...references({ ...monitor, environment }),
      runners: monitor.runners.map((runner) => actual.runnerNames.get(runner) ?? runner),
    })),
    mocks: actual.mocks.map(({ id: _id, serverResponses, ...mock }) => ({
      ...mock,
      ...references(mock),
      ...(serverResponses.length > 0 && {
        serverResponses: serverResponses.map(({ id: _response, ...response }) => response),
      }),
    })),
    specs: actual.specs.map(({ id: _id, ...spec }) => spec),
    ...toAlertContent(actual, actual.monitors),
  };
}

/** A secret without its value: what is applied leaves the value that is there alone. */
const withoutSecret = (variable: Variable): Variable =>
  variable["type"] === "secret" ? { ...variable, value: "" } : variable;

/** Collections may hold secret variables as well. */
function withHiddenVariables(document: Record<string, unknown>): Record<string, unknown> {
  const list: unknown[] = Array.isArray(document["variable"]) ? document["variable"] : [];
  const hidden = list.map((one) => {
    const parsed = z.looseObject({ type: z.literal("secret") }).safeParse(one);
    return parsed.success ? { ...parsed.data, value: "" } : one;
  });
  return { ...document, variable: hidden };
}
