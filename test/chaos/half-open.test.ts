import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { expectSlotsEndedOnce, expectStepsArrivedOnce } from "../support/chaos-ledger.ts";
import { measured, PATHS, startChaos, startRunInTheMiddle } from "../support/chaos.ts";
import { eventually } from "../support/eventually.ts";
import { stopEverything } from "../support/processes.ts";

setDefaultTimeout(90_000);
afterAll(stopEverything);

describe("packets vanish without a reset", () => {
  test.concurrent("between runner and control plane: the run goes on over new connections, and nothing is lost", async () => {
    await using chaos = await startChaos();
    const { slot } = await startRunInTheMiddle(chaos);

    chaos.toServer.freeze();
    chaos.toServer.thaw();
    const frozenMs = performance.now();
    chaos.target.release();
    const ended = await chaos.ended(slot, 30_000);
    measured("half-open between runner and control plane, until the run has ended", frozenMs);
    const next = await chaos.ended(await chaos.fire(), 30_000);
    measured("half-open between runner and control plane, until the next slot is done", frozenMs);

    expect(ended).toMatchObject({ status: "ran", outcome: "passed", attempt: 1 });
    expect(next).toMatchObject({ status: "ran", outcome: "passed" });
    expect(chaos.target.arrived).toEqual([...PATHS, ...PATHS]);
    await expectSlotsEndedOnce(chaos.sql, { ran: 2 });
    await expectStepsArrivedOnce(chaos.sql);
  });

  test.concurrent("between an idle runner and the control plane: a run that is handed out into the void is handed out again", async () => {
    await using chaos = await startChaos();
    const runner = chaos.startRunner();
    chaos.target.release();
    await runner.find(/self-test passed/);
    await chaos.ended(await chaos.fire());

    chaos.toServer.freeze();
    chaos.toServer.thaw();
    const frozenMs = performance.now();
    const slot = await chaos.fire();
    const ended = await chaos.ended(slot, 30_000);
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
    const ended = await chaos.ended(slot, 30_000);
    measured("half-open between runner and target, until the run has ended", frozenMs);
    const next = await chaos.ended(await chaos.fire());

    expect(ended).toMatchObject({ status: "ran", outcome: "failed", reason: "target_unreachable" });
    expect(next).toMatchObject({ status: "ran", outcome: "passed" });
    await expectSlotsEndedOnce(chaos.sql, { ran: 2 });
    await expectStepsArrivedOnce(chaos.sql);
  });

  test.concurrent("between control plane and Postgres: statements are given up, new connections are made, and nothing is lost", async () => {
    await using chaos = await startChaos();
    const { slot } = await startRunInTheMiddle(chaos);
    const before = chaos.toPostgres.accepted();

    chaos.toPostgres.freeze();
    chaos.toPostgres.thaw();
    const frozenMs = performance.now();
    chaos.target.release();
    const ended = await chaos.ended(slot, 60_000);
    measured("half-open between control plane and Postgres, until the run has ended", frozenMs);
    const next = await chaos.ended(await chaos.fire(), 60_000);
    measured("half-open between control plane and Postgres, until the next slot is done", frozenMs);

    expect(chaos.toPostgres.accepted()).toBeGreaterThan(before);
    expect(ended).toMatchObject({ status: "ran", outcome: "passed" });
    expect(next).toMatchObject({ status: "ran", outcome: "passed" });
    await eventually(async () => (await fetch(`${chaos.installation.address}/readyz`)).ok);
    await expectSlotsEndedOnce(chaos.sql, { ran: 2 });
    await expectStepsArrivedOnce(chaos.sql);
  });
});
