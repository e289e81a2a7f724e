import { beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import type { Database } from "../../db/connect.ts";
import { dropOldSamples, readLoad, sampleFleet, startFleetSampling } from "../../src/fleet/history.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog, testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { createMake } from "../support/make.ts";

setDefaultTimeout(120_000);

let database: Database;
let make: ReturnType<typeof createMake>;
beforeAll(async () => {
  database = await testDatabase();
  make = createMake(database);
});
beforeEach(async () => {
  await database.sql`delete from fleet_samples`;
  await database.sql`delete from runs`;
});

const sampleOf = async (runnerId: string) => {
  const [row] = await database.sql`
    select queued, oldest_queued_seconds as oldest, running, concurrency, instances, cpu_share as cpu,
           memory_bytes::float8 as memory
      from fleet_samples where runner_id = ${runnerId}`;
  return row;
};

test("a minute is sampled once, however many servers try", async () => {
  const { id } = await make.runner();

  await Promise.all(Array.from({ length: 10 }, () => sampleFleet(database)));
  const [{ rows } = { rows: 0 }] = await database.sql<{ rows: number }[]>`
    select count(*)::int as rows from fleet_samples where runner_id = ${id}`;

  // Two when the minute turned meanwhile.
  expect([1, 2]).toContain(rows);
});

test("a sample holds what waits, what is executed and who is alive", async () => {
  const { id } = await make.runner();
  await make.runnerInstance({ runnerId: id, concurrency: 4, cpuShare: 0.5, memoryBytes: 300 });
  const alive = await make.runnerInstance({ runnerId: id, concurrency: 2, cpuShare: 0.25, memoryBytes: 400 });
  await make.runnerInstance({ runnerId: id, concurrency: 9, lastPingedAt: new Date(Date.now() - 600_000) });
  await make.run({ runnerId: id, queuedAt: new Date(Date.now() - 60_000) });
  await make.run();
  await make.run({ runnerId: id, validUntil: new Date(Date.now() - 1000) });
  await make.run({ runnerId: id, instanceId: alive.id, status: "leased", attempt: 1 });

  await sampleFleet(database);

  const sample = await sampleOf(id);
  expect(sample).toMatchObject({
    queued: 2,
    running: 1,
    concurrency: 6,
    instances: 2,
    cpu: 0.5,
    memory: 400,
  });
  expect(sample?.["oldest"]).toBeGreaterThan(59);
});

test("what instances use is unknown when none of them tells", async () => {
  const { id } = await make.runner();
  await make.runnerInstance({ runnerId: id });

  await sampleFleet(database);

  expect(await sampleOf(id)).toMatchObject({ instances: 1, cpu: null, memory: null });
  expect((await readLoad(database, id, "24h")).cpuShare.at(-1)).toBeNull();
});

test("what a runner may not see does not wait for it", async () => {
  const { workspaceId, id: monitorId } = await make.monitor();
  const seeing = await make.runner({ visibility: "selected" });
  await database.sql`
    insert into runner_workspaces (runner_id, workspace_id) values (${seeing.id}, ${workspaceId})`;
  const blind = await make.runner({ visibility: "selected" });
  await make.run({ monitorId });

  await sampleFleet(database);

  expect(await sampleOf(seeing.id)).toMatchObject({ queued: 1 });
  expect(await sampleOf(blind.id)).toMatchObject({ queued: 0, oldest: 0 });
});

test("samples are kept for a month", async () => {
  const { id } = await make.runner();
  await database.sql`
    insert into fleet_samples (runner_id, sampled_at, queued, oldest_queued_seconds, running, concurrency, instances)
    select ${id}, now() - make_interval(days => d), 0, 0, 0, 0, 0 from unnest(array[29, 31]) d`;

  expect(await dropOldSamples(database)).toBe(1);
});

describe("the load of a day", () => {
  test("is the worst of each five minutes, with gaps where nobody sampled", async () => {
    const { id } = await make.runner();
    await database.sql`
      insert into fleet_samples (runner_id, sampled_at, queued, oldest_queued_seconds, running, concurrency, instances,
                                 cpu_share, memory_bytes)
      values (${id}, date_bin('5 minutes', now(), 'epoch') - interval '10 minutes', 3, 10, 1, 4, 2, 0.5, null),
             (${id}, date_bin('5 minutes', now(), 'epoch') - interval '9 minutes', 7, 90, 2, 4, 1, null, 5e9)`;

    const load = await readLoad(database, id, "24h");

    expect(load.at).toHaveLength(288);
    const last = (values: (number | null)[]) => values.slice(-4);
    expect(last(load.queued)).toEqual([null, 7, null, null]);
    expect(last(load.oldestSeconds)).toEqual([null, 90, null, null]);
    expect(last(load.running)).toEqual([null, 2, null, null]);
    expect(last(load.instances)).toEqual([null, 1, null, null]);
    expect(last(load.cpuShare)).toEqual([null, 0.5, null, null]);
    expect(last(load.memoryBytes)).toEqual([null, 5e9, null, null]);
  });

  test("of a week has half hours", async () => {
    const { id } = await make.runner();
    await sampleFleet(database);

    const load = await readLoad(database, id, "7d");

    expect(load.at).toHaveLength(336);
    expect(load.queued.at(-1)).toBe(0);
  });
});

test("the loop of a server samples by itself and ends when it is told to", async () => {
  const { id } = await make.runner();
  const loop = startFleetSampling({ database, clock: systemClock, log: silentLog });

  await eventually(() => sampleOf(id));
  await loop.stop();
});
