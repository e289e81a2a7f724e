import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";

import { AppError } from "../src/lib/errors.ts";
import { type Cluster, spawnInCluster } from "./cluster.ts";

/** One running Postgres server. */
export interface Postmaster {
  pid: number;
  /** Resolves with the exit code, whoever ended it. */
  exited: Promise<number>;
  /** Shuts down cleanly: connections are closed, everything is written. */
  stop(): Promise<void>;
}

/** Recovery after a crash replays what was not yet in its place; more than this is a fault. */
const READY_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 30_000;
const POLL_MS = 5;

/** Starts Postgres on a cluster that nobody serves. Throws `unavailable` with Postgres's own reason. */
export async function startPostmaster(
  cluster: Cluster,
  settings: Record<string, string>,
): Promise<Postmaster> {
  const output = openLogFile(cluster.logFile);
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawnInCluster(cluster, "postgres", options, output);
  closeSync(output);
  const guard = stopWithThisProcess(child.pid);
  void child.exited.then(() => guard.kill());
  await untilReady(child, cluster);
  return { pid: child.pid, exited: child.exited, stop: () => stopProcess(child) };
}

const LOG_LIMIT_BYTES = 5_000_000;

/** Appends; one earlier file is kept. */
function openLogFile(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && found.size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

/**
 * A shell that waits for the end of its input, which the system closes with this process, and then lets Postgres
 * shut down cleanly: nothing is left behind even after kill -9.
 */
function stopWithThisProcess(pid: number): Bun.Subprocess {
  const script = 'while read -r _; do :; done; kill -INT "$1"';
  const guard = Bun.spawn(["/bin/sh", "-c", script, "postgres-guard", String(pid)], {
    env: {},
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  return guard;
}

/** Line 8 of its pid file says `ready` when it takes connections. */
async function untilReady(child: Bun.Subprocess, cluster: Cluster): Promise<void> {
  const startedAt = performance.now();
  while (child.exitCode === null && performance.now() - startedAt < READY_TIMEOUT_MS) {
    const file = readPidFile(cluster.folder);
    if (file?.pid === child.pid && file.status === "ready") return;
    await Bun.sleep(POLL_MS);
  }
  child.kill("SIGKILL");
  throw new AppError("unavailable", `The embedded Postgres did not start: ${lastFault(cluster.logFile)}`);
}

function lastFault(logFile: string): string {
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-50);
  const fault = lines.findLast((line) => / (FATAL|PANIC|ERROR):|error/.test(line)) ?? lines.at(-1);
  return `${fault?.replace(/^.*?(FATAL|PANIC|ERROR): +/, "") ?? "it gave no reason"} (see ${logFile}).`;
}

async function stopProcess(child: Bun.Subprocess): Promise<void> {
  // Fast, then at once with recovery on the next start, then by force.
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await Promise.race([child.exited, Bun.sleep(STOP_TIMEOUT_MS)]);
  }
}

export interface PidFile {
  pid: number;
  socketDir: string;
  status: string;
}

/** What a running, or killed, Postgres wrote about itself; undefined after a clean stop. */
export function readPidFile(clusterFolder: string): PidFile | undefined {
  try {
    const lines = readFileSync(join(clusterFolder, "postmaster.pid"), "utf8").split("\n");
    return { pid: Number(lines[0]), socketDir: lines[4] ?? "", status: lines[7]?.trim() ?? "" };
  } catch {
    return undefined;
  }
}

/**
 * Stops a Postgres that a killed server left on the cluster, and waits until all its processes are gone. The caller
 * holds the lock of the data folder, so whatever is found belongs to nobody. Returns whether something ran.
 */
export async function stopLeftover(clusterFolder: string): Promise<boolean> {
  const found = livingProcesses(clusterFolder);
  const startedAt = performance.now();
  for (let living = found; living.length > 0; living = livingProcesses(clusterFolder)) {
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > 2 * STOP_TIMEOUT_MS) {
      throw new AppError(
        "unavailable",
        `A Postgres that an earlier server left does not end: stop process ${living[0]}.`,
      );
    }
    const postmaster = readPidFile(clusterFolder)?.pid;
    for (const pid of living.filter((pid) => pid === postmaster)) {
      signalProcess(pid, waitedMs > STOP_TIMEOUT_MS ? "SIGQUIT" : "SIGINT");
    }
    await Bun.sleep(20);
  }
  removeDeadPidFile(clusterFolder);
  return found.length > 0;
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between.
  }
}

/** Processes of Postgres work inside their cluster's folder, which tells them from others that got the same number. */
function livingProcesses(clusterFolder: string): number[] {
  const folder = realpathSync(clusterFolder);
  if (process.platform !== "linux") return recordedProcess(clusterFolder);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => workingFolder(pid) === folder)
    .map(Number);
}

function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Ended, a zombie, or another user's.
    return undefined;
  }
}

function recordedProcess(clusterFolder: string): number[] {
  const pid = readPidFile(clusterFolder)?.pid;
  if (!pid) return [];
  try {
    process.kill(pid, 0);
    return [pid];
  } catch {
    return [];
  }
}

/** Postgres takes the number in a file of a killed server for alive when a zombie or a stranger has it. */
function removeDeadPidFile(clusterFolder: string): void {
  rmSync(join(clusterFolder, "postmaster.pid"), { force: true });
}
