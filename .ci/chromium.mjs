import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { giveUp, say } from "./setup.mjs";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const places = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** Path of a Chromium that starts; installs Debian's package when root may, else ends with one sentence. */
export function ensureChromium() {
  const found = findChromium() ?? (mayInstall() ? installChromium() : undefined);
  if (found === undefined)
    giveUp(
      "The browser tests need a Chromium: install chromium or google-chrome, or set CHROMIUM_PATH to one.",
    );
  return found;
}

function findChromium() {
  const onPath = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env.CHROMIUM_PATH, ...onPath, ...places].find(starts);
}

// Ubuntu's package of that name is only a stub that asks for snap, so being there is not enough.
const starts = (path) =>
  path !== undefined &&
  isExecutable(path) &&
  spawnSync(path, ["--version"], { stdio: "ignore", timeout: 30_000 }).status === 0;

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function mayInstall() {
  if (process.getuid?.() !== 0) return false;
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

function installChromium() {
  say("installing Chromium for the browser tests (Debian's package)…");
  aptGet("update", "-qq");
  const options = ["-y", "-qq", "--no-install-recommends"];
  const { status, stderr } = aptGet("install", ...options, "chromium", "fonts-dejavu-core");
  if (status !== 0) say(stderr);
  return findChromium();
}

const aptGet = (...args) =>
  spawnSync("apt-get", args, {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    timeout: 600_000,
  });
