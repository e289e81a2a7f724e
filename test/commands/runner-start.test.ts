import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import {
  errorResponse,
  RUNNER_ID,
  RUNNER_KEY,
  startFakeControlPlane,
} from "../support/fake-control-plane.ts";
import { startProgram, type RunningProgram } from "../support/program.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function setUp() {
  const fake = startFakeControlPlane({ heartbeatSeconds: 0.2 });
  const target = startTarget();
  const dataDir = await mkdtemp(join(tmpdir(), "runner-start-"));
  cleanups.push(async () => {
    await Promise.all([fake.stop(), target.stop(), rm(dataDir, { recursive: true, force: true })]);
  });
  const start = (args: string[] = [], env: Record<string, string> = {}, wrapper?: string): RunningProgram => {
    const program = startProgram(
      ["runner", "start", "--server", fake.url, "--data-dir", dataDir, ...args],
      { POSTMAN_RUNNER_ID: RUNNER_ID, POSTMAN_RUNNER_KEY: RUNNER_KEY, ...env },
      wrapper,
    );
    cleanups.push(async () => {
      program.kill("SIGKILL");
      await program.exited;
    });
    return program;
  };
  return { fake, target, dataDir, start };
}

/** An API under test whose `/held` answers when it is let go. */
function startTarget() {
  const held: (() => void)[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: async (request) => {
      if (new URL(request.url).pathname === "/held") await new Promise<void>((resolve) => held.push(resolve));
      return Response.json({ ok: true });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    held,
    letGo: () => held.splice(0).forEach((answer) => answer()),
    stop: () => server.stop(true),
  };
}

const collectionOf = (...urls: string[]) => ({
  info: { name: "c", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: urls.map((url, index) => ({ name: `request ${index + 1}`, request: { method: "GET", url } })),
});

const spoolFiles = async (dataDir: string): Promise<string[]> =>
  (await readdir(dataDir, { recursive: true })).filter((name) => name.endsWith(".jsonl"));

test("a runner executes a real collection and delivers its steps", async () => {
  const { fake, target, start } = await setUp();
  start();

  const { runId } = fake.queue({ collection: collectionOf(`${target.url}/a`, `${target.url}/b`) });

  await eventually(() => fake.isFinished(runId));
  expect(fake.stored.get(runId)?.at(-1)).toMatchObject({
    summary: { outcome: "passed", requestsTotal: 2 },
  });
});

test("the key can come on standard input, where no list of processes shows it", async () => {
  const { fake, target, start } = await setUp();
  start(["--key", "-"], { POSTMAN_RUNNER_KEY: "wrong" }, `exec "$@" <<< "${RUNNER_KEY}"`);

  const { runId } = fake.queue({ collection: collectionOf(`${target.url}/a`) });

  await eventually(() => fake.isFinished(runId));
});

test("what a killed runner had on disk is sent by the next one, without an invented end", async () => {
  const { fake, target, dataDir, start } = await setUp();
  const first = start();
  const { runId } = fake.queue({ collection: collectionOf(`${target.url}/a`, `${target.url}/held`) });
  await eventually(() => target.held.length === 1);
  await eventually(() => fake.stored.get(runId)?.some(({ type }) => type === "step_finished"));
  const before = fake.stored.get(runId)?.length ?? 0;
  fake.stored.delete(runId);

  first.kill("SIGKILL");
  await first.exited;
  start();

  await eventually(() => fake.stored.get(runId)?.length === before);
  await eventually(async () => (await spoolFiles(dataDir)).length === 0);
  expect(fake.isFinished(runId)).toBe(false);
});

test("a result that could not be delivered before the runner was killed is delivered by the next one", async () => {
  const { fake, target, start } = await setUp();
  const first = start();
  fake.intercept = (call) => (call === "events" ? errorResponse(503, "unavailable") : undefined);
  const { runId } = fake.queue({ collection: collectionOf(`${target.url}/a`) });
  await eventually(() => first.lines.some((line) => line.includes("run finished")));

  first.kill("SIGKILL");
  await first.exited;
  fake.intercept = () => undefined;
  start();

  await eventually(() => fake.isFinished(runId));
});

test("an instance beside it leaves the spool of a living one alone", async () => {
  const { fake, target, dataDir, start } = await setUp();
  start();
  const { runId } = fake.queue({ collection: collectionOf(`${target.url}/held`) });
  await eventually(() => target.held.length === 1);

  start();
  await eventually(() => fake.registered.length === 2);
  await eventually(() => fake.claims.length >= 2);

  expect(await spoolFiles(dataDir)).toHaveLength(1);
  target.letGo();
  await eventually(() => fake.isFinished(runId));
  const seqs = fake.batches.filter((batch) => batch.runId === runId).flatMap((batch) => batch.seqs);
  expect(seqs).toEqual([...new Set(seqs)]);
});

test("the first signal drains and exits 0, with the run under way delivered", async () => {
  const { fake, target, start } = await setUp();
  const runner = start();
  const { runId } = fake.queue({ collection: collectionOf(`${target.url}/held`) });
  await eventually(() => target.held.length === 1);

  runner.kill("SIGTERM");
  await eventually(() => runner.lines.some((line) => line.includes("Graceful shutdown initiated")));
  target.letGo();

  expect((await runner.exited).exitCode).toBe(0);
  expect(fake.isFinished(runId)).toBe(true);
  expect(fake.deregistered).toHaveLength(1);
});

test("Ctrl+C, which also reaches the script processes, drains: scripts under way finish", async () => {
  const { fake, target, start } = await setUp();
  const runner = start();
  const collection = collectionOf(`${target.url}/held`);
  const event = [
    { listen: "test", script: { exec: ["pm.test('late', () => pm.response.to.have.status(200))"] } },
  ];
  const { runId } = fake.queue({
    collection: { ...collection, item: collection.item.map((item) => ({ ...item, event })) },
  });
  await eventually(() => target.held.length === 1);

  runner.killGroup("SIGINT");
  await eventually(() => runner.lines.some((line) => line.includes("Graceful shutdown initiated")));
  target.letGo();

  expect((await runner.exited).exitCode).toBe(0);
  expect(fake.stored.get(runId)?.at(-1)).toMatchObject({
    summary: { outcome: "passed", assertionsTotal: 1 },
  });
});

test("the second signal cancels, and the run is reported as aborted", async () => {
  const { fake, target, start } = await setUp();
  const runner = start();
  const { runId } = fake.queue({ collection: collectionOf(`${target.url}/held`) });
  await eventually(() => target.held.length === 1);

  runner.kill("SIGTERM");
  await eventually(() => runner.lines.some((line) => line.includes("Graceful shutdown initiated")));
  runner.kill("SIGTERM");

  await runner.exited;
  expect(fake.stored.get(runId)?.at(-1)).toMatchObject({
    summary: { outcome: "aborted", reason: "cancelled" },
  });
});

test("with --egress-proxy every request is asked about, and a denied one never arrives", async () => {
  const { fake, target, start } = await setUp();
  const asked: string[] = [];
  const service = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { url } = (await request.json()) as { url: string };
      asked.push(new URL(url).pathname);
      return Response.json({ allowed: !url.includes("/held") });
    },
  });
  cleanups.push(() => service.stop(true));
  start(["--egress-proxy"], { POSTMAN_RUNNER_AUTHZ_URL: `http://127.0.0.1:${service.port}` });

  const { runId } = fake.queue({ collection: collectionOf(`${target.url}/a`, `${target.url}/held`) });

  await eventually(() => fake.isFinished(runId));
  expect(asked).toEqual(["/a", "/held"]);
  expect(target.held).toHaveLength(0);
  expect(fake.stored.get(runId)?.at(-1)).toMatchObject({
    summary: { outcome: "errored", reason: "egress_denied" },
  });
});

