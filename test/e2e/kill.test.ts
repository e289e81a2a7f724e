import { afterAll, afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { apiOf, setUpMonitor, startInstallation, startRunner, startServer } from "../support/installation.ts";
import { isAlive, stopEverything, temporaryFolder } from "../support/processes.ts";
import { collectionOf, startTarget, type Target } from "../support/target.ts";

interface StoredRun {
  run: { id: string; state: string; reason: string | null; steps: { name: string }[] };
}

/** A lease is 30 s; a lost run is noticed within the next sweep. */
const LEASE_LIMIT_MS = 60_000;
const paths = ["/first", "/held", "/last"];

const targets: Target[] = [];
afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.stop()));
});
setDefaultTimeout(180_000);
afterAll(stopEverything);

/** A monitor in the middle of its second request. */
async function startRunInTheMiddle() {
  const target = startTarget();
  targets.push(target);
  const installation = await startInstallation();
  const { monitorId, runner } = await setUpMonitor(installation, {
    collection: collectionOf(target.url, paths),
  });
  const runnerData = join(temporaryFolder(), "runner");
  const runnerProcess = startRunner(installation.address, runner, { dataDir: runnerData });
  const { run } = await installation.call<{ run: { info: { jobId: string } } }>(
    "POST",
    `/monitors/${monitorId}/run?async=true`,
  );
  await target.held;
  const { runs } = await installation.call<{ runs: { id: string }[] }>(
    "GET",
    `/monitors/${monitorId}/executions/${run.info.jobId}/runs`,
  );
  const runId = runs[0]?.id ?? "";
  return { target, installation, runner, runnerData, runnerProcess, runId };
}

/** The run once it has ended; calls that fail while something is away are tried again. */
const ended = (call: () => Promise<StoredRun>, timeoutMs: number) =>
  eventually(
    async () => {
      const found = await call().catch(() => undefined);
      return found && !["queued", "running"].includes(found.run.state) ? found.run : undefined;
    },
    { timeoutMs, everyMs: 100 },
  );

test(
  "a runner that is killed loses its run: what it delivered stays, and the run is errored as lost",
  async () => {
    const { installation, runnerProcess, runId } = await startRunInTheMiddle();
    await eventually(async () => {
      const { run } = await installation.call<StoredRun>("GET", `/runs/${runId}`);
      return run.steps.length === 1;
    });

    runnerProcess.kill("SIGKILL");
    await runnerProcess.ended;
    const run = await ended(() => installation.call("GET", `/runs/${runId}`), LEASE_LIMIT_MS);

    expect(run).toMatchObject({ state: "error", reason: "runner_lost" });
    expect(run.steps.map(({ name }) => name)).toEqual(["/first"]);
  },
  LEASE_LIMIT_MS + 30_000,
);

test("a control plane that is killed starts again with nothing lost", async () => {
  const { target, installation, runId } = await startRunInTheMiddle();
  const port = new URL(installation.address).port;

  installation.server.kill("SIGKILL");
  await installation.server.ended;
  target.release();
  const { address } = await startServer(["--port", port, "--data-dir", installation.dataDir]);
  const call = apiOf(address, installation.apiKey);
  const run = await ended(() => call("GET", `/runs/${runId}`), 60_000);

  expect(run.state).toBe("success");
  expect(run.steps.map(({ name }) => name)).toEqual(paths);
  expect(target.arrived).toEqual(paths);
});

test("a Postgres that is killed comes back by itself with nothing lost", async () => {
  const { target, installation, runId } = await startRunInTheMiddle();
  const pidFile = join(installation.dataDir, "database", "postmaster.pid");
  const postgres = Number(readFileSync(pidFile, "utf8").split("\n")[0]);

  process.kill(postgres, "SIGKILL");
  target.release();
  const run = await ended(() => installation.call("GET", `/runs/${runId}`), 60_000);

  expect(run.state).toBe("success");
  expect(run.steps.map(({ name }) => name)).toEqual(paths);
  expect(target.arrived).toEqual(paths);
  expect(isAlive(installation.server.pid)).toBeTrue();
});
