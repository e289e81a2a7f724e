import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connect } from "../../db/connect.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import { newId } from "../../src/lib/ids.ts";
import { claimRuns } from "../../src/runs/queue.ts";
import { silentLog } from "../support/database.ts";
import { createMake } from "../support/make.ts";
import { quantile } from "./measure.ts";

/** How long a claim of one and of sixteen runs takes beside many finished and many queued runs. */
const FINISHED = 200_000;
const QUEUED = 20_000;
const CLAIMS = 300;

const print = (line: string) => void process.stdout.write(`${line}\n`);
const dataDir = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
const database = connect({ target: postgres.target });
try {
  await migrate(database);
  const make = createMake(database);
  const { id: executionId, monitorId } = await make.execution();
  const [monitor] = await database.sql`select workspace_id from monitors where id = ${monitorId}`;
  const addRuns = (status: string, outcome: string | null, runs: number) => database.sql`
    insert into runs (id, execution_id, monitor_id, workspace_id, valid_until, status, outcome, queued_at)
    select gen_random_uuid(), ${executionId}, ${monitorId}, ${monitor?.["workspace_id"]}, now() + interval '1 hour',
           ${status}, ${outcome}, now() - make_interval(secs => n)
      from generate_series(1, ${runs}::int) n`;
  await addRuns("finished", "passed", FINISHED);
  await addRuns("queued", null, QUEUED);
  await database.sql`vacuum analyze`;
  const runner = await make.runner();
  print(`${CLAIMS} claims, one after the other, ${FINISHED} finished and ${QUEUED} queued runs`);
  for (const free of [1, 16]) await measureClaims(runner, free);
} finally {
  await database.close();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function measureClaims(
  { id: runnerId, keyHash }: { id: string; keyHash: string },
  free: number,
): Promise<void> {
  const times: number[] = [];
  for (let claim = 0; claim < CLAIMS; claim++) {
    const startedMs = performance.now();
    const claimed = await claimRuns(database, { runnerId, keyHash, instanceId: newId(), free });
    times.push(performance.now() - startedMs);
    if (claimed.length !== free) throw new Error(`${claimed.length} instead of ${free} runs were claimed`);
  }
  const figures = [0.5, 0.95, 0.99].map((part) => quantile(times, part).toFixed(1)).join(" / ");
  print(`  ${String(free).padStart(2)} runs   p50 / p95 / p99 ${figures} ms`);
}
