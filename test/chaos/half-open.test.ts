import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { expectSlotsEndedOnce, expectStepsArrivedOnce } from "../support/chaos-ledger.ts";
import { type Chaos, measured, PATHS, startChaos, startRunInTheMiddle } from "../support/chaos.ts";
import { eventually } from "../support/eventually.ts";
import { stopEverything } from "../support/processes.ts";
import { statusOf } from "../support/serving.ts";

setDefaultTimeout(180_000);
afterAll(stopEverything);

describe("packets vanish without a reset", () => {
  test.concurrent("between runner and control plane: the run goes on over new connections, and nothing is lost", async () => {
    await using chaos = await startChaos();
    const { slot } = await startRunInTheMiddle(chaos);

    chaos.toServer.freeze();
    chaos.toServer.thaw();
    const frozenMs = performance.now();
    chaos.target.release();
    const ended = await chaos.ended(slot, 60_000);
    measured("half-open between runner and control plane, until the run has ended", frozenMs);
    const next = await chaos.ended(await chaos.fire(), 60_000);
    measured("half-open between runner and control plane, until the next slot is done", frozenMs);

    expect(ended).toMatchObject({ status: "ran", outcome: "passed", attempt: 1 });
    expect(next).toMatchObject({ status: "ran", outcome: "passed" });
    expect(chaos.target.arrived).toEqual([...PATHS, ...PATHS]);
    await expectSlotsEndedOnce(chaos.sql, { ran: 2 });
    await expectStepsArrivedOnce(chaos.sql);
  });

  test.concurrent("between an idle runner and the control plane: a run that is handed out into the void is handed out again", async () => {
    await using chaos = await startChaos({ leaseSeconds: 10 });
    const runner = chaos.startRunner();
    chaos.target.release();
    await runner.find(/self-test passed/);
    await chaos.ended(await chaos.fire());

    chaos.toServer.freeze();
    chaos.toServer.thaw();
    const frozenMs = performance.now();
    const slot = await chaos.fire();
    const ended = await chaos.ended(slot, 60_000);
    measured("half-open under a waiting claim, until the slot is done", frozenMs);

    expect(ended).toMatchObject({ status: "ran", outcome: "passed" });
    expect(chaos.target.arrived).toEqual([...PATHS, ...PATHS]);
    await expectSlotsEndedOnce(chaos.sql, { ran: 2 });
    await expectStepsArrivedOnce(chaos.sql);
  });

  test.concurrent("between runner and target: the request ends with its time limit, the API counts as down, the next slot is well", async () => {
    await using chaos = await startChaos({ monitor: { options: { requestTimeout: 2_000 } } });
    const { slot } = await startRunInTheMiddle(chaos);

    chaos.toTarget.freeze();
    chaos.toTarget.thaw();
    const frozenMs = performance.now();
    chaos.target.release();
    const ended = await chaos.ended(slot, 60_000);
    measured("half-open between runner and target, until the run has ended", frozenMs);
    const next = await chaos.ended(await chaos.fire());

    expect(ended).toMatchObject({ status: "ran", outcome: "failed", reason: "target_unreachable" });
    expect(next).toMatchObject({ status: "ran", outcome: "passed" });
    await expectSlotsEndedOnce(chaos.sql, { ran: 2 });
    await expectStepsArrivedOnce(chaos.sql);
  });

  test.concurrent("between control plane and Postgres: statements are given up, connections are made anew, and nothing is lost", async () => {
    await using chaos = await startChaos();
    const { slot } = await startRunInTheMiddle(chaos);
    const release = await occupyPool(chaos);

    chaos.toPostgres.freeze();
    await release();
    chaos.toPostgres.thaw();
    const frozenMs = performance.now();
    chaos.target.release();
    const ended = await chaos.ended(slot, 60_000);
    measured("half-open between control plane and Postgres, until the run has ended", frozenMs);
    const next = await chaos.ended(await chaos.fire(), 60_000);
    measured("half-open between control plane and Postgres, until the next slot is done", frozenMs);

    expect(ended).toMatchObject({ status: "ran", outcome: "passed", attempt: 1 });
    expect(next).toMatchObject({ status: "ran", outcome: "passed" });
    expect(await statusOf(`${chaos.installation.address}/readyz`)).toBe(200);
    await expectSlotsEndedOnce(chaos.sql, { ran: 2 });
    await expectStepsArrivedOnce(chaos.sql);
  });
});

/** Of the control plane. */
const POOL_SIZE = 20;

/** Lets every connection of the control plane wait for a lock, so that none is left; gives the lock back. */
async function occupyPool({ sql, installation }: Chaos): Promise<() => Promise<void>> {
  const locked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const locking = sql.begin(async (tx) => {
    await tx`lock table monitors in access exclusive mode`;
    locked.resolve();
    await over.promise;
  });
  await locked.promise;
  const calls = Array.from({ length: POOL_SIZE * 2 }, () =>
    installation.call("GET", "/monitors").catch(() => undefined),
  );
  await eventually(
    async () => {
      const [waiting] = await sql<{ connections: number }[]>`
        select count(*)::int as connections from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`;
      return waiting?.connections === POOL_SIZE;
    },
    { everyMs: 50 },
  );
  return async () => {
    over.resolve();
    await locking;
    void Promise.all(calls);
  };
}
