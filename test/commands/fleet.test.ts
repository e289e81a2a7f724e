import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sweep } from "../../src/runs/sweep.ts";
import { eventually } from "../support/eventually.ts";
import { type RunningProgram, startProgram } from "../support/program.ts";
import { type ServedApi, servedApi } from "../support/served-api.ts";
import { collectionOf, startTarget, type Target } from "../support/target.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let api: ServedApi;
let target: Target;
let folder: string;
let workspaceId: string;
beforeAll(async () => {
  api = await servedApi();
  target = startTarget();
  workspaceId = (await api.make.workspace()).id;
  folder = await mkdtemp(join(tmpdir(), "fleet-test-"));
});
afterAll(async () => {
  await Promise.all([api.stop(), target.stop(), rm(folder, { recursive: true, force: true })]);
});

const running = new Set<RunningProgram>();
afterEach(async () => {
  for (const program of running) program.kill("SIGKILL");
  await Promise.all([...running].map(({ exited }) => exited));
  running.clear();
});

const app = (...args: string[]) =>
  startProgram(args, { APP_SERVER: api.url, APP_API_KEY: api.key, XDG_CONFIG_HOME: folder }).exited;

interface Runner {
  id: string;
  key: string;
}

const createRunner = async (name: string): Promise<Runner> =>
  (await api.call("POST", "/runners", { runner: { name } })).body.runner;

/** An instance in a process of its own, once it has asked for work. */
async function startInstance({ id, key }: Runner): Promise<RunningProgram> {
  const args = ["runner", "start", "--server", api.url, "--id", id, "--concurrency", "2"];
  const program = startProgram([...args, "--data-dir", folder], { APP_KEY: key });
  running.add(program);
  const hasPassed = () => program.lines.some((line) => line.includes("self-test passed"));
  await eventually(hasPassed).catch(() => {
    throw new Error(`no self-test passed: ${program.lines.join("\n")}`);
  });
  return program;
}

/** Ids of the instances that are listed, with what is said about them. */
const instancesOf = async ({ id }: Runner) =>
  (await api.call("GET", `/runners/${id}/instances`)).body.data as {
    id: string;
    draining: boolean;
    selfTest: { passed: boolean };
  }[];

/** A monitor of one request. */
async function createMonitor({ id }: Runner, path = "/once"): Promise<string> {
  const collection = collectionOf(target.url, [path]);
  const { body } = await api.call("POST", `/collections?workspace=${workspaceId}`, { collection });
  const monitor = { name: "m", collection: body.collection.id, distribution: [{ runner: id }] };
  return (await api.call("POST", "/monitors", { monitor })).body.monitor.id;
}

test("a key is changed without a gap: the new one is started beside the old, then the old one ends", async () => {
  const old = await createRunner("Rotated");
  const before = await startInstance(old);

  const reset = await app("runner", "reset-key", "Rotated", "--grace", "24h");
  const [, key = ""] = /--key (sprk_\S+)/.exec(reset.stdout) ?? [];
  const after = await startInstance({ id: old.id, key });
  const shown = await app("runner", "show", "Rotated");
  const revoked = await app("runner", "revoke-key", "Rotated");
  const ended = await before.exited;

  expect(reset.stdout).toContain("the old one works until");
  expect(shown.stdout).toContain("instances that use it: 1");
  expect(shown.stdout).toMatch(/old key$/m);
  expect(revoked.exitCode).toBe(0);
  expect([ended.exitCode, ended.stderr]).toEqual([
    1,
    expect.stringContaining("The runner id or key is wrong"),
  ]);
  expect((await app("runner", "revoke-key", "Rotated")).stderr).toContain("no previous key");
  running.delete(before);
  expect(await Promise.race([after.exited.then(() => "ended"), Promise.resolve("runs")])).toBe("runs");
});

test("a wrong grace period is wrong usage, and no key is lost to it", async () => {
  const runner = await createRunner("Kept");

  const { exitCode, stderr } = await app("runner", "reset-key", "Kept", "--grace", "soon");

  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('"soon" is not a duration')]);
  const still = await startInstance(runner);
  expect(still.lines.join()).toContain("runner registered");
});