test.skipIf(process.platform === "win32")(
  "a disk that is full in the middle of a run costs no result",
  async () => {
    const { fake, target, start } = await setUp();
    // Files end at 4 KB; the signal that comes with it is ignored, so that writing fails as on a full disk.
    const runner = start([], {}, `trap '' XFSZ; ulimit -f 4; exec "$@"`);
    const urls = Array.from({ length: 30 }, (_, index) => `${target.url}/${index}`);

    const { runId } = fake.queue({ collection: collectionOf(...urls) });

    await eventually(() => fake.isFinished(runId));
    expect(fake.stored.get(runId)?.at(-1)).toMatchObject({
      summary: { outcome: "passed", requestsTotal: 30 },
    });
    expect(fake.stored.get(runId)?.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 62 }, (_, index) => index + 1),
    );
    expect(runner.lines.filter((line) => line.includes("spool cannot be written"))).toHaveLength(1);
  },
);

test("health and metrics are served while it runs", async () => {
  const { fake, start } = await setUp();
  const port = await freePort();
  start(["--metrics", "--metrics-port", String(port)]);
  await eventually(() => fake.claims.length > 0);

  const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

  expect(ready.status).toBe(200);
  expect(metrics).toContain("sallyport_runner_runs_executing 0\n");
  expect(metrics).toContain("sallyport_runner_self_test_passed 1\n");
  expect(metrics).toEndWith("# EOF\n");
});

