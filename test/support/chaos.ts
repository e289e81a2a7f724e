import { join } from "node:path";

import type { Sql } from "postgres";

import { connect } from "../../db/connect.ts";
import { findRunningPostgres } from "../../db/embedded.ts";
import { type ChaosRelay, startRelay } from "./chaos-relay.ts";
import { testDatabase } from "./database.ts";
import { eventually } from "./eventually.ts";
import {
  type Installation,
  type RunnerOptions,
  setUpMonitor,
  startInstallation,
  startRunner,
  startServer,
} from "./installation.ts";
import { type AppProcess, temporaryFolder } from "./processes.ts";
import { collectionOf, startTarget, type Target } from "./target.ts";

/** The shortest that the program takes: what takes a lease, takes six times as long by default. */
export const LEASE_SECONDS = 5;
/** A run that lost its lease is noticed by the next sweep; and the machine may be busy. */
export const LOST_LIMIT_MS = 60_000;

export const PATHS = ["/first", "/held", "/last"];

export interface ChaosOptions {
  paths?: string[];
  /** Instead of `paths`: what is executed on the target at that address. */
  collection?: (url: string) => Record<string, unknown>;
  /** More fields of the monitor. */
  monitor?: Record<string, unknown>;
  /** Default: `LEASE_SECONDS`. */
  leaseSeconds?: number;
  /** The Postgres of the control plane itself, which then cannot be cut off. */
  embedded?: true;
}

export interface EndedSlot {
  slotAt: Date;
  status: string;
  outcome: string | null;
  reason: string | null;
  runId: string | null;
  attempt: number | null;
}

/** Control plane, Postgres, target and a monitor with one runner; a relay on each way between them. */
export interface Chaos extends AsyncDisposable {
  installation: Installation;
  monitorId: string;
  runner: { id: string; key: string };
  target: Target;
  /** Past the relays: what is really stored. */
  sql: Sql;
  toServer: ChaosRelay;
  toPostgres: ChaosRelay;
  toTarget: ChaosRelay;
  startRunner(options?: RunnerOptions & { server?: string }): AppProcess;
  /** The control plane once more, on its port and data. */
  restartServer(): Promise<AppProcess>;
  /** Makes the monitor due now; the slot. */
  fire(): Promise<Date>;
  /** Waits for the end of a slot and of its execution. */
  ended(slotAt: Date, timeoutMs?: number): Promise<EndedSlot>;
}

export async function startChaos(options: ChaosOptions = {}): Promise<Chaos> {
  const {
    paths = PATHS,
    leaseSeconds = LEASE_SECONDS,
    collection = (url) => collectionOf(url, paths),
    monitor = {},
  } = options;
  const serverArgs = ["--lease", `${leaseSeconds}s`];
  const { installation, sql, toPostgres, databaseArgs } = options.embedded
    ? await startOnEmbedded(serverArgs)
    : await startOnExternal(serverArgs);
  const serverPort = Number(new URL(installation.address).port);
  const toServer = await startRelay({ host: "127.0.0.1", port: serverPort });
  const target = startTarget();
  const toTarget = await startRelay({ host: "127.0.0.1", port: Number(new URL(target.url).port) });
  const { monitorId, runner } = await setUpMonitor(installation, {
    collection: collection(`http://127.0.0.1:${toTarget.port}`),
    // What passes is kept, too: there is to be much to lose.
    monitor: { options: { keepRequests: "all", keepResponses: "all" }, ...monitor },
  });
  const processes = [installation.server];
  const own = (app: AppProcess) => {
    processes.push(app);
    return app;
  };

  return {
    installation,
    monitorId,
    runner,
    target,
    sql,
    toServer,
    toPostgres,
    toTarget,
    startRunner: ({ server = `http://127.0.0.1:${toServer.port}`, ...options } = {}) =>
      own(startRunner(server, runner, { dataDir: join(temporaryFolder(), "runner"), ...options })),
    restartServer: async () => {
      const where = ["--port", String(serverPort), "--data-dir", installation.dataDir];
      const { server } = await startServer([...where, ...databaseArgs, ...serverArgs]);
      return own(server);
    },
    fire: async () => {
      const [fired] = await sql<{ slotAt: Date }[]>`
        update monitors set next_run_at = date_trunc('milliseconds', clock_timestamp()) where id = ${monitorId}
        returning next_run_at as "slotAt"`;
      if (!fired) throw new Error("the monitor is gone");
      return fired.slotAt;
    },
    ended: (slotAt, timeoutMs = 60_000) => waitForEnd(sql, slotAt, timeoutMs),
    [Symbol.asyncDispose]: async () => {
      for (const app of processes) app.kill("SIGKILL");
      await Promise.all(processes.map((app) => app.ended));
      await Promise.all([target, toServer, toPostgres, toTarget].map((part) => part.stop()));
      if (options.embedded) await sql.end({ timeout: 1 });
    },
  };
}

