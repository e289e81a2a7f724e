import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { AppError, toError } from "../src/lib/errors.ts";
import { chooseOwner, isReachable, type Owner } from "./postgres-owner.ts";
import { installPrograms } from "./postgres-programs.ts";

/** Name of the database and of its superuser. */
export const DATABASE_NAME = "sallyport";

/** Everything about where the Postgres of one data folder lives. */
export interface Cluster {
  /** Its data files. */
  folder: string;
  /** Holds `bin/postgres`. */
  programs: string;
  /** Private folder of its only door. */
  socketDir: string;
  /** What Postgres itself says. */
  logFile: string;
  owner: Owner;
  /** The folder is handed over as an open descriptor, because `owner` may not walk to it by its path. */
  byDescriptor: boolean;
}

/** Finds or makes the cluster of a data folder; nothing runs afterwards. The caller holds the lock of the folder. */
export async function prepareCluster(dataDir: string, settings: { sync: boolean }): Promise<Cluster> {
  const folder = clusterFolder(dataDir);
  const owner = chooseOwner(dataDir, folder);
  letThrough(dataDir, owner);
  const cluster: Cluster = {
    folder,
    programs: await installPrograms(dataDir, owner),
    socketDir: chooseSocketDir(dataDir, owner),
    logFile: join(dataDir, "postgres.log"),
    owner,
    byDescriptor: isByDescriptor(dataDir, owner),
  };
  if (!existsSync(folder)) await initialise(cluster, settings.sync);
  return cluster;
}

/** Postgres must pass through a folder of root to reach its cluster; it still cannot list it. */
function letThrough(dataDir: string, owner: Owner): void {
  const { uid, mode } = statSync(dataDir);
  const isClosedHere = !isReachable(dataDir, owner) && isReachable(dirname(dataDir), owner);
  if (uid === 0 && isClosedHere) chmodSync(dataDir, (mode & 0o777) | 0o001);
}

function isByDescriptor(dataDir: string, owner: Owner): boolean {
  if (isReachable(dataDir, owner)) return false;
  if (process.platform === "linux") return true;
  throw new AppError(
    "unavailable",
    `Postgres does not run as root, and user ${owner?.uid} may not enter ${dataDir}: choose another --data-dir, or start this program as an ordinary user.`,
  );
}

export const clusterFolder = (dataDir: string): string => join(dataDir, "database");

/** Longest path of a Unix socket on Linux; macOS allows 103 bytes. */
const SOCKET_PATH_BYTES = process.platform === "darwin" ? 103 : 107;
const SOCKET_NAME = ".s.PGSQL.5432";

/** In the data folder; in a private folder for temporary files when that path is too long or closed to Postgres. */
function chooseSocketDir(dataDir: string, owner: Owner): string {
  const preferred = join(dataDir, "socket");
  if (fits(preferred) && isReachable(dataDir, owner)) return makePrivate(preferred, owner);
  const base = [tmpdir(), "/tmp"].find((folder) => fits(join(folder, "sallyport-1234567890-123456")));
  if (base === undefined || !isReachable(base, owner)) {
    throw new AppError(
      "unavailable",
      `The path ${preferred} is too long for a socket: choose a shorter --data-dir.`,
    );
  }
  return temporarySocketDir(base, dataDir, owner);
}

/** The same for every start on a data folder, so that killed servers do not fill the disk with folders. */
function temporarySocketDir(base: string, dataDir: string, owner: Owner): string {
  const name = createHash("sha256").update(realpathSync(dataDir)).digest("hex").slice(0, 10);
  const folder = join(base, `sallyport-${name}`);
  const found = lstatSync(folder, { throwIfNoEntry: false });
  // Everybody may make folders there: what is not ours is not used.
  const isForeign = found && (!found.isDirectory() || found.uid !== (owner?.uid ?? process.getuid?.()));
  return makePrivate(isForeign ? mkdtempSync(`${folder}-`) : folder, owner);
}

const fits = (folder: string): boolean => Buffer.byteLength(join(folder, SOCKET_NAME)) <= SOCKET_PATH_BYTES;

function makePrivate(folder: string, owner: Owner): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  if (owner) chownSync(folder, owner.uid, owner.gid);
  return folder;
}

/** Beside its place first, renamed when complete: an interrupted start leaves no half cluster. */
async function initialise(cluster: Cluster, sync: boolean): Promise<void> {
  const unfinished = `${cluster.folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  makePrivate(unfinished, cluster.owner);
  const options = [
    `--username=${DATABASE_NAME}`,
    // Whoever may enter the private folder of the socket is trusted: root and the user that runs Postgres.
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
    ...(sync ? [] : ["--no-sync"]),
  ];
  const output = openSync(cluster.logFile, "a", 0o600);
  const child = spawnInCluster({ ...cluster, folder: unfinished }, "initdb", options, output);
  closeSync(output);
  const exitCode = await child.exited;
  if (exitCode !== 0) throw explainInitdb(cluster.logFile);
  renameSync(unfinished, cluster.folder);
}

function explainInitdb(logFile: string): AppError {
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-20);
  if (lines.some((line) => line.includes("could not look up effective user ID"))) {
    return new AppError(
      "unavailable",
      "Postgres needs the user that runs it to have an entry in /etc/passwd: add one, or start this program as another user.",
    );
  }
  const reason = lines.findLast((line) => /error|fatal/i.test(line)) ?? lines.at(-1) ?? "it gave no reason";
  return new AppError(
    "unavailable",
    `The embedded Postgres could not make its database: ${reason} (see ${logFile}).`,
  );
}

/** Runs a program of Postgres on the cluster, as its owner, with nothing of our environment. */
export function spawnInCluster(
  { folder, programs, owner, byDescriptor }: Cluster,
  program: "postgres" | "initdb",
  options: readonly string[],
  output: number,
): Bun.Subprocess {
  const path = byDescriptor ? "/proc/self/fd/3" : folder;
  const descriptor = byDescriptor ? openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY) : undefined;
  try {
    return Bun.spawn([join(programs, "bin", program), "-D", path, ...options], {
      ...owner,
      cwd: "/",
      env: { LC_ALL: "C", TZ: "UTC" },
      // Its own session: Ctrl+C in a terminal stops us first, and we stop it when nothing needs it any more.
      detached: true,
      stdio: ["ignore", output, output, ...(descriptor === undefined ? [] : [descriptor])],
    });
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `The embedded Postgres in ${programs} cannot be executed (${toError(cause).message}): check that programs may run there, and that root may start them as another user.`,
      { cause },
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
