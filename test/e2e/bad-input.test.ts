import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type EvilTarget, startEvilTarget } from "../support/evil-target.ts";
import { type Installation, setUpMonitor, startInstallation, startRunner } from "../support/installation.ts";
import { type AppProcess, stopEverything } from "../support/processes.ts";

setDefaultTimeout(120_000);

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

let installation: Installation;
let target: EvilTarget;
let workspaceId: string;
let runner: { id: string; key: string };
let runnerProcess: AppProcess;

beforeAll(async () => {
  target = await startEvilTarget();
  installation = await startInstallation();
  const setup = await setUpMonitor(installation, { collection: collectionOf([]) });
  ({ workspaceId, runner } = setup);
  runnerProcess = startRunner(installation.address, runner);
});
afterAll(async () => {
  await stopEverything();
  await target.stop();
});

const collectionOf = (item: unknown[]): Record<string, unknown> => ({ info: { name: "Bad", schema }, item });

/** A request that a test script follows. */
const requestTo = (url: string, script: string[] = []) => ({
  name: "Step",
  ...(script.length > 0 && { event: [{ listen: "test", script: { exec: script } }] }),
  request: { method: "GET", url },
});

/** After it a well-behaved request, which shows that the run went on. */
const calm = () => ({ ...requestTo(target.url("/ok")), name: "Calm" });

interface StoredRun {
  outcome: string;
  steps: { name: string; errors: { kind: string; message: string }[]; response?: { code: number } }[];
}

/** Runs items once and reads the stored run. */
async function runItems(item: unknown[], options: Record<string, unknown> = {}): Promise<StoredRun> {
  const { call } = installation;
  const created = await call<{ collection: { uid: string } }>(
    "POST",
    `/collections?workspace=${workspaceId}`,
    { collection: collectionOf(item) },
  );
  const { monitor } = await call<{ monitor: { id: string } }>("POST", `/monitors?workspace=${workspaceId}`, {
    monitor: {
      name: "Bad input",
      collection: created.collection.uid,
      schedule: { cron: "0 0 1 1 *", timezone: "UTC" },
      distribution: [{ runner: runner.id }],
      options: { requestTimeout: 2_000, scriptTimeout: 1_000, ...options },
    },
  });
  const { run } = await call<{ run: { runs: { id: string }[] } }>("POST", `/monitors/${monitor.id}/run`);
  const stored = await call<{ run: StoredRun }>("GET", `/runs/${run.runs[0]?.id}`);
  return stored.run;
}

