import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { giveUp, root, say } from "./setup.mjs";

export const appPath = join(root, "dist", process.platform === "win32" ? "app.exe" : "app");

const sources = ["src", "db", "web", "package.json", "package-lock.json", join(".ci", "build.ts")];

/** Builds dist/app with the given bun when it is missing or older than what it is made of. */
export function ensureApp(bun) {
  const builtAt = changedAt(appPath);
  if (builtAt !== undefined && !sources.some((source) => isNewer(join(root, source), builtAt))) return;
  say("building dist/app…");
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(bun, [join(".ci", "build.ts")], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (status !== 0) {
    say(`${stdout ?? ""}${stderr ?? ""}`);
    giveUp("The build of dist/app failed: its reason stands above.");
  }
  say(`built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** Folders count too: a deleted file changes only the time of its folder. */
function isNewer(path, time) {
  const changed = changedAt(path);
  if (changed === undefined) return false;
  if (changed > time) return true;
  return statSync(path).isDirectory() && readdirSync(path).some((name) => isNewer(join(path, name), time));
}

const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs;
