import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { expectSlotsEndedOnce, expectStepsArrivedOnce } from "../support/chaos-ledger.ts";
import { type Chaos, measured, PATHS, startChaos, startRunInTheMiddle } from "../support/chaos.ts";
import { eventually } from "../support/eventually.ts";
import { isAlive, stopEverything, temporaryFolder } from "../support/processes.ts";

setDefaultTimeout(180_000);
afterAll(stopEverything);

test.concurrent("kill -9 of the control plane in the middle of a run: its next start gets all of it", async () => {
  await using chaos = await startChaos();
  const { slot } = await startRunInTheMiddle(chaos);

  chaos.installation.server.kill("SIGKILL");
  await chaos.installation.server.ended;
  const killedMs = performance.now();
  chaos.target.release();
  await chaos.restartServer();
  const ended = await chaos.ended(slot, 60_000);
  measured("kill -9 of the control plane, until the run has ended", killedMs);
  const next = await chaos.ended(await chaos.fire(), 60_000);

  expect(ended).toMatchObject({ status: "ran", outcome: "passed", attempt: 1 });
  expect(next).toMatchObject({ status: "ran", outcome: "passed" });
  expect(chaos.target.arrived).toEqual([...PATHS, ...PATHS]);
  await expectSlotsEndedOnce(chaos.sql, { ran: 2 });
  await expectStepsArrivedOnce(chaos.sql);
});

test.concurrent("kill -9 of Postgres in the middle of a run: the control plane lives, and gets all of it", async () => {
  await using chaos = await startChaos({ embedded: true });
  const { slot } = await startRunInTheMiddle(chaos);
  const pidFile = join(chaos.installation.dataDir, "database", "postmaster.pid");
  const postgres = Number(readFileSync(pidFile, "utf8").split("\n")[0]);

  process.kill(postgres, "SIGKILL");
  const killedMs = performance.now();
  chaos.target.release();
  const ended = await chaos.ended(slot, 60_000);
  measured("kill -9 of Postgres, until the run has ended", killedMs);
  const next = await chaos.ended(await chaos.fire(), 60_000);

  expect(ended).toMatchObject({ status: "ran", outcome: "passed" });
  expect(next).toMatchObject({ status: "ran", outcome: "passed" });
  expect(isAlive(chaos.installation.server.pid)).toBeTrue();
  await expectSlotsEndedOnce(chaos.sql, { ran: 2 });
  await expectStepsArrivedOnce(chaos.sql);
});

/** Enough for a spool of many batches. */
const BIG = { steps: 60, bodyBytes: 16 * 1024 };

const bigSteps = (url: string) => ({
  info: { name: "Big", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: ["/first", "/held", ...Array.from({ length: BIG.steps }, () => "/echo")].map((path) => ({
    name: path,
    request: {
      method: "POST",
      url: `${url}${path}`,
      body: { mode: "raw", raw: path === "/echo" ? "x".repeat(BIG.bodyBytes) : "" },
    },
  })),
});

const spoolBytes = (dataDir: string): number =>
  readdirSync(dataDir, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jsonl"))
    .reduce((bytes, name) => bytes + statSync(join(dataDir, name)).size, 0);

/** For the database, an hour passes: every lease and every due time lies so much further back. */
const passAnHour = ({ sql }: Chaos) => sql`
  with run as (
    update runs set lease_expires_at = lease_expires_at - interval '1 hour', claimed_at = claimed_at - interval '1 hour',
           queued_at = queued_at - interval '1 hour', valid_until = valid_until - interval '1 hour'
     where status <> 'finished'
  ), slot as (
    update slots set slot_at = slot_at - interval '1 hour' where status = 'pending' or execution_id is not null
  ), instance as (
    update runner_instances set last_pinged_at = last_pinged_at - interval '1 hour'
  ), execution as (
    update executions set slot_at = slot_at - interval '1 hour', created_at = created_at - interval '1 hour'
  )
  update monitors set next_run_at = clock_timestamp() - interval '30 minutes'`;

test.concurrent("a control plane that is away for an hour gets what grew in the spool, and catches up with one late slot", async () => {
  await using chaos = await startChaos({
    collection: bigSteps,
    monitor: { schedule: { cron: "0 0 1 1 *", timezone: "UTC", overlap: "queue" } },
  });
  const dataDir = join(temporaryFolder(), "runner");
  const { slot, runner } = await startRunInTheMiddle(chaos, { dataDir });

  chaos.installation.server.kill("SIGKILL");
  await chaos.installation.server.ended;
  chaos.target.release();
  await runner.find(/"message":"run finished"/);
  const bytes = spoolBytes(dataDir);
  await passAnHour(chaos);
  const backMs = performance.now();
  await chaos.restartServer();
  const ended = await chaos.ended(new Date(slot.getTime() - 3_600_000), 30_000);
  measured(
    `control plane away for an hour, from its start until ${(bytes / 1e6).toFixed(1)} MB of spool are stored`,
    backMs,
  );
  const [missed] = await eventually(async () => {
    const rows = await chaos.sql<{ slotAt: Date }[]>`
      select slot_at as "slotAt" from slots where slot_at > ${ended.slotAt}`;
    return rows.length > 0 && rows;
  });
  const late = await chaos.ended(missed?.slotAt ?? ended.slotAt, 60_000);

  expect(bytes).toBeGreaterThan(BIG.steps * BIG.bodyBytes);
  expect(ended).toMatchObject({ status: "ran", outcome: "passed", attempt: 1 });
  expect(late).toMatchObject({ status: "late", outcome: "passed" });
  await eventually(() => spoolBytes(dataDir) === 0);
  await expectSlotsEndedOnce(chaos.sql, { ran: 1, late: 1 });
  await expectStepsArrivedOnce(chaos.sql);
});
