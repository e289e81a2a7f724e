import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { AppError } from "../src/lib/errors.ts";
import { VERSION } from "../src/lib/version.ts";
import { POSTGRES_MAJOR } from "./postgres-programs.ts";

/** Of the layout of the data folder; raised when an older program could damage a folder of a newer one. */
export const DATA_VERSION = 1;

const markSchema = z.object({ dataVersion: z.number(), pgMajor: z.number(), version: z.string() });

type Mark = z.infer<typeof markSchema>;

/**
 * Makes the data folder on the first start, marks it as ours, and refuses one that a newer version made.
 * Throws `unavailable` with one sentence.
 */
export function openDataFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `The data folder ${dataDir} cannot be made or is not a folder: choose another --data-dir, or give this user the right to write there.`,
      { cause },
    );
  }
  const mark = readMark(dataDir);
  if (mark) refuseOthers(dataDir, mark);
  else writeMark(dataDir);
}

/** Whether a server was ever started on this folder. */
export const isDataFolder = (dataDir: string): boolean => existsSync(markPath(dataDir));

const markPath = (dataDir: string): string => join(dataDir, "sallyport.json");

function readMark(dataDir: string): Mark | undefined {
  const path = markPath(dataDir);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new AppError("unavailable", `${path} cannot be read: check who owns the data folder.`, {
      cause: error,
    });
  }
  try {
    return markSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError("unavailable", `${path} is damaged: restore it from a backup.`, { cause });
  }
}

function refuseOthers(dataDir: string, { dataVersion, pgMajor, version }: Mark): void {
  if (dataVersion > DATA_VERSION || pgMajor > POSTGRES_MAJOR) {
    throw new AppError(
      "unavailable",
      `The data folder ${dataDir} was made by version ${version}, which is newer than this program (${VERSION}): start that version or a later one.`,
    );
  }
  if (pgMajor < POSTGRES_MAJOR) {
    throw new AppError(
      "unavailable",
      `The data folder ${dataDir} holds files of Postgres ${pgMajor} and this program brings Postgres ${POSTGRES_MAJOR}: start version ${version} to move the data out.`,
    );
  }
}

function writeMark(dataDir: string): void {
  const path = markPath(dataDir);
  const mark: Mark = { dataVersion: DATA_VERSION, pgMajor: POSTGRES_MAJOR, version: VERSION };
  writeFileSync(`${path}.new`, `${JSON.stringify(mark, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
