import { join } from "node:path";

import { z } from "zod";

import { systemClock } from "../../lib/clock.ts";
import { AppError } from "../../lib/errors.ts";
import type { CommandContext } from "../context.ts";
import { startBookshop } from "./bookshop.ts";
import { type Child, startChild } from "./child.ts";
import { type ApiClient, createApiClient } from "./client.ts";
import { runMonitor } from "./first-run.ts";
import { freePort } from "./port.ts";
import { formatRun } from "./report.ts";
import { ensureMonitor, ensureRunner, runnerName } from "./seed.ts";
import { type DemoState, loadState, saveState } from "./state.ts";
import { listenForStop, type StopSignals } from "./stop-signal.ts";

export interface DemoOptions {
  /** Absolute. */
  dataDir: string;
  port: number;
}

/** Everything that runs, in the order of its start. */
interface Stage {
  stops: (() => Promise<void>)[];
  /** Rejects when a child process ends by itself. */
  broken: Promise<never>;
  start(name: string, args: string[], environment: Record<string, string | undefined>): Child;
}

/** A drain of running monitors, then a clean stop of Postgres. */
const STOP_GRACE_MS = 15_000;
const CLERK = "clerk";
/** The demo keeps to its own embedded database, whatever database this machine is set up for. */
const ownDatabase = { DATABASE_URL: undefined, APP_DATABASE_URL: undefined };

/**
 * Control plane, runner and a bookshop to watch, until Ctrl+C. Both are child processes of this program, and all that
 * is made in them is made through the API, so the demo takes the road that every user takes.
 */
export async function runDemo(context: CommandContext, options: DemoOptions): Promise<void> {
  const signals = listenForStop();
  const stage = createStage(signals);
  const stopped = new Promise<void>((resolve) => signals.stop.addEventListener("abort", () => resolve()));
  try {
    await Promise.race([bringUp(context, options, stage, signals.stop), stage.broken, stopped]);
    if (!signals.stop.aborted) await Promise.race([stage.broken, stopped]);
  } catch (error) {
    // A stop in the middle of the start ends whatever was under way with an error that says nothing new.
    if (!signals.stop.aborted) throw error;
  } finally {
    if (signals.stop.aborted) context.note("\nstopping…");
    for (const stop of stage.stops.toReversed()) await stop();
    signals.release();
  }
  context.note("stopped: no process is left behind");
}

function createStage(signals: StopSignals): Stage {
  const { promise: broken, reject } = Promise.withResolvers<never>();
  // It is raced later; until then a rejection has no reader.
  broken.catch(() => {});
  const stops: Stage["stops"] = [];
  return {
    stops,
    broken,
    start: (name, args, environment) => {
      signals.stop.throwIfAborted();
      const child = startChild({ name, args, environment });
      void child.ended.then((sentence) => reject(new AppError("unavailable", sentence)));
      stops.push(() => child.stop({ graceMs: STOP_GRACE_MS, hurry: signals.hurry }));
      return child;
    },
  };
}

async function bringUp(
  { print, note, programName }: CommandContext,
  { dataDir, port: wantedPort }: DemoOptions,
  stage: Stage,
  stop: AbortSignal,
): Promise<void> {
  const state = await loadState(dataDir);
  const login = { user: CLERK, password: state.bookshopPassword };
  const bookshop = startBookshop(login, systemClock);
  stage.stops.push(() => bookshop.stop());
  note(`bookshop API to watch: ${bookshop.url}`);

  const port = freePort(wantedPort);
  if (port !== wantedPort) note(`port ${wantedPort} is taken, so ${port} is used`);
  note("starting the control plane…");
  const address = await startControlPlane(stage, state, dataDir, port);
  note(`control plane ready: ${address}`);

  const api = await openApi(state, dataDir, address, stop);
  const runner = await ensureRunner(api, state.runner);
  state.runner = runner;
  await saveState(dataDir, state);
  const monitor = await ensureMonitor(api, runner.id, { url: bookshop.url, ...login });
  note(`workspace, collection, environment and monitor ready: "${monitor.name}"`);

  stage.start("runner", ["runner", "start", "--server", address, "--data-dir", join(dataDir, "runner")], {
    APP_ID: runner.id,
    APP_KEY: runner.key,
  });
  note("runner started; waiting for the first run…");
  const result = await runMonitor(api, monitor.id);

  print(`  open       ${address}`);
  print(`  sign in    ${state.email}`);
  print(`  password   ${state.password}`);
  print("");
  for (const line of formatRun({ monitorName: monitor.name, runnerName, ...result })) print(line);
  print("");
  print(`The monitor runs every minute. Everything is kept in ${dataDir}.`);
  print(
    `Ctrl+C stops everything; the same command${programName === "app" ? "" : ` (${programName} demo)`} goes on with it.`,
  );
}

async function startControlPlane(
  stage: Stage,
  state: DemoState,
  dataDir: string,
  port: number,
): Promise<string> {
  const child = stage.start("control plane", ["serve", "--port", String(port), "--data-dir", dataDir], {
    APP_ADMIN_EMAIL: state.email,
    APP_ADMIN_PASSWORD: state.password,
    ...ownDatabase,
  });
  const [, address = ""] = await child.find(/^ready (https?:\/\/\S+?)\/?$/);
  return address;
}

/** The API with the key of the last start while it is accepted, else with a new one. */
async function openApi(
  state: DemoState,
  dataDir: string,
  address: string,
  stop: AbortSignal,
): Promise<ApiClient> {
  if (state.apiKey !== undefined) {
    const api = createApiClient(address, state.apiKey, stop);
    if (await isAccepted(api)) return api;
  }
  const apiKey = await createKey(state, dataDir);
  state.apiKey = apiKey;
  await saveState(dataDir, state);
  return createApiClient(address, apiKey, stop);
}

/** By the command for the machine of the control plane, which needs no sign-in. */
async function createKey(state: DemoState, dataDir: string): Promise<string> {
  const child = startChild({
    name: "command that creates an API key",
    args: ["key", "create", "--data-dir", dataDir, "--name", "Demo", "--email", state.email, "--json"],
    environment: ownDatabase,
  });
  const [key] = await child.find(/PMAK-[0-9a-f-]+/);
  return key;
}

async function isAccepted(api: ApiClient): Promise<boolean> {
  try {
    await api.call("GET", "/me", z.unknown());
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "unauthenticated") return false;
    throw error;
  }
}
