import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runnerEndpoints } from "../../src/contract/runner.ts";
import { eventually } from "../support/eventually.ts";
import { startProgram, type RunningProgram } from "../support/program.ts";
import { servedApi, type ServedApi } from "../support/served-api.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let api: ServedApi;
let folder: string;

beforeAll(async () => {
  api = await servedApi();
  await api.call("POST", "/workspaces", { workspace: { name: "Team", type: "team" } });
  folder = await mkdtemp(join(tmpdir(), "control-plane-test-"));
});
afterAll(async () => {
  await Promise.all([api.stop(), rm(folder, { recursive: true, force: true })]);
});

/** An API under test that answers when it is let go. */
function startTarget() {
  const held: (() => void)[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: async () => {
      await new Promise<void>((resolve) => held.push(resolve));
      return Response.json({ ok: true });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    held,
    letGo: () => {
      for (const answer of held.splice(0)) answer();
    },
    stop: () => server.stop(true),
  };
}

/** A runner at work and a monitor of one request on it. */
async function startMonitor(url: string) {
  const { runner } = (await api.call("POST", "/runners", { runner: { name: `runner of ${url}` } })).body;
  const start = (dataDir: string): RunningProgram =>
    startProgram(
      ["runner", "start", "--server", api.url, "--id", runner.id, "--data-dir", join(folder, dataDir)],
      {
        POSTMAN_RUNNER_KEY: runner.key,
      },
    );
  const { collection } = (
    await api.call("POST", "/collections", {
      collection: {
        info: { name: "c", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
        item: [{ name: "held", request: { method: "GET", url } }],
      },
    })
  ).body;
  const { monitor } = (
    await api.call("POST", "/monitors", {
      monitor: { name: "m", collection: collection.uid, distribution: [{ runner: runner.id }] },
    })
  ).body;
  const trigger = async (): Promise<string> => {
    const { run } = (await api.call("POST", `/monitors/${monitor.id}/run?async=true`)).body;
    const { runs } = (await api.call("GET", `/monitors/${monitor.id}/executions/${run.info.jobId}/runs`))
      .body;
    return runs[0].id;
  };
  const stateOf = async (runId: string): Promise<string> =>
    (await api.call("GET", `/runs/${runId}`)).body.run.state;
  return { runnerId: runner.id as string, runnerKey: runner.key as string, start, trigger, stateOf };
}

const end = async (program: RunningProgram): Promise<void> => {
  program.kill("SIGKILL");
  await program.exited;
};

test("a result that ends while the control plane is away arrives once it is back", async () => {
  const target = startTarget();
  const { start, trigger, stateOf } = await startMonitor(target.url);
  const runner = start("away");
  const runId = await trigger();
  await eventually(() => target.held.length === 1);

  await api.close();
  target.letGo();
  await eventually(() => runner.lines.some((line) => line.includes("run finished")));
  api.open();

  await eventually(async () => (await stateOf(runId)) === "success");
  await Promise.all([end(runner), target.stop()]);
});

test("a cancelled execution stops the run on the runner", async () => {
  const target = startTarget();
  const { start, trigger, stateOf } = await startMonitor(target.url);
  const runner = start("cancelled");
  const runId = await trigger();
  await eventually(() => target.held.length === 1);
  const { run } = (await api.call("GET", `/runs/${runId}`)).body;

  await api.call("PUT", `/monitors/${run.monitor.id}/executions/${run.executionId}/cancellation`);

  await eventually(async () => (await stateOf(runId)) === "aborted", { timeoutMs: 45_000 });
  await Promise.all([end(runner), target.stop()]);
});

test("a run whose lease is lost is dropped by the runner, and its late result is refused", async () => {
  const target = startTarget();
  const { start, trigger, stateOf, runnerId, runnerKey } = await startMonitor(target.url);
  const runner = start("lost");
  const runId = await trigger();
  await eventually(() => target.held.length === 1);
  await api.database.sql`
    update runs set status = 'finished', outcome = 'errored', reason = 'lost', lease_expires_at = null,
           finished_at = now() where id = ${runId}`;

  target.letGo();

  await eventually(() => runner.lines.some((line) => line.includes("its events are dropped")), {
    timeoutMs: 20_000,
  });
  const late = await fetch(`${api.url}${runnerEndpoints.events.path.replace(":runId", runId)}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${runnerKey}`,
      "x-sallyport-runner": runnerId,
      "x-sallyport-protocol": "1",
      "content-type": "application/json",
    },
    body: JSON.stringify({
      attempt: 1,
      events: [{ seq: 99, type: "run_started", collectionName: "c", stepsPlanned: 1 }],
    }),
  });
  expect(late.status).toBe(409);
  expect(await stateOf(runId)).toBe("error");
  await Promise.all([end(runner), target.stop()]);
});

test("a key that was reset ends the runner with one sentence", async () => {
  const target = startTarget();
  const { start, runnerId } = await startMonitor(target.url);
  const runner = start("reset");
  await eventually(() => runner.lines.some((line) => line.includes("runner registered")), {
    timeoutMs: 20_000,
  });

  await api.call("POST", `/runners/${runnerId}/reset-key`);

  const { exitCode, stderr } = await runner.exited;
  expect(exitCode).toBe(1);
  expect(stderr).toContain("The runner id or key is wrong");
  await target.stop();
});
