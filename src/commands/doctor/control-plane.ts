import { accessSync, constants, statSync, statfsSync } from "node:fs";
import { dirname } from "node:path";

import { isDataFolder } from "../../../db/data-folder.ts";
import { pendingMigrations } from "../../../db/migrate.ts";
import { parseStorageOptions, type StorageOptions } from "../../lib/config.ts";
import { toError } from "../../lib/errors.ts";
import { VERSION } from "../../lib/version.ts";
import { type Finding, fine, wrong } from "../../runner/doctor/finding.ts";
import type { CommandContext } from "../context.ts";
import { withDatabase } from "../storage.ts";

/** What a control plane needs here. Makes nothing. */
export async function examineControlPlane(
  options: StorageOptions,
  context: CommandContext,
): Promise<Finding[]> {
  const { dataDir, databaseUrl } = parseStorageOptions(options);
  return [
    {
      check: "program",
      isFine: true,
      detail: `version ${VERSION} on ${process.platform} ${process.arch}, Bun ${Bun.version}`,
    },
    ...(databaseUrl === undefined ? [examineFolder(dataDir)] : []),
    databaseUrl === undefined && !isDataFolder(dataDir)
      ? { check: "database", isFine: true, detail: "no database yet, the first start makes it" }
      : await examineDatabase(options, context),
  ];
}

const LOW_SPACE_BYTES = 1_000_000_000;

function examineFolder(dataDir: string): Finding {
  const check = "data folder";
  const existing = nearestExisting(dataDir);
  try {
    accessSync(existing, constants.W_OK);
  } catch {
    return wrong(check, `${existing} cannot be written by this user`, "give another folder with --data-dir");
  }
  const { bavail, bsize } = statfsSync(existing);
  const freeBytes = bavail * bsize;
  const detail = `${dataDir}, ${(freeBytes / 1e9).toFixed(1)} GB free`;
  return freeBytes > LOW_SPACE_BYTES
    ? fine(check, detail)
    : wrong(check, detail, "make room: a full disk stops the database");
}

function nearestExisting(path: string): string {
  if (statSync(path, { throwIfNoEntry: false }) || path === dirname(path)) return path;
  return nearestExisting(dirname(path));
}

async function examineDatabase(options: StorageOptions, context: CommandContext): Promise<Finding> {
  const check = "database";
  try {
    const detail = await withDatabase(options, context, describe, { isMigrating: true });
    return { check, isFine: true, detail };
  } catch (error) {
    return wrong(check, toError(error).message, "no server can start like this");
  }
}

async function describe(database: Parameters<typeof pendingMigrations>[0]): Promise<string> {
  const [row] = await database.sql<{ version: string; bytes: string }[]>`
    select current_setting('server_version') as version, pg_database_size(current_database()) as bytes`;
  const pending = await pendingMigrations(database);
  const state = pending.length === 0 ? "up to date" : `${pending.length} migrations to apply`;
  return `Postgres ${row?.version}, ${(Number(row?.bytes) / 1e6).toFixed(0)} MB, ${state}`;
}