async function startOnExternal(args: string[]) {
  const { sql } = await testDatabase();
  const [row] = await sql<{ database: string; user: string }[]>`
    select current_database() as database, current_user as user`;
  const toPostgres = await startRelay({ path: String(sql.options.path) });
  const databaseUrl = `postgres://${row?.user}@127.0.0.1:${toPostgres.port}/${row?.database}`;
  const installation = await startInstallation({ databaseUrl, args });
  return { installation, sql, toPostgres, databaseArgs: ["--database-url", databaseUrl] };
}

async function startOnEmbedded(args: string[]) {
  const installation = await startInstallation({ args });
  const target = findRunningPostgres(installation.dataDir);
  if (target === undefined) throw new Error("the control plane has no Postgres");
  const { sql } = connect({ target, max: 2 });
  const toPostgres = await startRelay({ path: target.socketDir });
  return { installation, sql, toPostgres, databaseArgs: [] };
}

function waitForEnd(sql: Sql, slotAt: Date, timeoutMs: number): Promise<EndedSlot> {
  return eventually(
    async () => {
      // A Postgres that was killed does not answer for a moment.
      const [slot] = await sql<(EndedSlot & { isOver: boolean })[]>`
        select s.slot_at as "slotAt", s.status, e.outcome, coalesce(r.reason, s.reason) as reason, r.id as "runId",
               r.attempt, s.status <> 'pending' and (e.id is null or e.finished_at is not null) as "isOver"
          from slots s left join executions e on e.id = s.execution_id left join runs r on r.execution_id = e.id
         where s.slot_at = ${slotAt}`.catch(() => []);
      return slot?.isOver && slot;
    },
    { timeoutMs, everyMs: 20 },
  );
}

/** run_started, step_started, step_finished of the first step. */
const FIRST_STEP_SEQ = 3;

/** A run of `PATHS` whose first step is stored and which waits for the answer to its second request. */
export async function startRunInTheMiddle(chaos: Chaos, options?: RunnerOptions): Promise<MiddleOfRun> {
  const runner = chaos.startRunner(options);
  const slot = await chaos.fire();
  await storedUpTo(chaos.sql, slot, FIRST_STEP_SEQ);
  await chaos.target.held;
  return { runner, slot };
}

export interface MiddleOfRun {
  runner: AppProcess;
  slot: Date;
}

/** Waits until events of a run are stored up to `seq`; the run. */
const storedUpTo = (sql: Sql, slotAt: Date, seq: number): Promise<{ id: string; attempt: number }> =>
  eventually(
    async () => {
      const [run] = await sql<{ id: string; attempt: number; seq: number }[]>`
        select r.id, r.attempt, r.acknowledged_seq as seq from runs r join executions e on e.id = r.execution_id
         where e.slot_at = ${slotAt}`;
      return run && run.seq >= seq && run;
    },
    { everyMs: 20 },
  );

/** A figure for docs/reliability.md; stands in the output of the test. */
export function measured(what: string, sinceMs: number): void {
  process.stderr.write(`measured: ${what}: ${((performance.now() - sinceMs) / 1000).toFixed(1)} s\n`);
}
