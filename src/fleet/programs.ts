import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { toError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";

/** Where programs for runners are. */
export interface ProgramSources {
  /** The compiled file that runs, and its platform; absent when it runs from its sources. */
  own?: { file: string; platform: string };
  /** Files that the operator put there for other platforms: `app-<platform>`, such as `app-linux-arm64`. */
  folder: string;
}

export interface ProgramFile {
  platform: string;
  path: string;
  sizeBytes: number;
  /** Hex. */
  sha256: string;
}

/** The programs that a control plane hands to its runners, so that no runner needs the internet to be upgraded. */
export interface Programs {
  list(): Promise<ProgramFile[]>;
  find(platform: string): Promise<ProgramFile | undefined>;
}

const fileName = /^app-([a-z0-9]+-[a-z0-9]+)(?:\.exe)?$/;

/** Hashes are kept as long as size and time of a file stay the same. */
export function createPrograms({ own, folder }: ProgramSources, log: Log): Programs {
  const hashes = new Map<string, Promise<string>>();

  async function describe(platform: string, path: string): Promise<ProgramFile | undefined> {
    try {
      const { size, mtimeMs } = await stat(path);
      const key = `${path} ${size} ${mtimeMs}`;
      const hashing = hashes.get(key) ?? hashFile(path);
      hashes.set(key, hashing);
      return { platform, path, sizeBytes: size, sha256: await hashing };
    } catch (error) {
      log.warn("program cannot be read", { path, why: toError(error).message });
      return undefined;
    }
  }

  /** Paths by platform; the program that runs is never another version, so it goes before a file of the same platform. */
  async function paths(): Promise<Map<string, string>> {
    // There is no folder until somebody makes it.
    const names = await readdir(folder).catch(() => []);
    const found = new Map<string, string>();
    for (const name of names) {
      const platform = fileName.exec(name)?.[1];
      if (platform !== undefined) found.set(platform, join(folder, name));
    }
    if (own) found.set(own.platform, own.file);
    return found;
  }

  return {
    async list() {
      const described = [...(await paths())].map(([platform, path]) => describe(platform, path));
      return (await Promise.all(described)).filter((program) => program !== undefined);
    },
    async find(platform) {
      const path = (await paths()).get(platform);
      return path === undefined ? undefined : await describe(platform, path);
    },
  };
}

async function hashFile(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hasher.update(chunk);
  return hasher.digest("hex");
}
