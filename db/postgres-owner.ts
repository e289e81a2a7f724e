import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { AppError } from "../src/lib/errors.ts";

/** The user that runs Postgres; undefined = the one that runs this program. */
export type Owner = { uid: number; gid: number } | undefined;

/**
 * Postgres refuses to run as root. Root runs it as the user that owns the cluster or, before there is one, the
 * data folder; when root owns that, as `sallyport` or `nobody`.
 */
export function chooseOwner(dataDir: string, cluster: string): Owner {
  if (process.getuid?.() !== 0) return undefined;
  return ownerOf(cluster) ?? ownerOf(dataDir) ?? knownUser();
}

function ownerOf(path: string): Owner {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : undefined;
}

function knownUser(): Owner {
  // initdb looks its user up, so a number alone is not enough.
  const users = readUsers();
  const user = users.find(({ name }) => name === "sallyport") ?? users.find(({ name }) => name === "nobody");
  if (user) return { uid: user.uid, gid: user.gid };
  throw new AppError(
    "unavailable",
    "Postgres refuses to run as root and /etc/passwd has no user nobody: add a user named sallyport, or start this program as an ordinary user.",
  );
}

function readUsers(): { name: string; uid: number; gid: number }[] {
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  return lines.map((line) => {
    const [name = "", , uid, gid] = line.split(":");
    return { name, uid: Number(uid), gid: Number(gid) };
  });
}

/** Whether `owner` may pass through `path` and all folders above it. */
export function isReachable(path: string, owner: Owner): boolean {
  if (!owner) return true;
  for (let folder = realpathSync(path); ; folder = dirname(folder)) {
    if (!mayEnter(folder, owner)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function mayEnter(folder: string, owner: NonNullable<Owner>): boolean {
  const { uid, gid, mode } = statSync(folder);
  if (uid === owner.uid) return (mode & 0o100) !== 0;
  if (gid === owner.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
