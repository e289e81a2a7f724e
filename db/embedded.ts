import { rmSync } from "node:fs";
import { join } from "node:path";

import { type Clock, systemClock } from "../src/lib/clock.ts";
import { toError } from "../src/lib/errors.ts";
import type { Log } from "../src/lib/log.ts";
import { backoffMs } from "../src/lib/retry.ts";
import { type Cluster, clusterFolder, DATABASE_NAME, prepareCluster } from "./cluster.ts";
import { connect, type ConnectOptions } from "./connect.ts";
import { openDataFolder } from "./data-folder.ts";
import { type Postmaster, readPidFile, startPostmaster, stopLeftover } from "./postmaster.ts";

export type SocketTarget = Exclude<ConnectOptions["target"], string>;

/** The Postgres of a data folder, for as long as the program runs: it is started again when it dies. */
export interface EmbeddedPostgres {
  /** Stays the same when Postgres is started again. */
  target: SocketTarget;
  /** Process id of the Postgres that runs now. */
  pid(): number;
  /** Shuts down cleanly. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Absolute. The caller holds its lock. */
  dataDir: string;
  log: Log;
  clock?: Clock;
  /** Settings of Postgres that differ from ours. */
  settings?: Record<string, string>;
}

/**
 * Starts the Postgres of a data folder, and makes its cluster on the first start. What a killed server left is
 * stopped first. Throws `unavailable` with one sentence.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, clock = systemClock, settings = {} } = options;
  openDataFolder(dataDir);
  await clearLeftovers(dataDir, log);
  const cluster = await prepareCluster(dataDir, { sync: settings["fsync"] !== "off" });
  const start = () => startPostmaster(cluster, { ...serverSettings(cluster), ...settings });
  const supervised = supervise(await start(), { start, cluster, log, clock });
  const target = { socketDir: cluster.socketDir, user: DATABASE_NAME, database: DATABASE_NAME };
  const stop = async () => {
    await supervised.stop();
    if (!cluster.socketDir.startsWith(dataDir)) rmSync(cluster.socketDir, { recursive: true, force: true });
  };
  try {
    await ensureDatabase(target);
  } catch (error) {
    await stop();
    throw error;
  }
  return { target, pid: () => supervised.current().pid, stop };
}

async function clearLeftovers(dataDir: string, log: Log): Promise<void> {
  const folder = clusterFolder(dataDir);
  if (readPidFile(folder) === undefined) return;
  const wasRunning = await stopLeftover(folder);
  log.warn("the last server was killed", { postgresWasRunning: wasRunning });
}

/** Sized for a small machine; nothing listens on TCP. */
const serverSettings = ({ socketDir }: Cluster): Record<string, string> => ({
  listen_addresses: "",
  port: "5432",
  unix_socket_directories: socketDir,
  unix_socket_permissions: "0700",
  max_connections: "100",
  shared_buffers: "128MB",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "512MB",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  // Details of a refused row would put its values into the log.
  log_error_verbosity: "terse",
});

interface Supervision {
  start: () => Promise<Postmaster>;
  cluster: Cluster;
  log: Log;
  clock: Clock;
}

/** Starts Postgres again when it ends without being asked, for ever, with growing pauses. */
function supervise(first: Postmaster, { start, cluster, log, clock }: Supervision) {
  const stopping = new AbortController();
  let current = first;

  const restart = async () => {
    for (let attempt = 1; !stopping.signal.aborted; attempt++) {
      await clock.sleep(backoffMs(attempt, { baseMs: 100, maxMs: 15_000 }), stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await stopLeftover(cluster.folder);
        current = await start();
        log.warn("postgres is back", { pid: current.pid, attempt });
        return;
      } catch (error) {
        // The next turn is the recovery; until then nothing can be served, and readiness says so.
        log.error("postgres does not start again", { attempt, error: toError(error).message });
      }
    }
  };

  const watch = async () => {
    while (!stopping.signal.aborted) {
      const exitCode = await current.exited;
      if (stopping.signal.aborted) return;
      log.error("postgres ended by itself", { pid: current.pid, exitCode });
      await restart();
    }
  };
  const watching = watch();

  return {
    current: () => current,
    async stop() {
      stopping.abort();
      await current.stop();
      await watching;
      // A restart that was on its way when the stop came.
      await current.stop();
    },
  };
}

async function ensureDatabase(target: SocketTarget): Promise<void> {
  const database = connect({ target: { ...target, database: "postgres" }, max: 1 });
  try {
    const { sql } = database;
    const [found] = await sql`select 1 from pg_database where datname = ${target.database}`;
    if (!found) await sql`create database ${sql(target.database)}`;
  } finally {
    await database.close();
  }
}

/** Where the Postgres of a data folder that another process serves can be reached; undefined when it does not run. */
export function findRunningPostgres(dataDir: string): SocketTarget | undefined {
  const file = readPidFile(join(dataDir, "database"));
  if (file?.status !== "ready") return undefined;
  return { socketDir: file.socketDir, user: DATABASE_NAME, database: DATABASE_NAME };
}
