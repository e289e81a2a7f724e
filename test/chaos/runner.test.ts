import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { expectSlotsEndedOnce, expectStepsArrivedOnce } from "../support/chaos-ledger.ts";
import { LOST_LIMIT_MS, measured, PATHS, startChaos, startRunInTheMiddle } from "../support/chaos.ts";
import { stopEverything, temporaryFolder } from "../support/processes.ts";

setDefaultTimeout(180_000);
afterAll(stopEverything);

test.concurrent("kill -9 of a runner loses the run that it had, keeps what arrived, and its next start does the next slot", async () => {
  await using chaos = await startChaos();
  const dataDir = join(temporaryFolder(), "runner");
  const { runner: killed, slot } = await startRunInTheMiddle(chaos, { dataDir });

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

test.concurrent("kill -9 of a runner whose monitor reruns what is lost: another instance does the slot", async () => {
  await using chaos = await startChaos({ monitor: { rerunLost: true } });
  const { runner: killed, slot } = await startRunInTheMiddle(chaos);

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

test.concurrent("a runner that stands still for longer than its lease loses its run, is refused, and goes on with the next slot", async () => {
  await using chaos = await startChaos();
  const { runner, slot } = await startRunInTheMiddle(chaos);

  runner.kill("SIGSTOP");
  const stoppedMs = performance.now();
  const lost = await chaos.ended(slot, LOST_LIMIT_MS);
  measured("SIGSTOP of the runner, until the run is lost", stoppedMs);
  chaos.target.release();
  runner.kill("SIGCONT");
  const continuedMs = performance.now();
  const next = await chaos.ended(await chaos.fire());
  measured("SIGCONT of the runner, until it has done the next slot", continuedMs);
  await runner.find(/"message":"run is not ours any more|"outcome":"dropped"/);

  expect(lost).toMatchObject({ status: "lost", reason: "runner_lost" });
  expect(next).toMatchObject({ status: "ran", outcome: "passed" });
  await expectSlotsEndedOnce(chaos.sql, { lost: 1, ran: 1 });
  await expectStepsArrivedOnce(chaos.sql);
});

test.concurrent("a runner that stands still while another one reruns its run executes nothing of it any more", async () => {
  await using chaos = await startChaos({ monitor: { rerunLost: true } });
  const { runner: stopped, slot } = await startRunInTheMiddle(chaos);

  stopped.kill("SIGSTOP");
  const stoppedMs = performance.now();
  chaos.target.release();
  chaos.startRunner();
  const ended = await chaos.ended(slot, LOST_LIMIT_MS);
  measured("SIGSTOP of the runner, until another instance has done the run", stoppedMs);
  stopped.kill("SIGCONT");
  await stopped.find(/"message":"run finished".*"outcome":"dropped"/);

  expect(ended).toMatchObject({ status: "ran", outcome: "passed", attempt: 2 });
  expect(chaos.target.arrived.filter((path) => path === "/last")).toHaveLength(1);
  await expectSlotsEndedOnce(chaos.sql, { ran: 1 });
  await expectStepsArrivedOnce(chaos.sql);
});

test.concurrent("a key that is revoked in the middle of a run stops its runner; the run is lost, one with the new key goes on", async () => {
  await using chaos = await startChaos();
  const { runner: revoked, slot } = await startRunInTheMiddle(chaos);

  const { runner } = await chaos.installation.call<{ runner: { key: string } }>(
    "POST",
    `/runners/${chaos.runner.id}/reset-key`,
  );
  const revokedMs = performance.now();
  expect(await revoked.ended).toBe(1);
  measured("revoked key, until the runner has stopped", revokedMs);
  chaos.target.release();
  chaos.startRunner({ env: { APP_KEY: runner.key } });
  const lost = await chaos.ended(slot, LOST_LIMIT_MS);
  measured("revoked key, until the run is lost", revokedMs);
  const next = await chaos.ended(await chaos.fire());

  expect(revoked.output()).toContain("The runner id or key is wrong");
  expect(lost).toMatchObject({ status: "lost", reason: "runner_lost" });
  expect(next).toMatchObject({ status: "ran", outcome: "passed" });
  await expectSlotsEndedOnce(chaos.sql, { lost: 1, ran: 1 });
  await expectStepsArrivedOnce(chaos.sql);
});
