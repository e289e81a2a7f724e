import { connect, type Database } from "../../db/connect.ts";
import { openDataFolder } from "../../db/data-folder.ts";
import { findRunningPostgres, startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import type { StorageConfig } from "../lib/config.ts";
import { AppError, toError } from "../lib/errors.ts";
import { type FileLock, tryLock } from "../lib/lock.ts";
import type { Log } from "../lib/log.ts";
import type { Lifecycle } from "./lifecycle.ts";

const POSTGRES_STOP_MS = 90_000;

/**
 * Takes the data folder for this process, or throws `unavailable`. Nothing to take with an external database:
 * several servers on one machine may then share the folder.
 */
export function takeDataFolder({ dataDir, databaseUrl }: StorageConfig, lifecycle: Lifecycle): void {
  if (databaseUrl !== undefined) return;
  openDataFolder(dataDir);
  const lock = lockDataFolder(dataDir);
  if (!lock) {
    throw new AppError(
      "unavailable",
      `The data folder ${dataDir} is in use by another server: stop that one, or choose another --data-dir.`,
    );
  }
  lifecycle.onStop("data folder", () => lock.release());
}

/** The pool of the server; the data folder was taken before. */
export async function openDatabase(
  { dataDir, databaseUrl, leaseSeconds }: StorageConfig & { leaseSeconds?: number },
  { log, lifecycle }: { log: Log; lifecycle: Lifecycle },
): Promise<Database> {
  // A database that is silent for longer than that could not keep a lease either.
  const silentMs = leaseSeconds && leaseSeconds * 1000;
  if (databaseUrl !== undefined) return await openExternal(databaseUrl, { lifecycle, log, silentMs });
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  lifecycle.onStop("postgres", () => postgres.stop(), POSTGRES_STOP_MS);
  return openPool(postgres.target, { lifecycle, log });
}

/**
 * For commands beside the server: through the door of the running one when there is one, else on a Postgres that is
 * started for the command.
 */
export async function openDatabaseBeside(
  config: StorageConfig,
  { log, lifecycle }: { log: Log; lifecycle: Lifecycle },
): Promise<Database> {
  const { dataDir, databaseUrl } = config;
  if (databaseUrl !== undefined) return await openExternal(databaseUrl, { lifecycle, log });
  openDataFolder(dataDir);
  const startedAt = performance.now();
  // Whoever holds the lock may still be starting, or may be a command that ends in a moment.
  while (performance.now() - startedAt < START_TIMEOUT_MS) {
    const lock = lockDataFolder(dataDir);
    if (lock) {
      lifecycle.onStop("data folder", () => lock.release());
      return await openDatabase(config, { log, lifecycle });
    }
    const target = findRunningPostgres(dataDir);
    if (target) return openPool(target, { lifecycle, log });
    await Bun.sleep(50);
  }
  throw new AppError(
    "unavailable",
    `The server that uses the data folder ${dataDir} has no running Postgres: look at its log.`,
  );
}

const START_TIMEOUT_MS = 15_000;

const lockDataFolder = (dataDir: string): FileLock | undefined => tryLock(`${dataDir}/server.lock`);

const POOL_SIZE = 20;

interface PoolOptions {
  lifecycle: Lifecycle;
  log: Log;
  silentMs?: number | undefined;
}

type Target = Parameters<typeof connect>[0]["target"];

function openPool(target: Target, { lifecycle, log, silentMs }: PoolOptions): Database {
  const onNotice = (notice: string) => log.debug("postgres notice", { notice });
  const database = connect({ target, max: POOL_SIZE, onNotice, silentMs });
  lifecycle.onStop("database pool", () => database.close());
  return database;
}

async function openExternal(databaseUrl: string, options: PoolOptions): Promise<Database> {
  const database = openPool(databaseUrl, options);
  try {
    await database.sql`select 1`;
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `The database ${withoutPassword(databaseUrl)} cannot be used (${reasonOf(cause)}): check --database-url and that Postgres takes connections from here.`,
      { cause },
    );
  }
  return database;
}

/** On connections of its own: a migration may take longer than a statement of the server, and may wait for another server's. */
export async function migrateBeside({ databaseUrl }: StorageConfig, database: Database): Promise<void> {
  if (databaseUrl === undefined) {
    await migrate(database);
    return;
  }
  const apart = connect({ target: databaseUrl, max: 2 });
  try {
    await migrate(apart);
  } finally {
    await apart.close();
  }
}

function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  if (url.password) url.password = "***";
  // Drivers take credentials from the query as well.
  url.search = "";
  return url.href;
}

/** What the driver or the server said; neither repeats a password. */
function reasonOf(cause: unknown): string {
  const error = toError(cause);
  const inner = error instanceof AggregateError ? toError(error.errors[0]) : error;
  return inner.message.trim().replace(/\.$/, "") || "no reason given";
}
