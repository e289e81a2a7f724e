import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { asc, sql } from "drizzle-orm";

import { runners, users } from "../../db/schema.ts";
import { recordAudit, systemActor } from "../access/audit/audit.ts";
import type { Deps } from "../access/context.ts";
import { childEnvironment } from "../lib/config.ts";
import { toError } from "../lib/errors.ts";
import { hashSecret, isUuid, newId, newRunnerKey } from "../lib/ids.ts";
import { backoffMs } from "../lib/retry.ts";
import { selfCommand } from "../lib/self.ts";

/** The runner that `--with-runner` keeps running beside the server, in a process of its own. */
export interface LocalRunner {
  /** Lets its runs finish for a while, then cancels and reports them. */
  stop(): Promise<void>;
}

export interface LocalRunnerOptions {
  dataDir: string;
  /** Where the child finds the server. */
  serverUrl: string;
  /** To be trusted by the child; the server's own certificate. */
  certFile: string | undefined;
}

const USER_WAIT_MS = 1_000;
const DRAIN_MS = 10_000;
const CANCEL_MS = 5_000;
/** A child that lived this long starts again without a pause that has grown. */
const STEADY_MS = 60_000;

/** How long `stop` takes at most. */
export const LOCAL_RUNNER_STOP_MS = DRAIN_MS + 2 * CANCEL_MS;

/** Starts the child, and starts it again for as long as the server runs. */
export function startLocalRunner(deps: Deps, options: LocalRunnerOptions): LocalRunner {
  const stopping = new AbortController();
  let child: Bun.Subprocess | undefined;

  const keepRunning = async () => {
    for (let attempt = 1; !stopping.signal.aborted; attempt++) {
      const startedAt = performance.now();
      try {
        const identity = await prepareRunner(deps, options.dataDir, stopping.signal);
        if (!identity) return;
        child = startChild(identity, options);
        const exitCode = await child.exited;
        if (stopping.signal.aborted) return;
        deps.log.error("local runner ended by itself", { exitCode });
      } catch (error) {
        // The next turn is the recovery.
        deps.log.error("local runner does not start", { error: toError(error).message });
      }
      if (performance.now() - startedAt > STEADY_MS) attempt = 1;
      await deps.clock.sleep(backoffMs(attempt, { baseMs: 500, maxMs: 30_000 }), stopping.signal);
    }
  };
  const running = keepRunning();

  return {
    async stop() {
      stopping.abort();
      if (child) await endChild(child);
      await running;
    },
  };
}

interface Identity {
  id: string;
  key: string;
}

/** Its row with a key that only this child gets; undefined when the server stops before there is a user to own it. */
async function prepareRunner(
  deps: Deps,
  dataDir: string,
  signal: AbortSignal,
): Promise<Identity | undefined> {
  const id = readOrMakeId(dataDir);
  for (; !signal.aborted; await deps.clock.sleep(USER_WAIT_MS, signal)) {
    const [owner] = await deps.database.db
      .select({ id: users.id })
      .from(users)
      .orderBy(asc(users.id))
      .limit(1);
    if (owner) return { id, key: await storeRunner(deps, id, owner.id) };
  }
  return undefined;
}

/** Kept in the data folder, so that each server of a shared database has a runner of its own. */
function readOrMakeId(dataDir: string): string {
  const path = join(dataDir, "runner", "id");
  try {
    const id = readFileSync(path, "utf8").trim();
    if (isUuid(id)) return id;
  } catch {
    // The first start.
  }
  const id = newId();
  mkdirSync(join(dataDir, "runner"), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${id}\n`, { mode: 0o600 });
  return id;
}

async function storeRunner({ database }: Deps, id: string, createdBy: number): Promise<string> {
  const key = newRunnerKey();
  const keyHash = hashSecret(key);
  await database.db.transaction(async (tx) => {
    await tx
      .insert(runners)
      .values({
        id,
        name: "local",
        description: "Runs beside the server.",
        visibility: "all",
        keyHash,
        createdBy,
      })
      .onConflictDoUpdate({ target: runners.id, set: { keyHash, updatedAt: sql`now()` } });
    // Servers remember keys for a moment.
    await tx.execute(sql`select pg_notify('runner_changed', ${id})`);
    await recordAudit(tx, systemActor, { action: "runner.key_reset", subjectType: "runner", subjectId: id });
  });
  return key;
}

function startChild(
  { id, key }: Identity,
  { dataDir, serverUrl, certFile }: LocalRunnerOptions,
): Bun.Subprocess {
  return Bun.spawn([...selfCommand(), "runner", "start"], {
    // The key goes through the environment, because everybody can list arguments. Of ours it gets no secret.
    env: childEnvironment({
      APP_ID: id,
      APP_KEY: key,
      APP_SERVER: serverUrl,
      APP_DATA_DIR: join(dataDir, "runner"),
      APP_SSL_EXTRA_CA_CERTS: certFile,
      APP_PARENT_PID: String(process.pid),
      APP_SECRET_KEY: undefined,
      APP_ADMIN_EMAIL: undefined,
      APP_ADMIN_PASSWORD: undefined,
      APP_DATABASE_URL: undefined,
      DATABASE_URL: undefined,
    }),
    // Ctrl+C reaches the server only, which then lets the runner finish first.
    detached: true,
    stdio: ["ignore", STDERR, STDERR],
  });
}

/** The child's log joins ours. */
const STDERR = 2;

async function endChild(child: Bun.Subprocess): Promise<void> {
  // The first asks a runner to finish, the second to cancel and report.
  const steps = [
    ["SIGTERM", DRAIN_MS],
    ["SIGTERM", CANCEL_MS],
    ["SIGKILL", CANCEL_MS],
  ] as const;
  for (const [signal, waitMs] of steps) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await Promise.race([child.exited, Bun.sleep(waitMs)]);
  }
}
