import { accessSync, constants, statSync, statfsSync } from "node:fs";
import { dirname } from "node:path";

import type { Command } from "commander";

import { isDataFolder } from "../../db/data-folder.ts";
import { pendingMigrations } from "../../db/migrate.ts";
import { parseStorageOptions, type StorageOptions } from "../lib/config.ts";
import { toError } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import type { CommandContext } from "./context.ts";
import { withDatabase, withStorageOptions } from "./storage.ts";

interface Finding {
  check: string;
  isFine: boolean;
  detail: string;
}

/** Looks at what a control plane needs here, makes nothing, and fails when something is wrong. */
export function define(command: Command, context: CommandContext): void {
  withStorageOptions(command)
    .option("--json", "print the findings as JSON")
    .action(async (options: StorageOptions & { json?: true }) => {
      const findings = await examine(options, context);
      if (options.json) context.print(JSON.stringify(findings));
      else for (const finding of findings) context.print(formatFinding(finding));
      if (findings.some(({ isFine }) => !isFine)) process.exitCode = 1;
    });
}

const formatFinding = ({ check, isFine, detail }: Finding): string =>
  `${isFine ? "ok  " : "FAIL"}  ${check.padEnd(14)}  ${detail}`;

async function examine(options: StorageOptions, context: CommandContext): Promise<Finding[]> {
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
    return { check, isFine: false, detail: `${existing} cannot be written by this user` };
  }
  const { bavail, bsize } = statfsSync(existing);
  const freeBytes = bavail * bsize;
  const detail = `${dataDir}, ${(freeBytes / 1e9).toFixed(1)} GB free`;
  return { check, isFine: freeBytes > LOW_SPACE_BYTES, detail };
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
    return { check, isFine: false, detail: toError(error).message };
  }
}

async function describe(database: Parameters<typeof pendingMigrations>[0]): Promise<string> {
  const [row] = await database.sql<{ version: string; bytes: string }[]>`
    select current_setting('server_version') as version, pg_database_size(current_database()) as bytes`;
  const pending = await pendingMigrations(database);
  const state = pending.length === 0 ? "up to date" : `${pending.length} migrations to apply`;
  return `Postgres ${row?.version}, ${(Number(row?.bytes) / 1e6).toFixed(0)} MB, ${state}`;
}