async function post(path: string, body: string) {
  const response = await fetch(`${installation.address}/api${path}`, {
    method: "POST",
    headers: { "x-api-key": installation.apiKey, "content-type": "application/json" },
    body,
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

describe("documents", () => {
  const deep = `{"collection":{"info":{"name":"Deep","schema":"${schema}"},"item":${'[{"name":"x","item":'.repeat(20_000)}[]${"}]".repeat(20_000)}}}`;

  test.each([
    ["text that is not JSON", "{collection: nope", 400, /JSON/],
    ["a v1 collection", JSON.stringify({ collection: { id: "x", requests: [], order: [] } }), 400, /v1.*v2/],
    [
      "a v1 schema",
      JSON.stringify({
        collection: {
          info: { name: "x", schema: "https://schema.getpostman.com/json/collection/v1.0.0/" },
          item: [],
        },
      }),
      400,
      /v2/,
    ],
    [
      "50 MB",
      `{"collection":{"info":{"name":"Big","schema":"${schema}"},"item":[],"x":"${"a".repeat(50 * 1024 * 1024)}"}}`,
      413,
      /MB/,
    ],
    ["folders 20,000 deep", deep, 400, /deep|nest/i],
    [
      "a folder that contains itself",
      JSON.stringify({
        collection: collectionOf([
          { id: "same", name: "Same", item: [{ id: "same", name: "Same", item: [] }] },
        ]),
      }),
      400,
      /contains itself/,
    ],
    ["an item that is a number", JSON.stringify({ collection: collectionOf([1]) }), 400, /item/],
  ])("%s is answered with one clear sentence", async (_name, body, status, message) => {
    const { status: answered, answer } = await post(`/collections?workspace=${workspaceId}`, body);

    expect(answered).toBe(status);
    expect(JSON.stringify(answer)).toMatch(message);
  });
});

describe("schedules", () => {
  test.each([
    ["a cron that never fires", { cron: "0 0 30 2 *", timezone: "UTC" }, /never/],
    ["a cron that is none", { cron: "soon", timezone: "UTC" }, /cron/i],
    ["an unknown time zone", { cron: "* * * * *", timezone: "Mars/Olympus" }, /timezone/],
  ])("%s is refused", async (_name, schedule, message) => {
    const { call } = installation;
    const created = await call<{ collection: { uid: string } }>(
      "POST",
      `/collections?workspace=${workspaceId}`,
      { collection: collectionOf([calm()]) },
    );

    const { status, answer } = await post(
      `/monitors?workspace=${workspaceId}`,
      JSON.stringify({ monitor: { name: "x", collection: created.collection.uid, schedule } }),
    );

    expect(status).toBe(400);
    expect(JSON.stringify(answer)).toMatch(message);
  });
});

describe("scripts", () => {
  test.each([
    ["loops for ever", ["for (;;) {}"], "script_timeout"],
    ["waits for ever", ["await new Promise(() => setInterval(() => {}, 10));"], "script_timeout"],
    [
      "allocates without end",
      ["const kept = []; for (;;) kept.push(new Array(1e6).fill(Math.random()));"],
      /script_(memory|timeout)/,
    ],
    ["throws", ["throw new RangeError('out of paper');"], "script"],
    ["does not parse", ["if ("], "script"],
  ])("one that %s ends its step, and the run goes on", async (_name, script, kind) => {
    const { outcome, steps } = await runItems([requestTo(target.url("/ok"), script), calm()]);

    expect(steps.map((step) => step.name)).toEqual(["Step", "Calm"]);
    expect(steps[0]?.errors[0]?.kind).toMatch(kind);
    expect(outcome).toBe("errored");
  });

  test("one that prints 100 MB leaves a note of what was dropped", async () => {
    const script = ["const line = 'x'.repeat(1e6); for (let i = 0; i < 100; i++) console.log(line);"];

    const stored = await runItems([requestTo(target.url("/ok"), script)], { scriptTimeout: 20_000 });

    expect(stored.outcome).toBe("passed");
    expect(JSON.stringify(stored).length).toBeLessThan(2 * 1024 * 1024);
    expect(JSON.stringify(stored)).toMatch(/dropped|left out|truncated/i);
  });
});

describe("answers", () => {
  test.each([
    ["is 1 GB long", "/huge", "too_large", "errored"],
    ["is a gzip bomb", "/bomb", "too_large", "errored"],
    ["never ends", "/endless", "target", "failed"],
    ["never begins", "/silent", "target", "failed"],
    ["breaks off before its content-length", "/short", "target", "failed"],
    ["is not HTTP", "/garbage", "target", "failed"],
  ])("one that %s ends its step, and the run goes on", async (_name, path, kind, expected) => {
    const { outcome, steps } = await runItems([requestTo(target.url(path)), calm()]);

    expect(steps[0]?.errors[0]?.kind).toBe(kind);
    expect(steps[1]?.response?.code).toBe(200);
    expect(outcome).toBe(expected);
  });

  test("one that is binary passes, and is not kept as text", async () => {
    const stored = await runItems([requestTo(target.url("/binary"))]);

    expect(stored.outcome).toBe("passed");
    expect(JSON.stringify(stored.steps[0]?.response)).not.toContain('"text"');
  });

  test("a certificate that nobody trusts fails the run and says so", async () => {
    const { outcome, steps } = await runItems([requestTo(target.tlsUrl("/ok"))]);

    expect(outcome).toBe("failed");
    expect(steps[0]?.errors[0]?.message).toMatch(/certificate/i);
  });

  test("the same certificate passes when the monitor does not verify", async () => {
    const { outcome } = await runItems([requestTo(target.tlsUrl("/ok"))], { strictSSL: false });

    expect(outcome).toBe("passed");
  });
});

test("after all of it the same runner process is there and works", async () => {
  const { outcome } = await runItems([calm()]);

  expect(outcome).toBe("passed");
  expect(runnerProcess.output()).not.toContain("internal");
});
