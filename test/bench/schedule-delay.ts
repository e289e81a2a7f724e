import { connect } from "../../db/connect.ts";
import { findRunningPostgres } from "../../db/embedded.ts";
import { apiOf, setUpMonitor, startInstallation, startRunner } from "../support/installation.ts";
import { stopEverything } from "../support/processes.ts";
import { quantile } from "./measure.ts";

/**
 * Time from the due time of a slot to its first request on the wire, with a real control plane, a real runner and a real
 * target: a thousand monitors due at even distances within a minute, then all of them in the same instant.
 */
const MONITORS = Number(process.argv[2] ?? 1000);
const SPREAD_SECONDS = Number(process.argv[3] ?? 60);
const LEAD_SECONDS = 3;
/** In which the last request must have come. */
const PATIENCE_SECONDS = 60;
const print = (line: string) => void process.stdout.write(`${line}\n`);

const arrivals = new Map<string, number>();
const target = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request) => {
    const monitor = new URL(request.url).searchParams.get("monitor");
    if (monitor !== null && !arrivals.has(monitor)) arrivals.set(monitor, Date.now());
    return Response.json({ ok: true });
  },
});

try {
  const installation = await startInstallation();
  const { monitorId, runner } = await setUpMonitor(installation, { collection: named("warm-up") });
  startRunner(installation.address, runner, { args: ["--concurrency", "16"] });
  const call = apiOf(installation.address, installation.apiKey);
  for (let run = 0; run < 10; run++) await call("POST", `/monitors/${monitorId}/run`);

  const postgres = findRunningPostgres(installation.dataDir);
  if (!postgres) throw new Error("the embedded Postgres cannot be found");
  const database = connect({ target: postgres, max: 2 });
  try {
    await addMonitors(database, monitorId);
    print(`${MONITORS} monitors of one request, one runner, ms from the due time to the request:`);
    await measureDelays(database, `due within ${SPREAD_SECONDS} s`, SPREAD_SECONDS);
    await measureDelays(database, "due in the same instant", 0);
  } finally {
    await database.close();
  }
} finally {
  await stopEverything();
  await target.stop(true);
}

/** A collection whose only request says whose it is. */
function named(monitor: string) {
  return {
    info: {
      name: "Bench",
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    item: [
      {
        name: "Ping",
        request: { method: "GET", url: `http://127.0.0.1:${target.port}/?monitor=${monitor}` },
      },
    ],
  };
}

/** Copies of a monitor, each with a collection of its own. They have no next slot yet. */
async function addMonitors({ sql }: ReturnType<typeof connect>, monitorId: string): Promise<void> {
  await sql`
    with numbers as (select n, gen_random_uuid() as collection_id from generate_series(1, ${MONITORS}::int) n
    ), copied as (
      insert into collections (id, workspace_id, owner_id, updated_by, name, document)
      select numbers.collection_id, c.workspace_id, c.owner_id, c.updated_by, c.name,
             replace(c.document::text, 'monitor=warm-up', 'monitor=' || n)::json
        from monitors m join collections c on c.id = m.collection_id, numbers where m.id = ${monitorId}
      returning id
    ), made as (
      insert into monitors (id, workspace_id, owner_id, name, collection_id, cron, options, notifications)
      select gen_random_uuid(), m.workspace_id, m.owner_id, 'Monitor ' || n, numbers.collection_id, '0 0 1 1 *', m.options,
             m.notifications
        from monitors m, numbers where m.id = ${monitorId} and (select count(*) from copied) > 0
      returning id
    )
    insert into monitor_runners select made.id, r.runner_id from made, monitor_runners r where r.monitor_id = ${monitorId}`;
}

async function measureDelays(
  { sql }: ReturnType<typeof connect>,
  name: string,
  spreadSeconds: number,
): Promise<void> {
  arrivals.clear();
  const rows = await sql<{ monitor: string; dueAt: Date }[]>`
    update monitors set next_run_at = date_trunc('milliseconds', now()) + make_interval(secs =>
      ${LEAD_SECONDS} + round(substr(name, 9)::int * ${(spreadSeconds * 1000) / MONITORS}::float8) / 1000)
     where name ~ '^Monitor [0-9]+$' returning substr(name, 9) as monitor, next_run_at as "dueAt"`;
  const until = Date.now() + (LEAD_SECONDS + spreadSeconds + PATIENCE_SECONDS) * 1000;
  while (arrivals.size < rows.length && Date.now() < until) await Bun.sleep(200);
  const delays = rows.flatMap(({ monitor, dueAt }) => {
    const arrivedAt = arrivals.get(monitor);
    return arrivedAt === undefined ? [] : [arrivedAt - dueAt.getTime()];
  });
  const figures = [0.5, 0.95, 0.99, 1].map((part) => quantile(delays, part).toFixed(0)).join(" / ");
  print(`  ${name.padEnd(24)} p50 / p95 / p99 / max  ${figures}   (${delays.length} of ${rows.length} came)`);
}
