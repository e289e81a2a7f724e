// Makes node_modules match package-lock.json and finds the bun inside. Plain Node, because nothing else is there yet.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const OLDEST_NODE = 20;
const windows = process.platform === "win32";

/** One progress line; everything that these scripts say goes to stderr, so that stdout stays with the program. */
export const say = (line) => process.stderr.write(`${line}\n`);

/** Ends the process with one sentence: what, why, what to do. */
export function giveUp(sentence) {
  say(`\n${sentence}`);
  process.exit(1);
}

/**
 * Installs what is missing or stale and returns the path of bun. Runs `npm ci` only when the installed packages differ
 * from package-lock.json, so a second start needs no network and no time.
 */
export function setUp() {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE)
    giveUp(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE} or newer.`);
  if (!isInstalled()) install();
  return findBun();
}

function isInstalled() {
  const installed = readLock(join(root, "node_modules", ".package-lock.json"));
  const wanted = readLock(join(root, "package-lock.json"));
  if (wanted === undefined)
    giveUp("package-lock.json is missing or damaged: restore it with git checkout package-lock.json.");
  if (installed === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) =>
    path === "" || (optional && !installed[path]) ? true : installed[path]?.version === version,
  );
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** No package runs a program of its own here: `findBun` does what one of them is needed for. */
function install() {
  say("installing packages (first start only, about a minute)…");
  const startedAt = performance.now();
  const { status, error, stderr } = runNpm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
  if (status !== 0) {
    say(stderr || String(error));
    giveUp(
      "npm ci failed, so nothing was started: its reason stands above; check the network and try again.",
    );
  }
  say(`packages installed in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}

function runNpm(args) {
  const options = {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    maxBuffer: 64 * 2 ** 20,
  };
  const script = process.env.npm_execpath;
  // Inside `npm start` the same npm is used, even when it is not on PATH.
  return script?.endsWith(".js")
    ? spawnSync(process.execPath, [script, ...args], options)
    : spawnSync("npm", args, { ...options, shell: windows });
}

function findBun() {
  const linked = join(root, "node_modules", "bun", "bin", "bun.exe");
  if (runs(linked)) return linked;
  // Without install scripts the link is a placeholder; this one of them puts the program there.
  spawnSync(process.execPath, [join("node_modules", "bun", "install.js")], { cwd: root, stdio: "ignore" });
  const found = [linked, ...platformBuns()].find(runs);
  if (found === undefined)
    giveUp(`bun does not run on ${process.platform} ${process.arch}: delete node_modules and start again.`);
  return found;
}

function platformBuns() {
  const scope = join(root, "node_modules", "@oven");
  if (!existsSync(scope)) return [];
  return readdirSync(scope).map((name) => join(scope, name, "bin", windows ? "bun.exe" : "bun"));
}

const runs = (path) => existsSync(path) && spawnSync(path, ["--version"], { stdio: "ignore" }).status === 0;
