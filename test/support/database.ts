import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connect, type Database } from "../../db/connect.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import { createLog } from "../../src/lib/log.ts";

export const silentLog = createLog({
  write: () => {},
  now: () => new Date(0),
  format: "json",
  level: "error",
});

/** A crash may lose these databases; many files keep their pools until the process ends. */
const fastSettings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "500",
};

/** Pools of files that are done hold no connections: hundreds of them made every statement slower. */
const IDLE_SECONDS = 5;

interface Cluster {
  postgres: EmbeddedPostgres;
  admin: Database;
}

let cluster: Promise<Cluster> | undefined;
let cloned = 0;

/**
 * A migrated database of its own, on one Postgres per test process. Nobody has to close
 * it: Postgres and its folder are gone when the process ends, however it ends.
 */
export async function testDatabase(): Promise<Database> {
  cluster ??= startCluster();
  const { postgres, admin } = await cluster;
  const name = `test_${++cloned}`;
  await admin.sql`create database ${admin.sql(name)} template template_sallyport`;
  return connect({ target: { ...postgres.target, database: name }, max: 5, idleSeconds: IDLE_SECONDS });
}

async function startCluster(): Promise<Cluster> {
  const dataDir = mkdtempSync(join(tmpdir(), "sallyport-test-"));
  const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog, settings: fastSettings });
  removeWithProcess(postgres.pid(), dataDir);
  const admin = connect({ target: postgres.target, max: 1 });
  await admin.sql`create database template_sallyport`;
  const template = connect({ target: { ...postgres.target, database: "template_sallyport" }, max: 2 });
  await migrate(template);
  await template.close();
  return { postgres, admin };
}

/**
 * `bun test` runs no exit hooks, and can be interrupted or killed at any time. This shell waits for the end of
 * its standard input, which the system closes with this process, and clears up.
 */
function removeWithProcess(pid: number, dataDir: string): void {
  const script = 'while read -r _; do :; done; kill -QUIT "$1"; sleep 0.5; rm -rf "$2"';
  const reaper = Bun.spawn(["/bin/sh", "-c", script, "reaper", String(pid), dataDir], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  reaper.unref();
}
