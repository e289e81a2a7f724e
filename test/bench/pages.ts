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
import { createApp } from "../../src/server/app.ts";
import { testDeps } from "../runs/harness.ts";
import { silentLog } from "../support/database.ts";
import { quantile } from "./measure.ts";
import { fillLargeRun, fillPages, usualData } from "./pages-data.ts";

/**
 * Time on the server of the overview with 5,000 monitors, of a monitor's pages with 100,000 runs in a month, and of a run of
 * 2,000 steps with 64 KB each, HTML included. The other monitors have run every half hour for a day.
 */
const data = { ...usualData, dayRuns: Number(process.argv[2] ?? usualData.dayRuns) };
const REQUESTS = 100;

const print = (line: string) => void process.stdout.write(`${line}\n`);
const dataDir = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
const database = connect({ target: postgres.target });
const stopping = new AbortController();
try {
  await migrate(database);
  const monitorId = await fillPages(database, data);
  await measurePages(monitorId, await fillLargeRun(database, await otherMonitor(monitorId)));
} finally {
  stopping.abort();
  await database.close();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function otherMonitor(monitorId: string): Promise<string> {
  const [row] = await database.sql<
    { id: string }[]
  >`select id from monitors where id <> ${monitorId} limit 1`;
  return row?.id ?? monitorId;
}

async function measurePages(monitorId: string, largeRunId: string): Promise<void> {
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
    ["ledger, 90 d", `/monitors/${monitorId}/ledger?range=90d`],
    ["activity", `/monitors/${monitorId}/activity`],
    ["report of a month", `/monitors/${monitorId}/report`],
    ["reports of all", "/reports"],
    ["run, 2,000 steps", `/runs/${largeRunId}`],
    ["its last step", `/runs/${largeRunId}/steps/2000`],
    ["alerts", "/alerts"],
    ["metrics", "/metrics"],
  ] as const;
  print(`${data.monitors} monitors, ${data.runs} runs of one, ${data.dayRuns} of each other`);
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
