import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { expectSlotsEndedOnce, expectStepsArrivedOnce } from "../support/chaos-ledger.ts";
import { LOST_LIMIT_MS, measured, PATHS, startChaos, storedUpTo } from "../support/chaos.ts";
import { stopEverything, temporaryFolder } from "../support/processes.ts";

setDefaultTimeout(60_000);
afterAll(stopEverything);

/** run_started, step_started, step_finished of the first step. */
const FIRST_STEP_SEQ = 3;

test("kill -9 of a runner loses the run that it had, keeps what arrived, and its next start does the next slot", async () => {
  await using chaos = await startChaos();
  const dataDir = join(temporaryFolder(), "runner");
  const killed = chaos.startRunner({ dataDir });
  const slot = await chaos.fire();
  await storedUpTo(chaos.sql, slot, FIRST_STEP_SEQ);
  await chaos.target.held;

  killed.kill("SIGKILL");
  const killedMs = performance.now();
  chaos.target.release();
  chaos.startRunner({ dataDir });
  const lost = await chaos.ended(slot, LOST_LIMIT_MS);
  measured("kill -9 of the runner, until the run is lost", killedMs);
  const next = await chaos.ended(await chaos.fire());

  expect(lost).toMatchObject({ status: "lost", outcome: "errored", reason: "runner_lost", attempt: 1 });
  expect(next).toMatchObject({ status: "ran", outcome: "passed" });
  expect(chaos.target.arrived).toEqual(["/first", "/held", ...PATHS]);
  await expectSlotsEndedOnce(chaos.sql, { lost: 1, ran: 1 });
  await expectStepsArrivedOnce(chaos.sql);
});

test("kill -9 of a runner whose monitor reruns what is lost: another instance does the slot", async () => {
  await using chaos = await startChaos({ monitor: { rerunLost: true } });
  const killed = chaos.startRunner();
  const slot = await chaos.fire();
  await storedUpTo(chaos.sql, slot, FIRST_STEP_SEQ);
  await chaos.target.held;

  killed.kill("SIGKILL");
  const killedMs = performance.now();
  chaos.target.release();
  chaos.startRunner();
  const ended = await chaos.ended(slot, LOST_LIMIT_MS);
  measured("kill -9 of the runner, until another instance has done the run", killedMs);

  expect(ended).toMatchObject({ status: "ran", outcome: "passed", attempt: 2 });
  await expectSlotsEndedOnce(chaos.sql, { ran: 1 });
  await expectStepsArrivedOnce(chaos.sql);
});
