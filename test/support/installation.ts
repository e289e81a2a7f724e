import { join } from "node:path";

import { type AppProcess, runApp, startApp, type StartOptions, temporaryFolder } from "./processes.ts";

/** A control plane of the real program on a folder of its own, and its API with an admin's key. */
export interface Installation {
  address: string;
  dataDir: string;
  apiKey: string;
  server: AppProcess;
  call: ApiCall;
}

/** Calls the API; fails with the answer when it is not 2xx. The test says what it expects as `T`. */
export type ApiCall = <T>(method: string, path: string, body?: unknown) => Promise<T>;

export const admin = { email: "admin@example.com", password: "correct horse battery" };

/** The answer of `app serve` on a free port: its address, once it can serve. */
export async function startServer(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ server: AppProcess; address: string }> {
  const server = startApp(["serve", ...args], {
    // Tests ask often; those of the limits set them.
    env: {
      APP_ADMIN_EMAIL: admin.email,
      APP_ADMIN_PASSWORD: admin.password,
      APP_RATE_LIMIT: "off",
      ...env,
    },
  });
  const [, address = ""] = await server.find(/^ready (https?:\/\/\S+?)\/?$/m);
  return { server, address };
}

/** A control plane on embedded Postgres, or on the given database. */
export async function startInstallation({
  databaseUrl,
  args = [],
}: { databaseUrl?: string; args?: string[] } = {}): Promise<Installation> {
  const dataDir = join(temporaryFolder(), "data");
  const database = databaseUrl === undefined ? [] : ["--database-url", databaseUrl];
  const { server, address } = await startServer(["--port", "0", "--data-dir", dataDir, ...database, ...args]);
  const where = databaseUrl === undefined ? ["--data-dir", dataDir] : ["--database-url", databaseUrl];
  const created = await runApp([
    "key",
    "create",
    ...where,
    "--name",
    "test",
    "--email",
    admin.email,
    "--json",
  ]);
  const [apiKey] = /PMAK-[0-9a-f-]+/.exec(created.output) ?? [];
  if (apiKey === undefined) throw new Error(`no key was created: ${created.output}`);
  return { address, dataDir, apiKey, server, call: apiOf(address, apiKey) };
}

/** The API of a control plane with a key. */
export const apiOf =
  (address: string, apiKey: string): ApiCall =>
  async <T>(method: string, path: string, body?: unknown) => {
    const response = await fetch(`${address}/api${path}`, {
      method,
      headers: { "x-api-key": apiKey, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    // A test that expects another answer fails where it reads it.
    return JSON.parse(text) as T;
  };

export interface MonitorSetup {
  collection: Record<string, unknown>;
  environment?: Record<string, unknown>;
  /** More fields of the monitor. */
  monitor?: Record<string, unknown>;
}

/** Workspace, runner, collection and monitor, made through the API. */
export async function setUpMonitor(
  { call }: Pick<Installation, "call">,
  { collection, environment, monitor = {} }: MonitorSetup,
): Promise<{ workspaceId: string; monitorId: string; runner: { id: string; key: string } }> {
  const { workspace } = await call<{ workspace: { id: string } }>("POST", "/workspaces", {
    workspace: { name: "Test", type: "team" },
  });
  const { runner } = await call<{ runner: { id: string; key: string } }>("POST", "/runners", {
    runner: { name: "Runner", visibility: "all" },
  });
  const created = await call<{ collection: { uid: string } }>(
    "POST",
    `/collections?workspace=${workspace.id}`,
    { collection },
  );
  const around =
    environment &&
    (await call<{ environment: { uid: string } }>("POST", `/environments?workspace=${workspace.id}`, {
      environment,
    }));
  const made = await call<{ monitor: { id: string } }>("POST", `/monitors?workspace=${workspace.id}`, {
    monitor: {
      name: "Monitor",
      collection: created.collection.uid,
      schedule: { cron: "0 0 1 1 *", timezone: "UTC" },
      distribution: [{ runner: runner.id }],
      ...(around && { environment: around.environment.uid }),
      ...monitor,
    },
  });
  return { workspaceId: workspace.id, monitorId: made.monitor.id, runner };
}

export interface RunnerOptions extends Pick<StartOptions, "env" | "wrapper"> {
  dataDir?: string;
  args?: string[];
}

/** Starts `app runner start` and waits until it is registered. */
export function startRunner(
  address: string,
  runner: { id: string; key: string },
  { dataDir = join(temporaryFolder(), "runner"), args = [], env, wrapper }: RunnerOptions = {},
): AppProcess {
  return startApp(
    ["runner", "start", "--server", address, "--id", runner.id, "--data-dir", dataDir, ...args],
    {
      env: { APP_KEY: runner.key, ...env },
      ...(wrapper && { wrapper }),
    },
  );
}
