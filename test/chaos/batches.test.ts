import { afterAll, expect, setDefaultTimeout, test } from "bun:test";

import { startBatchRelay } from "../support/chaos-http.ts";
import { expectSlotsEndedOnce, expectStepsArrivedOnce } from "../support/chaos-ledger.ts";
import { PATHS, startChaos } from "../support/chaos.ts";
import { eventually } from "../support/eventually.ts";
import { stopEverything } from "../support/processes.ts";

setDefaultTimeout(180_000);
afterAll(stopEverything);

/** Big enough for a batch each. */
const STEPS = 12;
const BODY = "x".repeat(40 * 1024);

const bigSteps = (url: string) => ({
  info: { name: "Big", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: Array.from({ length: STEPS }, (_, index) => ({
    name: `step ${index}`,
    event: [
      { listen: "test", script: { exec: ['pm.test("well", () => pm.response.to.have.status(200));'] } },
    ],
    request: { method: "POST", url: `${url}/echo`, body: { mode: "raw", raw: BODY } },
  })),
});

test.concurrent("batches that come twice, out of order and late count once", async () => {
  await using chaos = await startChaos({ collection: bigSteps });
  await using relay = startBatchRelay(chaos.installation.address);
  chaos.startRunner({ server: relay.url });

  const ended = await chaos.ended(await chaos.fire());
  const replayed = await relay.replay();

  expect(ended).toMatchObject({ status: "ran", outcome: "passed", attempt: 1 });
  expect(Math.min(...Object.values(relay.happened))).toBeGreaterThan(0);
  expect(new Set(replayed)).toEqual(new Set([200]));
  const [counted] = await chaos.sql`
    select requests_total, assertions_total from runs`;
  expect(counted).toMatchObject({ requests_total: STEPS, assertions_total: STEPS });
  await expectSlotsEndedOnce(chaos.sql, { ran: 1 });
  await expectStepsArrivedOnce(chaos.sql);
});

const INSTANCES = 3;
const SLOTS = 9;

test.concurrent("instances that claim at once share the slots, and none is done twice", async () => {
  await using chaos = await startChaos();
  await chaos.sql`
    insert into monitors select (jsonb_populate_record(m, jsonb_build_object('id', gen_random_uuid()))).*
      from monitors m, generate_series(2, ${SLOTS})`;
  const idle = Array.from({ length: INSTANCES }, () => chaos.startRunner({ args: ["--concurrency", "1"] }));
  await Promise.all(idle.map((runner) => runner.find(/self-test passed/)));

  await chaos.sql`update monitors set next_run_at = date_trunc('milliseconds', clock_timestamp())`;
  await eventually(
    async () => {
      const [busy] = await chaos.sql<{ instances: number }[]>`
        select count(distinct instance_id)::int as instances from runs where status = 'leased'`;
      return busy?.instances === INSTANCES;
    },
    { everyMs: 20 },
  );
  chaos.target.release();
  await eventually(
    async () => {
      const [done] = await chaos.sql<{ runs: number }[]>`
        select count(*)::int as runs from runs where status = 'finished'`;
      return done?.runs === SLOTS;
    },
    { everyMs: 20 },
  );

  const [attempts] = await chaos.sql`select max(attempt) as most from runs`;
  expect(attempts).toMatchObject({ most: 1 });
  expect(chaos.target.arrived).toHaveLength(SLOTS * PATHS.length);
  await expectSlotsEndedOnce(chaos.sql, { ran: SLOTS });
  await expectStepsArrivedOnce(chaos.sql);
});
