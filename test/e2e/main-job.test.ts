import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { type Installation, setUpMonitor, startInstallation, startRunner } from "../support/installation.ts";
import { stopEverything } from "../support/processes.ts";
import { collectionOf, startTarget, type Target } from "../support/target.ts";

interface RunAnswer {
  run: {
    info: { status: string };
    stats: { assertions: { total: number; failed: number }; requests: { total: number } };
    executions: {
      item: { name: string };
      response?: { code: number };
      assertions?: { name: string; status: string; error?: { message: string } }[];
    }[];
    runs: { id: string }[];
  };
}

setDefaultTimeout(120_000);

let installation: Installation;
let target: Target;

beforeAll(async () => {
  installation = await startInstallation();
});
beforeAll(() => {
  target = startTarget();
});
afterEach(() => {
  target.arrived.length = 0;
});
afterAll(async () => {
  await stopEverything();
  await target.stop();
});

/** One run on a fresh runner. */
async function runOnce(collection: Record<string, unknown>, environment?: Record<string, unknown>) {
  const setup = environment === undefined ? { collection } : { collection, environment };
  const { monitorId, runner } = await setUpMonitor(installation, setup);
  const process = startRunner(installation.address, runner);
  const { run } = await installation.call<RunAnswer>("POST", `/monitors/${monitorId}/run`);
  expect(await process.stop()).toBe(0);
  return run;
}

test("a monitor passes on a runner, and its result names every request and assertion", async () => {
  const run = await runOnce(collectionOf(target.url, ["/first", "/second"]));

  expect(run.info.status).toBe("success");
  expect(run.stats).toMatchObject({ requests: { total: 2 }, assertions: { total: 2, failed: 0 } });
  expect(run.executions.map(({ item, response }) => [item.name, response?.code])).toEqual([
    ["/first", 200],
    ["/second", 200],
  ]);
  expect(target.arrived).toEqual(["/first", "/second"]);
});

test("a failed assertion fails the run, and the result says which and why", async () => {
  const collection = {
    ...collectionOf(target.url, []),
    item: [
      {
        name: "Price",
        event: [
          { listen: "test", script: { exec: ['pm.test("is cheap", () => pm.expect(3).to.be.below(2));'] } },
        ],
        request: { method: "GET", url: `${target.url}/price` },
      },
    ],
  };

  const run = await runOnce(collection);

  expect(run.info.status).toBe("failed");
  expect(run.executions[0]?.assertions).toMatchObject([
    { name: "is cheap", status: "failed", error: { message: "expected 3 to be below 2" } },
  ]);
});

test("an API that is down fails the run", async () => {
  const run = await runOnce(collectionOf("http://127.0.0.1:9", ["/"]));

  expect(run.info.status).toBe("failed");
});

test("a secret of the environment reaches the API and no result", async () => {
  const secret = "s3cret-of-the-environment";
  const environment = {
    name: "With a secret",
    values: [{ key: "password", value: secret, type: "secret", enabled: true }],
  };
  const collection = {
    ...collectionOf(target.url, []),
    item: [
      {
        name: "Echo",
        event: [
          {
            listen: "test",
            script: {
              exec: [
                "console.log(pm.response.text());",
                `pm.test("it arrived", () => pm.expect(pm.response.text().length).to.eql(${secret.length}));`,
              ],
            },
          },
        ],
        request: { method: "POST", url: `${target.url}/echo`, body: { mode: "raw", raw: "{{password}}" } },
      },
    ],
  };

  const run = await runOnce(collection, environment);
  const stored = await installation.call<unknown>("GET", `/runs/${run.runs[0]?.id}`);

  expect(run.info.status).toBe("success");
  expect(JSON.stringify(stored)).not.toContain(secret);
});

test("a wrong key ends the runner with exit code 1 and one sentence", async () => {
  const { runner } = await setUpMonitor(installation, { collection: collectionOf(target.url, ["/"]) });

  const process = startRunner(installation.address, { id: runner.id, key: "wrong" });

  expect(await process.ended).toBe(1);
  expect(process.output().trim().split("\n").at(-1)).toMatch(/(id|key).*\.$/);
});
