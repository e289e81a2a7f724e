import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { AppError, toError } from "../lib/errors.ts";
import { tryLock } from "../lib/lock.ts";
import type { Log } from "../lib/log.ts";
import { RunSpool } from "./spool.ts";

export interface LeftSpool {
  runId: string;
  attempt: number;
  /** Last write, as the file system says. */
  writtenAt: Date;
  open(): Promise<RunSpool>;
  remove(): Promise<void>;
}

/** The folder of one instance: `<data-dir>/spool/<runner id>/<instance>`; locked while the process lives. */
export interface SpoolFolder {
  create(run: { runId: string; attempt: number }): Promise<RunSpool>;
  /** Takes over what dead instances of this runner left behind; each of it once, whoever asks. */
  takeOverLeft(): Promise<LeftSpool[]>;
  /** Bytes on disk of this runner, all instances together. */
  sizeBytes(): Promise<number>;
  /** Gives up the locks and removes folders that became empty. */
  release(): Promise<void>;
}

const LOCK_NAME = "lock";
const fileName = /^([0-9a-f-]{36})-(\d+)\.jsonl$/;

/** Makes and locks the folder. Throws one sentence when the data folder cannot be used. */
export async function openSpoolFolder(options: {
  dataDir: string;
  runnerId: string;
  uniqueId: string;
  log: Log;
}): Promise<SpoolFolder> {
  const { log } = options;
  const parent = join(options.dataDir, "spool", options.runnerId);
  const own = await lockOwnFolder(join(parent, options.uniqueId), options.dataDir);
  const folders = new Map([[own.path, own.release]]);

  async function takeOverFolder(path: string): Promise<LeftSpool[]> {
    const lock = await lockIfThere(path);
    if (!lock) return [];
    folders.set(path, () => lock.release());
    // Whoever held the lock before may have removed the folder just before giving it up.
    const names = await readdir(path).catch(() => []);
    return Promise.all(names.filter((name) => fileName.test(name)).map((name) => describe(path, name, log)));
  }

  return {
    create: ({ runId, attempt }) =>
      RunSpool.create({ path: join(own.path, `${runId}-${attempt}.jsonl`), runId, attempt, log }),
    takeOverLeft: async () => {
      const others = (await readdir(parent)).map((name) => join(parent, name));
      const left = await Promise.all(others.filter((path) => !folders.has(path)).map(takeOverFolder));
      return left.flat();
    },
    sizeBytes: () => folderBytes(parent),
    release: async () => {
      for (const [path, release] of folders) {
        const names = await readdir(path).catch(() => []);
        if (!names.some((name) => fileName.test(name))) await rm(path, { recursive: true, force: true });
        release();
      }
      folders.clear();
    },
  };
}

async function lockOwnFolder(path: string, dataDir: string): Promise<{ path: string; release: () => void }> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const lock = tryLock(join(path, LOCK_NAME));
    if (!lock) throw new Error("its lock is taken");
    return { path, release: () => lock.release() };
  } catch (error) {
    throw new AppError(
      "unavailable",
      `The data folder ${dataDir} cannot be used (${toError(error).message}); give another one with --data-dir.`,
      { cause: error },
    );
  }
}

async function lockIfThere(path: string): Promise<ReturnType<typeof tryLock>> {
  try {
    if (!(await stat(path)).isDirectory()) return undefined;
    return tryLock(join(path, LOCK_NAME));
  } catch {
    // Another instance has just cleaned it up.
    return undefined;
  }
}

async function describe(folder: string, name: string, log: Log): Promise<LeftSpool> {
  const path = join(folder, name);
  const [, runId = "", attempt = ""] = fileName.exec(name) ?? [];
  const run = { runId, attempt: Number(attempt) };
  return {
    ...run,
    writtenAt: (await stat(path)).mtime,
    open: () => RunSpool.recover({ path, ...run, log }),
    remove: () => rm(path, { force: true }),
  };
}

async function folderBytes(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) =>
        stat(join(path, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
