import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connect } from "../../db/connect.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import { systemActor } from "../../src/access/audit/audit.ts";
import { createUser } from "../../src/access/people/store.ts";
import { SESSION_COOKIE } from "../../src/access/session.ts";
import { createSession } from "../../src/access/store.ts";
import { addToHours } from "../../src/runs/hours.ts";
import { createApp } from "../../src/server/app.ts";
import { testDeps } from "../runs/harness.ts";
import { silentLog } from "../support/database.ts";
import { createMake } from "../support/make.ts";
import { quantile } from "./measure.ts";
import { fillStatistics } from "./statistics-data.ts";

/**
 * Time on the server of the overview with 5,000 monitors and of a monitor's page with 100,000 runs in a month, HTML
 * included. The others have run every half hour for a day.
 */
const MONITORS = 5000;
const RUNS = 100_000;
const DAY_RUNS = Number(process.argv[2] ?? 48);
const REQUESTS = 100;

const print = (line: string) => void process.stdout.write(`${line}\n`);
const dataDir = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
const database = connect({ target: postgres.target });
const stopping = new AbortController();
try {
  await migrate(database);
  const monitorId = await fill();
  await measurePages(monitorId);
} finally {
  stopping.abort();
  await database.close();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function fill(): Promise<string> {
  const { sql } = database;
  const monitor = await createMake(database).monitor();
  await sql`
    insert into monitors (id, workspace_id, owner_id, name, collection_id, cron, options, notifications, state)
    select gen_random_uuid(), workspace_id, owner_id, 'Monitor ' || n, collection_id, '*/5 * * * *', options, notifications,
           case when n % 50 = 0 then 'failed' else 'passed' end
      from monitors, generate_series(1, ${MONITORS - 1}) n where id = ${monitor.id}`;
  const addRuns = (seconds: number, runs: number, where: ReturnType<typeof sql>) => sql`
    with execution as (
      insert into executions (id, monitor_id, trigger, created_at, finished_at, outcome)
      select gen_random_uuid(), m.id, 'scheduled', now() - make_interval(secs => n * ${seconds}::float8), now(), 'passed'
        from monitors m, generate_series(1, ${runs}) n where ${where}
      returning id, monitor_id, created_at)
    insert into runs (id, execution_id, monitor_id, workspace_id, valid_until, queued_at, status, outcome, attempt,
                      requests_total, response_ms_total, duration_ms)
    select gen_random_uuid(), e.id, m.id, m.workspace_id, now(), e.created_at, 'finished',
           case when random() < 0.02 then 'failed' else 'passed' end, 1, 2, 100 + random() * 400, 150 + random() * 400
      from execution e join monitors m on m.id = e.monitor_id`;
  await addRuns((30 * 86_400) / RUNS, RUNS, sql`m.id = ${monitor.id}`);
  await addRuns(86_400 / DAY_RUNS, DAY_RUNS, sql`m.id <> ${monitor.id}`);
  await addToHours(sql, sql`runs`);
  await fillStatistics(database, monitor.id);
  await sql`vacuum analyze`;
  return monitor.id;
}

async function measurePages(monitorId: string): Promise<void> {
  const user = await createUser(database, systemActor, {
    email: "ada@example.test",
    name: "Ada",
    password: "correct horse battery",
    role: "admin",
  });
  const cookie = `${SESSION_COOKIE}=${await createSession(database, user.id)}`;
  const app = createApp({ ...testDeps(database, stopping), log: silentLog });
  const paths = [
    ["overview", "/"],
    ["overview, a search", "/?search=monitor+49"],
    ["monitor, 24 h", `/monitors/${monitorId}`],
    ["monitor, 7 d", `/monitors/${monitorId}?range=7d`],
    ["monitor, 30 d", `/monitors/${monitorId}?range=30d`],
    ["monitor, 90 d, phases", `/monitors/${monitorId}?range=90d&measure=phases`],
    ["monitor, failed", `/monitors/${monitorId}?result=failed&range=30d`],
    ["monitor, a request", `/monitors/${monitorId}?request=1&range=7d`],
    ["monitor, rare runs", `/monitors/${monitorId}?trigger=webhook&request=1&result=failed`],
    ["metrics", "/metrics"],
  ] as const;
  print(`${MONITORS} monitors, ${RUNS} runs of one, ${DAY_RUNS} of each other`);
  for (const [name, path] of paths) {
    const times: number[] = [];
    let bytes = 0;
    for (let request = 0; request < REQUESTS; request++) {
      const startedMs = performance.now();
      const answer = await app.request(path, { headers: { cookie, accept: "text/html" } });
      bytes = (await answer.text()).length;
      times.push(performance.now() - startedMs);
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    }
    const figures = [0.5, 0.95].map((part) => quantile(times, part).toFixed(0)).join(" / ");
    print(`  ${name.padEnd(20)} p50 / p95 ${figures} ms   first ${times[0]?.toFixed(0)} ms   ${bytes} bytes`);
  }
}
