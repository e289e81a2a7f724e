import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  closeSync,
} from "node:fs";
import { join } from "node:path";

import type { Log } from "../src/lib/log.ts";
import { connect, type ConnectOptions } from "./connect.ts";
import { developmentPrograms, type PostgresPrograms } from "./postgres-programs.ts";

export type SocketTarget = Exclude<ConnectOptions["target"], string>;

export interface EmbeddedPostgres {
  target: SocketTarget;
  /** Process id of the postmaster. */
  pid: number;
  /** Shuts down cleanly: open connections are closed, everything is written. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  log: Log;
  /** Settings of Postgres that differ from ours. */
  settings?: Record<string, string>;
}

const USER = "sallyport";
const NOBODY = 65534;

/** Starts the Postgres of a data folder, and makes its cluster on the first start. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log } = options;
  const programs = developmentPrograms();
  const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // Postgres must pass through to reach its cluster; it still cannot list the folder.
  if (owner) chmodSync(dataDir, 0o711);
  const cluster = join(dataDir, "database");
  const socketDir = join(dataDir, "socket");
  makePrivate(socketDir, owner);
  if (!existsSync(cluster))
    await initialise({ programs, cluster, owner, sync: options.settings?.["fsync"] !== "off" });
  const output = openSync(join(dataDir, "postgres.log"), "a", 0o600);
  const child = Bun.spawn(
    [programs.postgres, "-D", cluster, ...serverSettings(socketDir, options.settings)],
    { ...owner, env: childEnv, stdio: ["ignore", output, output], detached: true },
  );
  closeSync(output);
  await untilReady(child, cluster);
  await ensureDatabase(socketDir);
  log.info("postgres ready", { pid: child.pid });
  return {
    target: { socketDir, user: USER, database: USER },
    pid: child.pid,
    async stop() {
      if (child.exitCode === null) child.kill("SIGINT");
      await child.exited;
    },
  };
}

type Owner = { uid: number; gid: number } | undefined;

const childEnv = { LC_ALL: "C", TZ: "UTC" };

function makePrivate(folder: string, owner: Owner): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (owner) chownSync(folder, owner.uid, owner.gid);
}

/** Beside its place first, renamed when complete: an interrupted start leaves no half cluster. */
async function initialise(options: {
  programs: PostgresPrograms;
  cluster: string;
  owner: Owner;
  sync: boolean;
}): Promise<void> {
  const { programs, cluster, owner, sync } = options;
  const unfinished = `${cluster}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  makePrivate(unfinished, owner);
  const child = Bun.spawn(
    [
      programs.initdb,
      `--pgdata=${unfinished}`,
      `--username=${USER}`,
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--no-instructions",
      ...(sync ? [] : ["--no-sync"]),
    ],
    { ...owner, env: childEnv, stdio: ["ignore", "pipe", "pipe"] },
  );
  const [exitCode, output, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (exitCode !== 0) throw new Error(`initdb exited with ${exitCode}: ${errors.trim() || output.trim()}`);
  renameSync(unfinished, cluster);
}

/** Sized for a small machine; nothing listens on TCP. */
function serverSettings(socketDir: string, overrides: Record<string, string> = {}): string[] {
  const settings: Record<string, string> = {
    listen_addresses: "",
    unix_socket_directories: socketDir,
    unix_socket_permissions: "0700",
    max_connections: "100",
    shared_buffers: "128MB",
    wal_level: "minimal",
    max_wal_senders: "0",
    max_wal_size: "512MB",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    ...overrides,
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** The postmaster writes its state into line 8 of its pid file. */
async function untilReady(child: Bun.Subprocess, cluster: string): Promise<void> {
  while (child.exitCode === null) {
    const lines = readPidFile(cluster);
    if (lines[0] === String(child.pid) && lines[7]?.trim() === "ready") return;
    await Bun.sleep(5);
  }
  throw new Error(`postgres exited with ${child.exitCode} while starting`);
}

function readPidFile(cluster: string): string[] {
  try {
    return readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
}

async function ensureDatabase(socketDir: string): Promise<void> {
  const database = connect({ target: { socketDir, user: USER, database: "postgres" }, max: 1 });
  try {
    const { sql } = database;
    const [found] = await sql`select 1 from pg_database where datname = ${USER}`;
    if (!found) await sql`create database ${sql(USER)}`;
  } finally {
    await database.close();
  }
}
