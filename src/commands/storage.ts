import { type Command, Option } from "commander";

import type { Database } from "../../db/connect.ts";
import { isDataFolder } from "../../db/data-folder.ts";
import { pendingMigrations } from "../../db/migrate.ts";
import type { Actor } from "../access/context.ts";
import {
  DEFAULT_DATA_DIR,
  parseStorageOptions,
  type StorageConfig,
  type StorageOptions,
} from "../lib/config.ts";
import { AppError } from "../lib/errors.ts";
import { createLifecycle } from "../server/lifecycle.ts";
import { openDatabaseBeside } from "../server/open-database.ts";
import type { CommandContext } from "./context.ts";

/** Who acts when somebody works on the machine of the control plane: whoever may read its data is an admin. */
export const commandActor: Actor = {
  userId: 0,
  email: "",
  name: "command line",
  role: "admin",
  via: "cli",
  scopes: null,
};

/** Where the data is, for commands on the machine of the control plane. */
export const withStorageOptions = (command: Command): Command =>
  command
    .addOption(
      new Option("--data-dir <folder>", "data folder of the control plane").default(DEFAULT_DATA_DIR),
    )
    .option("--database-url <url>", "its Postgres, when that is not the embedded one (also DATABASE_URL)");

/**
 * Does something with the stored data, whether the server runs or not. Throws `unavailable` when there is none or it is
 * not up to date. `isMigrating`: it need be neither.
 */
export async function withDatabase<T>(
  options: StorageOptions,
  { openLog }: CommandContext,
  act: (database: Database) => Promise<T>,
  { isMigrating = false } = {},
): Promise<T> {
  const log = openLog("stderr");
  const lifecycle = createLifecycle(log);
  try {
    const config = parseStorageOptions(options);
    if (!isMigrating) requireData(config);
    const database = await openDatabaseBeside(config, { log, lifecycle });
    if (!isMigrating) await requireMigrated(database);
    return await act(database);
  } finally {
    await lifecycle.stopAll();
  }
}

/** A mistyped folder must not become an empty installation. */
function requireData({ dataDir, databaseUrl }: StorageConfig): void {
  if (databaseUrl !== undefined || isDataFolder(dataDir)) return;
  throw new AppError(
    "unavailable",
    `There is no data in ${dataDir}: start the server once, or give the folder of the control plane with --data-dir.`,
  );
}

async function requireMigrated(database: Database): Promise<void> {
  const pending = await pendingMigrations(database);
  if (pending.length === 0) return;
  throw new AppError(
    "unavailable",
    "The database is not up to date with this program: run the command migrate, or start the server once.",
  );
}