test("an instance that is drained ends with exit code 0, the other goes on", async () => {
  const runner = await createRunner("Drained");
  const one = await startInstance(runner);
  const [listed] = await instancesOf(runner);
  const other = await startInstance(runner);

  const drained = await app("runner", "drain", "Drained", "--instance", listed?.id ?? "");

  expect(drained.stdout).toContain("1 instance finishes its runs and ends.");
  expect((await one.exited).exitCode).toBe(0);
  const left = await eventually(async () => {
    const found = await instancesOf(runner);
    return found.length === 1 && found;
  });
  expect(left[0]).toMatchObject({ draining: false, selfTest: { passed: true } });
  expect(other.lines.join()).not.toContain("drain");
});

test("instances share the load, and restarting all of them in turn loses and doubles nothing", async () => {
  const runner = await createRunner("Rolling");
  const monitorId = await createMonitor(runner, "/rolling");
  const rolled = new AbortController();
  let fired = 0;
  const fire = async () => {
    for (; !rolled.signal.aborted; fired++) {
      await api.call("POST", `/monitors/${monitorId}/run?async=true`);
      await eventually(async () => (await openRuns(monitorId)) < 6);
    }
  };
  const first = [await startInstance(runner), await startInstance(runner)];
  const firing = fire();
  await atWork(monitorId, 2);

  for (const [index, instance] of first.entries()) {
    await startInstance(runner);
    await atWork(monitorId, 3 + index);
    instance.kill("SIGTERM");
    expect((await instance.exited).exitCode).toBe(0);
  }
  rolled.abort();
  await firing;
  await eventually(async () => (await openRuns(monitorId)) === 0);

  const rows = await api.database.sql`
    select outcome, attempt, count(*)::int as runs from runs where monitor_id = ${monitorId} group by 1, 2`;
  expect(rows.map((row) => ({ ...row }))).toEqual([{ outcome: "passed", attempt: 1, runs: fired }]);
  expect(target.arrived.filter((path) => path === "/rolling")).toHaveLength(fired);
});

/** Resolves when so many instances have had a run of the monitor. */
const atWork = (monitorId: string, instances: number) =>
  eventually(
    async () => {
      const [row] = await api.database.sql`
        select count(distinct instance_id)::int as seen from runs where monitor_id = ${monitorId}`;
      return row?.["seen"] === instances;
    },
    { timeoutMs: 30_000 },
  );

const openRuns = async (monitorId: string): Promise<number> => {
  const [row] = await api.database.sql<{ open: number }[]>`
    select count(*)::int as open from runs where monitor_id = ${monitorId} and status <> 'finished'`;
  return row?.open ?? 0;
};

test("a monitor's retries and what becomes of lost runs can be set, shown and taken back", async () => {
  const runner = await createRunner("Retried");
  const id = await createMonitor(runner);

  const set = await app("monitor", "update", id, "--retry", "2", "--rerun-lost");
  const shown = await app("monitor", "show", id);
  await app("monitor", "update", id, "--retry", "0", "--no-rerun-lost");

  expect(set.exitCode).toBe(0);
  expect(shown.stdout).toContain("retries:     2");
  expect(shown.stdout).toContain("lost runs:   run again on another instance");
  const { body } = await api.call("GET", `/monitors/${id}`);
  expect([body.monitor.retry, body.monitor.rerunLost]).toEqual([undefined, false]);
});

test("a run whose instance is killed is run again by another one, and the ledger has one result", async () => {
  const runner = await createRunner("Killed");
  const monitorId = await createMonitor(runner, "/held");
  await api.call("PUT", `/monitors/${monitorId}`, { monitor: { rerunLost: true } });
  const doomed = await startInstance(runner);
  const { body } = await api.call("POST", `/monitors/${monitorId}/run?async=true`);
  await target.held;

  doomed.kill("SIGKILL");
  await doomed.exited;
  target.release();
  await api.database.sql`update runs set lease_expires_at = now() where monitor_id = ${monitorId}`;
  await sweep(api.deps, { leases: true });
  await startInstance(runner);

  const finished = await eventually(
    async () => {
      const [row] = await api.database.sql`
      select outcome, attempt from runs where monitor_id = ${monitorId} and status = 'finished'`;
      return row && { ...row };
    },
    { timeoutMs: 30_000 },
  );
  expect(finished).toEqual({ outcome: "passed", attempt: 2 });
  const { body: read } = await api.call(
    "GET",
    `/monitors/${monitorId}/executions/${body.run.info.jobId}/runs`,
  );
  const full = await api.call("GET", `/runs/${read.runs[0].id}`);
  expect(full.body.run.earlierAttempts).toMatchObject([
    { attempt: 1, outcome: "lost", reason: "runner_lost" },
  ]);
});
