import { z } from "zod";

import { AppError } from "../../lib/errors.ts";
import type { ApiClient } from "./client.ts";
import { collectionName, demoCollection, demoEnvironment, environmentName } from "./collection.ts";
import type { DemoState } from "./state.ts";

export const runnerName = "Demo runner";
const workspaceName = "Demo";
const monitorName = "Bookshop, every minute";

const named = z.object({ id: z.string(), name: z.string() });
const owned = named.extend({ uid: z.string() });
const variable = z.looseObject({ key: z.string(), value: z.unknown() });

export interface BookshopAccess {
  url: string;
  user: string;
  password: string;
}

/** The runner that the demo uses: the one of the last start if it is still there, else a new one. */
export async function ensureRunner(
  api: ApiClient,
  known: DemoState["runner"],
): Promise<{ id: string; key: string }> {
  if (known !== undefined && (await exists(api, `/runners/${known.id}`))) return known;
  const { runner } = await api.call(
    "POST",
    "/runners",
    z.object({ runner: z.object({ id: z.string(), key: z.string() }) }),
    { runner: { name: runnerName, description: "Started by the demo on this machine", visibility: "all" } },
  );
  return runner;
}

/** Makes what is missing of workspace, collection, environment and monitor, and points all at this start's addresses. */
export async function ensureMonitor(
  api: ApiClient,
  runnerId: string,
  bookshop: BookshopAccess,
): Promise<{ id: string; name: string }> {
  const workspace = await ensureWorkspace(api);
  const collection = await ensureCollection(api, workspace.id);
  const environment = await ensureEnvironment(api, workspace.id, bookshop);
  const { monitors } = await api.call(
    "GET",
    `/monitors?workspace=${workspace.id}`,
    z.object({ monitors: z.array(named) }),
  );
  const found = monitors.find(({ name }) => name === monitorName);
  const distribution = [{ runner: runnerId }];
  if (found !== undefined) {
    await api.call("PUT", `/monitors/${found.id}`, z.unknown(), { monitor: { distribution } });
    return found;
  }
  const { monitor } = await api.call(
    "POST",
    `/monitors?workspace=${workspace.id}`,
    z.object({ monitor: named }),
    {
      monitor: {
        name: monitorName,
        collection: collection.uid,
        environment: environment.uid,
        schedule: { cron: "* * * * *", timezone: "UTC" },
        distribution,
      },
    },
  );
  return monitor;
}

async function ensureWorkspace(api: ApiClient): Promise<z.infer<typeof named>> {
  const { workspaces } = await api.call("GET", "/workspaces", z.object({ workspaces: z.array(named) }));
  const found = workspaces.find(({ name }) => name === workspaceName);
  if (found !== undefined) return found;
  const { workspace } = await api.call("POST", "/workspaces", z.object({ workspace: named }), {
    workspace: {
      name: workspaceName,
      type: "team",
      description: "A bookshop and the monitor that watches it",
    },
  });
  return workspace;
}

async function ensureCollection(api: ApiClient, workspaceId: string): Promise<z.infer<typeof owned>> {
  const path = `/collections?workspace=${workspaceId}`;
  const { collections } = await api.call("GET", path, z.object({ collections: z.array(owned) }));
  const found = collections.find(({ name }) => name === collectionName);
  if (found !== undefined) return found;
  const { collection } = await api.call("POST", path, z.object({ collection: owned }), {
    collection: demoCollection,
  });
  return collection;
}

async function ensureEnvironment(
  api: ApiClient,
  workspaceId: string,
  bookshop: BookshopAccess,
): Promise<z.infer<typeof owned>> {
  const path = `/environments?workspace=${workspaceId}`;
  const fresh = demoEnvironment(bookshop);
  const { environments } = await api.call("GET", path, z.object({ environments: z.array(owned) }));
  const found = environments.find(({ name }) => name === environmentName);
  if (found !== undefined) {
    await refreshEnvironment(api, found.id, fresh.values);
    return found;
  }
  const { environment } = await api.call("POST", path, z.object({ environment: owned }), {
    environment: fresh,
  });
  return environment;
}

/** The bookshop has a new port at every start; what a person changed in the environment stays. */
async function refreshEnvironment(
  api: ApiClient,
  id: string,
  fresh: { key: string; value: string }[],
): Promise<void> {
  const path = `/environments/${id}`;
  const { environment } = await api.call(
    "GET",
    path,
    z.object({ environment: z.looseObject({ name: z.string(), values: z.array(variable) }) }),
  );
  const ours = new Map(fresh.map(({ key, value }) => [key, value]));
  const values = environment.values.map((kept) =>
    kept.key === "baseUrl" || kept.key === "password" ? { ...kept, value: ours.get(kept.key) } : kept,
  );
  await api.call("PUT", path, z.unknown(), { environment: { name: environment.name, values } });
}

async function exists(api: ApiClient, path: string): Promise<boolean> {
  try {
    await api.call("GET", path, z.unknown());
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return false;
    throw error;
  }
}
