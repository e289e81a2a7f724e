import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connect } from "../../db/connect.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import type { Step } from "../../src/contract/events.ts";
import { leaveOut } from "../../src/contract/kept.ts";
import { startScheduler } from "../../src/schedules/tick.ts";
import { eventsOf, instanceOf, runnerApp, testDeps } from "../runs/harness.ts";
import { silentLog } from "../support/database.ts";
import { createMake } from "../support/make.ts";

/**
 * How many runs a second go through the control plane: claimed over the runners' API, reported with ten steps in one
 * batch, finished; and how long a thousand monitors that are due in the same second take to be queued. Embedded
 * Postgres with the settings of production, everything on this machine.
 */
const RUNS = Number(process.argv[2] ?? 5000);
const INSTANCES = 8;
const FREE = 16;
const STEPS = 10;

const dataDir = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
const database = connect({ target: postgres.target });
const stopping = new AbortController();
try {
  await migrate(database);
  const make = createMake(database);
  const monitor = await make.monitor();
  const runner = await make.runner();
  await database.sql`
    insert into monitors (id, workspace_id, owner_id, name, collection_id, cron, next_run_at, options, notifications)
    select gen_random_uuid(), workspace_id, owner_id, 'Monitor ' || n, collection_id, '0 0 1 1 *',
           date_trunc('minute', now()), options, notifications
      from monitors, generate_series(1, 1000) n where id = ${monitor.id}`;
  await measureTick();
  await database.sql`
    with execution as (
      insert into executions (id, monitor_id, trigger)
      select gen_random_uuid(), id, 'scheduled' from monitors, generate_series(1, 100) limit ${RUNS - 1000}
      returning id, monitor_id)
    insert into runs (id, execution_id, monitor_id, workspace_id, valid_until)
    select gen_random_uuid(), id, monitor_id, ${monitor.workspaceId}, now() + interval '1 hour' from execution`;
  await database.sql`analyze`;
  await measureRuns(runner);
} finally {
  stopping.abort();
  await database.close();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function measureTick(): Promise<void> {
  const startedMs = performance.now();
  const scheduler = startScheduler({ ...testDeps(database), log: silentLog });
  for (;;) {
    const [row] = await database.sql<{ runs: number }[]>`select count(*)::int as runs from runs`;
    if (row && row.runs >= 1000) break;
  }
  process.stdout.write(`1,000 due monitors queued in ${(performance.now() - startedMs).toFixed(0)} ms\n`);
  await scheduler.stop();
}

async function measureRuns(runner: { id: string; key: string }): Promise<void> {
  const app = runnerApp(testDeps(database, stopping));
  const [started, stepStarted, sent, finished] = eventsOf();
  if (!started || !stepStarted || sent?.type !== "step_finished" || !finished) throw new Error("no events");
  // As a runner sends it, with all that it has.
  const stepFinished = { ...sent, step: leaveOut<Step>(sent.step, { requests: "all", responses: "all" }) };
  const middle = Array.from({ length: STEPS }, () => [stepStarted, stepFinished]).flat();
  const events = [started, ...middle, finished].map((event, index) => ({ ...event, seq: index + 1 }));

  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  let done = 0;
  await Promise.all(
    Array.from({ length: INSTANCES }, async () => {
      const instance = instanceOf(app, runner);
      await instance.register();
      for (;;) {
        const claimed = await instance.claim(FREE);
        if (claimed.length === 0) return;
        const answers = await Promise.all(claimed.map((run) => instance.send(run, events)));
        if (answers.some((answer) => answer.status !== 200)) throw new Error("a batch was refused");
        done += claimed.length;
      }
    }),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000 / done;
  process.stdout.write(
    `${done} runs of ${STEPS} steps end to end: ${(done / seconds).toFixed(0)} runs/s, ${cpuMs.toFixed(2)} ms CPU each beside Postgres\n`,
  );
}
