import { afterAll, expect, setDefaultTimeout, test } from "bun:test";

import { createEngine } from "../../src/engine/engine.ts";
import { createScriptHost } from "../../src/engine/sandbox/host.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { newId } from "../../src/lib/ids.ts";
import { createControlPlane } from "../../src/runner/client.ts";
import { createSelfTest, passSelfTest } from "../../src/runner/self-test.ts";
import { testHost } from "../engine/sandbox/support.ts";
import { silentLog } from "../support/database.ts";
import {
  errorResponse,
  RUNNER_ID,
  RUNNER_KEY,
  startFakeControlPlane,
} from "../support/fake-control-plane.ts";

setDefaultTimeout(120_000);

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

const never = new AbortController().signal;

test("an engine whose scripts run passes, and sends nothing over a network for it", async () => {
  const engine = createEngine({
    scripts: testHost(),
    gate: { check: () => Promise.reject(new Error("asked")) },
  });
  cleanups.push(() => engine.close());

  expect(await createSelfTest(engine)(never)).toBeUndefined();
});

test("an engine whose script process does not start fails with one sentence", async () => {
  const scripts = createScriptHost({ command: ["/bin/false"], maxIdle: 1, memoryLimitMb: 100 });
  const engine = createEngine({ scripts });
  cleanups.push(() => engine.close());

  const failure = await createSelfTest(engine)(never);

  expect(failure).toStartWith("Scripts do not run here: ");
  expect(failure).toContain("ended while starting");
});

/** Time that is waited for is over at once. */
const hurriedClock = { ...systemClock, sleep: () => Promise.resolve() };

function setUp(results: (string | undefined)[]) {
  const fake = startFakeControlPlane();
  const controlPlane = createControlPlane({ server: fake.url, runnerId: RUNNER_ID, runnerKey: RUNNER_KEY });
  cleanups.push(async () => {
    await controlPlane.close();
    await fake.stop();
  });
  const instance = {
    instanceId: newId(),
    runnerName: "test",
    leaseSeconds: 30,
    heartbeatSeconds: 10,
    waitSeconds: 5,
  };
  const pass = () =>
    passSelfTest(
      {
        selfTest: () => Promise.resolve(results.shift()),
        controlPlane,
        registration: { current: () => instance, renew: () => Promise.resolve() },
        clock: hurriedClock,
        log: silentLog,
      },
      never,
    );
  return { fake, pass };
}

test("a self-test that fails is reported and repeated until it passes", async () => {
  const { fake, pass } = setUp(["Scripts do not run here.", "Still not.", undefined]);

  await pass();

  expect(fake.selfTests).toEqual(["Scripts do not run here.", "Still not.", null]);
});

test("a control plane that is away does not lose the report", async () => {
  const { fake, pass } = setUp([undefined]);
  let refused = 0;
  fake.intercept = () => (refused++ < 2 ? errorResponse(503, "unavailable") : undefined);

  await pass();

  expect(fake.selfTests).toEqual([null]);
});

test("an older control plane, which knows no self-test, does not stop the runner", async () => {
  const { fake, pass } = setUp([undefined]);
  fake.intercept = () => errorResponse(404, "not_found");

  await pass();

  expect(fake.selfTests).toEqual([]);
});