test("the metrics count runs, steps, waits, renewals, denials and script processes", async () => {
  const { fake, target, start } = await setUp();
  const port = await freePort();
  start(["--metrics", "--metrics-port", String(port), "--deny", "denied.invalid"]);
  const collection = collectionOf(`${target.url}/a`, "http://denied.invalid/", `${target.url}/held`);

  const { runId } = fake.queue({ collection, queuedMs: 700 });

  await eventually(() => target.held.length === 1);
  const renewed = /sallyport_runner_lease_renewals_total [1-9]/;
  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  await eventually(async () => renewed.test(await read()));
  target.letGo();
  await eventually(() => fake.isFinished(runId));
  const lines = (await read()).split("\n");
  for (const line of [
    'sallyport_runner_runs_total{outcome="errored"} 1',
    'sallyport_runner_steps_total{outcome="passed"} 2',
    'sallyport_runner_steps_total{outcome="errored"} 1',
    'sallyport_runner_queue_wait_seconds_bucket{le="0.5"} 0',
    'sallyport_runner_queue_wait_seconds_bucket{le="1"} 1',
    'sallyport_runner_queue_wait_seconds_bucket{le="+Inf"} 1',
    "sallyport_runner_queue_wait_seconds_sum 0.7",
    "sallyport_runner_queue_wait_seconds_count 1",
    "sallyport_runner_egress_denials_total 1",
    "sallyport_runner_script_process_restarts_total 0",
    "sallyport_runner_script_processes 1",
  ])
    expect(lines).toContain(line);
});

test("a script process that dies is counted, and another takes its place", async () => {
  const { fake, target, start } = await setUp();
  const port = await freePort();
  const runner = start(["--metrics", "--metrics-port", String(port)]);
  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  await eventually(() => fake.claims.length > 0);
  const [child] = childrenOf(runner.pid);

  process.kill(child ?? 0, "SIGKILL");

  await eventually(async () => (await read()).includes("script_process_restarts_total 1\n"));
  const script = { listen: "test", script: { exec: ["pm.test('t', () => {});"] } };
  const [item] = collectionOf(`${target.url}/a`).item;
  const { runId } = fake.queue({ collection: { info: { name: "c" }, item: [{ ...item, event: [script] }] } });
  await eventually(() => fake.isFinished(runId));
  expect(fake.stored.get(runId)?.at(-1)).toMatchObject({
    summary: { outcome: "passed", assertionsTotal: 1 },
  });
});

/** Processes whose parent is `pid`. */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);

test("no run is taken before the self-test has passed and was reported", async () => {
  const { fake, start } = await setUp();
  const order: string[] = [];
  fake.intercept = (call) => {
    order.push(call);
    return call === "selfTest" && order.filter((name) => name === "selfTest").length === 1
      ? errorResponse(503, "unavailable")
      : undefined;
  };

  start();

  await eventually(() => fake.claims.length > 0);
  const calls = order.filter((name) => name !== "heartbeat");
  expect(calls.slice(0, 4)).toEqual(["register", "selfTest", "selfTest", "claim"]);
  expect(fake.selfTests).toEqual([null]);
});

test("a metrics port that is taken stops the start with one sentence", async () => {
  const { target, start } = await setUp();
  const port = new URL(target.url).port;

  const { exitCode, stderr } = await start(["--metrics", "--metrics-port", port]).exited;

  expect(exitCode).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain("--metrics-port");
});

async function freePort(): Promise<number> {
  const server = Bun.serve({ port: 0, fetch: () => new Response() });
  const { port } = server;
  await server.stop(true);
  return port ?? 0;
}

test("a wrong key ends the runner with exit code 1 and one sentence", async () => {
  const { start } = await setUp();

  const { exitCode, stderr } = await start([], { POSTMAN_RUNNER_KEY: "sprk_wrong" }).exited;

  expect(exitCode).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain("The runner id or key is wrong");
});
